"""One ticket as a report sees it: how it stood at a moment, and its journal up to then."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from maildesk.desk import events, sla
from maildesk.desk.lifecycle import DONE, OPEN
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.desk.sla import Clock


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


def tell(journals: Iterable[tuple[int, tuple[Event, ...]]], period: Period, policy: Policy) -> Iterator[Story]:
    """The stories of a period: of each ticket that was opened before its end, is not held, and was not merged away.

    A clock is looked at only where it matters to the period: the journal says the rest.
    """
    for _, journal in journals:
        known = tuple(event for event in journal if event.at < period.end)
        if not known or known[0].kind != "opened":
            continue
        ticket = events.replay(known)
        over = ticket.resolved_at or ticket.closed_at
        if ticket.held or (over is not None and over < period.start and known[-1].at < period.start):
            continue
        last = min(period.end, over) if over else period.end
        clocks = {clock.kind: clock for clock in sla.clocks(ticket, policy, last)}
        yield Story(ticket=ticket, events=known, clocks=clocks)
