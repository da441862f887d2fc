"""The clocks of a ticket: what each target asks, where it stands, and when a rung of a ladder is reached.

Everything is computed from the ticket and the policy of the moment, so that a changed priority, calendar or target
counts from the opening and keeps every pause.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import Calendar, Duration
from maildesk.desk.clocks.reasons import waits_for
from maildesk.desk.model import ClockKind, Pause, Ticket
from maildesk.desk.policy import Policy, Rung, Target

ClockState = Literal["running", "paused", "breached", "met", "missed"]
Interval = tuple[datetime, datetime | None]
_Closed = tuple[datetime, datetime]
NOTHING = Duration()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One target of a ticket. It is breached from `due_at` on; stopped by then it is met, later missed."""

    kind: ClockKind
    target: Duration
    calendar: str  # key of the policy's calendars
    ladder: str = ""  # key of the policy's ladders
    extended: timedelta = timedelta()  # working time that it got besides its target
    state: ClockState
    started_at: datetime
    due_at: datetime  # of a paused clock: as if it ran again from now on
    stopped_at: datetime | None
    elapsed_seconds: int  # working time without the pauses
    intervals: tuple[Interval, ...]  # when it ran; the end None is now


def clocks(ticket: Ticket, policy: Policy, now: datetime) -> tuple[Clock, ...]:
    """The clocks of a ticket: response, resolution, and where the policy has them update and ola. A held one has none,
    nor has one that is part of a major incident.

    Response stops at the first answer of the staff, resolution at the resolution; resolved without an answer, the
    response clock is paused. Update runs from each answer to the next, ola from the dispatch to a group. Raises
    OverflowError where the calendar has not enough time in ten years.
    """
    if ticket.held or ticket.attached:
        return ()
    return tuple(_clock(course, policy, now) for course in _courses(ticket, policy))


def target_of(ticket: Ticket, policy: Policy) -> Target | None:
    """The target that counts for a ticket: one that a rule named, else the special one that names the most of it.

    Without either it is that of its priority.
    """
    if ticket.sla in policy.named_targets:
        return policy.named_targets[ticket.sla]
    known = {"service": ticket.service, "group": ticket.group, "mailbox": ticket.mailbox}
    for special in policy.specials:
        if special.priority == ticket.priority and all(known[key] == value for key, value in special.only.items()):
            return special.target
    return policy.sla.get(ticket.priority)


def due(ticket: Ticket, policy: Policy, kind: ClockKind, now: datetime) -> datetime | None:
    """When a target of the ticket is due or was; None where it has no such clock."""
    return next((clock.due_at for clock in clocks(ticket, policy, now) if clock.kind == kind), None)


def reached_at(clock: Clock, rung: Rung, policy: Policy) -> datetime:
    """When a running clock reaches a rung: its share of the time it has, and the working time after or before it.

    Pauses are left out. A target in business days is shared out by the working time it spans. Raises OverflowError
    as `clocks` does.
    """
    calendar = policy.calendars[clock.calendar]
    whole = _end(calendar, clock.started_at, clock.target, clock.extended)
    length = hours.worked(calendar, clock.started_at, whole)
    if rung.before != NOTHING:
        moment = max(clock.started_at, hours.back(calendar, whole, rung.before))
    elif rung.share < 1:
        moment = hours.advance(calendar, clock.started_at, length * rung.share)
    else:
        moment = hours.advance(calendar, whole, length * (rung.share - 1))
    return _postponed(calendar, hours.add(calendar, moment, rung.after), _gaps(clock))


def ticks(clock: Clock) -> bool:
    """Whether the clock runs now, in time or breached."""
    return bool(clock.intervals) and clock.intervals[-1][1] is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """What a clock is asked: from when, for how long, and what stops it."""

    kind: ClockKind
    calendar: str
    ladder: str
    length: Duration
    start: datetime
    stopped: datetime | None
    pauses: tuple[Pause, ...]
    extended: timedelta = timedelta()


