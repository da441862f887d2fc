"""The sections of a rule file about time: calendars, targets, ladders. Shapes as in sections.py."""

import re
from dataclasses import field as optional
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal, cast, get_args
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import Duration, Span
from maildesk.desk.model import ClockKind, Priority
from maildesk.desk.policy import Target as PolicyTarget
from maildesk.rules.written import STRICT, Texts, checked, nearest, text_once

_RUNG = re.compile(r"(\d{1,3})\s*%(?:\s*\+\s*(\S.*))?", re.ASCII)
_BEFORE = re.compile(r"(\S+)\s+before", re.ASCII)
_ANY_YEAR = 2025


SCOPES = ("service", "group", "mailbox")
_SPECIAL = re.compile(rf"(P[1-4])((?:\s+(?:{'|'.join(SCOPES)})=[^\s=]+)+)")


def special(name: str) -> tuple[Priority, dict[str, str]] | None:
    """The priority and what else a name such as `P2 service=vpn group=l2` asks for; None for any other name."""
    match = _SPECIAL.fullmatch(name.strip())
    if match is None:
        return None
    scopes = (one.partition("=") for one in match[2].split())
    return cast("Priority", match[1]), {scope: name for scope, _, name in scopes}


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


def rung_at(text: str) -> policy.Rung:
    """When a rung is reached, from `80%`, `100% + 2h` or `30m before`. Raises ValueError."""
    if early := _BEFORE.fullmatch(text):
        before = hours.parse_duration(early[1])
        return policy.Rung(at=f"{hours.format_duration(before)} before", share=1.0, before=before)
    match = _RUNG.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= 500:
        raise ValueError(
            f'"{text}" is not a share of the target such as 80%, a time after it such as 100% + 2h, or one before it '
            "such as 30m before"
        )
    percent = int(match[1])
    after = hours.parse_duration(match[2]) if match[2] else Duration()
    name = f"{percent}% + {hours.format_duration(after)}" if match[2] else f"{percent}%"
    return policy.Rung(at=name, share=percent / 100, after=after)


def _week(value: object) -> object:
    if not isinstance(value, dict) or not value:
        raise ValueError('must be a mapping of days to hours such as {mon-fri: ["09:00-18:00"]}')
    return hours.parse_week(value)


def _ladders(value: object) -> object:
    """One ladder for all clocks is kept under ""."""
    if not isinstance(value, dict):
        return {"": value}
    for kind in value:
        if kind not in get_args(ClockKind):
            raise ValueError(f'there is no clock "{kind}"' + nearest(str(kind), get_args(ClockKind)))
    return value


Zone = Annotated[str, checked(zone)]
Time = Annotated[Duration, checked(hours.parse_duration)]
Ladders = Annotated[dict[ClockKind | Literal[""], str], BeforeValidator(_ladders)]
Days = Annotated[tuple[Annotated[date, checked(day)], ...], BeforeValidator(text_once)]
Week = Annotated[tuple[tuple[Span, ...], ...], BeforeValidator(_week)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Holidays:
    """Days off, and days that are worked although the week or the country says holiday."""

    country: Annotated[str, Field(description="public holidays and make-up workdays (调休) of a country: CN, DE")] = ""
    subdivision: Annotated[str, Field(description="and of a part of it: BY in DE")] = ""
    ical: Annotated[
        Texts, Field(description="iCal files with days off, and make-up workdays; paths are relative to this file")
    ] = ()
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
        Week,
        Field(
            description='hours by day: `{mon-fri: ["09:00-12:00", "13:30-18:00"], sat: "10:00-14:00"}`; `22:00-06:00` '
            "ends on the next day"
        ),
    ] = ((),) * 7
    always: Annotated[bool, Field(strict=True, description="true: 24x7, and the rest does not count")] = False
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
    """The SLA of one priority, P1 to P4. `30m`, `4h`, `1h30m` are business time, `2d` two business days.

    A name such as `P2 service=vpn` or `P1 group=l2-network mailbox=main` is for those tickets of the priority only. It
    takes what it does not say from the priority's own entry; of several that fit, the one that names the most counts.
    """

    calendar: Annotated[str, Field(description="one of `calendars`, or always")]
    response: Annotated[Time, Field(description="until the first answer of a human")]
    resolution: Annotated[Time, Field(description="until it is resolved")]
    update: Annotated[Time | None, Field(description="between two answers to the requester, once he had the first")] = (
        None
    )
    ladder: Annotated[
        Ladders,
        Field(
            description="one of `ladders`: who hears of it when time runs out; or one for each clock: "
            "`{response: fast, update: mild, resolution: normal}`"
        ),
    ] = optional(default_factory=dict)

    def build(self) -> PolicyTarget:
        """The target as the clocks read it."""
        return PolicyTarget(
            calendar=self.calendar,
            response=self.response,
            resolution=self.resolution,
            update=self.update,
            ladder=self.ladder.get("", ""),
            ladders={kind: name for kind, name in self.ladder.items() if kind},
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Ola:
    """How long a group may have a ticket, from its dispatch to the hand-over or the resolution; named like the group.

    A vendor's clock runs on while the ticket is pending with the reason `vendor`.
    """

    calendar: Annotated[str, Field(description="one of `calendars`, or always")]
    time: Annotated[Time, Field(description="business time, as in `sla`")]
    priority: Annotated[
        dict[Priority, Time], Field(description="other times for single priorities: `{P1: 30m, P2: 2h}`")
    ] = optional(default_factory=dict)
    ladder: Annotated[str, Field(description="one of `ladders`")] = ""

    def build(self) -> policy.Ola:
        """The agreement as the clocks read it."""
        return policy.Ola(calendar=self.calendar, time=self.time, times=self.priority, ladder=self.ladder)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Rung:
    """One step of a ladder."""

    at: Annotated[
        policy.Rung,
        checked(rung_at),
        Field(
            description="share of the target (`80%`; `100%` is the breach), a time after it (`100% + 2h`), or one "
            "before it (`30m before`)"
        ),
    ]
    tell: Annotated[
        Texts, Field(min_length=1, description="assignee, group, lead, manager, owner, requester or one of `people`")
    ]
    ask_in: Annotated[
        str,
        Field(description="a group that is asked to help, with a summary; `next` is where the group `escalates_to`"),
    ] = ""

    def build(self) -> policy.Rung:
        """The rung as the clocks read it."""
        return replace(self.at, tell=self.tell, ask_in=self.ask_in)


Ladder = Annotated[tuple[Rung, ...], Field(min_length=1)]
