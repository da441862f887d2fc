"""Alarms that stand, so that an operator is told once when something breaks and once when it is well again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from maildesk.store.encoding import storable
from maildesk.store.portable import insert_new
from maildesk.store.tables import alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that is not as it should be, since when, and the latest reason."""

    name: str
    since: datetime
    reason: str


def raise_(c: Connection, name: str, reason: str, now: datetime) -> bool:
    """Note that something is wrong. True when it is new: tell the owner in the same transaction."""
    words = storable(reason)
    if insert_new(c, alarm, [{"name": name, "since": now, "reason": words}]):
        return True
    c.execute(update(alarm).where(alarm.c.name == name).values(reason=words))
    return False


def clear(c: Connection, name: str) -> datetime | None:
    """Note that it is well again: since when it was not, None when nothing stood."""
    since: datetime | None = c.execute(select(alarm.c.since).where(alarm.c.name == name)).scalar_one_or_none()
    if since is not None:
        c.execute(delete(alarm).where(alarm.c.name == name))
    return since


def standing(c: Connection) -> list[Alarm]:
    """Every alarm that stands, oldest first."""
    rows = c.execute(select(alarm).order_by(alarm.c.since, alarm.c.name))
    return [Alarm(name=row.name, since=row.since, reason=row.reason) for row in rows]
