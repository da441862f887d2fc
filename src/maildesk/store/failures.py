"""What a database says when it fails, in words an operator understands."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from maildesk.errors import TemporaryError

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
_AWAY = (exc.OperationalError, exc.InterfaceError, exc.InternalError)  # the last: a standby after a failover
_NO_TABLE = ("no such table", "no such column", "has no column named")
_REFUSED = {"42P01", "42703", "42501"}  # SQLSTATE: undefined table, undefined column, insufficient privilege


def said(error: exc.DBAPIError) -> str:
    """The first line of the driver's own words, without the statement and its values."""
    lines = str(error.orig).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


def plain(error: exc.SQLAlchemyError) -> TemporaryError | None:
    """What a failure means that is the database's and no mail's: full, locked, gone, shut down, in deadlock, refusing.

    None is a fault of ours, or of a value. Tables that are missing are the database's fault too: no mail is parked
    for them.
    """
    if isinstance(error, exc.TimeoutError | exc.PendingRollbackError):
        return TemporaryError("the database gave no connection in time, or it went away")
    if not isinstance(error, exc.DBAPIError) or isinstance(error, exc.IntegrityError | exc.DataError):
        return None
    words = said(error)
    if words.startswith(_NO_TABLE) or getattr(error.orig, "sqlstate", None) in _REFUSED:
        return TemporaryError(f"the tables are not those of this maildesk ({words}): run `maildesk db upgrade`")
    for pattern, meaning in _PLAIN:
        if pattern in words.lower():
            return TemporaryError(meaning)
    gone = error.connection_invalidated or isinstance(error, _AWAY)
    return TemporaryError(f"the database does not serve now: {words}") if gone else None


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the failures of a database inside into TemporaryError."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        meant = plain(error)
        if meant is None:
            raise
        raise meant from error
