"""A ticket's journal as plain sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from maildesk.desk import priority
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy

Data = Mapping[str, Any]


def sentences(ticket: Ticket, events: Sequence[Event], policy: Policy) -> Iterator[str]:
    """Why a ticket is as it is, from its first event to now."""
    zone = ZoneInfo(policy.timezone)
    yield f"{policy.reference}-{ticket.number} {ticket.subject}"
    for event in events:
        say = _SENTENCES.get(event.kind)
        what = say(event.data, event) if say else event.kind
        for number, line in enumerate(filter(None, what.splitlines())):
            at = event.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            yield f"{at if not number else '':16}  {line}"
    yield f"Now {ticket.status}. {priority.sentence(ticket, 'zh' if policy.language == 'zh' else 'en')}"
    if ticket.held:
        yield f"It is held, neither acknowledged nor dispatched: {ticket.held}"


def _classified(data: Data, event: Event) -> str:
    lines = [f"classified as {data.get('type', '')}, {data.get('category', '')}".rstrip(", ")]
    lines += [f"  {key} by {why}" for key, why in data.get("set_by", {}).items()]
    lines += [f"  rule {h['rule']} matched {h['condition']}: {h['text']}" for h in data.get("hits", ())]
    return "\n".join(lines)


def _prioritised(data: Data, event: Event) -> str:
    if data.get("priority_by"):
        return f"priority {data['priority']} set by hand by {data['priority_by']}"
    return f"impact {data.get('impact')} x urgency {data.get('urgency')} = {data['priority']}"


def _told(data: Data) -> str:
    return ", ".join(data.get("told", ())) or "nobody"


_SENTENCES: Mapping[str, Callable[[Data, Event], str]] = {
    "opened": lambda d, e: (
        f"opened by a mail of {d['requester']['address']} to mailbox {d.get('mailbox', '')} ({e.cause})"
    ),
    "received": lambda d, e: f"a mail of {d.get('from', '')} ({e.cause})",
    "classified": _classified,
    "prioritised": _prioritised,
    "dispatched": lambda d, e: f"dispatched to group {d['group']}: {d.get('why', '')}",
    "assigned": lambda d, e: f"assigned to {d['assignee']} by {e.actor}",
    "taken": lambda d, e: f"taken by {d['assignee']}",
    "answered": lambda d, e: f"{e.actor} wrote to the requester",
    "noted": lambda d, e: f"internal note by {e.actor}" + (f" ({d['why']})" if d.get("why") else ""),
    "filed": lambda d, e: f"{d.get('origin', 'automatic')} mail filed: {'; '.join(d.get('reasons', ()))}",
    "pending": lambda d, e: f"pending: {d.get('reason', '')}" + (f" until {d['until']}" if d.get("until") else ""),
    "resumed": lambda d, e: f"resumed: {d.get('why', '')}",
    "resolved": lambda d, e: f"resolved by {e.actor}",
    "closed": lambda d, e: f"closed: {d.get('why', '')}",
    "reopened": lambda d, e: f"reopened by {e.actor}: {d.get('why', '')}",
    "held": lambda d, e: f"held: {d['reason']}",
    "released": lambda d, e: f"released by {e.actor}",
    "linked": lambda d, e: f"linked: {d['kind']} {d['number']}",
    "escalated": lambda d, e: f"{d['clock']} clock passed {d['at']}: told {_told(d)}",
    "rung-skipped": lambda d, e: f"{d['clock']} clock had passed {d['at']} unseen: only the highest rung is mailed",
    "suppressed": lambda d, e: f"no {d['event']} mail to {d.get('recipient', '')}: {d['reason']}",
    "bounced": lambda d, e: f"a mail to {d['recipient']} came back {d.get('status', '')}",
    "undelivered": lambda d, e: f"the {d['event']} mail to {d['recipient']} could not be delivered: {d['reason']}",
}
