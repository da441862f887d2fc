"""What the operator decided: people, groups, targets, ladders, budgets. Built by rules/load.py and settings.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maildesk.desk.hours import ALWAYS, Calendar, Duration
from maildesk.desk.model import Classification, Degree, Priority
from maildesk.mail.ids import domain_of, fold_address


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An assignment group, or a vendor that is one address."""

    key: str
    level: str = "L1"  # L1, L2, L3, vendor
    members: tuple[str, ...] = ()
    lead: str = ""
    escalates_to: str = ""  # key of a group
    address: str = ""  # a vendor's; no authority comes from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The SLA of one priority."""

    calendar: str
    response: Duration
    resolution: Duration
    ladder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of an escalation ladder: at a share of the target, or that and a business time after."""

    at: str  # as written, e.g. "80%" or "100% + 2h": the rung's name in the journal
    share: float  # 0.8; 1.0 is the breach
    after: Duration = Duration()
    tell: tuple[str, ...] = ()  # assignee, group, lead, manager, owner, requester, or a person's key


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """An entry of the service catalogue."""

    key: str
    words: tuple[str, ...] = ()
    criticality: Degree = "medium"
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many acknowledgements may go out (PROTOCOLS 6)."""

    per_ticket: int = 1
    per_address_hour: int = 3
    per_address_day: int = 6
    unverified_hour: int = 60


DEFAULT_MATRIX: Mapping[Degree, Mapping[Degree, Priority]] = {
    "high": {"high": "P1", "medium": "P2", "low": "P3"},
    "medium": {"high": "P2", "medium": "P3", "low": "P4"},
    "low": {"high": "P3", "medium": "P4", "low": "P4"},
}


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
    null_sender: bool = False  # automatic mail leaves with the envelope sender <>
    reopen_days: int = 14  # a closed ticket reopens within these days, later a new one follows it
    close_days: int = 5  # a resolved ticket closes by itself after these days
    attach_bytes: int = 10_000_000  # attachments of one notice; what is over is named instead
    budget: Budget = Budget()
    defaults: Classification = Classification()
    matrix: Mapping[Degree, Mapping[Degree, Priority]] = field(default_factory=lambda: DEFAULT_MATRIX)
    people: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: {"always": ALWAYS})
    sla: Mapping[Priority, Target] = field(default_factory=dict)
    ladders: Mapping[str, tuple[Rung, ...]] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)

    def own_addresses(self) -> frozenset[str]:
        """The desk's address and its aliases, folded: never mailed, never a participant."""
        return frozenset(map(fold_address, (self.address, *self.aliases)))

    def is_internal(self, address: str) -> bool:
        """Whether an address is in the desk's own domains: enough for an acknowledgement, never for authority."""
        return domain_of(address) in {fold_address(d) for d in self.domains or (domain_of(self.address),)}
