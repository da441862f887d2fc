"""What the desk does about an alert: one ticket for each check of each host, one for a storm, no mail for a repeat."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from maildesk.desk import notices, opening
from maildesk.desk.alert_reading import Alert
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.lifecycle import OPEN
from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.policy import Policy
from maildesk.desk.thread import New
from maildesk.mail.model import Origin

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
class _Case:
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
        at = max(self.at, ticket.opened_at)
        return Draft(ticket, at=at, actor="desk", cause=f"inbound:{self.facts.inbound}")

    def changes(self) -> tuple[datetime, ...]:
        """When it came and went within the time of flapping, now included."""
        since = self.at - timedelta(seconds=self.policy.alerting.within)
        before = self.around.standing.changes if self.around.standing else ()
        return (*(when for when in before if when >= since), self.at)[-_MOST_CHANGES:]

    def stands(self, ticket: int, *, firing: bool, changed: bool = True) -> Standing:
        known = self.around.standing
        began = known.began if known and not (firing and changed) else self.at
        changes = self.changes() if changed else known.changes if known else ()
        return Standing(key=self.alert.key, ticket=ticket, firing=firing, began=began, changes=changes)


def decide(
    alert: Alert, around: Around, facts: Facts, classification: Classification, policy: Policy, now: datetime
) -> Outcome:
    """What becomes of one alert of a mail."""
    case = _Case(alert=alert, around=around, facts=facts, classification=classification, policy=policy, now=now)
    if alert.state == "ok":
        return _well(case)
    known, ticket = around.standing, around.ticket
    if ticket is not None and known is not None and ticket.status in OPEN:
        return _again(case, ticket, changed=not known.firing)
    if around.maintained is not None:
        until = f"{around.maintained:%Y-%m-%d %H:%M %Z}"
        return Outcome(decision=Decision(reason=f"an alert of {alert.host}, which is in maintenance until {until}"))
    if ticket is not None and known is not None and _ended_lately(ticket, case):
        return _again(case, ticket, changed=not known.firing)
    wish = policy.alerting
    if wish.storm_keys and around.begun >= wish.storm_keys:
        return _stormed(case)
    return _opened(case)


def _ended_lately(ticket: Ticket, case: _Case) -> bool:
    ended = ticket.closed_at or ticket.resolved_at
    return ended is not None and case.at - ended <= timedelta(seconds=case.policy.alerting.again)


def _say(draft: Draft, alert: Alert, *, ticket_key: str | None = None) -> None:
    draft.add(
        "alerted",
        host=alert.host,
        check=alert.check,
        state=alert.state,
        severity=alert.severity or None,
        key=ticket_key,
    )


def _again(case: _Case, ticket: Ticket, *, changed: bool) -> Outcome:
    """It fires, and has a ticket: counted. One that had ended is open again, and its team hears of that."""
    draft = case.draft(ticket)
    _say(draft, case.alert)
    reopened = ticket.status not in OPEN
    if reopened:
        draft.add("reopened", why=f"{case.alert.name} fires again")
    if not _flaps(draft, case, changed=changed) and reopened:
        values = {"by": case.alert.host}
        draft.tell(*notices.to_team("reopened", draft.ticket, case.policy, values=values))
    what = "fires again" if changed or reopened else "still fires"
    return Outcome(
        decision=draft.decision(f"{case.alert.name} {what}: counted on {case.policy.reference}-{ticket.number}"),
        standing=case.stands(ticket.number, firing=True, changed=changed),
        storm=ticket.alert == STORM,
    )


def _flaps(draft: Draft, case: _Case, *, changed: bool) -> bool:
    """Whether the ticket's alert comes and goes; the first time its team hears of it."""
    wish, ticket = case.policy.alerting, draft.ticket
    if ticket.alert == STORM or not wish.changes:
        return False
    if not ticket.flapping and changed and len(case.changes()) >= wish.changes:
        draft.add("flapping", changes=len(case.changes()), seconds=wish.within)
        values = {
            "alert": case.alert.name,
            "changes": len(case.changes()),
            "within": wish.within,
            "quiet": wish.quiet,
        }
        draft.tell(*notices.to_team("alert-flapping", draft.ticket, case.policy, values=values))
    return draft.ticket.flapping


def _well(case: _Case) -> Outcome:
    """It is well: the ticket ends by policy, unless it flaps, or others of its storm still fire."""
    alert, ticket, known = case.alert, case.around.ticket, case.around.standing
    if ticket is None or known is None or not known.firing:
        return Outcome(decision=Decision(reason=f"{alert.name} is well, and nothing was known of it", ticket=None))
    draft = case.draft(ticket)
    _say(draft, alert)
    standing = case.stands(ticket.number, firing=False)
    named = f"{case.policy.reference}-{ticket.number}"
    if ticket.alert == STORM and case.around.firing:
        reason = f"{alert.name} is well; {case.around.firing} of {named} still fire"
    elif _flaps(draft, case, changed=True):
        end = draft.at + timedelta(seconds=case.policy.alerting.quiet)
        draft.add("calmed", until=end.isoformat())
        reason = f"{alert.name} is well, but it flaps: {named} stays open until it is quiet"
    else:
        _end(draft, case.policy, quiet=False)
        reason = f"{alert.name} is well: {named} is {draft.ticket.status}"
    return Outcome(decision=draft.decision(reason), standing=standing, storm=ticket.alert == STORM)


