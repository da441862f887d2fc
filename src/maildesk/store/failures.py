"""What a database says when it fails, in words an operator understands."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from maildesk.errors import ConfigError, MaildeskError, Problem, TemporaryError

_PLAIN = (
    ("database or disk is full", "the disk of the database is full"),
    ("no space left", "the disk of the database is full"),
    ("disk i/o error", "the disk of the database gives errors"),
    ("database is locked", "the database is locked by another process"),
    ("readonly database", "the database cannot be written: look at the permissions of its file and directory"),
    ("unable to open database file", "the database file cannot be opened: look at its path and permissions"),
    ("malformed", "the database file is damaged: restore a backup"),
    ("not a database", "the database file is none of SQLite: look at store.url"),
)
_NO_TABLE = ("no such table", "no such column", "has no column named")
_UNDEFINED = ("42P01", "42703")  # PostgreSQL: table, column


def _said(error: BaseException) -> str:
    """The first line of the driver's own words, without the statement and its values."""
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


def plain(error: exc.SQLAlchemyError) -> MaildeskError | None:
    """What a failure of the database means for the caller; None when it is a fault of ours.

    TemporaryError: full, locked, gone, shut down, in deadlock, refused. ConfigError: the tables are not there.
    """
    if isinstance(error, exc.TimeoutError | exc.PendingRollbackError):
        return TemporaryError("the database gave no connection in time, or it went away")
    if not isinstance(error, exc.DBAPIError) or isinstance(error, exc.IntegrityError | exc.DataError):
        return None
    said = _said(error.orig) if error.orig else ""
    if said.startswith(_NO_TABLE) or getattr(error.orig, "sqlstate", None) in _UNDEFINED:
        words = f"the tables are not those of this maildesk ({said}): run `maildesk db upgrade`"
        return ConfigError([Problem(file="database", line=0, key="", message=words)])
    for pattern, words in _PLAIN:
        if pattern in said.lower():
            return TemporaryError(words)
    gone = error.connection_invalidated or isinstance(error, exc.OperationalError | exc.InterfaceError)
    return TemporaryError(f"the database does not serve now: {said}") if gone else None


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the failures of a database inside into TemporaryError or ConfigError."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        meant = plain(error)
        if meant is None:
            raise
        raise meant from error
