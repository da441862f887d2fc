"""Have we had this? A mail that is like an earlier ticket: it joins that one, or both are linked, by policy.

Nobody but the staff learns of it: a requester never sees another one's words, nor that there are any.
"""

from typing import Any

from maildesk.desk import lifecycle
from maildesk.desk.draft import Draft
from maildesk.desk.model import Alike, Facts, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.ids import same_address

_MOST = 3  # like tickets that are linked, and named in a dispatch


def why(alike: Alike, service: str, language: str = "en") -> str:
    """By what a ticket is like another one about a service, in words."""
    parts = []
    if service and alike.ticket.service == service:
        parts.append("同一服务" if language == "zh" else "same service")
    if alike.words:
        parts.append(
            "相同的词：" + "、".join(alike.words) if language == "zh" else f"same words: {', '.join(alike.words)}"
        )
    return ("；" if language == "zh" else "; ").join(parts)


def joins(facts: Facts, policy: Policy) -> Alike | None:
    """The open ticket of the same requester that a new mail becomes a part of; None when it is one of its own."""
    wish, mail = policy.duplicates, facts.mail
    if wish.same_requester != "join" or mail.origin.kind != "human" or mail.spam or facts.historic:
        return None
    for alike in facts.alike:
        if alike.percent >= wish.join_at_least and _mine(facts, alike.ticket) and _open(alike.ticket):
            return alike
    return None


def _mine(facts: Facts, ticket: Ticket) -> bool:
    sender = facts.mail.authentication.address
    return bool(sender) and same_address(sender, ticket.requester.address)


def _open(ticket: Ticket) -> bool:
    return ticket.status in lifecycle.OPEN and not ticket.held and ticket.merged_into is None


def linked(facts: Facts, policy: Policy) -> tuple[Alike, ...]:
    """The open tickets that a new one is linked with."""
    wish = policy.duplicates
    return tuple(
        alike
        for alike in facts.alike
        if alike.percent >= wish.at_least
        and _open(alike.ticket)
        and (wish.same_requester if _mine(facts, alike.ticket) else wish.others) != "off"
    )[:_MOST]


def link(draft: Draft, found: tuple[Alike, ...]) -> None:
    """Links of a new ticket, each with its reason, and their counterparts on the other tickets."""
    ticket = draft.ticket
    for alike in found:
        same = same_address(alike.ticket.requester.address, ticket.requester.address)
        kind = "duplicate" if same else "related"
        draft.add("linked", kind=kind, number=alike.ticket.number, **reason(alike, ticket))
        there = Draft(alike.ticket, at=max(draft.at, alike.ticket.opened_at), actor="desk", cause=draft.cause)
        there.add("linked", kind=kind, number=ticket.number, **reason(alike, ticket))
        draft.along(there.decision("a like ticket was opened"))


def reason(alike: Alike, to: Ticket) -> dict[str, Any]:
    service = bool(to.service) and alike.ticket.service == to.service
    return {"percent": alike.percent, "words": list(alike.words), "service": to.service if service else None}


def shown(found: tuple[Alike, ...], service: str, policy: Policy, language: str) -> list[dict[str, Any]]:
    """Like tickets as a dispatch names them."""
    rows = []
    for alike in found:
        ticket = alike.ticket
        owner = policy.people.get(ticket.assignee)
        rows.append(
            {
                "reference": f"{policy.reference}-{ticket.number}",
                "percent": alike.percent,
                "why": why(alike, service, language),
                "requester": ticket.requester.name or ticket.requester.address,
                "status": ticket.status,
                "owner": owner.name if owner else ticket.group,
            }
        )
    return rows


def apart(draft: Draft) -> bool:
    """Take back the links that a likeness made; whether there were any."""
    numbers = list(draft.ticket.alike)
    if numbers:
        draft.add("parted", numbers=numbers)
    return bool(numbers)
