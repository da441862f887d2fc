"""Calendar invitations (RFC 5545) as a person reads them: what, when, where, and who asks."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST = 256 * 1024  # characters that are looked at
_MOST = 10  # entries that are shown
_LONGEST_VALUE = 2_000
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,40})((?:;[^:;\"\r\n]{1,200}(?:\"[^\"\r\n]{0,300}\")?){0,20}):([^\r\n]*)")
_ZONE = re.compile(r"(?i);TZID=\"?([^;:\"]{1,60})")
_NAME = re.compile(r"(?i);CN=(?:\"([^\"]{1,200})\"|([^;:\"]{1,200}))")
_ANSWER = re.compile(r"(?i);PARTSTAT=([A-Z-]{1,20})")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d{0,2}(Z?))?")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_ENTRIES = ("VEVENT", "VTODO")


class _Field(NamedTuple):
    name: str
    parameters: str
    value: str


def readable(source: str) -> str:
    """The entries of a calendar in words, "" when it holds none."""
    fields = [_Field(m[1].upper(), m[2], m[3].strip()) for m in _LINE.finditer(_FOLD.sub("", source[:_LONGEST]))]
    method = next((field.value.lower() for field in fields if field.name == "METHOD"), "")
    entries = ["\n".join(_shown(entry, method)) for entry in _entries(fields)]
    entries = [entry for entry in entries if entry]
    title = f"---------- Calendar{f': {method[:20]}' if method else ''} ----------"
    return "\n\n".join((f"{title}\n{entries[0]}", *entries[1:])) if entries else ""


def _entries(fields: list[_Field]) -> Iterator[list[_Field]]:
    """The fields of each event or task, without those of its alarms."""
    entry: list[_Field] | None = None
    inner = found = 0
    for field in fields:
        if field.name == "BEGIN" and entry is None:
            entry = [] if field.value.upper() in _ENTRIES else None
        elif field.name == "BEGIN":
            inner += 1
        elif field.name == "END" and inner:
            inner -= 1
        elif field.name == "END" and entry is not None:
            yield entry
            found += 1
            if found == _MOST:
                return
            entry = None
        elif entry is not None and not inner:
            entry.append(field)


def _shown(entry: list[_Field], method: str) -> Iterator[str]:
    first = {field.name: field for field in reversed(entry)}
    for name, label in (("SUMMARY", "Summary"), ("DTSTART", "Start"), ("DTEND", "End"), ("DUE", "Due")):
        if field := first.get(name):
            value = _plain(field.value) if name == "SUMMARY" else _time(field)
            yield f"{label}: {value}"
    for name, label in (("DURATION", "Duration"), ("RRULE", "Repeats"), ("LOCATION", "Place"), ("STATUS", "Status")):
        if (field := first.get(name)) and field.value:
            yield f"{label}: {_plain(field.value)}"
    if organizer := first.get("ORGANIZER"):
        yield f"Organizer: {_person(organizer)}"
    if method == "reply":
        yield from (
            f"Answer: {_person(field)}: {answer[1].lower()}"
            for field in entry
            if field.name == "ATTENDEE" and (answer := _ANSWER.search(field.parameters))
        )
    if (field := first.get("DESCRIPTION")) and field.value:
        yield _plain(field.value)


def _plain(value: str) -> str:
    text = _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value[:_LONGEST_VALUE])
    return text.strip()


def _time(field: _Field) -> str:
    found = _TIME.match(field.value)
    if found is None:
        return field.value[:100]
    year, month, day, hour, minute, universal = found.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    zone = _ZONE.search(field.parameters)
    where = "UTC" if universal else zone[1] if zone else ""
    return f"{year}-{month}-{day} {hour}:{minute} {where}".rstrip()


def _person(field: _Field) -> str:
    name = _NAME.search(field.parameters)
    address = field.value.partition(":")[2] if field.value.lower().startswith("mailto:") else field.value
    shown = (name[1] or name[2]).strip() if name else ""
    return f"{shown} <{address[:200]}>" if shown and shown != address else address[:200]
