"""What the operator decided: people, groups, targets, ladders, budgets. Built by rules/load.py and settings.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

from maildesk.desk.classification import Classification
from maildesk.desk.clocks.hours import ALWAYS, Calendar, Duration
from maildesk.desk.knowledge import knowing
from maildesk.desk.model import ClockKind, Degree, Impact, Priority, TicketType
from maildesk.desk.monitoring.alerting import Alerting
from maildesk.desk.people.requesters import Requester
from maildesk.desk.reporting import Report
from maildesk.mail.ids import domain_of, fold_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days on which somebody is away, the last one included."""

    first: date
    last: date
    deputy: str = ""  # key of a person; "" is the person's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of the staff."""

    key: str
    name: str
    addresses: tuple[str, ...]  # the first is where mail goes
    level: str = ""  # L1, L2, L3, manager, ...
    language: str = ""  # zh or en; "" follows the desk
    timezone: str = ""
    manager: str = ""  # key of a person
    calendar: str = ""  # when he works: what is not urgent waits for it; "" is always
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # that he can write to a requester in; () is any
    deputy: str = ""  # key of a person
    leave: tuple[Leave, ...] = ()
    cap: int = 0  # most open tickets that are dispatched to him; 0 is no limit
    weight: float = 1.0  # his share of a group's tickets against the others'


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An assignment group, or a vendor that is one address."""

    key: str
    level: str = "L1"  # L1, L2, L3, vendor
    members: tuple[str, ...] = ()
    lead: str = ""
    escalates_to: str = ""  # key of a group
    address: str = ""  # a vendor's; no authority comes from it
    assign: Literal["everyone", "round robin", "least load"] = "everyone"
    accept_within: Duration | None = None  # business time; then it goes on to the next


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The SLA of one priority."""

    calendar: str
    response: Duration
    resolution: Duration
    update: Duration | None = None  # between two answers to the requester
    ladder: str = ""
    ladders: Mapping[ClockKind, str] = field(default_factory=dict)  # of single clocks, in place of `ladder`

    def ladder_of(self, kind: ClockKind) -> str:
        """The ladder that a clock climbs."""
        return self.ladders.get(kind, self.ladder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A target for some tickets of a priority only: each thing that is named must be the ticket's."""

    name: str  # as written: "P2 service=vpn"
    priority: Priority
    only: Mapping[str, str]  # service, group, mailbox
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Ola:
    """How long a group may have a ticket, from its dispatch to the hand-over or the resolution."""

    calendar: str
    time: Duration
    times: Mapping[Priority, Duration] = field(default_factory=dict)  # of single priorities, in place of `time`
    ladder: str = ""

    def time_of(self, priority: Priority) -> Duration:
        """How long the group may have a ticket of this priority."""
        return self.times.get(priority, self.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of an escalation ladder: at a share of the target, or that and a business time after."""

    at: str  # as written, e.g. "80%" or "100% + 2h": the rung's name in the journal
    share: float  # 0.8; 1.0 is the breach
    after: Duration = Duration()
    before: Duration = Duration()  # of a warning so long before the target is due; `share` is 1 then
    tell: tuple[str, ...] = ()  # assignee, group, lead, manager, owner, requester, or a person's key
    ask_in: str = ""  # the group that is asked in; "next" is the one the ticket's group escalates to


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long a ticket may wait for its requester, pending or resolved, and when he is reminded."""

    remind: tuple[tuple[str, int], ...] = ()  # as written, and in seconds since it waits
    longest: int = 0  # seconds; 0 is without an end
    then: Literal["resume", "close"] = "resume"  # what ends a pause that took too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """At which times of the desk's day who hears what will breach today."""

    at: tuple[time, ...] = ()
    to: tuple[str, ...] = ("lead", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An entry of the service catalogue."""

    key: str
    words: tuple[str, ...] = ()
    criticality: Impact = "medium"
    group: str = ""
    skills: tuple[str, ...] = ()  # whoever gets its tickets should have them all
    sla: str = ""  # an entry of `sla`


FieldKind = Literal["text", "number", "date"]
Fact = Literal["what", "since", "scope", "contact", "urgency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """How a ticket that nobody solves becomes more urgent."""

    after: Duration
    at_most: Priority = "P2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedence:
    """What raises an urgency or a priority besides the rules; "" and None raise nothing."""

    vip: Literal["medium", "high", ""] = ""
    marked: Literal["medium", "high", ""] = ""
    age: Age | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a requester is asked for when his mail lacks it."""

    needed: Mapping[TicketType, tuple[Fact, ...]] = field(default_factory=dict)
    at_least: int = 1  # so many must be missing
    clock: Literal["runs", "pauses"] = "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many mails may go out (PROTOCOLS 6); 0 is no limit for the last three, and mutes nobody."""

    per_ticket: int = 1
    per_address_hour: int = 3
    per_address_day: int = 6
    unverified_hour: int = 60
    thread_hour: int = 30  # automatic mails to one person about one ticket
    rule_hour: int = 300  # tickets of one rule that are told of
    total_hour: int = 5_000  # mails of any kind; then the outbox is parked
    mute_days: int = 14  # an address from which a mail came back gets no automatic one


DEFAULT_MATRIX: Mapping[Impact, Mapping[Degree, Priority]] = {
    "major": {"high": "P1", "medium": "P1", "low": "P1"},
    "high": {"high": "P1", "medium": "P2", "low": "P3"},
    "medium": {"high": "P2", "medium": "P3", "low": "P4"},
    "low": {"high": "P3", "medium": "P4", "low": "P4"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """What a field of a ticket may hold."""

    kind: FieldKind = "text"
    choices: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """In words: what a value must be."""
        return f"one of {', '.join(self.choices)}" if self.choices else f"a {self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything the desk's decisions depend on besides the mail, the ticket and the time."""

    name: str = "IT Service Desk"
    address: str
    aliases: tuple[str, ...] = ()
    owner: str
    domains: tuple[str, ...] = ()  # internal; default is the domain of the address
    language: str = "en"  # zh or en
    timezone: str = "UTC"
    reference: str = "MD"
    trust_reply_to: tuple[str, ...] = ()  # domains
    authserv_id: str = ""
    plus_address: bool = False  # the mailbox takes it+anything@...: answers carry their token there as well
    null_sender: bool = False  # automatic mail leaves with the envelope sender <>
    reopen_days: int = 14  # a closed ticket reopens within these days, later a new one follows it
    close_days: int = 5  # a resolved ticket closes by itself after these days
    attach_mb: int = 10  # attachments of one notice; what is over is named instead
    remember_days: int = 365  # a sender whom the staff called a spammer, or none; 0 remembers nobody
    show_addresses: bool = True  # the staff read the addresses of requesters
    budget: Budget = Budget()
    defaults: Classification = Classification()
    field_types: Mapping[str, FieldType] = field(default_factory=dict)
    matrix: Mapping[Impact, Mapping[Degree, Priority]] = field(default_factory=lambda: DEFAULT_MATRIX)
    people: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: {"always": ALWAYS})
    sla: Mapping[Priority, Target] = field(default_factory=dict)
    named_targets: Mapping[str, Target] = field(default_factory=dict)  # every entry of `sla`, as rules name it
    specials: tuple[Special, ...] = ()  # those that name the most first
    olas: Mapping[str, Ola] = field(default_factory=dict)  # by group
    pending: Waiting = Waiting()
    closing: Waiting = Waiting()
    forecast: Forecast = Forecast()
    worklist_at: time | None = None  # when each of the staff gets his morning mail, on his clock
    progress: Literal["", "requester", "assignee", "assignee first"] = ""  # who is written to before an update is due
    ladders: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    precedence: Precedence = Precedence()
    asking: Asking = Asking()
    duplicates: knowing.Duplicates = knowing.Duplicates()
    offering: knowing.Offering = knowing.Offering()
    surging: knowing.Surging = knowing.Surging()
    alerting: Alerting = Alerting()
    reports: tuple[Report, ...] = ()
    requesters: Mapping[str, Requester] = field(default_factory=dict)  # by folded address, or by domain

    def own_addresses(self) -> frozenset[str]:
        """The desk's address and its aliases, folded: never mailed, never a participant."""
        return frozenset(map(fold_address, (self.address, *self.aliases)))

    def is_internal(self, address: str) -> bool:
        """Whether an address is in the desk's own domains: enough for an acknowledgement, never for authority."""
        return domain_of(address) in {fold_address(d) for d in self.domains or (domain_of(self.address),)}
