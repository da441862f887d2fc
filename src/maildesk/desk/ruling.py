"""What rules set besides the mail's own course: notes and links of new tickets, everything on replies."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Literal

from maildesk.desk import notices, priority
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Facts, Message, Ticket
from maildesk.desk.people import handover
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address

_CLASSIFYING: tuple[Literal["type", "category", "service", "language", "sla"], ...] = (
    "type",
    "category",
    "service",
    "language",
    "sla",
)
_PRIORITISING = frozenset({"impact", "urgency", "priority_at_least", "priority_at_most"})


def besides(draft: Draft, classification: Classification, facts: Facts, policy: Policy) -> None:
    """The notes and the link to a parent that rules give to a ticket."""
    if classification.notes:
        text = "\n\n".join(classification.notes)
        desk = Address(name=policy.name, address=policy.address)
        draft.keep(Message(at=facts.arrived, direction="in", sender=desk, to=(), text=text, internal=True))
        draft.add("noted", text=text, why=classification.set_by.get("note", ""))
    parent = classification.parent
    if parent is not None and (draft.before is None or draft.ticket.number != parent):
        draft.add("linked", kind="parent", number=parent)


def added(
    decision: Decision, facts: Facts, classification: Classification, policy: Policy, now: datetime, *, staff: bool
) -> Decision:
    """The decision about a reply, with what rules `on: [reply]` say on top.

    What people set by hand stays: a priority, and whom a member of the staff gives the ticket to. A mail of which
    nobody can be sure moves nothing.
    """
    before = decision.ticket
    unverified = any(event.data.get("unverified") for event in decision.events)
    if before is None or unverified or not (classification.set_by or classification.tags):
        return decision
    draft = Draft(
        before,
        at=max(facts.arrived, before.opened_at),
        actor="desk",
        cause=f"inbound:{facts.inbound}",
    )
    _classify(draft, classification)
    if _PRIORITISING & set(classification.set_by) and not before.priority_by and before.closed_at is None:
        _prioritise(draft, classification, policy)
    besides(draft, classification, facts, policy)
    if not staff and before.closed_at is None and not before.held:
        _dispatch(draft, classification, facts, policy, now)
    more = draft.decision(decision.reason)
    return replace(
        decision,
        ticket=more.ticket,
        events=(*decision.events, *more.events),
        notices=(*decision.notices, *more.notices),
        messages=(*decision.messages, *more.messages),
    )


def _classify(draft: Draft, classification: Classification) -> None:
    changed = {key: getattr(classification, key) for key in _CLASSIFYING if key in classification.set_by}
    fields = {k: v for k, v in classification.fields.items() if draft.ticket.fields.get(k) != v}
    draft.add(
        "classified",
        **changed,
        tags=list(classification.tags),
        fields=fields or None,
        hits=[{"rule": hit.rule, "condition": hit.condition, "text": hit.text} for hit in classification.hits],
        misfits=[asdict(misfit) for misfit in classification.misfits] or None,
        set_by=dict(classification.set_by),
        version=classification.version or None,
    )


def _prioritise(draft: Draft, classification: Classification, policy: Policy) -> None:
    """The priority anew, from what the rules set and what the ticket had of the rest."""
    ticket, set_by = draft.ticket, classification.set_by
    judged = replace(
        classification,
        impact=classification.impact if "impact" in set_by else ticket.impact,
        urgency=classification.urgency if "urgency" in set_by else ticket.urgency,
    )
    after = {
        "impact": judged.impact,
        "urgency": judged.urgency,
        "priority": priority.decide(judged, policy),
        "priority_bound": priority.bound(judged, policy),
        "impact_reason": set_by.get("impact", ticket.impact_reason),
        "urgency_reason": set_by.get("urgency", ticket.urgency_reason),
    }
    if any(getattr(ticket, key) != value for key, value in after.items()):
        draft.add("prioritised", **after)


def _dispatch(draft: Draft, classification: Classification, facts: Facts, policy: Policy, now: datetime) -> None:
    """To another group or person, who get the reply as their work order."""
    ticket, set_by = draft.ticket, classification.set_by
    group = classification.group if "group" in set_by and classification.group in policy.groups else ticket.group
    if group != ticket.group:
        draft.add("dispatched", group=group, why=set_by["group"])
        handover.record(draft, policy)
    assignee = classification.assignee if "assignee" in set_by else ""
    if assignee in policy.people and assignee != draft.ticket.assignee:
        draft.add("assigned", assignee=assignee, why=set_by["assignee"])
    if _owner(draft.ticket) != _owner(ticket):
        mail = facts.mail
        text = mail.new_text or mail.text
        draft.tell(*notices.dispatched(draft.ticket, policy, now, text=text, attachments=mail.attachments))


def _owner(ticket: Ticket) -> tuple[str, str]:
    return ticket.group, ticket.assignee
