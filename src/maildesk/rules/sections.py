"""The sections of a rule file, as an operator writes them, and the part of the policy that each becomes.

The shapes are schema and manual at once: docs/rules.md is made from their docstrings and descriptions.
"""

import re
from dataclasses import asdict
from dataclasses import field as optional
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import hours, policy
from maildesk.desk.hours import Duration, Span
from maildesk.desk.model import Classification, Degree, Priority
from maildesk.desk.policy import Target as PolicyTarget
from maildesk.rules.arguments import Address, Kind, Level, Text, address
from maildesk.rules.words import Phrase
from maildesk.rules.written import STRICT, Texts, checked, text_once, unless_empty

_RUNG = re.compile(r"(\d{1,3})\s*%(?:\s*\+\s*(\S.*))?", re.ASCII)
_ANY_YEAR = 2025


def zone(text: str) -> str:
    """A time zone of the IANA database. Raises ValueError."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{text}" is not a time zone such as Asia/Shanghai') from None
    return text


def day(text: str) -> date:
    """A date as 2026-12-31. Raises ValueError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a date such as 2026-12-31') from None


def rung_at(text: str) -> tuple[str, float, Duration]:
    """A rung's name, its share and the time after, from `80%` or `100% + 2h`. Raises ValueError."""
    match = _RUNG.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 500:
        raise ValueError(f'"{text}" is not a share of the target such as 80%, or a time after it such as 100% + 2h')
    percent = int(match[1])
    after = hours.parse_duration(match[2]) if match[2] else Duration()
    name = f"{percent}% + {hours.format_duration(after)}" if match[2] else f"{percent}%"
    return name, percent / 100, after


def _week(value: object) -> object:
    if not isinstance(value, dict) or not value:
        raise ValueError('must be a mapping of days to hours such as {mon-fri: ["09:00-18:00"]}')
    return hours.parse_week(value)


