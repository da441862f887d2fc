"""The database: how it is opened, written and read. SQLite and PostgreSQL behave alike to those above."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, exc, make_url, text

from maildesk import credentials
from maildesk.errors import ConfigError, Problem, TemporaryError
from maildesk.store.failures import plainly, said
from maildesk.store.lock import Lock, lock_state
from maildesk.store.schema import check, is_new, migrate
from maildesk.store.turns import Turns

__all__ = [
    "Connection",
    "Engine",
    "Lock",
    "check_schema",
    "connect",
    "is_empty",
    "lock_state",
    "reading",
    "savepoint",
    "transaction",
    "upgrade",
]

BUSY_SECONDS = 10.0
_EPOCH = text("SELECT epoch FROM leader WHERE name = 'desk' FOR KEY SHARE")
_PRAGMAS = (
    f"busy_timeout={int(BUSY_SECONDS * 1000)}",
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit survives a power cut
    "foreign_keys=ON",
)
_POSTGRES: dict[str, Any] = {
    "connect_timeout": 10,
    "application_name": "maildesk",
    "keepalives_idle": 30,
    # A leader that hangs in the middle of a transaction must not hold up the next one for ever.
    "options": f"-c lock_timeout={int(BUSY_SECONDS * 1000)} -c idle_in_transaction_session_timeout=60000",
}


def connect(url: str, secret: credentials.Secret | None = None) -> Engine:
    """Open `sqlite:///PATH` or `postgresql://USER@HOST/NAME`; the database is first spoken to when it is used.

    `secret` is where the password of PostgreSQL stands. Raises ConfigError for a URL that is no such one, for
    PostgreSQL without its driver, and for a secret that cannot be read.
    """
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise _config("not a database URL: sqlite:///PATH or postgresql://USER@HOST/NAME") from error
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres":
            password = credentials.read(secret) if secret else parsed.password
            return _postgres(parsed.set(drivername="postgresql+psycopg", password=password))
        case other:
            raise _config(f"{other} is not supported: sqlite:///PATH or postgresql://USER@HOST/NAME")


def _config(message: str) -> ConfigError:
    return ConfigError([Problem(file="maildesk.toml", line=0, key="store.url", message=message)])


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise _config("SQLite needs a file: sqlite:///PATH")
    path = Path(url.database)
    # Mail is private; what cannot be made is told at the first use. Never opened when it is there: closing it would
    # drop the POSIX locks that SQLite holds on it in this process, and another process could take the WAL away.
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    engine = create_engine(
        url.set(drivername="sqlite"),
        execution_options={"turns": Turns()},
        pool_timeout=BUSY_SECONDS,
        pool_use_lifo=True,  # each connection has a cache of its own: fill few of them
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "handle_error", _notice_rollback)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not BEGIN on its own
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute("PRAGMA " + pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: a read that turns into a write fails whatever the busy timeout.
    readonly = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def _notice_rollback(context: ExceptionContext) -> None:
    # On a full disk SQLite rolls back by itself; what followed would commit statement by statement.
    connection = context.connection
    if connection is None or not connection.in_transaction():
        return
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and not driver.in_transaction:
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False


def _postgres(url: URL) -> Engine:
    defaults = {key: value for key, value in _POSTGRES.items() if key not in url.query}
    try:
        return create_engine(url, connect_args=defaults, pool_pre_ping=True, pool_timeout=BUSY_SECONDS)
    except ModuleNotFoundError as error:
        raise _config("PostgreSQL needs its driver: pip install maildesk[postgres]") from error


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, rolled back by any exception.

    Threads that write to one SQLite engine take turns. Raises TemporaryError when the database does not serve now.
    """
    turns: Turns | None = engine.get_execution_options().get("turns")
    with plainly(), turns.turn(3 * BUSY_SECONDS) if turns else nullcontext(), engine.begin() as connection:
        if (term := engine.get_execution_options().get("term")) is not None:
            _must_lead(connection, term.epoch)
        yield connection


def _must_lead(connection: Connection, epoch: int) -> None:
    """Until the transaction ends nobody can become leader; raises TemporaryError when somebody else has."""
    found = connection.execute(_EPOCH).scalar_one()
    if not epoch or found != epoch:
        raise TemporaryError("another instance leads now")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, sees one moment, and holds up no writer. Raises TemporaryError."""
    with plainly(), engine.connect() as plain:
        connection = (
            plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True, readonly=True)
            if engine.dialect.name == "postgresql"
            else plain.execution_options(readonly=True)
        )
        with connection.begin():
            yield connection


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """A part of a transaction that can fail alone.

    An exception inside undoes the part and goes on. When the whole transaction is lost (TemporaryError), every
    later use of the connection fails too.
    """
    with plainly():
        connection.exec_driver_sql("SAVEPOINT part")
        try:
            yield
        except BaseException:
            with suppress(exc.SQLAlchemyError):  # the first failure is the one to tell
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
                connection.exec_driver_sql("RELEASE SAVEPOINT part")
            raise
        connection.exec_driver_sql("RELEASE SAVEPOINT part")


def upgrade(url: str, secret: credentials.Secret | None = None) -> None:
    """Bring the tables to what this maildesk expects; makes them in an empty database. Repeatable.

    All or nothing. Raises ConfigError (URL, driver, a database of a newer maildesk or of something else) or
    TemporaryError.
    """
    engine = connect(url, secret)
    try:
        with transaction(engine) as connection:
            migrate(connection)
    except exc.ProgrammingError as error:
        raise _config(f"the tables cannot be made here, nothing was changed: {said(error)}") from error
    finally:
        engine.dispose()


def is_empty(engine: Engine) -> bool:
    """Whether no maildesk has made its tables here yet. Raises TemporaryError."""
    with reading(engine) as connection:
        return is_new(connection)


def check_schema(engine: Engine) -> None:
    """Raises ConfigError, telling what to run, when the tables are not those this maildesk expects."""
    with reading(engine) as connection:
        check(connection)
