"""The statement of a clock: when it ran, when it stood still and why, adding up to the figure shown; and its rungs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from maildesk.desk import events
from maildesk.desk.clocks import hours, sla
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.model import Pause, Ticket
from maildesk.desk.policy import Policy, Rung

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One unbroken part of a clock's life. `seconds` is its working time, counted only where `ran`."""

    start: datetime
    end: datetime | None  # None is now
    ran: bool
    seconds: int
    why: str = ""  # of a pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung of the clock's ladder. `moment` is None for a clock that does not run."""

    rung: Rung
    moment: datetime | None
    passed: bool


def lines(clock: Clock, ticket: Ticket, policy: Policy, now: datetime) -> tuple[Line, ...]:
    """The running and standing parts of a clock in order. The seconds of those that ran add up to what elapsed."""
    calendar = policy.calendars[clock.calendar]
    end = max(clock.started_at, clock.stopped_at or now)
    found: list[Line] = []
    at, counted = clock.started_at, timedelta()
    for begin, until in (*clock.intervals, (end, end)):
        if at < begin:
            worked = hours.worked(calendar, at, begin) // _SECOND
            still = begin < end or clock.stopped_at is not None
            found.append(Line(start=at, end=begin if still else None, ran=False, seconds=worked, why=_why(ticket, at)))
        at = until or end
        if begin < at:
            # Rounded down together, as the sum is: fractions of a second must not be lost line by line.
            before = counted // _SECOND
            counted += hours.worked(calendar, begin, at)
            found.append(Line(start=begin, end=until, ran=True, seconds=counted // _SECOND - before))
    return tuple(found)


def steps(clock: Clock, ticket: Ticket, policy: Policy) -> tuple[Step, ...]:
    """The rungs of a clock's ladder in order, with the moments at which a running clock reaches them."""
    runs = sla.ticks(clock)
    return tuple(
        Step(
            rung=rung,
            moment=sla.reached_at(clock, rung, policy) if runs else None,
            passed=events.rung_name(clock.kind, rung.at) in ticket.rungs,
        )
        for rung in policy.ladders.get(clock.ladder, ())
    )


def _why(ticket: Ticket, at: datetime) -> str:
    """What the ticket waited for at a moment; the pause that began last says it."""

    def holds(pause: Pause) -> bool:
        return pause.start <= at and (pause.end is None or at < pause.end)

    latest = max(filter(holds, ticket.pauses), key=lambda pause: pause.start, default=None)
    return latest.why if latest else "resolved" if ticket.resolved_at else ""
