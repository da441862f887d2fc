"""The part of a rule file about reports that go out by themselves."""

import re
from dataclasses import dataclass as plain
from datetime import time
from typing import Annotated, get_args

from pydantic import Field
from pydantic.dataclasses import dataclass

from maildesk.desk import reporting
from maildesk.rules.reminding import clock_time
from maildesk.rules.written import STRICT, Texts, checked

NAMES = get_args(reporting.Name)
ROLES = ("owner", "lead", "manager")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOMENT = re.compile(r"(?:([a-z]{3}|\d{1,2})\s+)?(\d{1,2}:\d\d)", re.IGNORECASE | re.ASCII)


@plain(frozen=True, slots=True)
class Moment:
    """A time of the day, with a day of the week or of the month."""

    day: str
    at: time


def moment(text: str) -> Moment:
    """`08:00`, `mon 08:00` or `1 08:00`. Raises ValueError."""
    match = _MOMENT.fullmatch(text.strip())
    day = (match[1] or "").lower() if match else ""
    good = not day or day in _DAYS or (day.isdecimal() and 1 <= int(day) <= 28)
    if match is None or not good:
        raise ValueError(f'"{text}" is not a moment such as 08:00, mon 08:00 or 1 08:00 (a day of the month up to 28)')
    return Moment(day, clock_time(match[2]))


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Report:
    """A report that goes out by itself: `daily`, `weekly` or `monthly`, each about the whole day, week or month before.

    It is written in each reader's language (docs/reports.md). None of its mails goes out twice, however often the
    desk is restarted.
    """

    at: Annotated[
        Moment,
        checked(moment),
        Field(description="by the desk's clock: daily `08:00`, weekly `mon 08:00`, monthly `1 08:00`"),
    ]
    to: Annotated[
        Texts, Field(min_length=1, description="owner, lead and manager (all that there are), or some of `people`")
    ] = ("owner",)

    def build(self, name: reporting.Name) -> reporting.Report:
        """The report as the desk reads it."""
        day = self.at.day
        number = _DAYS.index(day) if day in _DAYS else int(day or (0 if name == "weekly" else 1))
        return reporting.Report(name=name, at=self.at.at, day=number, to=self.to)


def misfit(name: reporting.Name, report: Report) -> str:
    """What is wrong with the moment of a report of this name, "" when nothing is."""
    day = report.at.day
    wanted = {"daily": not day, "weekly": not day or day in _DAYS, "monthly": not day or day.isdecimal()}
    examples = {"daily": "08:00", "weekly": "mon 08:00", "monthly": "1 08:00"}
    return "" if wanted[name] else f"a {name} report goes out at a moment such as {examples[name]}"