def _end(draft: Draft, policy: Policy, *, quiet: bool) -> None:
    """By policy the ticket is over; whoever has it in hand hears of it, a monitoring system of nothing."""
    draft.add("recovered", quiet=quiet or None)
    wish, ticket = policy.alerting.recovery, draft.ticket
    if wish != "keep" and ticket.status in OPEN:
        if wish == "close":
            draft.add("closed", why="recovered")
        else:
            draft.add("resolved", text="", told_requester=False)
    if ticket.assignee and ticket.status in OPEN:
        draft.tell(*notices.to_team("alert-recovered", draft.ticket, policy, values={"alerts": ticket.alerts}))


def calms_at(ticket: Ticket) -> datetime | None:
    """When a flapping alert that is well counts as recovered; None is never."""
    return ticket.quiet_at if ticket.status in OPEN and not ticket.held else None


def calmed(ticket: Ticket, policy: Policy, now: datetime) -> Decision | None:
    """A flapping alert was quiet for long enough: its ticket ends; None when it is not time."""
    moment = calms_at(ticket)
    if moment is None or now < moment:
        return None
    draft = Draft(ticket, at=now, actor="desk", cause="tick")
    _end(draft, policy, quiet=True)
    return draft.decision("the alert was quiet for long enough")


def _opened(case: _Case) -> Outcome:
    """A ticket of its own, classified and dispatched by the rules, of the priority of its severity."""
    before = case.around.ticket
    new = New(reason=f"an alert: {case.alert.name}", follows=before.number if before else None)
    made = opening.opened(_as_mail(case, ""), _judged(case, ""), case.policy, case.now, new)
    return _with(case, made, case.alert.key)


def _with(case: _Case, made: Decision, key: str, links: tuple[Ticket, ...] = ()) -> Outcome:
    """An opening with the alert on top."""
    if made.ticket is None:
        raise ValueError("an opening opens a ticket")
    draft = case.draft(made.ticket)
    _say(draft, case.alert, ticket_key=key)
    for ticket in links:
        draft.add("linked", kind="child", number=ticket.number)
    told = made.notices
    if key == STORM:
        told = tuple(notice for notice in told if notice.event != "dispatched")
        draft.tell(*notices.to_team("alert-storm", draft.ticket, case.policy, values=_storm_values(case, links)))
    more = draft.decision("")
    whole = replace(
        made,
        ticket=more.ticket,
        events=(*made.events, *more.events),
        notices=(*told, *more.notices),
        also=(*made.also, *(_child(case, one, made.ticket.number) for one in links)),
    )
    return Outcome(decision=whole, standing=case.stands(made.ticket.number, firing=True), storm=key == STORM)


def _child(case: _Case, ticket: Ticket, parent: int) -> Decision:
    draft = case.draft(ticket)
    draft.add("linked", kind="parent", number=parent)
    return draft.decision("it is part of a storm of alerts")


def _storm_values(case: _Case, links: tuple[Ticket, ...]) -> dict[str, Any]:
    prefix = case.policy.reference
    return {
        "alert": case.alert.name,
        "count": case.around.begun + 1,
        "within": case.policy.alerting.storm_within,
        "rows": [{"reference": f"{prefix}-{one.number}", "subject": one.subject} for one in links],
    }


def _stormed(case: _Case) -> Outcome:
    """Too many at once: it is one more of the storm, which has one ticket and one mail."""
    storm = case.around.storm
    if storm is not None and (storm.status in OPEN or _ended_lately(storm, case)):
        return _again(case, storm, changed=True)
    new = New(reason="a storm of alerts")
    made = opening.opened(_as_mail(case, STORM), _judged(case, STORM), case.policy, case.now, new)
    return _with(case, made, STORM, case.around.lately)


_STORM_TITLE = {"zh": "告警风暴", "en": "Alert storm"}


def _as_mail(case: _Case, kind: str) -> Facts:
    """The facts as of a mail about this alert alone, which no filter for people's mail holds back."""
    facts, alert = case.facts, case.alert
    title = f"{alert.name} {alert.severity}".strip()
    if kind == STORM:
        title = _STORM_TITLE["zh" if case.policy.language == "zh" else "en"]
    origin = Origin(kind="automatic", reasons=("a monitoring system sent it",))
    mail = replace(facts.mail, subject=title, origin=origin, spam="", to=(), cc=())
    return replace(facts, mail=mail, alike=())


def _judged(case: _Case, kind: str) -> Classification:
    """What the rules say, and the type, category and priority of an alert where they say nothing."""
    found, severity = case.classification, case.alert.severity
    rank = case.policy.alerting.storm_priority if kind == STORM else case.policy.alerting.severity.get(severity)
    why = "a storm of alerts" if kind == STORM else f"severity: {severity}"
    set_by = dict(found.set_by)
    if rank is not None and not {"priority_at_least", "priority_at_most"} & set_by.keys():
        found = replace(found, priority_at_least=rank, priority_at_most=rank)
        set_by |= {"priority_at_least": why, "priority_at_most": why}
    category = found.category if "category" in set_by else "monitoring"
    return replace(found, type="alert", category=category, parent=None, set_by=set_by)
