"""The inverted index of tickets by their grams: which of them a text may be like, the rarest grams first."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from maildesk.desk.knowledge import similarity
from maildesk.desk.knowledge.similarity import Likeness, Profile, Weighed
from maildesk.desk.model import Ticket
from maildesk.store import tickets
from maildesk.store.encoding import to_json
from maildesk.store.portable import AnyRow, counted
from maildesk.store.tables import gram, gram_ticket, likeness

_INDEXED = 32  # grams by which a ticket is found: the concepts and the rarest of the others
_MOST_ROWS = 3_000  # entries of the index that one look may read
_MOST_NEAR = 24  # candidates that are compared
_COUNTS = select(gram.c.hash, gram.c.tickets).where(gram.c.hash.in_(bindparam("hashes", expanding=True)))
_ALL = 0  # the hash under which all tickets are counted
_CANDIDATES = (
    select(gram_ticket.c.ticket)
    .where(gram_ticket.c.hash.in_(bindparam("hashes", expanding=True)), gram_ticket.c.ticket >= bindparam("since"))
    .group_by(gram_ticket.c.ticket)
    .order_by(func.count().desc(), gram_ticket.c.ticket.desc())
    .limit(_MOST_NEAR)
)
_LOAD = select(likeness).where(likeness.c.ticket.in_(bindparam("tickets", expanding=True)))
_FIRST = (
    select(likeness.c.ticket).where(likeness.c.at >= bindparam("moment")).order_by(likeness.c.at, likeness.c.ticket)
).limit(1)
_RECENT = (
    select(likeness)
    .where(likeness.c.at >= bindparam("moment"))
    .order_by(likeness.c.at.desc(), likeness.c.ticket.desc())
    .limit(bindparam("most"))
)
_KEEP, _POST = insert(likeness), insert(gram_ticket)
_IN_SURGE = update(likeness).where(likeness.c.ticket.in_(bindparam("tickets", expanding=True)))
_OF_SURGE = select(likeness.c.ticket).where(likeness.c.surge == bindparam("number")).order_by(likeness.c.ticket)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A ticket as it is compared."""

    ticket: int
    at: datetime
    requester: str
    service: str
    department: str
    profile: Profile
    surge: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the index says about one text: how rare its grams are, and which tickets it may be like."""

    weighed: Weighed
    near: tuple[tuple[Entry, Likeness], ...] = ()


def look(
    c: Connection,
    profile: Profile,
    *,
    since: datetime,
    recent: tuple[datetime, int] | None = None,
    worded: float = 0.0,
) -> Look:
    """The tickets since a moment that are like a text, the most alike first, however little.

    With `recent`, those since a later moment are compared whatever their grams, at most so many.
    The words that two share are found from a score of `worded` on.
    """
    counts = _counts(c, profile.grams)
    weighed = similarity.weigh(profile, counts, counts.get("", 0))
    entries: dict[int, Entry] = {}
    first = c.execute(_FIRST, {"moment": since}).scalar_one_or_none()
    hashes = _rarest(profile, counts)
    if first is not None and hashes:
        found = list(c.execute(_CANDIDATES, {"hashes": hashes, "since": first}).scalars())
        entries = {row.ticket: _entry(row) for row in c.execute(_LOAD, {"tickets": found})}
    if recent is not None:
        rows = c.execute(_RECENT, {"moment": recent[0], "most": recent[1]})
        entries |= {row.ticket: _entry(row) for row in rows if row.ticket not in entries}
    compared = ((one, similarity.compare(weighed, one.profile, worded=worded)) for one in entries.values())
    near = sorted(compared, key=lambda one: (-one[1].score, -one[0].ticket))
    return Look(weighed=weighed, near=tuple(one for one in near if one[0].at >= since))


def keep(c: Connection, entry: Entry) -> None:
    """Put a ticket into the index."""
    counts = _counts(c, entry.profile.grams)
    c.execute(_KEEP, row(entry))
    posted = [{"hash": one, "ticket": entry.ticket} for one in postings(entry.profile, counts)]
    if posted:
        c.execute(_POST, posted)
    counted(c, gram, sorted(hashes(entry.profile)))  # in one order, so that two desks wait for each other


def row(entry: Entry) -> dict[str, Any]:
    """The row of a ticket."""
    names = ("ticket", "at", "requester", "service", "department", "surge")
    return {**{name: getattr(entry, name) for name in names}, "profile": _written(entry.profile)}


def postings(profile: Profile, counts: Mapping[str, int]) -> list[int]:
    """By which hashes a ticket is found."""
    ordered = sorted(profile.grams, key=lambda one: (one[0] not in "=!", counts.get(one, 0), one))
    return list(dict.fromkeys(map(_hash, ordered[:_INDEXED])))


def hashes(profile: Profile) -> set[int]:
    """What a ticket is counted under."""
    return {_ALL, *map(_hash, profile.grams)}


def surged(c: Connection, numbers: Iterable[int], number: int) -> None:
    """These tickets belong to the surge that is known by a ticket."""
    wanted = list(numbers)
    if wanted:
        c.execute(_IN_SURGE.values(surge=number), {"tickets": wanted})


def members(c: Connection, number: int) -> list[int]:
    """The tickets of a surge, in order."""
    return list(c.execute(_OF_SURGE, {"number": number}).scalars())


def together(c: Connection, of: Iterable[Ticket]) -> dict[int, Ticket]:
    """The tickets of the surges that some belong to, and those that follow a major incident among them."""
    numbers = {number for ticket in of if ticket.surge for number in members(c, ticket.surge)}
    return tickets.load_readable(c, numbers)


def _counts(c: Connection, grams: Iterable[str]) -> dict[str, int]:
    """How many tickets hold each gram; "" is all tickets."""
    names = {_hash(one): one for one in grams} | {_ALL: ""}
    return {names[row.hash]: row.tickets for row in c.execute(_COUNTS, {"hashes": list(names)})}


def _rarest(profile: Profile, counts: Mapping[str, int]) -> list[int]:
    """The grams to look for: rare ones first, until so many entries of the index were promised."""
    found: list[int] = []
    rows = 0
    for one in sorted(profile.grams, key=lambda one: (counts.get(one, 0), one)):
        rows += min(counts.get(one, 0), _MOST_ROWS)
        if found and rows > _MOST_ROWS:
            break
        if counts.get(one, 0):
            found.append(_hash(one))
    return found


@lru_cache(maxsize=16_384)
def _hash(one: str) -> int:
    return int.from_bytes(blake2b(one.encode("utf-8", "surrogatepass"), digest_size=6).digest())


def _written(profile: Profile) -> str:
    return to_json(
        {
            "grams": {one: round(weight, 2) for one, weight in profile.grams.items()},
            **{name: sorted(getattr(profile, name)) for name in ("things", "ills", "names", "products", "words")},
            "han": profile.han,
            "latin": profile.latin,
        }
    )


def _entry(row: AnyRow) -> Entry:
    return Entry(
        ticket=row.ticket,
        at=row.at,
        requester=row.requester,
        service=row.service,
        department=row.department,
        surge=row.surge,
        profile=_read(row.profile),
    )


@lru_cache(maxsize=512)  # a surge compares the same hundred with every mail
def _read(written: str) -> Profile:
    read = json.loads(written)
    sets = {name: frozenset(read[name]) for name in ("things", "ills", "names", "products", "words")}
    grams = read["grams"]
    return Profile(grams=grams, sums=similarity.sums(grams), han=read["han"], latin=read["latin"], **sets)
