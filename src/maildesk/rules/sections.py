"""The sections of a rule file, as an operator writes them, and the part of the policy that each becomes.

The shapes are schema and manual at once: docs/rules.md is made from their docstrings and descriptions.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.classification import Classification
from maildesk.desk.clocks import hours
from maildesk.desk.model import Degree, Priority
from maildesk.rules.arguments import Address, Extent, Kind, Level, Text, address
from maildesk.rules.people import Leave, Shift, Skills
from maildesk.rules.timing import Time, zone
from maildesk.rules.words import Phrase
from maildesk.rules.written import STRICT, Texts, checked, text_once, unless_empty

ZoneOrNone = Annotated[str, unless_empty(zone)]
AddressOrNone = Annotated[str, unless_empty(address)]


def shifts(people: Mapping[str, "Person"], timezone: str) -> dict[str, hours.Calendar]:
    """The calendars that people's own hours make, in their zones. Public holidays are for named calendars."""
    return {
        shift_of(key): hours.Calendar(timezone=person.timezone or timezone, week=person.calendar)
        for key, person in people.items()
        if not isinstance(person.calendar, str)
    }


def shift_of(key: str) -> str:
    """The name of the calendar that a person's own hours make; no name of an operator's has a blank."""
    return f"shift of {key}"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Defaults:
    """What holds where no rule says otherwise."""

    type: Annotated[Kind, Field(description="what a ticket is")] = "incident"
    category: Annotated[Text, Field(description="a word of your own")] = "other"
    impact: Annotated[Extent, Field(description="low, medium, high or major")] = "low"
    urgency: Annotated[Level, Field(description="low, medium or high")] = "medium"
    group: Annotated[str, Field(description="the group that gets what no rule dispatches")] = ""

    def build(self) -> Classification:
        """The classification that every mail begins with."""
        return Classification(**asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Row:
    """The priority for each urgency; one such row for each impact: major (without it P1), high, medium, low."""

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
    calendar: Annotated[
        Shift,
        Field(
            description="his shift: one of `calendars`, or hours by day. Outside of it he is assigned nothing, and "
            "escalations wait until it opens, except for a P1"
        ),
    ] = ""
    skills: Annotated[Skills, Field(description="words of your own, which `services` ask for")] = ()
    languages: Annotated[
        tuple[Literal["zh", "en"], ...],
        BeforeValidator(text_once),
        Field(description="those he writes; a requester is given to somebody who writes his, where there is one"),
    ] = ()
    deputy: Annotated[str, Field(description="another of `people`: gets his tickets while he is on leave")] = ""
    leave: Annotated[
        tuple[Leave, ...], Field(description="a list such as `[{since: 2026-12-24, until: 2027-01-03, deputy: han}]`")
    ] = ()
    cap: Annotated[int, Field(ge=0, description="the most open tickets he is assigned; 0 is no limit")] = 0
    weight: Annotated[float, Field(ge=0.1, le=10, description="his share against the others': 0.5 is half")] = 1.0

    def build(self, key: str) -> policy.Person:
        """The person as the desk knows him."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        calendar = self.calendar if isinstance(self.calendar, str) else shift_of(key)
        return policy.Person(key=key, **own | {"leave": tuple(one.build() for one in self.leave), "calendar": calendar})


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Group:
    """An assignment group, or a vendor that is one address."""

    level: Annotated[Literal["L1", "L2", "L3", "vendor"], Field(description="L1, L2, L3 or vendor")] = "L1"
    members: Annotated[Texts, Field(description="those of `people` who get its tickets")] = ()
    lead: Annotated[str, Field(description="the one of `people` that ladders call `lead`")] = ""
    escalates_to: Annotated[str, Field(description="the group that takes over when more skill is needed")] = ""
    address: Annotated[AddressOrNone, Field(description="the one address of a vendor")] = ""
    assign: Annotated[
        Literal["everyone", "round robin", "least load"],
        Field(
            description="everyone: each member gets a mail, the first to take it has it; round robin: to the member "
            "whose turn it is; least load: to the one with the fewest open tickets"
        ),
    ] = "everyone"
    accept_within: Annotated[
        Time | None,
        Field(description="business time for `#take` or an answer; then it goes on to the next, at last to the lead"),
    ] = None

    def __post_init__(self) -> None:
        if self.level == "vendor" and not self.address:
            raise ValueError("a vendor needs an `address`")

    def build(self, key: str) -> policy.Group:
        """The group as the desk knows it."""
        return policy.Group(key=key, **{field.name: getattr(self, field.name) for field in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Service:
    """An entry of the service catalogue. Words set the service, its impact and its group where no rule did."""

    words: Annotated[
        tuple[Annotated[Phrase, checked(Phrase.of)], ...],
        BeforeValidator(text_once),
        Field(description="words by which a mail speaks of it, found as the condition `words` finds them"),
    ] = ()
    criticality: Annotated[Extent, Field(description="the impact it brings: low, medium, high or major")] = "medium"
    group: Annotated[str, Field(description="the group that owns it and gets its tickets")] = ""
    skills: Annotated[Skills, Field(description="what whoever gets its tickets should be able to do")] = ()
    sla: Annotated[str, Field(description="an entry of `sla` that counts in place of its priority's")] = ""

    def build(self, key: str) -> policy.Service:
        """The service as the desk knows it."""
        words = tuple(phrase.text for phrase in self.words)
        return policy.Service(
            key=key,
            words=words,
            criticality=self.criticality,
            group=self.group,
            skills=self.skills,
            sla=self.sla,
        )
