"""The desks that are killed: the real daemon, as an operator starts it, and the wrong ones."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crash import wrong
from fixtures.dovecot import Dovecot
from maildesk import settings

_TOML = """
[desk]
name = "IT Service Desk"
address = "it@corp.example"
owner = "ops@corp.example"
state = "state"

[[mailbox]]
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{user}"
secret_file = "{secret}"
start_from = "all"
poll = "{poll}"

[relay]
host = "127.0.0.1"
port = {smtp}
tls = "none"

[budget]
total_hour = 0
rule_hour = 0
"""
RULES = """
defaults: {type: incident, category: other, impact: low, urgency: medium, group: l1}
matrix:
  high: {high: P1, medium: P2, low: P3}
  medium: {high: P2, medium: P3, low: P4}
  low: {high: P3, medium: P4, low: P4}
people:
  li: {name: 李雷, addresses: [li@corp.example], level: L1, language: zh}
groups:
  l1: {level: L1, members: [li], lead: li}
"""
_TESTS = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a desk lives, and what it is connected to."""

    folder: Path
    imap: int
    smtp: int
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A desk to be killed: how it starts, what it opened, and whether it has nothing left to do."""

    command: tuple[str, ...]
    log: Path
    subjects: Callable[[], list[str]]
    finish: Callable[[], None]

    def start(self, before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        """The daemon in a process group of its own; `before` is a command that runs it, such as strace."""
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*before, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join((str(_TESTS), os.environ.get("PYTHONPATH", "")))},
                start_new_session=True,
            )


def home(
    folder: Path, dovecot: Dovecot, imap: int, smtp: int, poll: str = "5s", more: str = "", rules: str = RULES
) -> Home:
    """A configured desk in a new folder, with one engineer; without `rules` it has the starter's policy."""
    settings.init(folder)
    secret = folder / "imap.secret"
    secret.write_text(dovecot.password)
    secret.chmod(0o600)
    text = _TOML.format(imap=imap, smtp=smtp, user=dovecot.user, secret=secret, poll=poll)
    (folder / "maildesk.toml").write_text(text + more)
    if rules:
        shutil.rmtree(folder / "rules")
        (folder / "rules").mkdir()
        (folder / "rules" / "all.yaml").write_text(rules)
    return Home(folder=folder, imap=imap, smtp=smtp, user=dovecot.user)


def maildesk(place: Home) -> Desk:
    """The real one."""
    command = (sys.executable, "-m", "maildesk", "--config", str(place.folder / "maildesk.toml"))
    return Desk(
        command=(*command, "run"),
        log=place.folder / "log",
        subjects=lambda: [ticket["subject"] for ticket in ask(place, "ticket", "list", "--limit", "100000")],
        finish=lambda: once_later(place),
    )


def ask(place: Home, *words: str) -> list[dict[str, Any]]:
    """What a command of maildesk says in JSON, an object a line."""
    said = command(place, *words, "--json")
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def command(place: Home, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of maildesk on a desk."""
    config = str(place.folder / "maildesk.toml")
    return subprocess.run(
        [sys.executable, "-m", "maildesk", "--config", config, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def once_later(place: Home, rounds: int = 16) -> None:
    """`once`, each time later, until no mail waits for its next try: back-off without the waiting. Then all fits."""
    moment = datetime.now(UTC)
    for number in range(rounds):
        done = command(place, "once", "--now", moment.isoformat())
        assert done.returncode == 0, done.stderr
        (status,) = ask(place, "status")
        if not status["outbox"]["ready"] + status["outbox"]["deferred"]:
            fits = command(place, "db", "verify")
            assert fits.returncode == 0, fits.stdout
            return
        moment += timedelta(minutes=min(2 ** (number + 1), 64))
    raise AssertionError(f"the outbox is never empty: {status}")


def wrong_desk(kind: wrong.Kind, place: Home, quiet: Callable[[], None]) -> Desk:
    """A wrong one. `quiet` returns once nothing passes over the wire any more."""
    command = (sys.executable, "-m", "crash.wrong", kind, str(place.folder), str(place.imap), str(place.smtp))

    def finish() -> None:
        process = desk.start()
        try:
            quiet()
        finally:
            kill(process)

    def subjects() -> list[str]:
        return (place.folder / "tickets").read_text().splitlines()

    desk = Desk(command=(*command, place.user), log=place.folder / "log", subjects=subjects, finish=finish)
    return desk


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the desk and whatever runs it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait(30)
