"""What the rules say of a mail, and the trace of how they came to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maildesk.desk.model import Degree, Impact, Priority, TicketType


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule condition that held, and the words that made it hold."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)  # the named groups of a pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One matched condition of a rule that applied: the trace of a classification."""

    rule: str
    condition: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A value that an earlier rule had set and this one replaced."""

    rule: str
    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A text that a pattern captured for a field and that is not of its type: it was left out."""

    rule: str
    field: str
    text: str
    wanted: str  # in words: a number, one of a, b


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """What the rules say of a mail. `set_by` names the rule (and text) behind each value that is no default."""

    type: TicketType = "incident"
    category: str = "other"
    service: str = ""
    impact: Impact = "low"
    urgency: Degree = "medium"
    group: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    priority_at_least: Priority | None = None  # a floor: this or more urgent
    priority_at_most: Priority | None = None
    sla: str = ""  # an entry of `sla` that counts in place of its priority's
    language: str = ""  # zh or en; "" is what was detected
    template: str = ""  # a variant of the acknowledgement
    notes: tuple[str, ...] = ()  # internal ones to put on the ticket
    parent: int | None = None  # number of the ticket that it is a part of
    hold: str = ""  # a reason: a ticket, but neither acknowledged nor dispatched
    ignore: str = ""  # a reason: no ticket at all
    set_by: Mapping[str, str] = field(default_factory=dict)  # key -> "rule <name>: <text>"
    hits: tuple[Hit, ...] = ()
    overridden: tuple[Override, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    version: str = ""  # of the rule set that says so
