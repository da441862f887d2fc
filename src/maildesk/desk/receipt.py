"""What the receipt of a mail with commands says: what changed, what is due, what is asked, what was refused."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from maildesk.desk import hours, notices
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy

ASKED = ("cause", "solution")  # fields
_TIES = ("related", "duplicate", "parent", "child", "follows", "absorbed")  # to other tickets


def of(before: Ticket, after: Ticket, events: Sequence[Event], policy: Policy, now: datetime) -> dict[str, Any]:
    """What a receipt says of commands that were carried out."""
    told = any(event.data.get("text") for event in events if event.kind == "resolved")
    return {
        **_values(before, after, policy, now),
        "ask": _asked(before, after, told=told),
        "seen": _seen(events),
    }


def refused(ticket: Ticket, policy: Policy, now: datetime, errors: Sequence[str]) -> dict[str, Any]:
    """What a receipt says where nothing was done."""
    return {**_values(ticket, ticket, policy, now), "ok": False, "errors": list(errors)}


def _values(before: Ticket, after: Ticket, policy: Policy, now: datetime) -> dict[str, Any]:
    due = notices.targets(after, policy, now, "en")
    return {
        "ok": True,
        "lines": lines(before, after, policy),
        "errors": [],
        "response_due": due["response_due"],
        "resolution_due": due["resolution_due"],
    }


def _seen(events: Iterable[Event]) -> Mapping[str, list[str]] | None:
    """The clocks that the writer acknowledged, by how far they were; None without a command for it."""
    found = next((event.data for event in events if event.kind == "seen"), None)
    return None if found is None else {"warned": found["warned"], "breached": found["breached"]}


def _asked(before: Ticket, after: Ticket, *, told: bool) -> list[str]:
    """What an engineer is still asked for when he resolves; what he told the requester is the solution."""
    if after.status != "resolved" or before.status == "resolved":
        return []
    return [key for key in ASKED if key not in after.fields and not (key == "solution" and told)]


def _links(ticket: Ticket, policy: Policy, *kinds: str) -> str:
    return ", ".join(f"{policy.reference}-{link.number}" for link in ticket.links if link.kind in kinds)


def lines(before: Ticket, after: Ticket, policy: Policy) -> list[dict[str, str]]:
    """What changed, old and new, for a receipt: keys the templates put into words."""

    def shown(ticket: Ticket) -> dict[str, str]:
        person, stopped = policy.people.get(ticket.assignee), policy.people.get(ticket.ladder_stopped)
        return {
            "status": ticket.status,
            "assignee": person.name if person else "",
            "group": ticket.group,
            "subject": ticket.subject,
            "type": ticket.type,
            "category": ticket.category,
            "service": ticket.service,
            "impact": ticket.impact,
            "urgency": ticket.urgency,
            "priority": ticket.priority,
            "pending_reason": ticket.pending_reason,
            "pending_until": ticket.pending_until.isoformat() if ticket.pending_until else "",
            "extended": hours.format_duration(hours.Duration(seconds=ticket.extended)) if ticket.extended else "",
            "ladder_stopped": stopped.name if stopped else ticket.ladder_stopped,
            "participants": ", ".join(address.address for address in ticket.participants),
            "merged": _links(ticket, policy, "merged"),
            "links": _links(ticket, policy, *_TIES),
            **{key: ticket.fields.get(key, "") for key in ASKED},
        }

    old, new = shown(before), shown(after)
    return [{"what": key, "old": old[key], "new": new[key]} for key in old if old[key] != new[key]]
