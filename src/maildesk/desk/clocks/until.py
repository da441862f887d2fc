"""Until when a ticket is pending: a date or a length of business time, in front of the reason."""

import re
from datetime import datetime, timedelta

from maildesk.desk.clocks import dates, hours, lengths
from maildesk.desk.clocks.hours import Calendar

_UNTIL = re.compile(r"^(?:until|till|to|直到|到|至)(?![a-z])[\s:：]*", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
# What begins like a time and was not read as one: taken for a reason, the ticket would wait for ever.
_LIKE_A_TIME = re.compile(
    r"(?:今[天日晚早]|明[天日晚早]|大?后天|[上下本这]个?[周月年]|[周月年][底末初中]|[上下]午|周[一二三四五六日天]"
    r"|[一二两三四五六七八九十半几\d]+个?(?:天|小时|周|月|年|号|日)"
    r"|(?:end of|next|this) (?:the |this |next )?(?:day|week|month|year|morning|afternoon|evening)(?![a-z])"
    r"|(?:eod|\d{1,2}(?:st|nd|rd|th)|\d{1,2}\.\d{1,2}\.?|(?:an?|one|\d+) (?:month|year)s?)(?![\w.]))",
    re.IGNORECASE,
)
_FARTHEST = timedelta(days=366)  # beyond it somebody has mistyped
_BETWEEN = " \t\u3000,，;；、"


class UnreadableError(ValueError):
    """An end that cannot be read or is not ahead, in plain words of both languages."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese


def read(argument: str, calendar: Calendar, zone: str, at: datetime) -> tuple[datetime | None, str]:
    """The end that an argument begins with, None without one, and the rest: the reason.

    Durations are business time of the calendar from `at` on, a day begins at midnight in the zone. Raises
    UnreadableError for an end that cannot be read, or that is not ahead.
    """
    bare = _UNTIL.sub("", argument)
    try:
        found = _length(bare, calendar, at) or _date(bare, zone, at)
    except OverflowError:
        raise UnreadableError(f"{bare} lies too far ahead", f"{bare} 太远了") from None
    if found is None:
        if bare != argument or _LIKE_A_TIME.match(bare):
            raise UnreadableError(
                f"{bare or 'nothing'} is no date (2026-10-08, tomorrow 9am, Friday 14:00) and no duration (4h, 2d)",
                f"{bare or '（空）'} 既不是日期（2026-10-08、明天上午9点、周五 14:00），也不是时长（4h、3天、2小时）",
            )
        return None, argument
    until, length = found
    if until <= at:
        raise UnreadableError(f"{bare[:length]} lies in the past", f"{bare[:length]} 已经过去了")
    if until > at + _FARTHEST:
        raise UnreadableError(f"{bare[:length]} lies too far ahead", f"{bare[:length]} 太远了")
    return until, bare[length:].strip(_BETWEEN)


def _date(bare: str, zone: str, at: datetime) -> tuple[datetime, int] | None:
    try:
        found = dates.read(bare, zone, at)
    except ValueError:
        written = bare.split()[0]
        raise UnreadableError(f"{written} is no date", f"{written} 不是日期") from None
    return (found.at, found.length) if found else None


def _length(bare: str, calendar: Calendar, at: datetime) -> tuple[datetime, int] | None:
    if _NUMBER.fullmatch(bare):
        raise UnreadableError(f"{bare} of what? Write a unit: 30m, 4h, 2d", f"{bare} 不是时长（例如 30m、4h、2d）")
    try:
        found = lengths.read(bare, calendar)
    except ValueError as error:
        raise UnreadableError(f"{bare}: {error}", f"{bare} 不是时长（例如 30m、4h、2d）") from None
    return (hours.add(calendar, at, found.duration), found.length) if found else None
