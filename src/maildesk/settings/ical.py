"""The iCal files that calendars name: read and put beside the days that are written out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from maildesk.errors import ConfigError, Located, Problem
from maildesk.rules import ical
from maildesk.settings.files import text_of

LARGEST = 1 << 20  # bytes of one file


def resolved(document: Located, problems: list[Problem]) -> Located:
    """A rule file with the days of its iCal files under `add` and `workdays`. What is wrong goes into `problems`."""
    sections = document.value
    calendars = sections.get("calendars") if isinstance(sections, dict) else None
    if calendars is None or not isinstance(calendars.value, dict):
        return document
    found = {name: _calendar(entry, problems) for name, entry in calendars.value.items()}
    return replace(document, value={**sections, "calendars": replace(calendars, value=found)})


def _calendar(entry: Located, problems: list[Problem]) -> Located:
    holidays = entry.value.get("holidays") if isinstance(entry.value, dict) else None
    if holidays is None or not isinstance(holidays.value, dict) or "ical" not in holidays.value:
        return entry
    days: dict[str, list[Located]] = {key: list(_listed(holidays.value.get(key))) for key in ("add", "workdays")}
    own = {located.value for listed in days.values() for located in listed}
    for name in _listed(holidays.value["ical"]):
        read = _read(name, problems)
        for key, fresh in (("add", read.holidays), ("workdays", read.workdays)) if read else ():
            # A day that is written out by hand goes before the file's.
            days[key] += [replace(name, value=day.isoformat()) for day in sorted(fresh) if day.isoformat() not in own]
    both = {located.value for located in days["workdays"]}
    days["add"] = [located for located in days["add"] if located.value in own or located.value not in both]
    filled = {key: replace(holidays, value=listed) for key, listed in days.items() if listed}
    return replace(entry, value={**entry.value, "holidays": replace(holidays, value={**holidays.value, **filled})})


def _listed(located: Located | None) -> Iterator[Located]:
    if located is not None:
        yield from located.value if isinstance(located.value, list) else [located]


def _read(name: Located, problems: list[Problem]) -> ical.Days | None:
    if not isinstance(name.value, str):
        return None  # the shape says what is wrong
    path = Path(name.file).parent / name.value
    try:
        return ical.read(text_of(path, LARGEST))
    except ical.IcalError as error:
        problems.append(Problem(file=str(path), line=error.line, key="", message=str(error)))
    except ConfigError as error:
        problems += [
            replace(found, message=f"{found.message} (named in {name.file}:{name.line})") for found in error.problems
        ]
    return None
