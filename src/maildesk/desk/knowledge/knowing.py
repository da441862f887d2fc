"""What the operator wants done with what the desk knows: like mails, known solutions, surges. Parts of the policy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DAY = 86_400
Sameness = Literal["similarity", "service", "department"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What becomes of a mail that is like an earlier ticket."""

    same_requester: Literal["join", "link", "off"] = "off"
    others: Literal["link", "off"] = "off"
    within: int = 3 * DAY  # seconds since the earlier one was opened
    at_least: int = 58  # percent of likeness that make a link
    join_at_least: int = 70  # percent that make the mail a part of the earlier ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """How many known solutions are offered to a requester, and how well they must fit."""

    most: int = 0
    at_least: int = 44  # percent of likeness


@dataclass(frozen=True, slots=True, kw_only=True)
class Surging:
    """How many like mails of how many people in what time are a surge; no mails, no surge."""

    mails: int = 0
    people: int = 3
    within: int = 15 * 60
    by: tuple[Sameness, ...] = ("similarity",)
    at_least: int = 38  # percent of likeness that count together
    join_at_least: int = 55  # percent that make a later mail a part of the major incident
    then: Literal["propose", "open"] = "propose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A ticket that a new mail was compared with, whatever came out."""

    ticket: int
    at: datetime
    requester: str  # folded
    service: str
    department: str
    score: float
    words: tuple[str, ...] = ()
    surge: int = 0  # the ticket that its surge is known by
