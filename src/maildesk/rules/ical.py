"""Days off from an iCal file (RFC 5545): each all-day event is a holiday, or a make-up workday that says so.

Strict: what it cannot read for certain is an error with its line, never a day that is silently missing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

_LINE = re.compile(r"([A-Za-z-]+)((?:;[^:;=]+=(?:\"[^\"]*\"|[^:;]*))*):(.*)")
_YEARLY = re.compile(
    r"(?:(?:FREQ=YEARLY|INTERVAL=1|COUNT=\d{1,3}|UNTIL=\d{8}(?:T\d{6}Z?)?|BY(?:MONTH|MONTHDAY)=\d+);?)+"
)
_WORKED = re.compile(r"补班|调休上班|[(（]班[)）]|make-?up work", re.IGNORECASE)
_MOST_YEARS = 60
_LONGEST = 60  # days of one holiday
_DAY = timedelta(days=1)


class IcalError(ValueError):
    """What is wrong, and in which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """What a file holds."""

    holidays: frozenset[date]
    workdays: frozenset[date]


@dataclass(slots=True)
class _Event:
    line: int
    values: dict[str, tuple[int, str]] = field(default_factory=dict)


def read(text: str) -> Days:
    """The days of an iCal file. Raises IcalError."""
    holidays: set[date] = set()
    workdays: set[date] = set()
    for event in _events(text):
        if event.values.get("STATUS", (0, ""))[1].upper() == "CANCELLED":
            continue
        summary = event.values.get("SUMMARY", (0, ""))[1]
        special = event.values.get("X-APPLE-SPECIAL-DAY", (0, ""))[1]
        into = workdays if special == "ALTERNATE-WORKDAY" or _WORKED.search(summary) else holidays
        into.update(_days(event))
    return Days(holidays=frozenset(holidays - workdays), workdays=frozenset(workdays))


def _events(text: str) -> Iterator[_Event]:
    lines = list(_unfolded(text))
    if not lines or lines[0][1].strip().upper() != "BEGIN:VCALENDAR":
        raise IcalError(1, "is no iCal file: it does not begin with BEGIN:VCALENDAR")
    event: _Event | None = None
    inside: list[str] = []  # an alarm within an event has lines of its own
    for number, line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise IcalError(number, f"is no line of iCal: {line[:40]}")
        name, value = match[1].upper(), match[3].strip()
        if name == "BEGIN":
            inside.append(value.upper())
            event = _Event(number) if inside[-1] == "VEVENT" else event
        elif name == "END":
            if not inside or inside.pop() != value.upper():
                raise IcalError(number, f"END:{value} ends nothing")
            if value.upper() == "VEVENT" and event is not None:
                yield event
                event = None
        elif event is not None and inside[-1] == "VEVENT":
            event.values.setdefault(name, (number, value))
    if inside:
        raise IcalError(lines[-1][0], f"ends within {inside[-1]}")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines with their numbers: one that begins with a blank goes on from the line before."""
    whole, begun = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t"):
            whole += line[1:]
            continue
        if whole.strip():
            yield begun, whole
        whole, begun = line, number
    if whole.strip():
        yield begun, whole


def _days(event: _Event) -> Iterator[date]:
    if "DTSTART" not in event.values:
        raise IcalError(event.line, "an event without DTSTART")
    first = _date(event.values["DTSTART"])
    end = _date(event.values["DTEND"]) if "DTEND" in event.values else first + _DAY
    length = max(1, (end - first).days)
    if length > _LONGEST:
        raise IcalError(event.line, f"a holiday of {length} days")
    for begin in _repeated(first, event.values.get("RRULE")):
        for number in range(length):
            yield begin + number * _DAY


def _date(value: tuple[int, str]) -> date:
    line, text = value
    match = re.fullmatch(r"(\d{8})(?:T(\d{6})Z?)?", text, re.ASCII)
    try:
        if match is None or match[2] not in (None, "000000"):
            raise ValueError
        return datetime.strptime(match[1], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        raise IcalError(line, f"{text[:40]} is no whole day such as 20261001") from None


def _repeated(first: date, rule: tuple[int, str] | None) -> Iterator[date]:
    """The first days of an event, which may come back each year on the same date."""
    if rule is None:
        yield first
        return
    line, text = rule
    parts = dict(part.partition("=")[::2] for part in text.upper().rstrip(";").split(";"))
    same = {"BYMONTH": first.month, "BYMONTHDAY": first.day}
    if (
        not _YEARLY.fullmatch(text.upper())
        or parts.get("FREQ") != "YEARLY"
        or any(int(parts.get(key, own)) != own for key, own in same.items())
    ):
        raise IcalError(line, f"RRULE:{text[:60]} cannot be read: only the same date each year; write the days instead")
    until = parts.get("UNTIL", "99991231")[:8]
    left = int(parts.get("COUNT", _MOST_YEARS))
    for year in range(first.year, first.year + _MOST_YEARS):
        try:
            day = first.replace(year=year)
        except ValueError:  # 29 February
            continue
        if left <= 0 or f"{day:%Y%m%d}" > until:
            return
        left -= 1
        yield day
