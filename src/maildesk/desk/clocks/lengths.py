"""Lengths of working time as people write them: 2h, 1h30m, half a day, 2小时, 两个半小时, 半天, 三天后, 1周."""

import re
from dataclasses import dataclass

from maildesk.desk.clocks.hours import Calendar, Duration

_B = r"[ \t\u3000\xa0]*"
_DIGITS = "一二三四五六七八九"
_ENGLISH = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), start=1)}
_COUNT = rf"\d{{1,7}}(?:\.\d)?|[{_DIGITS}两十半]{{1,3}}|(?:half\s+an?|an?|{'|'.join(_ENGLISH)})(?=\s)"
_UNITS = {
    "m": r"分钟?|(?:minutes?|mins?|m)(?![a-z])",
    "h": r"小时|小時|钟头|鐘頭|(?:hours?|hrs?|h)(?![a-z])",
    "d": r"个?工作日|天|(?:(?:business|working)\s+)?(?:days?|d)(?![a-z])",
    "w": r"周|週|星期|礼拜|禮拜|(?:weeks?|w)(?![a-z])",
}
_UNIT = "|".join(f"(?P<{key}>{words})" for key, words in _UNITS.items())
_PIECE = re.compile(rf"(?P<count>{_COUNT}){_B}[个個]?(?P<more>半)?{_B}(?:{_UNIT})(?P<half>半)?{_B}", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:in|for|再过|再|过){_B}", re.IGNORECASE)
_BEHIND = re.compile(r"(?:之后|以后|后|之内|以内|内|later|from now)(?![a-z])", re.IGNORECASE)
_OF = {"m": 60, "h": 3600}
_DAY = 8 * 3600  # of working time, for the halves of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length, and how many characters it was written with."""

    duration: Duration
    length: int


def read(text: str, calendar: Calendar) -> Length | None:
    """The length that a text begins with, None without one; a week has as many days as the calendar opens in one.

    Raises ValueError for one of nothing, or of days and hours together.
    """
    before = _BEFORE.match(text)
    start = before.end() if before else 0
    place, days, seconds = start, 0.0, 0.0
    while piece := _PIECE.match(text, place):
        count = _number(piece["count"]) + (0.5 if piece["more"] or piece["half"] else 0)
        unit = next(key for key in _UNITS if piece[key])
        if unit in _OF:
            seconds += count * _OF[unit]
        else:
            days += count * (_days_in_week(calendar) if unit == "w" else 1)
        place = piece.end()
    if place == start:
        return None
    whole, rest = divmod(days, 1)
    seconds += rest * _DAY
    if whole and seconds:
        raise ValueError("days and hours together: write one of them")
    if not whole and not seconds:
        raise ValueError("a duration must be longer than nothing")
    behind = _BEHIND.match(text, place)
    end = behind.end() if behind else len(text[:place].rstrip(" \t\u3000\xa0"))
    return Length(duration=Duration(days=int(whole), seconds=round(seconds)), length=end)


def _days_in_week(calendar: Calendar) -> int:
    return 7 if calendar.always else sum(map(bool, calendar.week))


def _number(written: str) -> float:
    """A count in digits, or in the words of either language up to 99."""
    folded = " ".join(written.casefold().split())
    if folded[0].isdigit():
        return float(folded)
    if folded.startswith("half") or folded == "半":
        return 0.5
    if folded.isascii():
        return _ENGLISH.get(folded, 1)
    half = folded.endswith("半")
    tens, ten, ones = folded.rstrip("半").replace("两", "二").rpartition("十")
    value = (_digit(tens) if tens else 1) * 10 if ten else 0
    return value + (_digit(ones) if ones else 0) + (0.5 if half else 0)


def _digit(written: str) -> int:
    if len(written) != 1 or written not in _DIGITS:
        raise ValueError(f"{written} is no number")
    return _DIGITS.index(written) + 1