Zone = Annotated[str, checked(zone)]
ZoneOrNone = Annotated[str, unless_empty(zone)]
AddressOrNone = Annotated[str, unless_empty(address)]
Time = Annotated[Duration, checked(hours.parse_duration)]
Days = Annotated[tuple[Annotated[date, checked(day)], ...], BeforeValidator(text_once)]
Week = Annotated[tuple[tuple[Span, ...], ...], BeforeValidator(_week)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Defaults:
    """What holds where no rule says otherwise."""

    type: Annotated[Kind, Field(description="what a ticket is")] = "incident"
    category: Annotated[Text, Field(description="a word of your own")] = "other"
    impact: Annotated[Level, Field(description="low, medium or high")] = "low"
    urgency: Annotated[Level, Field(description="low, medium or high")] = "medium"
    group: Annotated[str, Field(description="the group that gets what no rule dispatches")] = ""

    def build(self) -> Classification:
        """The classification that every mail begins with."""
        return Classification(**asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Row:
    """The priority for each urgency; one such row for each impact: high, medium, low."""

    high: Annotated[Priority, Field(description="priority at high urgency: P1, P2, P3 or P4")]
    medium: Annotated[Priority, Field(description="priority at medium urgency")]
    low: Annotated[Priority, Field(description="priority at low urgency")]

    def build(self) -> dict[Degree, Priority]:
        """The row as the desk reads it."""
        return {"high": self.high, "medium": self.medium, "low": self.low}


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Person:
    """A member of the staff. The key is the name that commands and other sections use."""

    name: Annotated[Text, Field(description="as mails show it")]
    addresses: Annotated[
        tuple[Address, ...],
        BeforeValidator(text_once),
        Field(min_length=1, description="the addresses this person writes from; mail goes to the first"),
    ]
    level: Annotated[str, Field(description="L1, L2, L3, manager: a word of your own")] = ""
    language: Annotated[Literal["zh", "en", ""], Field(description="zh or en; else the desk's")] = ""
    timezone: Annotated[ZoneOrNone, Field(description="such as Asia/Shanghai; else the desk's")] = ""
    manager: Annotated[str, Field(description="another of `people`: hears of breaches")] = ""

    def build(self, key: str) -> policy.Person:
        """The person as the desk knows him."""
        return policy.Person(key=key, **asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Group:
    """An assignment group, or a vendor that is one address."""

    level: Annotated[Literal["L1", "L2", "L3", "vendor"], Field(description="L1, L2, L3 or vendor")] = "L1"
    members: Annotated[Texts, Field(description="those of `people` who get its tickets")] = ()
    lead: Annotated[str, Field(description="the one of `people` that ladders call `lead`")] = ""
    escalates_to: Annotated[str, Field(description="the group that takes over when more skill is needed")] = ""
    address: Annotated[AddressOrNone, Field(description="the one address of a vendor")] = ""

    def __post_init__(self) -> None:
        if self.level == "vendor" and not self.address:
            raise ValueError("a vendor needs an `address`")

    def build(self, key: str) -> policy.Group:
        """The group as the desk knows it."""
        return policy.Group(key=key, **asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Holidays:
    """Days off, and days that are worked although the week or the country says holiday."""

    country: Annotated[str, Field(description="public holidays and make-up workdays (调休) of a country: CN, DE")] = ""
    subdivision: Annotated[str, Field(description="and of a part of it: BY in DE")] = ""
    add: Annotated[Days, Field(description="days off besides, as 2026-12-31")] = ()
    workdays: Annotated[Days, Field(description="days worked besides, with the hours of the first working day")] = ()

    def __post_init__(self) -> None:
        if self.subdivision and not self.country:
            raise ValueError("a `subdivision` needs its `country`")
        hours.known_year(hours.Calendar(country=self.country, subdivision=self.subdivision), _ANY_YEAR)
        both = sorted(set(self.add) & set(self.workdays))
        if both:
            raise ValueError(f"{both[0]} is named as a day off and as a workday")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Calendar:
    """When a team works; SLA time runs only then. A calendar `always` (24x7) is there without being written."""

    timezone: Annotated[Zone, Field(description="such as Asia/Shanghai")] = "UTC"
    week: Annotated[
        Week, Field(description='hours by day: `{mon-fri: ["09:00-12:00", "13:30-18:00"], sat: "10:00-14:00"}`')
    ] = ((),) * 7
    always: Annotated[bool, Field(description="true: 24x7, and the rest does not count")] = False
    holidays: Annotated[Holidays, Field(description="see below")] = optional(default_factory=Holidays)

    def __post_init__(self) -> None:
        if not self.always and not any(self.week):
            raise ValueError("has no working time: give a `week`, or `always: true`")

    def build(self) -> hours.Calendar:
        """The calendar as the clocks read it."""
        return hours.Calendar(
            timezone=self.timezone,
            week=self.week,
            always=self.always,
            country=self.holidays.country,
            subdivision=self.holidays.subdivision,
            holidays=frozenset(self.holidays.add),
            workdays=frozenset(self.holidays.workdays),
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Target:
    """The SLA of one priority, P1 to P4. `30m`, `4h`, `1h30m` are business time, `2d` two business days."""

    calendar: Annotated[str, Field(description="one of `calendars`, or always")]
    response: Annotated[Time, Field(description="until the first answer of a human")]
    resolution: Annotated[Time, Field(description="until it is resolved")]
    ladder: Annotated[str, Field(description="one of `ladders`: who hears of it when time runs out")] = ""

    def build(self) -> PolicyTarget:
        """The target as the clocks read it."""
        return PolicyTarget(
            calendar=self.calendar, response=self.response, resolution=self.resolution, ladder=self.ladder
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Rung:
    """One step of a ladder."""

    at: Annotated[
        tuple[str, float, Duration],
        checked(rung_at),
        Field(description="share of the target (`80%`; `100%` is the breach), or a time after it (`100% + 2h`)"),
    ]
    tell: Annotated[
        Texts, Field(min_length=1, description="assignee, group, lead, manager, owner, requester or one of `people`")
    ]

    def build(self) -> policy.Rung:
        """The rung as the clocks read it."""
        name, share, after = self.at
        return policy.Rung(at=name, share=share, after=after, tell=self.tell)


Ladder = Annotated[tuple[Rung, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Service:
    """An entry of the service catalogue. Words set the service, its impact and its group where no rule did."""

    words: Annotated[
        tuple[Annotated[Phrase, checked(Phrase.of)], ...],
        BeforeValidator(text_once),
        Field(description="words by which a mail speaks of it, found as the condition `words` finds them"),
    ] = ()
    criticality: Annotated[Level, Field(description="the impact it brings: low, medium or high")] = "medium"
    group: Annotated[str, Field(description="the group it brings")] = ""

    def build(self, key: str) -> policy.Service:
        """The service as the desk knows it."""
        words = tuple(phrase.text for phrase in self.words)
        return policy.Service(key=key, words=words, criticality=self.criticality, group=self.group)
