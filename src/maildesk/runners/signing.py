"""The desk's keys and its database go together, or the desk does not start."""

from datetime import datetime
from pathlib import Path

from maildesk.errors import ConfigError, Problem
from maildesk.runners.records import Records
from maildesk.store import signature
from maildesk.store.database import Connection, reading, transaction


def fits(connection: Connection, state: Path) -> bool:
    """Whether the keys in the state directory go with the database; none is made when there is none yet."""
    file = state / "key"
    return signature.fits(connection, file.read_bytes() if file.exists() else b"")


def must_fit(records: Records, keys: bytes) -> None:
    """Raises ConfigError for the keys of another database."""
    with reading(records.engine) as connection:
        if not signature.fits(connection, keys):
            file = str(records.settings.state / "key")
            raise ConfigError([Problem(file=file, line=0, key="", message=signature.FOREIGN)])


def begin(records: Records, keys: bytes, now: datetime) -> None:
    """Write down which key signs from now on. Raises ConfigError for the keys of another database."""
    must_fit(records, keys)
    with transaction(records.engine) as connection:
        signature.note(connection, keys, now)
