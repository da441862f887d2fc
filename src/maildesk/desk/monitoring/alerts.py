"""What the desk does about an alert: one ticket for each check of each host, one for a storm, no mail for a repeat."""

from datetime import datetime, timedelta

from maildesk.desk import notices
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.lifecycle import OPEN
from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.monitoring import alert_opening
from maildesk.desk.monitoring.alert import Alert
from maildesk.desk.monitoring.alert_case import STORM, Around, Case, Outcome, own, say
from maildesk.desk.policy import Policy


def decide(
    alert: Alert, around: Around, facts: Facts, classification: Classification, policy: Policy, now: datetime
) -> Outcome:
    """What becomes of one alert of a mail."""
    case = Case(alert=alert, around=around, facts=facts, classification=classification, policy=policy, now=now)
    if alert.state == "noted":
        return _noted(case)
    if alert.state == "ok":
        return _well(case)
    known, ticket = around.standing, around.ticket
    if ticket is not None and known is not None and ticket.status in OPEN:
        return _again(case, ticket, changed=not known.firing)
    if around.maintained is not None:
        until = f"{around.maintained:%Y-%m-%d %H:%M %Z}"
        return Outcome(decision=Decision(reason=f"an alert of {alert.host}, which is in maintenance until {until}"))
    if ticket is not None and known is not None and ticket.alert and case.ended_lately(ticket):
        return _again(case, ticket, changed=not known.firing)
    wish = policy.alerting
    if wish.storm_keys and around.begun >= wish.storm_keys:
        return _stormed(case)
    return alert_opening.opened(case)


def _noted(case: Case) -> Outcome:
    """Somebody did something about it in the monitoring system: kept on its ticket, which it neither opens nor ends."""
    alert, ticket = case.alert, case.around.ticket
    if ticket is None or ticket.status not in OPEN:
        return Outcome(decision=Decision(reason=f"{alert.name}: {alert.said}, and no open ticket is about it"))
    draft = case.draft(ticket)
    draft.add("alert-noted", host=alert.host, check=alert.check, said=alert.said)
    return Outcome(decision=draft.decision(f"{alert.name}: {alert.said}, kept on {case.named(ticket)}"))


def _stormed(case: Case) -> Outcome:
    """Too many at once: it is one more of the storm, which has one ticket and one mail."""
    storm = case.around.storm
    if storm is not None and (storm.status in OPEN or case.ended_lately(storm)):
        return _again(case, storm, changed=True)
    return alert_opening.stormed(case)


def _again(case: Case, ticket: Ticket, *, changed: bool) -> Outcome:
    """It fires, and has a ticket: counted. One that had ended is open again, and its team hears of that."""
    draft = case.draft(ticket)
    say(draft, case.alert)
    reopened = ticket.status not in OPEN
    if reopened:
        draft.add("reopened", why=f"{case.alert.name} fires again")
    worse = _worse(draft, case)
    if not _flaps(draft, case, changed=changed) and reopened:
        values = {"by": case.alert.host}
        draft.tell(*notices.to_team("reopened", draft.ticket, case.policy, values=values))
    elif worse:
        values = {"alert": case.alert.name, "severity": case.alert.severity, "old": ticket.priority}
        draft.tell(*notices.to_team("alert-worse", draft.ticket, case.policy, values=values))
    what = "fires again" if changed or reopened else "still fires"
    return Outcome(
        decision=draft.decision(f"{case.alert.name} {what}: counted on {case.named(ticket)}"),
        standing=case.stands(ticket.number, firing=True, changed=changed),
        storm=ticket.alert == STORM,
    )


def _worse(draft: Draft, case: Case) -> bool:
    """Whether it fires more severely than its ticket's priority says: that rises, unless a rule or a person set it."""
    ticket, severity = draft.ticket, case.alert.severity
    rank = case.policy.alerting.severity.get(severity)
    fixed = {"priority_at_least", "priority_at_most"} & case.classification.set_by.keys()
    if rank is None or rank >= ticket.priority or ticket.priority_by or fixed or not own(ticket):
        return False
    bound = f"at least {rank}: severity: {severity}"
    draft.add("prioritised", impact=ticket.impact, urgency=ticket.urgency, priority=rank, priority_bound=bound)
    return True


def _flaps(draft: Draft, case: Case, *, changed: bool) -> bool:
    """Whether the ticket's alert comes and goes; the first time its team hears of it."""
    wish, ticket = case.policy.alerting, draft.ticket
    if not own(ticket) or not wish.changes:
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


def _well(case: Case) -> Outcome:
    """It is well: the ticket ends by policy, unless it flaps, or others of its storm still fire."""
    alert, ticket, known = case.alert, case.around.ticket, case.around.standing
    if ticket is None or known is None or not known.firing:
        return Outcome(decision=Decision(reason=f"{alert.name} is well, and nothing was known of it", ticket=None))
    draft = case.draft(ticket)
    say(draft, alert)
    standing = case.stands(ticket.number, firing=False)
    named = case.named(ticket)
    if case.around.firing:
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
    wish, ticket = policy.alerting.recovery if draft.ticket.alert else "keep", draft.ticket
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
