"""The sections of a rule file about reminders: pending, closing, forecast, progress. Shapes as in sections.py."""

import re
from dataclasses import field as optional
from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.clocks import hours
from maildesk.rules.written import STRICT, Texts, checked, text_once


def clock_time(text: str) -> time:
    """A time of day as 09:00. Raises ValueError."""
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    if match is None:
        raise ValueError(f'"{text}" is not a time of day such as 09:00')
    return time(int(match[1]), int(match[2]))


def real_time(text: str) -> tuple[str, int]:
    """A length of time by the wall clock, as written and in seconds: `3d` is 72 hours. Raises ValueError."""
    length = hours.parse_duration(text)
    return hours.format_duration(length), length.days * 86_400 + length.seconds


Real = Annotated[tuple[str, int], checked(real_time)]
Reals = Annotated[tuple[Real, ...], BeforeValidator(text_once)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Pending:
    """A ticket that waits for its requester. Without an end of its own (`#pending until ...`) it waits no longer."""

    remind: Annotated[Reals, Field(description="after how long he is reminded: `[3d, 6d]`, by the wall clock")] = ()
    longest: Annotated[Real, Field(description="after how long the wait is over; without, it has no end")] = optional(
        default=("", 0)
    )
    then: Annotated[
        Literal["resume", "close"],
        Field(description="resume: the clocks run again and the assignee hears of it; close: the ticket is closed"),
    ] = "resume"

    def build(self) -> policy.Waiting:
        """The wait as the desk reads it."""
        return policy.Waiting(remind=self.remind, longest=self.longest[1], then=self.then)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Closing:
    """A resolved ticket, until it closes by itself (`close_days` in maildesk.toml)."""

    remind: Annotated[
        Reals, Field(description="after how long the requester is asked again whether it is solved: `[1d, 3d]`")
    ] = ()

    def build(self) -> policy.Waiting:
        """The wait as the desk reads it."""
        return policy.Waiting(remind=self.remind)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Forecast:
    """What will breach today and why, at set times of the desk's day; nothing is sent when nothing will."""

    at: Annotated[
        tuple[Annotated[time, checked(clock_time)], ...],
        BeforeValidator(text_once),
        Field(description='times of the day of the desk: `["09:00", "14:00"]`'),
    ] = ()
    to: Annotated[
        Texts, Field(description="lead, manager, owner or one of `people`; each hears of his own tickets")
    ] = (
        "lead",
        "manager",
    )

    def build(self) -> policy.Forecast:
        """The forecast as the desk reads it."""
        return policy.Forecast(at=self.at, to=self.to)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Worklist:
    """A morning mail to each of the staff on the days he works: his tickets by the time left, what nobody in his
    groups has taken, what is held. Nothing is sent to whom there is nothing to say. `#list` asks for it at any time.
    """

    at: Annotated[
        Annotated[time, checked(clock_time)] | None,
        Field(description='a time of the day on his clock: `"08:30"`; without it none is sent'),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Progress:
    """Before the update to the requester is due (`update` in `sla`), at 80 % of its time.

    Whoever of the staff writes to the requester meanwhile begins the time anew: then nothing is sent by itself.
    """

    tell: Annotated[
        Literal["requester", "assignee", "assignee first", ""],
        Field(
            description="requester: he gets a short honest mail; assignee: he is reminded to write himself; assignee "
            "first: he is reminded, and when nobody has written at 95 % the requester gets the mail"
        ),
    ] = ""
