"""Outgoing mails that go nowhere by themselves: dead ones, and those held because they may have been sent already."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from maildesk.store.encoding import storable
from maildesk.store.portable import findable
from maildesk.store.tables import UNSENT, outbox

_SHOWN = 1_000  # characters of a reason
HOLD: dict[str, Any] = {"state": "unknown", "due": None, "owner": None, "lease_until": None}  # due never
RESTORED = "held after a restore: it may have been sent after the backup was taken"
DISCARDED = "discarded by "
_HELD = and_(UNSENT, outbox.c.state == "unknown", outbox.c.due.is_(None))


def retry(c: Connection, id: int, now: datetime) -> bool:
    """Let a dead or held mail be tried again, with its whole life before it; False when it is neither."""
    resting = or_(outbox.c.state == "dead", _HELD)
    row = c.execute(
        select(outbox.c.created, outbox.c.expires).where(outbox.c.id == findable(id), resting)
    ).one_or_none()
    if row is None:
        return False
    fresh = {
        "state": "ready",
        "due": now,
        "unknowns": 0,
        "finished": None,
        "expires": now + (row.expires - row.created),
    }
    c.execute(update(outbox).where(outbox.c.id == id).values(fresh))
    return True


def hold(c: Connection, reason: str) -> int:
    """Hold every mail that is not out yet, until somebody releases or discards it; returns how many."""
    held = HOLD | {"result": storable(reason, _SHOWN)}
    return c.execute(update(outbox).where(outbox.c.due.is_not(None)).values(held)).rowcount


def held(c: Connection) -> list[int]:
    """The mails that wait until somebody releases or discards them, oldest first."""
    return list(c.execute(select(outbox.c.id).where(_HELD).order_by(outbox.c.id)).scalars())


def discard(c: Connection, id: int, now: datetime, who: str) -> bool:
    """Give up a held mail; False when it is not held."""
    given_up = {"state": "dead", "finished": now, "result": storable(DISCARDED + who, _SHOWN)}
    return c.execute(update(outbox).where(outbox.c.id == findable(id), _HELD).values(given_up)).rowcount == 1
