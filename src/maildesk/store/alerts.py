"""How the keys of alerts stand, and which hosts are in maintenance."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from maildesk.desk.monitoring.alert_case import Standing
from maildesk.store import moments
from maildesk.store.encoding import indexable, to_json
from maildesk.store.portable import AnyRow
from maildesk.store.tables import alert

_GET = select(alert).where(alert.c.key == bindparam("wanted"))
_BEGUN = select(alert.c.key).where(alert.c.began >= bindparam("since"), alert.c.key != bindparam("but"))
_LATELY = (select(alert.c.ticket).where(alert.c.began >= bindparam("since")).distinct().order_by(alert.c.ticket)).limit(
    bindparam("most")
)
_FIRING = select(alert.c.key).where(
    alert.c.ticket.in_(bindparam("numbers", expanding=True)), alert.c.firing, alert.c.key != bindparam("but")
)
_FIRES = select(alert.c.key).where(alert.c.firing)
_MOST = 1_000  # that are counted: more are as many
_STORM = "alert storm"
_MAINTENANCE = "maintenance:"


def get(c: Connection, key: str) -> Standing | None:
    """How a key stands; None when nothing was ever heard of it."""
    row = c.execute(_GET, {"wanted": indexable(key)}).one_or_none()
    return _standing(row, key) if row else None


def _standing(row: AnyRow, key: str) -> Standing:
    changes = tuple(datetime.fromisoformat(text) for text in json.loads(row.changes))
    return Standing(key=key, ticket=row.ticket, firing=row.firing, began=row.began, changes=changes)


def of_check(c: Connection, check: str) -> str | None:
    """The key of the one check of this name that fires now; None when none does, or several."""
    found = c.execute(_FIRES.where(alert.c.key.endswith(f"\n{check.casefold()}", autoescape=True)).limit(2))
    keys = list(found.scalars())
    return keys[0] if len(keys) == 1 else None


def put(c: Connection, standing: Standing, *, known: bool) -> None:
    """A key stands so from now on; `known` is whether it stood before."""
    values = {
        "ticket": standing.ticket,
        "firing": standing.firing,
        "began": standing.began,
        "changes": to_json([when.isoformat() for when in standing.changes]),
    }
    if known:
        c.execute(update(alert).where(alert.c.key == indexable(standing.key)).values(values))
    else:
        c.execute(insert(alert).values(key=indexable(standing.key), **values))


def begun(c: Connection, since: datetime, *, but: str, most: int) -> int:
    """How many other keys began to fire since a moment, counted up to so many."""
    return len(c.execute(_BEGUN.limit(most), {"since": since, "but": indexable(but)}).all())


def lately(c: Connection, since: datetime, most: int) -> list[int]:
    """The tickets that the keys which began to fire since a moment stand on."""
    return list(c.execute(_LATELY, {"since": since, "most": most}).scalars())


def firing(c: Connection, numbers: Iterable[int], *, but: str) -> int:
    """How many other keys fire on some tickets, counted up to a thousand."""
    return len(c.execute(_FIRING.limit(_MOST), {"numbers": list(numbers), "but": indexable(but)}).all())


def storm(c: Connection) -> int | None:
    """The ticket of the latest storm."""
    found = moments.get(c, _STORM)
    return found.words["ticket"] if found else None


def stormed(c: Connection, number: int, at: datetime) -> None:
    """This ticket is the latest storm's."""
    moments.put(c, _STORM, at, {"ticket": number})


def maintained(c: Connection, host: str) -> datetime | None:
    """Until when a member of the staff put a host into maintenance, in the past if that is over."""
    found = moments.get(c, _MAINTENANCE + indexable(host.casefold()))
    return found.at if found else None


def maintain(c: Connection, hosts: Iterable[str], until: datetime) -> None:
    """Put hosts into maintenance until a moment."""
    for host in hosts:
        moments.put(c, _MAINTENANCE + indexable(host.casefold()), until)
