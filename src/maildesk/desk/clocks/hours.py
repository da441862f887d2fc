"""Business time: exact arithmetic on calendars, in UTC. The one door to calendars and durations."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from maildesk.desk.clocks import localtime
from maildesk.desk.clocks.calendar import (
    ALWAYS,
    DAY,
    HORIZON,
    Calendar,
    Duration,
    Span,
    backward,
    forward,
    hours_of,
    local_day,
    stretches,
)
from maildesk.desk.clocks.country import public_days
from maildesk.desk.clocks.hours_text import format_duration, parse_duration, parse_week

__all__ = [
    "ALWAYS",
    "Calendar",
    "Duration",
    "Span",
    "add",
    "advance",
    "back",
    "between",
    "format_duration",
    "has_time",
    "is_open",
    "known_year",
    "next_open",
    "parse_duration",
    "parse_week",
    "spans_of",
    "worked",
    "working_day",
]


def has_time(calendar: Calendar) -> bool:
    """Whether the calendar has any working time at all: without, no deadline exists."""
    return calendar.always or any(calendar.week)


def known_year(calendar: Calendar, year: int) -> bool:
    """Whether the holidays of a year are announced. If not, they are a guess, worth a warning.

    Raises ValueError for an unknown country.
    """
    if calendar.always or not calendar.country:
        return True
    return public_days(calendar.country, calendar.subdivision, year).announced


def working_day(calendar: Calendar, day: date) -> bool:
    """Whether working time begins on this local day. Raises ValueError for an unknown country."""
    return calendar.always or bool(hours_of(calendar, day))


def spans_of(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The hours of a local day, in minutes after its midnight. Raises ValueError for an unknown country."""
    return ((0, 1440),) if calendar.always else hours_of(calendar, day)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Whether `at` is working time: the moment of opening is, that of closing is not."""
    return bool(worked(calendar, at, at + timedelta.resolution))


def next_open(calendar: Calendar, at: datetime) -> datetime:
    """`at` in UTC when it is working time, else the next opening. Raises OverflowError when none is in ten years."""
    begin = at.astimezone(UTC)
    if calendar.always:
        return begin
    return next(max(stretch.opens, begin) for stretch in forward(calendar, begin) if stretch.closes > begin)


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The working time between two moments, exactly; none when `end` is not after `start`."""
    begin, finish = start.astimezone(UTC), end.astimezone(UTC)
    if finish <= begin:
        return timedelta()
    return finish - begin if calendar.always else _open_between(calendar, begin, finish)


@lru_cache(maxsize=4096)  # as for _deadline
def _open_between(calendar: Calendar, begin: datetime, finish: datetime) -> timedelta:
    total = timedelta()
    day, last = local_day(calendar, begin) - DAY, local_day(calendar, finish)
    while day <= last:
        for stretch in stretches(calendar, day):
            if stretch.closes > begin and stretch.opens < finish:
                total += min(stretch.closes, finish) - max(stretch.opens, begin)
        day += DAY
    return total


def between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """The whole seconds of working time between two moments; 0 when `end` is not after `start`."""
    return worked(calendar, start, end) // timedelta(seconds=1)


def advance(calendar: Calendar, start: datetime, work: timedelta) -> datetime:
    """The moment, in UTC, at which `work` is done that begins at `start`, or at the next opening after it.

    Work that fills a day ends at the closing. Raises OverflowError when that is more than ten years away.
    """
    begin = start.astimezone(UTC)
    if calendar.always:
        return begin + work
    for stretch in forward(calendar, begin):
        begin = max(begin, stretch.opens)
        if work <= stretch.closes - begin:
            return begin + work
        work -= stretch.closes - begin
    raise AssertionError("forward ends by OverflowError only")


def add(calendar: Calendar, start: datetime, duration: Duration) -> datetime:
    """The deadline, in UTC, of a duration that begins at `start`; outside working time at the next opening.

    Seconds are working time. Days are business days as people mean them: 2d is the same time of day two working days
    on. Where that day is closed by then, it is the closing before; where it opens later, its opening.
    Raises OverflowError when the deadline is more than ten years away.
    """
    return _deadline(calendar, start.astimezone(UTC), duration)


@lru_cache(maxsize=4096)  # one mail asks for each deadline several times; in UTC two equal moments are one
def _deadline(calendar: Calendar, start: datetime, duration: Duration) -> datetime:
    if calendar.always or not duration.days:
        return advance(calendar, start, timedelta(days=duration.days, seconds=duration.seconds))
    stretch = next(forward(calendar, start))
    begin = max(stretch.opens, start)
    target = _working_days_from(calendar, stretch.day, duration.days, DAY)
    wanted = _same_time(calendar, begin, stretch.day, target)
    reached = [min(s.closes, wanted) for s in stretches(calendar, target) if s.opens <= wanted]
    return reached[-1] if reached else stretches(calendar, target)[0].opens


def back(calendar: Calendar, end: datetime, duration: Duration) -> datetime:
    """The latest moment, in UTC, at which a duration must begin to be over by `end`: the mirror image of `add`.

    From outside working time it counts from the last closing. Raises OverflowError beyond ten years.
    """
    finish = end.astimezone(UTC)
    if calendar.always:
        return finish - timedelta(days=duration.days, seconds=duration.seconds)
    if duration.days:
        return _days_back(calendar, finish, duration.days)
    work = timedelta(seconds=duration.seconds)
    for stretch in backward(calendar, finish):
        finish = min(finish, stretch.closes)
        if work <= finish - stretch.opens:
            return finish - work
        work -= finish - stretch.opens
    raise AssertionError("backward ends by OverflowError only")


def _days_back(calendar: Calendar, end: datetime, days: int) -> datetime:
    stretch = next(backward(calendar, end))
    target = _working_days_from(calendar, stretch.day, days, -DAY)
    wanted = _same_time(calendar, min(stretch.closes, end), stretch.day, target)
    reached = [max(s.opens, wanted) for s in stretches(calendar, target) if s.closes >= wanted]
    return reached[0] if reached else stretches(calendar, target)[-1].closes


def _same_time(calendar: Calendar, at: datetime, day: date, target: date) -> datetime:
    """The time that clocks show at `at`, in the working day `day`, moved to the working day `target`."""
    zone = ZoneInfo(calendar.timezone)
    return localtime.moment(zone, target, localtime.wall_time(zone, at, day))


def _working_days_from(calendar: Calendar, day: date, count: int, step: timedelta) -> date:
    for _ in range(HORIZON):
        day += step
        count -= bool(stretches(calendar, day))
        if not count:
            return day
    raise OverflowError("no such working day within ten years")
