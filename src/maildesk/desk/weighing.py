"""What moves urgency and priority besides the rules: who asks, how he marked his mail, and how long it lies."""

import re
from dataclasses import replace
from datetime import datetime

from maildesk.desk import notices
from maildesk.desk.classification import Classification
from maildesk.desk.clocks import hours, sla
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Degree, Facts, Recipient, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.priority import PRIORITIES
from maildesk.mail.model import Mail

_DEGREES: tuple[Degree, ...] = ("low", "medium", "high")
_HIGH = re.compile(r"\s*(?:[12]\b|high\b|urgent\b)", re.IGNORECASE)
_MARKS = ("X-Priority", "Importance", "X-MSMail-Priority", "Priority")


def weighed(classification: Classification, facts: Facts, policy: Policy) -> Classification:
    """The classification with the urgency that a VIP and a mail marked as urgent have at least, and a service's SLA."""
    precedence, mail = policy.precedence, facts.mail
    found = classification
    service = policy.services.get(found.service)
    if service is not None and service.sla and not found.sla:
        found = replace(found, sla=service.sla, set_by={**found.set_by, "sla": f"service {service.key}"})
    mark = _mark(mail)
    if precedence.marked and mark:
        step = _DEGREES[min(_DEGREES.index(found.urgency) + 1, _DEGREES.index(precedence.marked))]
        found = _raised(found, step, f"mark: {mark}")
    known = directory.known_as(mail.authentication.address, policy)
    if precedence.vip and known is not None and known.vip:
        found = _raised(found, precedence.vip, "vip")
    return found


def _raised(before: Classification, urgency: Degree, why: str) -> Classification:
    if _DEGREES.index(urgency) <= _DEGREES.index(before.urgency):
        return before
    return replace(before, urgency=urgency, set_by={**before.set_by, "urgency": why})


def _mark(mail: Mail) -> str:
    """The header by which a mail is marked as urgent, as written; "" when it is not."""
    for name in _MARKS:
        for value in mail.values(name):
            if _HIGH.match(value):
                return f"{name}: {value.strip()[:20]}"
    return ""


def due(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a ticket's priority rises because of its age; None is never."""
    age = policy.precedence.age
    if age is None or ticket.priority <= age.at_most or ticket.priority_by or ticket.held:
        return None
    if ticket.status in ("pending", "resolved", "closed"):
        return None
    target = sla.target_of(ticket, policy)
    calendar = policy.calendars[target.calendar] if target else hours.ALWAYS
    begin = ticket.opened_at
    for _ in range(ticket.aged + 1):
        begin = hours.add(calendar, begin, age.after)
    return begin


def decide(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    """One degree more urgent, by its age."""
    age = policy.precedence.age
    draft = Draft(ticket, at=now, actor="desk", cause="tick")
    if age is not None:
        higher = PRIORITIES[PRIORITIES.index(ticket.priority) - 1]
        after = hours.format_duration(age.after)
        why = f"open for {after}" if not ticket.aged else f"open for {ticket.aged + 1} times {after}"
        draft.add("aged", old=ticket.priority, priority=higher, why=f"{why}; never above {age.at_most}")
    return draft.decision("its priority rose with its age")


def alarm(draft: Draft, policy: Policy, now: datetime) -> None:
    """A major incident: the lead and the manager hear at once, whatever the ladders say."""
    ticket = draft.ticket
    if ticket.impact != "major" or ticket.held:
        return
    told: dict[str, tuple[str, Recipient]] = {}
    for role in ("lead", "manager"):
        for to in directory.recipients(role, ticket, policy):
            told.setdefault(to.address, (role if to.person else "owner", to))
    for role, to in told.values():
        values = notices.targets(ticket, policy, now, to.language)
        draft.tell(*notices.told("major", role, ticket, policy, (to,), values=values))
    draft.add("alarmed", told=list(told))
