"""The parts of a rule file about what moves a priority besides the rules, and what a requester is asked for."""

from dataclasses import field as optional
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.policy import Fact
from maildesk.rules.arguments import Kind
from maildesk.rules.timing import Time
from maildesk.rules.written import STRICT, text_once

Facts = Annotated[tuple[Fact, ...], BeforeValidator(text_once)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Age:
    """An open ticket that nobody solves becomes more urgent with time, never above `at_most`. Each step is an event."""

    after: Annotated[Time, Field(description="business time by the calendar of its SLA: `2d`; again after as long")]
    at_most: Annotated[Literal["P1", "P2", "P3"], Field(description="the most urgent it becomes")] = "P2"

    def build(self) -> policy.Age:
        """The step as the desk reads it."""
        return policy.Age(after=self.after, at_most=self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Precedence:
    """What raises an urgency that no rule has set, and what raises a priority with time."""

    vip: Annotated[
        Literal["medium", "high", ""], Field(description="the urgency of a VIP's mail is at least: medium or high")
    ] = ""
    marked: Annotated[
        Literal["medium", "high", ""],
        Field(description="a mail marked as urgent (X-Priority, Importance) is one degree more urgent, at most: high"),
    ] = ""
    age: Annotated[Age | None, Field(description="see below")] = None

    def build(self) -> policy.Precedence:
        """The precedence as the desk reads it."""
        return policy.Precedence(vip=self.vip, marked=self.marked, age=self.age.build() if self.age else None)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Ask:
    """What a requester is asked for when his mail does not say it: once, with the acknowledgement, in his language.

    The facts are `what` is wrong, `since` when, `scope` (who is concerned), `contact` (a telephone number) and
    `urgency`. His answer fills the fields of that name. Machines, lists and strangers are never asked.
    """

    needed: Annotated[
        dict[Kind, Facts], Field(description="facts by type of ticket: `{incident: [since, scope, contact]}`")
    ] = optional(default_factory=dict)
    at_least: Annotated[int, Field(ge=1, le=5, description="so many of them must be missing before anybody asks")] = 1
    clock: Annotated[Literal["runs", "pauses"], Field(description="pauses: the ticket is pending until he answers")] = (
        "runs"
    )

    def build(self) -> policy.Asking:
        """The question as the desk reads it."""
        return policy.Asking(needed=self.needed, at_least=self.at_least, clock=self.clock)
