"""The part of a rule file about the mails of monitoring systems."""

from dataclasses import field as optional
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk.model import Priority
from maildesk.desk.monitoring import alerting
from maildesk.mail.ids import fold_address
from maildesk.rules import arguments
from maildesk.rules.patterns import Pattern
from maildesk.rules.reminding import Real
from maildesk.rules.written import STRICT, Texts, checked, text_once

_DEFAULT = alerting.Alerting()
_NAMED = ("host", "check", "state")


def pattern(text: str) -> Pattern:
    """A pattern that names what an alert must have. Raises ValueError."""
    found = Pattern.of(text)
    missing = [name for name in _NAMED if f"<{name}>" not in text]
    if missing:
        raise ValueError(f"must have named groups (?P<{missing[0]}>...): {', '.join(_NAMED)} and, at will, severity")
    return found


def sender(text: str) -> str:
    """An address, or a domain with or without its `@`, folded. Raises ValueError."""
    try:
        return fold_address(arguments.address(text)) if "@" in text[1:] else arguments.domain(text)
    except ValueError:
        raise ValueError(f'"{text}" is neither an address nor a domain such as zabbix.corp.example') from None


def moment(text: str) -> datetime:
    """A day and a time as 2026-12-01 22:00, by the desk's clock where no zone is given. Raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a time such as 2026-12-01 22:00') from None


Moment = Annotated[datetime, checked(moment)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Maintenance:
    """A time in which alerts of some hosts are kept without a ticket and without a mail."""

    hosts: Annotated[Texts, Field(min_length=1, description='names of hosts; `*` stands for anything: `["db*"]`')]
    start: Annotated[Moment, Field(description="as 2026-12-01 22:00, by the desk's clock")]
    end: Annotated[Moment, Field(description="likewise")]

    def __post_init__(self) -> None:
        if bool(self.start.tzinfo) != bool(self.end.tzinfo) or self.start >= self.end:
            raise ValueError("`end` must be later than `start`")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Flapping:
    """An alert that comes and goes: its ticket stays open and its team hears of it once."""

    changes: Annotated[int, Field(ge=0, le=1000, description="so many changes; 0 is never")] = _DEFAULT.changes
    within: Annotated[Real, Field(description="in this time")] = ("30m", _DEFAULT.within)
    quiet: Annotated[Real, Field(description="without a change for so long it is taken as recovered")] = (
        "15m",
        _DEFAULT.quiet,
    )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Storm:
    """Many alerts at once: one ticket for all that come after the first, with one mail."""

    alerts: Annotated[int, Field(ge=0, le=10_000, description="more than so many alerts; 0 is never")] = (
        _DEFAULT.storm_keys
    )
    within: Annotated[Real, Field(description="in this time")] = ("5m", _DEFAULT.storm_within)
    priority: Annotated[Priority, Field(description="of the storm's ticket")] = _DEFAULT.storm_priority


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Alerts:
    """Mails of Zabbix, Nagios, Icinga, Alertmanager, Grafana and of what a pattern reads (docs/alerts.md).

    The same check of the same host is one ticket: what repeats is counted, what recovers closes it. Rules classify
    and dispatch these tickets like any other; nobody is ever answered at a monitoring system's address.
    """

    senders: Annotated[
        tuple[Annotated[str, checked(sender)], ...],
        BeforeValidator(text_once),
        Field(description="addresses and domains whose mail may be an alert; nobody else's is"),
    ] = ()
    patterns: Annotated[
        tuple[Annotated[Pattern, checked(pattern)], ...],
        BeforeValidator(text_once),
        Field(description="RE2 over subject and text, with named groups host, check, state and, at will, severity"),
    ] = ()
    severity: Annotated[
        dict[str, Priority], Field(description="priorities of severities, on top of those of docs/alerts.md")
    ] = optional(default_factory=dict)
    recovery: Annotated[
        Literal["close", "resolve", "keep"], Field(description="what a recovery does to the ticket; keep: nothing")
    ] = _DEFAULT.recovery
    again: Annotated[Real, Field(description="how long after its end the same alert opens the same ticket again")] = (
        "1h",
        _DEFAULT.again,
    )
    flapping: Annotated[Flapping, Field(description="see below")] = optional(default_factory=Flapping)
    storm: Annotated[Storm, Field(description="see below")] = optional(default_factory=Storm)
    maintenance: Annotated[
        tuple[Maintenance, ...],
        Field(description='planned work: `[{hosts: ["db*"], start: "2026-12-01 22:00", end: "2026-12-02 02:00"}]`'),
    ] = ()

    def build(self, zone: str) -> alerting.Alerting:
        """The wish as the desk reads it; times without a zone are those of the desk."""
        return alerting.Alerting(
            senders=self.senders,
            patterns=self.patterns,
            severity={**alerting.SEVERITIES, **{word.casefold(): rank for word, rank in self.severity.items()}},
            recovery=self.recovery,
            again=self.again[1],
            changes=self.flapping.changes,
            within=self.flapping.within[1],
            quiet=self.flapping.quiet[1],
            storm_keys=self.storm.alerts,
            storm_within=self.storm.within[1],
            storm_priority=self.storm.priority,
            maintenance=tuple(
                alerting.Maintenance(hosts=one.hosts, start=_placed(one.start, zone), end=_placed(one.end, zone))
                for one in self.maintenance
            ),
        )


def _placed(when: datetime, zone: str) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone))
