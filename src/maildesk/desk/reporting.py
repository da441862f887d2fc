"""Which reports go to whom and when: a part of the policy, and the periods that they are about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Name = Literal["daily", "weekly", "monthly"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report that goes out by itself."""

    name: Name
    at: time
    day: int = 0  # weekly: 0 is Monday; monthly: of the month
    to: tuple[str, ...] = ("owner",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` up to `end`, which is no part of it."""

    start: datetime
    end: datetime

    @property
    def before(self) -> "Period":
        """The period of the same length, or the month, before it."""
        if _is_month(self):
            return Period(start=_months(self.start, -1), end=self.start)
        length = self.end.replace(tzinfo=None) - self.start.replace(tzinfo=None)
        return Period(start=self.start - length, end=self.start)

    def has(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it."""
        return moment is not None and self.start <= moment < self.end


def _midnight(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _months(first: datetime, count: int) -> datetime:
    month = first.year * 12 + first.month - 1 + count
    return first.replace(year=month // 12, month=month % 12 + 1)


def _is_month(period: Period) -> bool:
    return period.start.day == 1 and period.start == _midnight(period.start) and period.end == _months(period.start, 1)


def period(name: Name, now: datetime, zone: str) -> Period:
    """The last whole day, week or month before a moment, by the clock of a zone."""
    today = _midnight(now.astimezone(ZoneInfo(zone)))
    if name == "daily":
        return Period(start=today - timedelta(days=1), end=today)
    if name == "weekly":
        end = today - timedelta(days=today.weekday())
        return Period(start=end - timedelta(days=7), end=end)
    end = today.replace(day=1)
    return Period(start=_months(end, -1), end=end)


def between(first: date, last: date, zone: str) -> Period:
    """From the beginning of a day to the end of another."""
    where = ZoneInfo(zone)
    return Period(
        start=datetime.combine(first, time(), tzinfo=where),
        end=datetime.combine(last + timedelta(days=1), time(), tzinfo=where),
    )


def due(report: Report, now: datetime, zone: str) -> datetime:
    """The latest moment up to now at which a report is to go out."""
    where = ZoneInfo(zone)
    today = now.astimezone(where).date()
    days = (today - timedelta(days=back) for back in range(63))
    moments = (datetime.combine(day, report.at, tzinfo=where) for day in days if _falls(report, day))
    return next(moment for moment in moments if moment <= now)


def _falls(report: Report, day: date) -> bool:
    if report.name == "weekly":
        return day.weekday() == report.day
    return report.name == "daily" or day.day == report.day