def _courses(ticket: Ticket, policy: Policy) -> Iterator[_Course]:
    target, ola = target_of(ticket, policy), policy.olas.get(ticket.group)
    done = ticket.resolved_at or ticket.closed_at
    if target is not None:
        yield _Course(
            kind="response",
            calendar=target.calendar,
            ladder=target.ladder_of("response"),
            length=target.response,
            start=ticket.opened_at,
            stopped=ticket.responded_at,
            pauses=(*ticket.pauses, Pause(start=done)) if done else ticket.pauses,
        )
        yield _Course(
            kind="resolution",
            calendar=target.calendar,
            ladder=target.ladder_of("resolution"),
            length=target.resolution,
            start=ticket.opened_at,
            stopped=done,
            pauses=ticket.pauses,
            extended=timedelta(seconds=ticket.extended),
        )
        if target.update is not None and ticket.updated_at is not None and done is None:
            yield _Course(
                kind="update",
                calendar=target.calendar,
                ladder=target.ladder_of("update"),
                length=target.update,
                start=ticket.updated_at,
                stopped=None,
                pauses=ticket.pauses,
            )
    if ticket.vendor in policy.olas and ticket.vendor_asked_at is not None:
        asked = policy.olas[ticket.vendor]
        yield _Course(
            kind="vendor",
            calendar=asked.calendar,
            ladder=asked.ladder,
            length=asked.time_of(ticket.priority),
            start=ticket.vendor_asked_at,
            stopped=ticket.vendor_answered_at or done,
            pauses=(),  # while he is waited for, his own clock runs on
        )
    if ola is not None and ticket.grouped_at is not None:
        group = policy.groups.get(ticket.group)
        vendor = group is not None and group.level == "vendor"
        yield _Course(
            kind="ola",
            calendar=ola.calendar,
            ladder=ola.ladder,
            length=ola.time_of(ticket.priority),
            start=ticket.grouped_at,
            stopped=done,
            # While the vendor is waited for, his own clock runs on.
            pauses=tuple(pause for pause in ticket.pauses if not (vendor and waits_for(pause.why) == "vendor")),
        )


def _end(calendar: Calendar, start: datetime, length: Duration, extended: timedelta) -> datetime:
    """When the time of a clock is used up that never pauses."""
    end = hours.add(calendar, start, length)
    return hours.advance(calendar, end, extended) if extended else end


def _clock(course: _Course, policy: Policy, now: datetime) -> Clock:
    calendar, start, stopped = policy.calendars[course.calendar], course.start, course.stopped
    until = max(start, stopped or now)
    stood = _merged(course.pauses, start, until)
    due_at = _due(calendar, course, stood)
    paused = stopped is None and any(pause.end is None for pause in course.pauses)
    paused_since = (stood[-1][0] if stood and stood[-1][1] == until else until) if paused else None
    ran = _remaining(stood, start, until)
    elapsed = sum((hours.worked(calendar, begin, end) for begin, end in ran), timedelta())
    last: tuple[Interval, ...] = ((ran[-1][0], None),) if stopped is None and not paused else ran[-1:]
    return Clock(
        kind=course.kind,
        target=course.length,
        calendar=course.calendar,
        ladder=course.ladder,
        extended=course.extended,
        state=_state(due_at, stopped, paused_since, until),
        started_at=start,
        due_at=due_at,
        stopped_at=stopped,
        elapsed_seconds=elapsed // timedelta(seconds=1),
        intervals=tuple((begin, end) for begin, end in (*ran[:-1], *last) if begin != end),
    )


def _due(calendar: Calendar, course: _Course, stood: tuple[_Closed, ...]) -> datetime:
    """When the time of a clock is used up. No time at all is used up at the first moment that it could run."""
    moment = _end(calendar, course.start, course.length, course.extended)
    if course.length != NOTHING or course.extended:
        return _postponed(calendar, moment, stood)
    for begin, end in stood:
        if begin <= moment < end:
            moment = hours.add(calendar, end, NOTHING)
    return moment


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
