"""What the operator wants done with the mails of monitoring systems. Parts of the policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from maildesk.desk.model import Priority
from maildesk.mail.ids import domain_of, fold_address

HOUR = 3_600
SEVERITIES: Mapping[str, Priority] = {
    "disaster": "P1",
    "critical": "P1",
    "down": "P1",
    "high": "P2",
    "error": "P2",
    "average": "P3",
    "warning": "P3",
    "unknown": "P3",
    "information": "P4",
    "info": "P4",
    "灾难": "P1",
    "紧急": "P1",
    "致命": "P1",
    "严重": "P2",
    "重要": "P2",
    "一般严重": "P3",
    "警告": "P3",
    "次要": "P3",
    "信息": "P4",
    "提示": "P4",
}


class Reads(Protocol):
    """A pattern of the operator: the piece of a text that matches, and what its named groups hold."""

    def search(self, text: str) -> tuple[str, dict[str, str]] | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Hosts of which nobody wants to hear for a time."""

    hosts: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """Who may send alerts, and what becomes of them. Without senders no mail is an alert."""

    senders: tuple[str, ...] = ()  # addresses and domains, folded
    patterns: tuple[Reads, ...] = ()
    severity: Mapping[str, Priority] = field(default_factory=lambda: SEVERITIES)
    recovery: Literal["close", "resolve", "keep"] = "close"
    again: int = HOUR  # seconds after its end in which the same alert opens the same ticket again
    changes: int = 5  # so many changes in `within` seconds are flapping; 0 is never
    within: int = HOUR // 2
    quiet: int = HOUR // 4  # seconds without a change that end it
    storm_keys: int = 20  # more than so many alerts in `storm_within` seconds are a storm; 0 is never
    storm_within: int = HOUR // 12
    storm_priority: Priority = "P2"
    maintenance: tuple[Maintenance, ...] = ()

    def names(self, address: str) -> bool:
        """Whether this very address is a monitoring system's: a domain may be that of people too."""
        return fold_address(address) in self.senders

    def trusts(self, address: str) -> bool:
        """Whether mail from this address may be an alert."""
        key = fold_address(address)
        return bool(key) and any(key == one or domain_of(key) == one for one in self.senders)

    def maintained(self, host: str, now: datetime) -> datetime | None:
        """Until when a host is in maintenance by the operator's plan; None when it is not."""
        name = host.casefold()
        ends = [
            one.end
            for one in self.maintenance
            if one.start <= now < one.end and any(fnmatchcase(name, pattern.casefold()) for pattern in one.hosts)
        ]
        return max(ends, default=None)
