"""Until when a ticket is pending: a date or a length of business time, in front of the reason."""

import re
from datetime import datetime, timedelta

from maildesk.desk import dates, hours
from maildesk.desk.hours import Calendar

_UNTIL = re.compile(r"^(?:until|till|to|直到|到|至)(?![a-z])[\s:：]*", re.IGNORECASE)
_LENGTH = re.compile(r"^(\d[\da-z]*)(?=$|[\s,，;；])", re.IGNORECASE | re.ASCII)
_CHINESE = re.compile(r"^(\d+)\s?(?:(天|日|个?工作日)|(个?小时)|(分钟?))")
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
        if bare != argument:
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
    match = _LENGTH.match(bare)
    written = match[1] if match else ""
    if chinese := _CHINESE.match(bare):
        match, written = chinese, chinese[1] + ("d" if chinese[2] else "h" if chinese[3] else "m")
    if match is None:
        return None
    try:
        duration = hours.parse_duration(written)
    except ValueError as error:
        if written == bare:
            raise UnreadableError(str(error), f"{bare} 不是时长（例如 30m、4h、2d）") from None
        return None  # "3 parts are missing" is a reason
    return hours.add(calendar, at, duration), match.end()
