"""The parts of a rule file about people besides the staff's own entries: leave, shifts, requesters, a directory."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import Span
from maildesk.desk.people import requesters
from maildesk.mail.ids import fold_address
from maildesk.rules.arguments import Address, Text, address, domain
from maildesk.rules.timing import day, zone
from maildesk.rules.written import STRICT, checked, text_once, unless_empty

Week = tuple[tuple[Span, ...], ...]


def _shift(value: object) -> object:
    """The name of a calendar, or hours by day. Raises ValueError."""
    if isinstance(value, str) or (isinstance(value, dict) and value):
        return value if isinstance(value, str) else hours.parse_week(value)
    raise ValueError('must be one of `calendars`, or hours by day such as {mon-fri: ["08:00-16:00"]}')


Shift = Annotated[str | Week, BeforeValidator(_shift)]
Skills = Annotated[
    tuple[Annotated[str, checked(lambda text: text.casefold())], ...],
    BeforeValidator(text_once),
]
Zone = Annotated[str, unless_empty(zone)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Leave:
    """Days on which somebody is away, the last one included."""

    since: Annotated[date, checked(day), Field(description="the first day, as 2026-12-24")]
    until: Annotated[date | None, checked(day), Field(description="the last day; without it, one day")] = None
    deputy: Annotated[str, Field(description="the one of `people` who stands in; else the person's own `deputy`")] = ""

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"ends on {self.until}, before it begins on {self.since}")

    def build(self) -> policy.Leave:
        """The leave as the desk reads it."""
        return policy.Leave(first=self.since, last=self.until or self.since, deputy=self.deputy)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Requester:
    """What is known of somebody who writes to the desk. The key is his address, or a domain for everybody there."""

    name: Annotated[str, Field(max_length=200, description="as mails address him")] = ""
    department: Annotated[str, Field(max_length=200, description="for the condition `department`")] = ""
    vip: Annotated[bool, Field(strict=True, description="true: for the condition `vip`, and for `priority`")] = False
    language: Annotated[Literal["zh", "en", ""], Field(description="zh or en; else the one he writes in")] = ""
    timezone: Annotated[Zone, Field(description="such as Europe/Berlin; else the desk's")] = ""
    also: Annotated[
        tuple[Address, ...],
        BeforeValidator(text_once),
        Field(description="other addresses of the same person: from each he takes part in what he wrote from another"),
    ] = ()

    def build(self, key: str) -> requesters.Requester:
        """The requester as the desk knows him."""
        return requesters.Requester(
            name=self.name,
            department=self.department,
            vip=self.vip,
            language=self.language,
            timezone=self.timezone,
            addresses=tuple(map(fold_address, (key, *self.also))) if self.also else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Directory:
    """A file of requesters, read anew with the rules. What `requesters` says of an address goes before it.

    CSV in UTF-8 with a header line: `mail`, `name`, `department`, `vip`, `language`, `timezone`, or 邮箱, 姓名, 部门,
    VIP, 语言, 时区; several addresses of one person are parted by blanks. LDIF (`.ldif`) as directories export it.
    """

    file: Annotated[Text, Field(description="its path, relative to this file")]


def key_of(name: str) -> str:
    """The key of a requester: a folded address or domain. Raises ValueError."""
    return fold_address(address(name)) if "@" in name.strip().removeprefix("@") else domain(name)
