"""An alert that has no ticket yet: one of its own, or the one of a storm."""

from dataclasses import replace
from typing import Any

from maildesk.desk import notices, opening
from maildesk.desk.classification import Classification
from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.monitoring.alert_case import STORM, Case, Outcome, say
from maildesk.desk.thread import New
from maildesk.mail.model import Origin

_STORM_TITLE = {"zh": "告警风暴", "en": "Alert storm"}


def opened(case: Case) -> Outcome:
    """A ticket of its own, classified and dispatched by the rules, of the priority of its severity."""
    before = case.around.ticket
    new = New(reason=f"an alert: {case.alert.name}", follows=before.number if before else None)
    made = opening.opened(_as_mail(case, ""), _judged(case), case.policy, case.now, new)
    return _with(case, made, case.alert.key)


def stormed(case: Case) -> Outcome:
    """The ticket of a storm, which has one mail; what fired shortly before is linked to it."""
    new = New(reason="a storm of alerts")
    made = opening.opened(_as_mail(case, STORM), _judged(case, STORM), case.policy, case.now, new)
    return _with(case, made, STORM, case.around.lately)


def _with(case: Case, made: Decision, key: str, links: tuple[Ticket, ...] = ()) -> Outcome:
    """An opening with the alert on top."""
    if made.ticket is None:
        raise ValueError("an opening opens a ticket")
    draft = case.draft(made.ticket)
    say(draft, case.alert, ticket_key=key)
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


def _child(case: Case, ticket: Ticket, parent: int) -> Decision:
    draft = case.draft(ticket)
    draft.add("linked", kind="parent", number=parent)
    return draft.decision("it is part of a storm of alerts")


def _storm_values(case: Case, links: tuple[Ticket, ...]) -> dict[str, Any]:
    prefix = case.policy.reference
    return {
        "alert": case.alert.name,
        "count": case.around.begun + 1,
        "within": case.policy.alerting.storm_within,
        "rows": [{"reference": f"{prefix}-{one.number}", "subject": one.subject} for one in links],
    }


def _as_mail(case: Case, kind: str) -> Facts:
    """The facts as of a mail about this alert alone, which no filter for people's mail holds back."""
    facts, alert = case.facts, case.alert
    title = f"{alert.name} {alert.severity}".strip()
    if kind == STORM:
        title = _STORM_TITLE["zh" if case.policy.language == "zh" else "en"]
    origin = Origin(kind="automatic", reasons=("a monitoring system sent it",))
    mail = replace(facts.mail, subject=title, origin=origin, spam="", to=(), cc=())
    return replace(facts, mail=mail, alike=())


def _judged(case: Case, kind: str = "") -> Classification:
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
