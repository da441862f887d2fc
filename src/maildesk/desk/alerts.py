"""What the desk does about an alert: one ticket for each check of each host, one for a storm, no mail for a repeat."""

from datetime import datetime, timedelta

from maildesk.desk import alert_opening, notices
from maildesk.desk.alert import Alert
from maildesk.desk.alert_case import STORM, Around, Case, Outcome, say
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.lifecycle import OPEN
from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.policy import Policy


def decide(
    alert: Alert, around: Around, facts: Facts, classification: Classification, policy: Policy, now: datetime
) -> Outcome:
    """What becomes of one alert of a mail."""
    case = Case(alert=alert, around=around, facts=facts, classification=classification, policy=policy, now=now)
    if alert.state == "ok":
        return _well(case)
    known, ticket = around.standing, around.ticket
    if ticket is not None and known is not None and ticket.status in OPEN:
        return _again(case, ticket, changed=not known.firing)
    if around.maintained is not None:
        until = f"{around.maintained:%Y-%m-%d %H:%M %Z}"
        return Outcome(decision=Decision(reason=f"an alert of {alert.host}, which is in maintenance until {until}"))
    if ticket is not None and known is not None and case.ended_lately(ticket):
        return _again(case, ticket, changed=not known.firing)
    wish = policy.alerting
    if wish.storm_keys and around.begun >= wish.storm_keys:
        return _stormed(case)
    return alert_opening.opened(case)


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
    if not _flaps(draft, case, changed=changed) and reopened:
        values = {"by": case.alert.host}
        draft.tell(*notices.to_team("reopened", draft.ticket, case.policy, values=values))
    what = "fires again" if changed or reopened else "still fires"
    return Outcome(
        decision=draft.decision(f"{case.alert.name} {what}: counted on {case.policy.reference}-{ticket.number}"),
        standing=case.stands(ticket.number, firing=True, changed=changed),
        storm=ticket.alert == STORM,
    )


def _flaps(draft: Draft, case: Case, *, changed: bool) -> bool:
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


def _well(case: Case) -> Outcome:
    """It is well: the ticket ends by policy, unless it flaps, or others of its storm still fire."""
    alert, ticket, known = case.alert, case.around.ticket, case.around.standing
    if ticket is None or known is None or not known.firing:
        return Outcome(decision=Decision(reason=f"{alert.name} is well, and nothing was known of it", ticket=None))
    draft = case.draft(ticket)
    say(draft, alert)
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
