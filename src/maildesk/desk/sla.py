"""The clocks of a ticket: what each target asks, where it stands, and when a rung of a ladder is reached.

Everything is computed from the ticket and the policy of the moment, so that a changed priority, calendar or target
counts from the opening and keeps every pause.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from maildesk.desk import hours
from maildesk.desk.hours import Calendar, Duration
from maildesk.desk.model import ClockKind, Pause, Ticket
from maildesk.desk.policy import Policy, Rung, Target

ClockState = Literal["running", "paused", "breached", "met", "missed"]
Interval = tuple[datetime, datetime | None]
_Closed = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One target of a ticket. It is breached from `due_at` on; stopped by then it is met, later missed."""

    kind: ClockKind
    target: Duration
    calendar: str  # key of the policy's calendars
    state: ClockState
    started_at: datetime
    due_at: datetime  # of a paused clock: as if it ran again from now on
    stopped_at: datetime | None
    elapsed_seconds: int  # working time without the pauses
    intervals: tuple[Interval, ...]  # when it ran; the end None is now


def clocks(ticket: Ticket, policy: Policy, now: datetime) -> tuple[Clock, ...]:
    """The clocks of a ticket, response first; none for a held ticket or a priority without a target.

    Response stops at the first answer of the staff, resolution at the resolution; resolved without an answer, the
    response clock is paused. Raises OverflowError where the calendar has not enough time in ten years.
    """
    target = policy.sla.get(ticket.priority)
    if target is None or ticket.held:
        return ()
    return (_clock("response", target, ticket, policy, now), _clock("resolution", target, ticket, policy, now))


def due(ticket: Ticket, policy: Policy, kind: ClockKind, now: datetime) -> datetime | None:
    """When a target of the ticket is due or was; None where it has no such clock."""
    return next((clock.due_at for clock in clocks(ticket, policy, now) if clock.kind == kind), None)


def reached_at(clock: Clock, rung: Rung, policy: Policy) -> datetime:
    """When a running clock reaches a rung: its share of the target, and the working time after it, pauses left out.

    A target in business days is shared out by the working time it spans. Raises OverflowError as `clocks` does.
    """
    calendar = policy.calendars[clock.calendar]
    whole = hours.add(calendar, clock.started_at, clock.target)
    length = hours.worked(calendar, clock.started_at, whole)
    if rung.share < 1:
        moment = hours.advance(calendar, clock.started_at, length * rung.share)
    else:
        moment = hours.advance(calendar, whole, length * (rung.share - 1))
    return _postponed(calendar, hours.add(calendar, moment, rung.after), _gaps(clock))


def ticks(clock: Clock) -> bool:
    """Whether the clock runs now, in time or breached."""
    return bool(clock.intervals) and clock.intervals[-1][1] is None


def _clock(kind: ClockKind, target: Target, ticket: Ticket, policy: Policy, now: datetime) -> Clock:
    calendar, start = policy.calendars[target.calendar], ticket.opened_at
    length = target.response if kind == "response" else target.resolution
    done = ticket.resolved_at or ticket.closed_at
    stopped = ticket.responded_at if kind == "response" else done
    pauses = (*ticket.pauses, Pause(start=done)) if kind == "response" and done else ticket.pauses
    until = max(start, stopped or now)
    stood = _merged(pauses, start, until)
    due_at = _postponed(calendar, hours.add(calendar, start, length), stood)
    paused = stopped is None and any(pause.end is None for pause in pauses)
    paused_since = (stood[-1][0] if stood and stood[-1][1] == until else until) if paused else None
    ran = _remaining(stood, start, until)
    elapsed = sum((hours.worked(calendar, begin, end) for begin, end in ran), timedelta())
    last: tuple[Interval, ...] = ((ran[-1][0], None),) if stopped is None and not paused else ran[-1:]
    return Clock(
        kind=kind,
        target=length,
        calendar=target.calendar,
        state=_state(due_at, stopped, paused_since, until),
        started_at=start,
        due_at=due_at,
        stopped_at=stopped,
        elapsed_seconds=elapsed // timedelta(seconds=1),
        intervals=tuple((begin, end) for begin, end in (*ran[:-1], *last) if begin != end),
    )


def _state(due_at: datetime, stopped: datetime | None, paused_since: datetime | None, until: datetime) -> ClockState:
    if stopped is not None:
        return "met" if stopped <= due_at else "missed"
    if paused_since is not None:
        return "breached" if due_at <= paused_since else "paused"
    return "breached" if due_at <= until else "running"


def _merged(pauses: Iterable[Pause], start: datetime, until: datetime) -> tuple[_Closed, ...]:
    """The pauses within start..until as a union, in order; an open one lasts until `until`."""
    merged: list[_Closed] = []
    for begin, end in sorted((max(p.start, start), min(p.end or until, until)) for p in pauses):
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def _remaining(pauses: tuple[_Closed, ...], start: datetime, until: datetime) -> tuple[_Closed, ...]:
    """What the pauses leave of start..until, up to the last, which may be empty."""
    edges = (start, *(edge for pause in pauses for edge in pause), until)
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _gaps(clock: Clock) -> Iterator[_Closed]:
    """The pauses before the last interval of a clock."""
    stopped_at: datetime | None = clock.started_at
    for begin, end in clock.intervals:
        if stopped_at is not None and stopped_at < begin:
            yield stopped_at, begin
        stopped_at = end


def _postponed(calendar: Calendar, moment: datetime, pauses: Iterable[_Closed]) -> datetime:
    """A moment counted in working time, moved by the working time of each pause that begins before it."""
    for start, end in pauses:
        if start >= moment:
            break
        moment = hours.advance(calendar, moment, hours.worked(calendar, start, end))
    return moment
