"""Which instance works on a shared PostgreSQL (docs/scaling.md). SQLite needs none of this: a lock on a file says it.

A lease says who leads; it runs by the database's clock. That a former leader writes nothing does not rest on the lease:
every transaction of a leader looks at the epoch, and holds it until it ends.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, text

from maildesk.errors import TemporaryError
from maildesk.store.database import reading, transaction

LEASE = 20.0  # seconds; renewed every few, and longer than the pauses of a busy machine
EVERY = 4.0  # seconds between two renewals, or two looks of who stands by
_RENEW = text(
    "UPDATE leader SET until = now() + make_interval(secs => :lease) "
    "WHERE name = 'desk' AND holder = :who AND epoch = :epoch"
)
# FOR UPDATE waits for the transactions of the former leader: they hold the row FOR KEY SHARE.
_FREE = text("SELECT epoch FROM leader WHERE name = 'desk' AND until < now() FOR UPDATE")
_TAKE = text(
    "UPDATE leader SET holder = :who, epoch = epoch + 1, until = now() + make_interval(secs => :lease) "
    "WHERE name = 'desk' RETURNING epoch"
)
_RELEASE = text(
    "UPDATE leader SET until = now() - interval '1 s' WHERE name = 'desk' AND holder = :who AND epoch = :epoch"
)
_LOOK = text("SELECT holder, epoch, until > now() AS holds FROM leader WHERE name = 'desk'")


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


@dataclass(slots=True, kw_only=True)
class Term:
    """An instance, and the epoch in which it leads; 0 while it does not."""

    who: str = field(default_factory=_name)
    epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """Who leads, "" when nobody does."""

    who: str
    epoch: int


def fenced(engine: Engine) -> Engine:
    """The same database, on which only the leader writes; SQLite as it is."""
    return engine.execution_options(term=Term()) if engine.dialect.name == "postgresql" else engine


def term_of(engine: Engine) -> Term | None:
    """The term that a fenced engine looks at."""
    term: Term | None = engine.get_execution_options().get("term")
    return term


def leads(engine: Engine) -> bool:
    """Whether this instance may write, as far as it knows."""
    term = term_of(engine)
    return term is None or term.epoch > 0


def take(engine: Engine, lease: float = LEASE) -> bool:
    """Become the leader when there is none, or stay it. Raises TemporaryError."""
    term = term_of(engine)
    if term is None:
        return True
    asked = {"who": term.who, "epoch": term.epoch, "lease": lease}
    with transaction(engine.execution_options(term=None)) as connection:
        if term.epoch and connection.execute(_RENEW, asked).rowcount == 1:
            return True
        free = connection.execute(_FREE).one_or_none()
        epoch = connection.execute(_TAKE, {"who": term.who, "lease": lease}).scalar_one() if free else 0
    term.epoch = epoch
    return epoch > 0


def release(engine: Engine) -> None:
    """Lead no more: whoever stands by need not wait for the end of the lease."""
    term = term_of(engine)
    if term is None or not term.epoch:
        return
    asked = {"who": term.who, "epoch": term.epoch}
    term.epoch = 0
    with transaction(engine.execution_options(term=None)) as connection:
        connection.execute(_RELEASE, asked)


def look(c: Connection) -> Leader | None:
    """Who leads on PostgreSQL; None on SQLite."""
    if c.dialect.name != "postgresql":
        return None
    row = c.execute(_LOOK).one()
    return Leader(who=row.holder if row.holds else "", epoch=row.epoch)


@contextmanager
def leading(engine: Engine) -> Iterator[Engine]:
    """Lead for the time of the block. Raises TemporaryError, naming the leader, when another instance does."""
    led = fenced(engine)
    if not take(led):
        with reading(engine) as connection:
            other = look(connection)
        raise TemporaryError(f"another instance leads: {other.who if other else ''}")
    try:
        yield led
    finally:
        release(led)
