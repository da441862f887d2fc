"""What keeps the desk from becoming a weapon: how much went out lately, and to whom nothing goes for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from maildesk.mail.ids import fold_address
from maildesk.store import moments
from maildesk.store.encoding import indexable
from maildesk.store.tables import outbox

PARKED = "outbox parked"  # the alarm that stands meanwhile
RESUMED = "outbox resumed"  # a person let the parked outbox go on: what was queued before counts no more
_MUTED, _RULE = "muted:", "rule:"

_NEWEST = select(func.max(outbox.c.id))
_BACK = select(outbox.c.created).where(outbox.c.id <= bindparam("last")).order_by(outbox.c.id.desc()).limit(1)
_QUEUED = select(func.count()).where(outbox.c.id > bindparam("last"), outbox.c.created > bindparam("since"))
_IN_THREAD = select(func.count()).where(
    outbox.c.ticket == bindparam("number"),
    outbox.c.recipient_key == bindparam("address"),
    outbox.c.created > bindparam("since"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted:
    """An address that gets no automatic mail until a moment, because of what came back."""

    address: str
    until: datetime
    reason: str


def flooded(c: Connection, most: int, since: datetime) -> bool:
    """Whether more than `most` mails were queued since a moment. Costs next to nothing while they were not."""
    newest: int | None = c.execute(_NEWEST).scalar_one()
    if newest is None:
        return False
    last = newest - most
    before = c.execute(_BACK, {"last": last}).scalar_one_or_none()
    if before is None or before <= since:  # at most so many have higher numbers
        return False
    queued: int = c.execute(_QUEUED, {"last": last - most, "since": since}).scalar_one()  # some numbers may be missing
    return queued > most


def in_thread(c: Connection, number: int, address: str, since: datetime) -> int:
    """How many mails about a ticket were queued to an address since a moment."""
    asked = {"number": number, "address": indexable(fold_address(address)), "since": since}
    found: int = c.execute(_IN_THREAD, asked).scalar_one()
    return found


def by_rule(c: Connection, rule: str, now: datetime, since: datetime) -> int:
    """One more ticket by a rule: how many it opened in the hour that began with the first of them."""
    name = indexable(_RULE + rule)
    found = moments.get(c, name)
    if found is None or found.at <= since:
        moments.put(c, name, now, {"tickets": 1})
        return 1
    tickets = int(found.words["tickets"]) + 1
    moments.put(c, name, found.at, {"tickets": tickets})
    return tickets


def mute(c: Connection, address: str, until: datetime, reason: str, now: datetime) -> None:
    """No automatic mail to an address until then."""
    moments.put(c, _name(address), now, {"address": address, "until": until.isoformat(), "reason": reason[:200]})


def unmute(c: Connection, address: str) -> bool:
    """It is written to again; False when it was not muted."""
    return moments.forget(c, _name(address))


def muted(c: Connection, addresses: Iterable[str], now: datetime) -> dict[str, Muted]:
    """Those of some addresses that are muted now, by folded address."""
    found = {fold_address(a): moments.get(c, _name(a)) for a in dict.fromkeys(addresses)}
    entries = {address: _muted(moment) for address, moment in found.items() if moment is not None}
    return {address: entry for address, entry in entries.items() if entry.until > now}


def all_muted(c: Connection, now: datetime) -> list[Muted]:
    """Every address that is muted now."""
    return [entry for entry in map(_muted, moments.beginning(c, _MUTED)) if entry.until > now]


def _name(address: str) -> str:
    return indexable(_MUTED + fold_address(address))


def _muted(moment: moments.Moment) -> Muted:
    words = moment.words
    return Muted(address=words["address"], until=datetime.fromisoformat(words["until"]), reason=words["reason"])
