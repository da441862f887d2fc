"""Where secrets stand, and how they are read: never from the command line, never into an error or a log."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from maildesk.errors import ConfigError, Problem

LARGEST = 64 * 1024  # octets of a secret
_BREAKS = "\0\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret stands: exactly one of a file (0600 or a systemd credential) and an environment variable."""

    file: Path | None = None
    env: str = ""


def read(secret: Secret) -> str:
    """The secret. Raises ConfigError where it is missing, unreadable or open to others."""
    if secret.file is not None:
        return read_file(secret.file)
    value = os.environ.get(secret.env, "")
    if not value:
        refuse("environment", f"the variable {secret.env} is not set or empty")
    if any(c in value for c in _BREAKS):
        refuse("environment", f"the variable {secret.env} must be one line of text")
    return value


def read_file(path: Path) -> str:
    """One line of text from a file that nobody else may read. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            mode = stat.S_IMODE(status.st_mode)
            if mode & 0o077 and not _is_systemd_credential(path):
                refuse(path, f"others may read this secret (mode {mode:04o}): run chmod 600 {path}")
            content = file.read(LARGEST + 1)
    except OSError as error:
        refuse(path, f"the secret cannot be read: {error.strerror}")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    text = text.removesuffix("\n").removesuffix("\r")
    if not text or len(content) > LARGEST or any(c in text for c in _BREAKS):
        refuse(path, "the secret must be one line of UTF-8 text")
    return text


def _is_systemd_credential(path: Path) -> bool:
    """systemd guards the directory of its credentials, whatever the mode of the files."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(directory) and path.resolve().is_relative_to(Path(directory).resolve())


def refuse(place: object, message: str) -> NoReturn:
    """Raise a ConfigError about one thing in one place."""
    raise ConfigError([Problem(file=str(place), line=0, key="", message=message)])
