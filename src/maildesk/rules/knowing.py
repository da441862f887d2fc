"""The parts of a rule file about like mails, known solutions and surges."""

from dataclasses import field as optional
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk.knowledge import knowing
from maildesk.desk.knowledge.knowing import Sameness
from maildesk.rules.reminding import Real
from maildesk.rules.written import STRICT, text_once

Percent = Annotated[int, Field(ge=1, le=100)]
_TO_LINK, _TO_SURGE = knowing.Duplicates(), knowing.Surging()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Duplicates:
    """A mail that is like a ticket that is still open: joined to it, or linked with it, and told in the dispatch.

    Only a mail of the ticket's own requester is ever joined, and `#split` makes it a ticket of its own again. Nobody
    but the staff learns of a link.
    """

    same_requester: Annotated[
        Literal["join", "link", "off"],
        Field(description="join: the same person's like mail becomes part of his ticket; link: a ticket, linked"),
    ] = "off"
    others: Annotated[Literal["link", "off"], Field(description="link: another person's like ticket is linked")] = "off"
    within: Annotated[
        Real, Field(description="since the earlier ticket was opened, by the wall clock; without, 3d")
    ] = optional(default_factory=lambda: ("3d", 259_200))
    at_least: Annotated[Percent, Field(description="percent of likeness that make a link")] = _TO_LINK.at_least
    join_at_least: Annotated[Percent, Field(description="percent that make it join")] = _TO_LINK.join_at_least

    def build(self) -> knowing.Duplicates:
        """The wish as the desk reads it."""
        return knowing.Duplicates(
            same_requester=self.same_requester,
            others=self.others,
            within=self.within[1],
            at_least=self.at_least,
            join_at_least=max(self.join_at_least, self.at_least),
        )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Solutions:
    """Known solutions (docs/knowledge.md), offered in the acknowledgement of a mail that they fit."""

    offer: Annotated[int, Field(ge=0, le=3, description="at most so many to a requester; 0 is none")] = 0
    at_least: Annotated[Percent, Field(description="percent by which one must fit")] = knowing.Offering().at_least

    def build(self) -> knowing.Offering:
        """The wish as the desk reads it."""
        return knowing.Offering(most=self.offer, at_least=self.at_least)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Surge:
    """Like mails of several people in a short time: a major incident, proposed to the lead or opened at once."""

    mails: Annotated[int, Field(ge=0, le=100, description="so many like mails; 0 is never")] = 0
    people: Annotated[int, Field(ge=1, le=100, description="of so many people")] = _TO_SURGE.people
    within: Annotated[Real, Field(description="in this time, by the wall clock; without, 15m")] = optional(
        default_factory=lambda: ("15m", 900)
    )
    by: Annotated[
        tuple[Sameness, ...],
        BeforeValidator(text_once),
        Field(
            min_length=1,
            description="what makes mails alike: `similarity` of their words; besides, `service`: the same service of "
            "the catalogue, `department`: the same service and the same department",
        ),
    ] = _TO_SURGE.by
    at_least: Annotated[Percent, Field(description="percent of likeness that count together")] = _TO_SURGE.at_least
    join_at_least: Annotated[
        Percent, Field(description="percent that make a later mail a part of the major incident")
    ] = _TO_SURGE.join_at_least
    then: Annotated[
        Literal["propose", "open"],
        Field(description="propose: the lead is asked, and `#major` opens it; open: it is one without a question"),
    ] = "propose"

    def build(self) -> knowing.Surging:
        """The wish as the desk reads it."""
        return knowing.Surging(
            mails=self.mails,
            people=self.people,
            within=self.within[1],
            by=self.by,
            at_least=self.at_least,
            join_at_least=max(self.join_at_least, self.at_least),
            then=self.then,
        )
