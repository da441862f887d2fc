"""Two other desks that live in a mailbox, from PyPI, each in an environment of its own and set up as its manual says.

What had to be set: where mailbox and relay are; that strangers may write by mail; and that Roundup, which confirms
nothing by itself, sends the author a copy of a new issue, so that all desks do the same work.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from configparser import RawConfigParser
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fixtures.dovecot import PASSWORD
from ground import Ground

_CACHE = Path(__file__).resolve().parent / "out"
_ADDRESS = "it@corp.example"
_SETTINGS = """\
SECRET_KEY = "bench"
DEBUG = False
SITE_ID = 1
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.sites", "django.contrib.humanize", "django.contrib.messages", "rest_framework", "helpdesk"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "{home}/desk.db"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
TEMPLATES = [{{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}}]
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", {smtp}
DEFAULT_FROM_EMAIL = "{address}"
MEDIA_ROOT = "{home}/files"
ROOT_URLCONF = "desk_urls"
HELPDESK_TEAMS_MODE_ENABLED = False
"""
_URLS = """\
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""
_QUEUE = """\
import django; django.setup()
from helpdesk.models import Queue
Queue.objects.create(title="IT", slug="it", email_address="{address}", allow_email_submission=True,
    email_box_type="imap", email_box_host="127.0.0.1", email_box_port={imap}, email_box_user="{user}",
    email_box_pass="{password}", email_box_ssl=False, email_box_interval=0)
"""
_BY_MAIL = "db.security.addPermissionToRole('Anonymous', 'Email Access')"
# Roundup's client knows the standard port only.
_GATE = """\
import imaplib, sys
imaplib.IMAP4.__init__.__defaults__ = ("", {imap}, None)
from roundup.scripts.roundup_mailgw import run
sys.exit(run())
"""


@dataclass(frozen=True, slots=True)
class Rival:
    """A desk that takes in all mail of a mailbox when its command runs. `tickets` counts what it made."""

    name: str
    command: list[str]
    environment: dict[str, str]
    tickets: Callable[[], int]


def _installed(package: str) -> Path:
    """The bin directory of the package's own environment, made at its first use."""
    home = _CACHE / package
    if not (home / "done").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", package], check=True)
        (home / "done").touch()
    return home / "bin"


def _rows(file: Path, table: str) -> int:
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def django_helpdesk(where: Ground) -> Rival:
    """django-helpdesk with its `get_email` command, on SQLite."""
    python = _installed("django-helpdesk") / "python"
    home = where.home.parent / "helpdesk"
    home.mkdir()
    values = {
        "home": home,
        "smtp": where.sink.port,
        "imap": where.mailbox.port,
        "user": where.mailbox.user,
        "password": PASSWORD,
        "address": _ADDRESS,
    }
    (home / "desk_settings.py").write_text(_SETTINGS.format(**values))
    (home / "desk_urls.py").write_text(_URLS)
    environment = {**os.environ, "PYTHONPATH": str(home), "DJANGO_SETTINGS_MODULE": "desk_settings"}
    for words in (["migrate", "--verbosity=0"], ["loaddata", "--verbosity=0", "emailtemplate"]):
        subprocess.run([python, "-m", "django", *words], env=environment, check=True)
    subprocess.run([python, "-c", _QUEUE.format(**values)], env=environment, check=True)
    command = [str(python), "-m", "django", "get_email", "--quiet"]
    return Rival("django-helpdesk", command, environment, lambda: _rows(home / "desk.db", "helpdesk_ticket"))


def roundup(where: Ground) -> Rival:
    """Roundup's classic tracker with its mail gateway, on SQLite."""
    binaries = _installed("roundup")
    home = where.home.parent / "roundup"
    admin = [str(binaries / "roundup-admin"), "-i", str(home)]
    environment = dict(os.environ)
    subprocess.run([*admin, "install", "classic", "sqlite"], stdout=subprocess.DEVNULL, check=True)
    config = RawConfigParser(strict=False)
    config.read(home / "config.ini")
    config.read_dict(
        {
            "tracker": {"web": "http://127.0.0.1:8080/it/", "email": "it"},
            "mail": {"domain": "corp.example", "host": "127.0.0.1", "port": str(where.sink.port)},
            "nosy": {"messages_to_author": "new"},
        }
    )
    with (home / "config.ini").open("w") as file:
        config.write(file)
    schema = home / "schema.py"
    schema.write_text(schema.read_text().replace(f"#{_BY_MAIL}", _BY_MAIL))
    subprocess.run([*admin, "initialise", "secret"], stdout=subprocess.DEVNULL, check=True)
    gate = home / "gate.py"
    gate.write_text(_GATE.format(imap=where.mailbox.port))
    source = f"{where.mailbox.user}:{PASSWORD}@127.0.0.1"
    command = [str(binaries / "python"), str(gate), str(home), "imap", source]
    return Rival("Roundup", command, environment, lambda: _rows(home / "db" / "db", "_issue"))


RIVALS: tuple[Callable[[Ground], Rival], ...] = (django_helpdesk, roundup)
