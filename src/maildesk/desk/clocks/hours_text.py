"""Durations and the working week as an operator writes them."""

import re
import unicodedata
from collections.abc import Mapping

from maildesk.desk.clocks.calendar import Duration, Span

_DURATION = re.compile(r"(?:(\d{1,3})d|(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?)", re.ASCII)
_FORMS = "such as 30m, 4h, 1h30m or 2d"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*[-\u2013]\s*(\d{1,2}):(\d{2})", re.ASCII)
_MINUTES_A_DAY = 1440


def parse_duration(text: str) -> Duration:
    """`30m`, `4h`, `1h30m`, `90s` of working time, or `2d` business days. Raises ValueError in plain words."""
    bare = "".join(str(text).split()).lower()
    if bare.isascii() and bare.isdecimal() and len(bare) < 8:
        raise ValueError(f"{bare} of what? Write a unit, {bare}m for minutes or {bare}h for hours")
    match = _DURATION.fullmatch(bare)
    if match is None:
        mixed = "d" in bare and _DURATION.fullmatch(bare.partition("d")[2])
        why = "business days cannot be mixed with hours" if mixed else "not a duration"
        raise ValueError(f"{str(text)[:40]!r}: {why}; write a length of time {_FORMS}")
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups())
    if not any((days, hours, minutes, seconds)):
        raise ValueError(f"{bare}: a duration must be longer than nothing; write {_FORMS}")
    return Duration(days=days, seconds=hours * 3600 + minutes * 60 + seconds)


def format_duration(duration: Duration) -> str:
    """A duration as parse_duration reads it, in its shortest form."""
    if duration.days:
        return f"{duration.days}d"
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def parse_week(mapping: Mapping[str, object]) -> tuple[tuple[Span, ...], ...]:
    """The spans of the seven days, Monday first, from `{mon-fri: ["09:00-12:00"], "sat,sun": [...]}`.

    `22:00-06:00` runs past midnight, `24:00` is the end of a day. Raises ValueError in plain words, also for spans
    that overlap and for a day that is named twice.
    """
    week: list[tuple[Span, ...] | None] = [None] * 7
    for key, value in mapping.items():
        spans = tuple(sorted(_span(text) for text in (value if isinstance(value, list | tuple) else [value])))
        for day in _named(str(key)):
            if week[day] is not None:
                raise ValueError(f"{_WEEKDAYS[day]} is named twice, the second time by {key!r}")
            week[day] = spans
    whole = tuple(spans or () for spans in week)
    _refuse_overlap(whole)
    return whole


def _named(key: str) -> list[int]:
    """The weekdays behind `mon`, `mon-fri`, `sat,sun` or `mon-wed, fri`."""
    found: list[int] = []
    for part in key.lower().split(","):
        first, dash, last = part.partition("-")
        start, end = _weekday(first, key), _weekday(last if dash else first, key)
        found += [(start + step) % 7 for step in range((end - start) % 7 + 1)]
    return found


def _weekday(word: str, key: str) -> int:
    for number, name in enumerate(_WEEKDAYS):
        if word.strip() in (name, name[:3]):
            return number
    raise ValueError(f"{key!r} is no weekday; write mon, tue, wed, thu, fri, sat, sun, mon-fri or sat,sun")


def _span(text: object) -> Span:
    match = _TIMES.fullmatch(unicodedata.normalize("NFKC", text).strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f'{text!r} is no span of time; write it in quotes as "09:00-12:00"')
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or start >= _MINUTES_A_DAY or end > _MINUTES_A_DAY:
        raise ValueError(f'"{text}" has a time that no clock shows; times go from 00:00 to 24:00')
    if start == end:
        raise ValueError(f'"{text}" is empty; a whole day is "00:00-24:00"')
    return (start, end if end > start else end + _MINUTES_A_DAY)


def _refuse_overlap(week: tuple[tuple[Span, ...], ...]) -> None:
    """Compare each span with the one after it, the last of the week with the first."""
    flat = [(day * _MINUTES_A_DAY + s, day * _MINUTES_A_DAY + e, day) for day in range(7) for s, e in week[day]]
    for (start, end, day), (other, _, other_day) in zip(flat, flat[1:] + flat[:1], strict=True):
        begins = other if other > start else other + 7 * _MINUTES_A_DAY
        if end > begins:
            raise ValueError(f"the hours of {_WEEKDAYS[day]} overlap those of {_WEEKDAYS[other_day]}")
