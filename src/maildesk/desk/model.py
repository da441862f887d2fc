"""The nouns of the desk. All frozen; a ticket changes only by folding an event (events.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from maildesk.desk.knowledge.knowing import Near
from maildesk.desk.knowledge.known import Fit
from maildesk.mail.model import Address, Attachment, Mail

Status = Literal["new", "assigned", "in progress", "pending", "resolved", "closed"]
TicketType = Literal["incident", "service request", "change", "alert", "information"]
Degree = Literal["low", "medium", "high"]
Impact = Literal["low", "medium", "high", "major"]  # major: everybody, and the leads hear of it at once
Priority = Literal["P1", "P2", "P3", "P4"]
ClockKind = Literal["response", "resolution", "update", "ola", "vendor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """The clocks stood still from `start` to `end`; an open pause has no end."""

    start: datetime
    end: datetime | None = None
    why: str = ""  # requester, vendor, a reason in words, or resolved


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """This ticket's relation to another one."""

    kind: Literal["follows", "claims", "related", "duplicate", "parent", "child", "merged", "absorbed"]
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How somebody who takes part besides the requester is written to."""

    language: str = ""  # of what he wrote: zh or en
    subject: str = ""  # of his thread, where it is not the ticket's
    last_id: str = ""  # Message-ID of his latest mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """Commands in somebody's name that wait for his word; none when he gave it."""

    at: datetime
    orders: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The fold of a journal. `version` is the number of events folded in."""

    number: int
    version: int = 0
    mailbox: str = ""  # the account it came in by
    opened_at: datetime  # the server's arrival time: the clocks start here
    type: TicketType = "incident"
    category: str = "other"
    service: str = ""
    subject: str = ""  # base subject: no reference, no Re:
    status: Status = "new"
    pending_reason: str = ""
    pending_until: datetime | None = None
    impact: Impact = "low"
    urgency: Degree = "medium"
    priority: Priority = "P3"
    impact_reason: str = ""  # what set it, e.g. "rule network-outage: 断网"; "" is the default
    urgency_reason: str = ""
    priority_bound: str = ""  # the floor or cap that moved it, e.g. "at least P2: rule vip"
    sla: str = ""  # the entry of `sla` that a rule named
    priority_by: str = ""  # who set the priority by hand; "" when it is the matrix's
    group: str = ""
    assignee: str = ""  # key of a person
    requester: Address
    language: str = ""  # of the requester: zh or en
    participants: tuple[Address, ...] = ()  # besides the requester: those in To and Cc of his mails
    voices: Mapping[str, Voice] = field(default_factory=dict)  # of those, by folded address, as far as they wrote
    origin_id: str = ""  # Message-ID of the mail that opened it
    last_id: str = ""  # Message-ID of the requester's latest mail
    responded_at: datetime | None = None
    updated_at: datetime | None = None  # when the staff last wrote to the requester
    grouped_at: datetime | None = None  # since when it is with its group
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()  # pending, and resolved until reopened
    rungs: tuple[str, ...] = ()  # rungs passed: "<clock kind> <at>", mailed or skipped
    extended: int = 0  # seconds of working time that the resolution got besides, each with a reason
    ladder_stopped: str = ""  # who stopped its ladders; until it is handed over, reopened or prioritised anew
    seen: tuple[str, ...] = ()  # acknowledged: "<person> <clock kind> <warned or breached>"
    chased: tuple[str, ...] = ()  # reminders of this pause or resolution that were sent, as written: "3d"
    offered: tuple[str, ...] = ()  # who of its group had it, without a word so far
    offered_at: datetime | None = None  # since when it waits to be accepted
    turn: float = 0.0  # when it was its assignee's turn, where a group goes by turns
    again_at: datetime | None = None  # when somebody is looked for again, since nobody could take it
    aged: int = 0  # degrees by which its priority rose with time
    asked: tuple[str, ...] = ()  # facts that the requester was asked for
    meant_for: str = ""  # the group that a held ticket would have gone to
    held: str = ""  # why it is neither acknowledged nor dispatched, e.g. "spam"
    links: tuple[Link, ...] = ()
    vendor: str = ""  # the group, one address, that was asked in a thread of its own
    vendor_ref: str = ""  # what the vendor calls it
    vendor_asked_at: datetime | None = None  # when he was last asked
    vendor_answered_at: datetime | None = None  # when he answered that
    status_told: tuple[datetime, ...] = ()  # when the requester's side was last told how far it is
    alike: tuple[int, ...] = ()  # those of its links that a likeness made
    solutions: tuple[str, ...] = ()  # keys of the articles that its requester was offered
    article: Mapping[str, Any] = field(default_factory=dict)  # what it was drafted as, for others to learn from
    major: bool = False  # it leads others
    bulletin: str = ""  # the latest one of a major incident
    attached: int = 0  # the major incident that it is part of: it has no clocks of its own
    wave: tuple[int, ...] = ()  # the like tickets before it, where it completed a surge
    unconfirmed: Mapping[str, Unconfirmed] = field(default_factory=dict)  # by person
    surge: int = 0  # the ticket that the surge it belongs to is known by
    alert: str = ""  # what monitoring knows it by: the key of a check of a host, or "storm"
    alerts: int = 0  # how often monitoring spoke of it
    flapping: bool = False  # it comes and goes: a recovery alone does not end it
    quiet_at: datetime | None = None  # when a flapping alert that is well counts as recovered

    @property
    def merged_into(self) -> int | None:
        """The ticket that it was merged into, which everything about it belongs to now."""
        return next((link.number for link in self.links if link.kind == "merged"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of a ticket's journal. `data` is plain JSON."""

    kind: str
    at: datetime
    actor: str  # a person's key, an address, "desk", or "cli:<user>"
    cause: str  # what brought it about: "inbound:17", "tick", "cli"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of the conversation on a ticket."""

    at: datetime
    direction: Literal["in", "out"]
    sender: Address
    to: tuple[Address, ...]
    text: str
    internal: bool
    message_id: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A signed Message-ID of ours that a mail refers to, with what its outbox row says (PROTOCOLS 3)."""

    message_id: str
    ticket: int
    person: str  # key of the staff member it was sent to, "" for others
    audience: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store already holds of the same Message-ID."""

    inbound: int
    ticket: int | None
    identical: bool  # same canonical hash: a second delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the staff have on their hands."""

    open: Mapping[str, int] = field(default_factory=dict)  # open tickets by assignee
    latest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by group: whose its last tickets are
    turns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by group: when it was whose last turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail that was queued about a ticket."""

    event: str
    audience: str
    recipient: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What questions and #undo are answered from, read where a mail of the staff holds them."""

    journals: Mapping[int, tuple[Event, ...]] = field(default_factory=dict)
    posted: Mapping[int, tuple[Posted, ...]] = field(default_factory=dict)  # the latest mails about a ticket
    conversations: Mapping[int, tuple[Message, ...]] = field(default_factory=dict)
    board: tuple[Ticket, ...] = ()  # all open tickets
    found: Mapping[str, tuple[Ticket, ...]] = field(default_factory=dict)  # by the words looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """An earlier ticket that a mail is like, from 0 to 1, and the words that both hold."""

    ticket: Ticket
    score: float
    words: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        """The score as people read it."""
        return round(100 * self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the staff said of a sender."""

    verdict: Literal["spam", "ham"]
    by: str  # a person's key, or cli:<user>
    at: datetime
    ticket: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a decision may want to know, read once, in the transaction that applies it."""

    mail: Mail
    inbound: int  # the row of this mail
    mailbox: str
    arrived: datetime
    historic: bool = False
    oversize: bool = False
    next_number: int = 1001
    tickets: Mapping[int, Ticket] = field(default_factory=dict)  # every candidate, by number
    tokens: tuple[Token, ...] = ()
    stored: Mapping[str, int] = field(default_factory=dict)  # incoming Message-ID -> ticket
    referenced: tuple[int, ...] = ()  # numbers in the subject
    requests: Mapping[int, Message] = field(default_factory=dict)  # what opened a ticket, where staff may hand it over
    latest: Mapping[int, Message] = field(default_factory=dict)  # the last mail that may become a ticket of its own
    known: Known | None = None
    judgement: Judgement | None = None  # of the sender
    bounced: Token | None = None  # the mail of ours that a bounce is about
    alike: tuple[Alike, ...] = ()  # for a mail that refers to no ticket: those it is like, the most alike first
    solutions: tuple[Fit, ...] = ()  # for such a mail: the known solutions that fit it, the best first
    lookup: Lookup = Lookup()
    near: tuple[Near, ...] = ()  # for such a mail: the tickets it was compared with, the most alike first
    work: Work = Work()  # read where a group's tickets go to single people
    history: int = 0  # tickets this requester opened before
    answered: bool = False  # a person of the staff wrote to this requester before
    acknowledged_hour: int = 0  # acknowledgements queued to this address
    acknowledged_day: int = 0
    unverified_hour: int = 0  # stranger acknowledgements queued to anybody

    @property
    def known_sender(self) -> bool:
        """Whether the sender was a requester before."""
        return self.history > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One person a notice goes to, with what is needed to speak to him."""

    address: str
    name: str = ""
    language: str = "en"  # zh or en
    timezone: str = "UTC"
    person: str = ""  # key of a staff member


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody must hear of something: the intent, which notify.py renders into a mail.

    `n` tells this notice from another of the same event, ticket and recipient: it is the last part but one of the
    dedupe key, so the same decision taken twice queues one mail.
    """

    event: str
    audience: str
    to: Recipient
    n: str
    ticket: Ticket | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # plain data for the template
    text: str = ""  # somebody's words: hostile
    attachments: tuple[Attachment, ...] = ()
    omitted: tuple[str, ...] = ()  # names of attachments left out, with the reason
    in_reply_to: str = ""
    subject: str = ""  # overrides the template's subject (an answer keeps the thread's own)
    variant: str = ""  # of the template, where there is one of that name
    not_before: datetime | None = None  # when the reader's working time begins, for what can wait until then


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveWord:
    """What a member of the staff said of his leave; without days that what he said before is cancelled."""

    person: str  # key
    at: datetime
    cause: str
    first: date | None = None
    last: date | None = None
    deputy: str = ""  # key of a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to change and whom to tell. `ticket` is `before` with `events` folded in; None is no ticket at all.

    `also` is what becomes of other tickets by the same act: each another ticket, all in one transaction.
    """

    reason: str  # one plain sentence for `mail explain`
    before: Ticket | None = None
    ticket: Ticket | None = None
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    messages: tuple[Message, ...] = ()
    also: tuple["Decision", ...] = ()
    leave: tuple[LeaveWord, ...] = ()
