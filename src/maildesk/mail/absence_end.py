"""The day that an out-of-office names: back on, or away until; in Chinese, English, German, French, Spanish."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from maildesk.mail.citation import any_of

_LONGEST = 2_000  # characters looked at
_NEAR = 40  # characters before and behind a date that tell what it is
_LONGEST_ABSENCE = timedelta(days=400)
_JUST_OVER = timedelta(days=7)  # an answer may still go out when its writer is back

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene",
            "february feb februar février fevrier févr fevr febrero",
            "march mar märz maerz mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug août aout agosto ago",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre déc decembre diciembre dic",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = f"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<y>20\d\d)\s?(?:[-/.]|年)\s?(?P<m>\d{1,2})\s?(?:[-/.]|月)\s?(?P<d>\d{1,2})(?!\d)(?:日|号|號)?",
        r"(?<!\d)(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?(?:日|号|號)",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s?(?:of |de )?{_MONTH}\b\.?(?:,? (?:del? )?(?P<y>20\d\d))?",
        rf"\b{_MONTH}\b\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<y>20\d\d))?",
        r"(?<!\d)(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>20\d\d|\d\d(?!\d))?",
        r"(?<!\d)(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>20\d\d)(?!\d)",
    )
)
_SLASHED = _FORMS[-1]
_DAY_FIRST = re.compile(
    r"\b(?:jusqu|retour|partir|hasta|regres|vuelt|vuelv|wieder|bis\b|(?:au|du|le|el|al|del)\s)", re.IGNORECASE
)

_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s){0,4}"
_BACK_BEFORE = re.compile(
    any_of(r"""
    (?:return|returning|back|resum\w*|again)(?: \w+){0,5}\s / \b(?:wieder|zurück)\b.{0,20}\s / \bab (?:dem )?
    (?:de )?retour(?: \w+){0,4}\s / (?:à partir|dès) (?:du |le ) / (?:a partir del|desde el)
    (?:regres|volver|vuelv|vuelt|reincorpor)\w*.{0,20}\s
    (?:返回|回来|回來|回到|返岗|上班|恢复|恢復).{0,8}(?:时间|時間|日期)?(?:[:：]|为|為|是|在|于|於)?\s?
""")
    + rf"{_WEEKDAY}$",
    re.IGNORECASE,
)
_BACK_BEHIND = re.compile(
    r"[^.。,，\n\d]{0,20}?(?:\bwieder\b|\bzurück\b|(?:返回|回来|回來|回到|返岗|上班|恢复|恢復|起(?:正常)?(?:办公|辦公|处理)))",
    re.IGNORECASE,
)
_UNTIL_BEFORE = re.compile(
    any_of(r"""
    (?:until|till|through|thru|to|bis|jusqu['’]au|hasta|au|al)(?: (?:and including|einschließlich|inkl\.|zum|el))*\s
    (?:直到|直至|到|至|截止)\s? / [-–—~～]\s?
""")
    + rf"{_WEEKDAY}$",
    re.IGNORECASE,
)


class _Named(NamedTuple):
    start: int
    end: int
    day: date


def read(text: str, sent: date | None) -> date | None:
    """The day the writer is back, else the day until which he is away, None when the text names neither.

    A day without a year is the next one after `sent`; one that cannot be is none.
    """
    text = text[:_LONGEST]
    until: date | None = None
    for named in sorted(_dates(text, sent)):
        before = text[max(0, named.start - _NEAR) : named.start]
        behind = text[named.end : named.end + _NEAR]
        if _BACK_BEFORE.search(before) or (not _UNTIL_BEFORE.search(before) and _BACK_BEHIND.match(behind)):
            return named.day
        if until is None and _UNTIL_BEFORE.search(before):
            until = named.day
    return until


def _dates(text: str, sent: date | None) -> Iterator[_Named]:
    taken: set[int] = set()
    for form in _FORMS:
        for found in form.finditer(text):
            if found.start() in taken or found.end() in taken:
                continue
            taken.update(range(found.start(), found.end() + 1))
            near = text[max(0, found.start() - _NEAR) : found.start()]
            day = _day(found, sent, day_first=form is not _SLASHED or _DAY_FIRST.search(near) is not None)
            if day is not None:
                yield _Named(found.start(), found.end(), day)


def _day(found: re.Match[str], sent: date | None, *, day_first: bool) -> date | None:
    """The day, None when there is no such day, or when it is not clear which one is meant."""
    parts = found.groupdict()
    day = int(parts["d"])
    month = _MONTHS[parts["month"].lower()] if "month" in parts else int(parts["m"])
    if not day_first and day <= 12:
        if month <= 12 and month != day:
            return None  # 05/06/2024 is in May or in June
        day, month = month, day
    with suppress(ValueError, OverflowError):
        if parts.get("y"):
            year = int(parts["y"])
            full = date(year + 2000 if year < 100 else year, month, day)
            return full if sent is None or sent - _JUST_OVER <= full <= sent + _LONGEST_ABSENCE else None
        if sent is not None:
            this = date(sent.year, month, day)
            return this if this >= sent - _JUST_OVER else date(sent.year + 1, month, day)
    return None
