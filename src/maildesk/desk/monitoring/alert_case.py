"""What a decision about one alert may want to know, and what it gives."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.monitoring.alert import Alert
from maildesk.desk.policy import Policy

STORM = "storm"  # what the ticket of a storm is known by; the key of an alert has two lines
_MOST_CHANGES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of an alert's key: whether it fires, on which ticket, and when it came and went."""

    key: str
    ticket: int
    firing: bool
    began: datetime  # when it last began to fire
    changes: tuple[datetime, ...] = ()  # the latest, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a decision about one alert may want to know besides its mail, read in the same transaction."""

    standing: Standing | None = None
    ticket: Ticket | None = None  # the one that it stands on, or that this one was merged into
    maintained: datetime | None = None  # until when its host is in maintenance
    begun: int = 0  # other keys that began to fire within the time of a storm
    lately: tuple[Ticket, ...] = ()  # the tickets that they stand on, once it is a storm
    storm: Ticket | None = None  # the latest storm
    firing: int = 0  # other keys that still fire on the same ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The decision, and how the alert's key stands from now on; None where it stands as before."""

    decision: Decision
    standing: Standing | None = None
    storm: bool = False  # the ticket is a storm's


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One alert of a mail, and all that is known around it."""

    alert: Alert
    around: Around
    facts: Facts
    classification: Classification
    policy: Policy
    now: datetime
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", self.facts.arrived)

    def draft(self, ticket: Ticket) -> Draft:
        """What happens to a ticket because of it."""
        at = max(self.at, ticket.opened_at)
        return Draft(ticket, at=at, actor="desk", cause=f"inbound:{self.facts.inbound}")

    def changes(self) -> tuple[datetime, ...]:
        """When it came and went within the time of flapping, now included."""
        since = self.at - timedelta(seconds=self.policy.alerting.within)
        before = self.around.standing.changes if self.around.standing else ()
        return (*(when for when in before if when >= since), self.at)[-_MOST_CHANGES:]

    def stands(self, ticket: int, *, firing: bool, changed: bool = True) -> Standing:
        """How its key stands from now on."""
        known = self.around.standing
        began = known.began if known and not (firing and changed) else self.at
        changes = self.changes() if changed else known.changes if known else ()
        return Standing(key=self.alert.key, ticket=ticket, firing=firing, began=began, changes=changes)

    def ended_lately(self, ticket: Ticket) -> bool:
        """Whether a ticket ended so short a time ago that it is opened again."""
        ended = ticket.closed_at or ticket.resolved_at
        return ended is not None and self.at - ended <= timedelta(seconds=self.policy.alerting.again)

    def named(self, ticket: Ticket) -> str:
        """A ticket as people call it."""
        return f"{self.policy.reference}-{ticket.number}"


def own(ticket: Ticket) -> bool:
    """Whether a ticket is about one alert alone: no storm, and none of a person's that an alert was merged into."""
    return ticket.alert not in ("", STORM)


def say(draft: Draft, alert: Alert, *, ticket_key: str | None = None) -> None:
    """Put into a ticket's journal that monitoring says so."""
    draft.add(
        "alerted",
        host=alert.host,
        check=alert.check,
        state=alert.state,
        severity=alert.severity or None,
        key=ticket_key,
    )
