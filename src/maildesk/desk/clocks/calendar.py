"""Calendars, and the stretches of working time they give for a local day, in UTC.

A span of working time belongs to the local day on which it begins, also where it runs past midnight. It is one
unbroken stretch: it begins with the first and ends with the last moment at which clocks show its times. So an hour
that comes twice inside a span counts twice, and one that is skipped does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from maildesk.desk.clocks import localtime
from maildesk.desk.clocks.country import public_days

Span = tuple[int, int]  # minutes after local midnight; an end over 1440 runs past midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of business time: seconds, or whole business days (`2d`), never both."""

    seconds: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a team works. `always` is 24x7 and ignores the rest."""

    timezone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] = ((),) * 7  # Monday first
    always: bool = False
    country: str = ""  # ISO 3166 code whose public holidays (and make-up workdays) count
    subdivision: str = ""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()  # work although the week or the country says holiday


ALWAYS = Calendar(always=True)

DAY = timedelta(days=1)
HORIZON = 3660  # days searched for working time before giving up


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Unbroken working time, in UTC; `day` is the local day on which it begins."""

    day: date
    opens: datetime
    closes: datetime


def hours_of(calendar: Calendar, day: date) -> tuple[Span, ...]:
    """The spans of a local day. Raises ValueError for an unknown country.

    A make-up workday has the hours of the first working day of the week. The calendar's own days go before the
    country's, and work goes before rest.
    """
    public = public_days(calendar.country, calendar.subdivision, day.year) if calendar.country else None
    if day in calendar.workdays or (public and day in public.workdays and day not in calendar.holidays):
        return next(filter(None, calendar.week), ())
    if day in calendar.holidays or (public and day in public.holidays):
        return ()
    return calendar.week[day.weekday()]


def stretches(calendar: Calendar, day: date) -> tuple[Stretch, ...]:
    """The working time that begins on a local day, in order, without what the day before reaches into."""
    known = _known(calendar)
    found = known.get(day)
    if found is None:
        before = _unclipped(calendar, day - DAY)
        begin = before[-1].closes if before else datetime.min.replace(tzinfo=UTC)
        kept: list[Stretch] = []
        for stretch in _unclipped(calendar, day):
            opens = max(stretch.opens, begin)
            if opens < stretch.closes:
                kept.append(Stretch(day=day, opens=opens, closes=stretch.closes))
                begin = stretch.closes
        found = known[day] = tuple(kept)
    return found


def forward(calendar: Calendar, start: datetime) -> Iterator[Stretch]:
    """The stretches that close at `start` or later, in order. Raises OverflowError after ten years of nothing."""
    day = local_day(calendar, start) - DAY
    for _ in range(HORIZON):
        for stretch in stretches(calendar, day):
            if stretch.closes >= start:
                yield stretch
        day += DAY
    raise OverflowError("no working time within ten years")


def backward(calendar: Calendar, end: datetime) -> Iterator[Stretch]:
    """The stretches that open at `end` or earlier, the latest first. Raises OverflowError as `forward` does."""
    day = local_day(calendar, end)
    for _ in range(HORIZON):
        for stretch in reversed(stretches(calendar, day)):
            if stretch.opens <= end:
                yield stretch
        day -= DAY
    raise OverflowError("no working time within ten years")


def local_day(calendar: Calendar, at: datetime) -> date:
    """The date in the calendar's zone."""
    return at.astimezone(ZoneInfo(calendar.timezone)).date()


@lru_cache(maxsize=64)
def _known(calendar: Calendar) -> dict[date, tuple[Stretch, ...]]:
    """The days of a calendar that were worked out already; `stretches` adds to them."""
    return {}


def _unclipped(calendar: Calendar, day: date) -> list[Stretch]:
    zone = ZoneInfo(calendar.timezone)
    return [
        Stretch(
            day=day,
            opens=localtime.moment(zone, day, timedelta(minutes=start)),
            closes=localtime.moment(zone, day, timedelta(minutes=end), last=True),
        )
        for start, end in hours_of(calendar, day)
    ]
