"""One ticket as a report sees it: how it stood at a moment, and its journal up to then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from maildesk.desk import events
from maildesk.desk.clocks import sla
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.lifecycle import DONE, OPEN
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.desk.staff import undoing

_DECIDED = frozenset({"met", "missed", "breached"})  # states of a clock that time alone does not change


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One ticket behind a figure: when, how much it counts for, and what is to be said of it."""

    number: int
    at: datetime
    value: float = 1.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A ticket at the end of a period. The moments are those of its last resolution, if it is one still."""

    ticket: Ticket
    events: tuple[Event, ...]
    clocks: dict[str, Clock] = field(default_factory=dict)

    @property
    def done_at(self) -> datetime | None:
        """When it was resolved, or closed without; None while it is open."""
        return (self.ticket.resolved_at or self.ticket.closed_at) if self.ticket.status in DONE else None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to work on it."""
        return self.ticket.status in OPEN

    def during(self, period: Period, *kinds: str) -> Iterator[Event]:
        """Its events of some kinds in a period."""
        return (event for event in self.events if event.kind in kinds and period.has(event.at))

    def entry(self, at: datetime, value: float = 1.0, note: str = "") -> Entry:
        """This ticket behind a figure."""
        return Entry(number=self.ticket.number, at=at, value=value, note=note)


def tell(
    journals: Iterable[tuple[int, tuple[Event, ...]]], periods: Sequence[Period], policy: Policy
) -> Iterator[tuple[Story | None, ...]]:
    """Of each ticket its story in some periods, the earliest first: None before it was opened, and where it is held.

    A ticket that ended before a period, and of which nothing was heard in it, has none there either.
    """
    for _, journal in journals:
        if not journal or journal[0].kind != "opened":
            continue
        found: list[Story | None] = []
        ticket: Ticket | None = None
        clocks: dict[str, Clock] = {}
        taken = 0
        for period in periods:
            known = _before(journal, period.end)
            if known > taken:
                taken_back = any(event.kind == undoing.UNDONE for event in journal[taken:known])
                ticket = events.replay(journal[:known]) if taken_back else events.replay(journal[taken:known], ticket)
                clocks, taken = {}, known
            if ticket is None or ticket.held or _long_over(ticket, journal[known - 1], period):
                found.append(None)
                continue
            if not all(clock.state in _DECIDED for clock in clocks.values()) or not clocks:
                last = min(period.end, ticket.resolved_at or ticket.closed_at or period.end)
                clocks = {clock.kind: clock for clock in sla.clocks(ticket, policy, last)}
            found.append(Story(ticket=ticket, events=tuple(undoing.standing(journal[:known], 0)), clocks=clocks))
        yield tuple(found)


def _before(journal: Sequence[Event], moment: datetime) -> int:
    """How many of its events took place before a moment: the last ones are asked first."""
    known = len(journal)
    while known and journal[known - 1].at >= moment:
        known -= 1
    return known


def _long_over(ticket: Ticket, last: Event, period: Period) -> bool:
    over = ticket.resolved_at or ticket.closed_at
    return over is not None and over < period.start and last.at < period.start
