"""A whole desk in one file, taken while it runs, and put back (docs/decisions/0009-backups.md).

The file is SQLite whatever the desk runs on: its tables, and beside them the key in a table of its own.
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, LargeBinary, Table, delete, func, insert, select, update

from maildesk.credentials import Secret
from maildesk.errors import PermanentError, TemporaryError
from maildesk.store import moments, resting
from maildesk.store.database import connect, reading, transaction, upgrade
from maildesk.store.schema import migrate
from maildesk.store.tables import counter, inbound, metadata, outbox, ticket

_ROWS, _LARGE_ROWS = 1_000, 20  # rows in memory at once; of tables that hold whole mails
_NOTE = "CREATE TABLE backup (taken_at TEXT NOT NULL, key BLOB NOT NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup says of itself."""

    taken_at: datetime
    key: bytes = field(repr=False)


def backup(engine: Engine, file: Path, key: bytes, now: datetime) -> None:
    """Write everything of one moment into a new file (mode 0600), read back before it gets its name.

    Nobody is held up. Raises PermanentError when the file is there already, TemporaryError when it cannot be written.
    """
    if file.exists():
        raise PermanentError(f"{file} is there already: nothing was written")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _fill(engine, draft)
        with closing(sqlite3.connect(draft)) as made:
            made.execute("PRAGMA journal_mode=DELETE")  # else a second file would belong to it
            made.execute(_NOTE)
            made.execute("INSERT INTO backup VALUES (?, ?)", (now.isoformat(), key))
            made.commit()
            (verdict,) = made.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            raise TemporaryError(f"the backup cannot be read back: {verdict}")
        _settle(draft, file)
    except (sqlite3.Error, OSError) as error:
        raise TemporaryError(f"{file} cannot be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def _fill(engine: Engine, draft: Path) -> None:
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(engine.url.database or "")) as kept, closing(sqlite3.connect(draft)) as made:
            kept.backup(made)
        return
    upgrade(f"sqlite:///{draft}")
    with reading(engine) as source_, _opened(draft) as target, transaction(target) as made_:
        _copy(source_, made_)


def _settle(draft: Path, file: Path) -> None:
    """Onto the disk, then under its name: a power cut leaves a whole backup or none."""
    for path in (draft, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            if path == draft:
                os.link(draft, file)
        finally:
            os.close(descriptor)


@contextmanager
def _opened(file: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{file}")
    try:
        yield engine
    finally:
        engine.dispose()


def _copy(source: Connection, target: Connection) -> None:
    """Every row of every table. What a migration wrote into the new tables gives way."""
    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        large = any(isinstance(column.type, LargeBinary) for column in table.columns)
        rows = source.execute(select(table), execution_options={"yield_per": _LARGE_ROWS if large else _ROWS})
        for part in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in part])
        if target.dialect.name == "postgresql":
            _count_on(target, table)


def _count_on(c: Connection, table: Table) -> None:
    """The next row gets a number behind the copied ones."""
    column = table.autoincrement_column
    if column is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        c.execute(
            select(func.setval(sequence, select(func.coalesce(func.max(column), 0) + 1).scalar_subquery(), False))
        )


def look(file: Path) -> Backup:
    """What a backup says of itself. Raises PermanentError for a file that is none."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as made:
            taken_at, key = made.execute("SELECT taken_at, key FROM backup").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise PermanentError(f"{file} is no backup of maildesk: {error}") from error
    return Backup(taken_at=datetime.fromisoformat(taken_at), key=key)


def restore(
    url: str, secret: Secret | None, file: Path, scratch: Path, now: datetime, *, moved: bool, skip: int
) -> int:
    """Fill an empty database from a backup, all or nothing; returns how many outgoing mails are held.

    Unless the desk only `moved`, what it may have done after the backup is not done again blindly: mails that were on
    their way are held, and `skip` ticket numbers are left out. Raises PermanentError when the database is not empty,
    ConfigError for a backup of a newer maildesk, TemporaryError.
    """
    with TemporaryDirectory(dir=scratch) as folder:
        draft = Path(folder) / "backup.db"
        try:
            shutil.copyfile(file, draft)
        except OSError as error:
            raise TemporaryError(f"{file} cannot be copied: {error.strerror}") from error
        upgrade(f"sqlite:///{draft}")
        engine = connect(url, secret)
        try:
            with _opened(draft) as source, reading(source) as kept, transaction(engine) as connection:
                migrate(connection)
                _must_be_unused(connection)
                _copy(kept, connection)
                return 0 if moved else _go_on(connection, now, skip)
        finally:
            engine.dispose()


def _must_be_unused(c: Connection) -> None:
    if any(c.execute(select(select(table).exists())).scalar_one() for table in (inbound, ticket, outbox)):
        raise PermanentError("the database is not empty: a backup is put back into an empty one")


def _go_on(c: Connection, now: datetime, skip: int) -> int:
    c.execute(update(counter).where(counter.c.name == "ticket").values(next=counter.c.next + skip))
    moments.put(c, moments.RESTORED, now)
    return resting.hold(c, resting.RESTORED)
