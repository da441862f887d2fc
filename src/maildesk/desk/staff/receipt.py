"""What the receipt of a mail with commands says: what changed, what is due, what is asked, what was refused."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from maildesk.desk import notices
from maildesk.desk.clocks import hours
from maildesk.desk.model import Decision, Event, Lookup, Notice, Posted, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Person, Policy
from maildesk.desk.staff import undoing
from maildesk.mail.model import Address

ASKED = ("cause", "solution")  # fields
_BLANK: Mapping[str, Any] = {
    "lines": [],
    "errors": [],
    "ask": [],
    "seen": None,
    "response_due": None,
    "resolution_due": None,
}
_TIES = ("related", "duplicate", "parent", "child", "follows", "absorbed")  # to other tickets


def of(before: Ticket, after: Ticket, events: Sequence[Event], policy: Policy, now: datetime) -> dict[str, Any]:
    """What a receipt says of commands that were carried out."""
    told = any(event.data.get("text") for event in events if event.kind == "resolved")
    return {
        **_values(before, after, policy, now),
        "ask": _asked(before, after, told=told),
        "seen": _seen(events),
    }


def of_several(
    first: Decision | None,
    others: Sequence[Decision],
    policy: Policy,
    now: datetime,
    *,
    preview: bool,
    but: Person,
) -> dict[str, Any]:
    """What a receipt says of the ticket that was answered and of others; of a preview, what would become of them."""
    values: dict[str, Any] = {**_BLANK, "ok": True}
    if first is not None and first.before is not None and first.ticket is not None:
        values |= of(first.before, first.ticket, first.events, policy, now)
    done = [*([first] if first else []), *others]
    names = {_called(n, policy) for d in done for n in d.notices if n.to.person != but.key}
    return values | {
        "others": [_other(d, policy, now) for d in others],
        "preview": preview,
        "told": sorted(names),
        "undo": not preview and any(undoable(d) for d in done),
    }


def undoable(done: Decision) -> bool:
    """Whether #undo would take it back: there is something to take back, and it stays within its ticket."""
    kinds = {event.kind for event in done.events}
    return bool(kinds - undoing.LASTING) and not kinds & (undoing.FINAL | {undoing.UNDONE})


def _other(done: Decision, policy: Policy, now: datetime) -> dict[str, Any]:
    """A ticket of several, as the receipt shows it."""
    before, after = done.before, done.ticket
    if before is None or after is None:
        raise ValueError("a command changes a ticket that exists")
    due = notices.targets(after, policy, now, "en")
    return {
        "reference": f"{policy.reference}-{after.number}",
        "subject": after.subject,
        "lines": lines(before, after, policy),
        "response_due": due["response_due"],
        "resolution_due": due["resolution_due"],
    }


def _called(notice: Notice, policy: Policy) -> str:
    """Who is told, as the staff may know him."""
    return directory.called(Address(name=notice.to.name, address=notice.to.address), policy)


def taken_back(done: Sequence[Decision], lookup: Lookup, policy: Policy, person: Person) -> dict[str, Any]:
    """What a receipt of #undo says: that it was taken back, and the mails that cannot be."""
    left = []
    for decision in done:
        for event in decision.events:
            if event.kind == undoing.UNDONE and decision.ticket is not None:
                left += _left(decision.ticket.number, event, lookup, policy, person)
    return {"undone": True, "left": left}


def _left(number: int, event: Event, lookup: Lookup, policy: Policy, person: Person) -> list[dict[str, str]]:
    """The mails that what was taken back had sent to others."""
    since = lookup.journals[number][min(event.data["versions"]) - 1].at
    return [
        {"event": mail.event, "to": _named(mail, policy)}
        for mail in reversed(lookup.posted.get(number, ()))
        if mail.at >= since and mail.person != person.key
    ]


def _named(mail: Posted, policy: Policy) -> str:
    known = policy.people.get(mail.person)
    return known.name if known else mail.recipient if policy.show_addresses else mail.recipient.partition("@")[0]


def refused(ticket: Ticket | None, policy: Policy, now: datetime, errors: Sequence[str]) -> dict[str, Any]:
    """What a receipt says where nothing was done."""
    values = _values(ticket, ticket, policy, now) if ticket else _BLANK
    return {**values, "ok": False, "errors": list(errors)}


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
            "vendor": ticket.vendor,
            "vendor_ref": ticket.vendor_ref,
            "participants": ", ".join(address.address for address in ticket.participants),
            "merged": _links(ticket, policy, "merged"),
            "links": _links(ticket, policy, *_TIES),
            **{key: ticket.fields.get(key, "") for key in ASKED},
        }

    old, new = shown(before), shown(after)
    return [{"what": key, "old": old[key], "new": new[key]} for key in old if old[key] != new[key]]
