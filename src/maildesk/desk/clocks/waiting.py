"""A ticket that waits for its requester, pending or resolved: he is reminded, and in the end the wait is over."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from maildesk.desk import notices
from maildesk.desk.clocks.reasons import waits_for
from maildesk.desk.draft import Draft
from maildesk.desk.model import Ticket
from maildesk.desk.policy import Policy, Waiting


def since(ticket: Ticket) -> datetime | None:
    """Since when the requester is waited for; None when he is not, or when the wait has an end of its own."""
    if ticket.held:
        return None
    if ticket.status == "resolved":
        return ticket.resolved_at
    if ticket.status != "pending" or ticket.pending_until is not None:
        return None
    return next((pause.start for pause in ticket.pauses if pause.end is None), None)


def _waiting(ticket: Ticket, policy: Policy) -> Waiting:
    return policy.closing if ticket.status == "resolved" else policy.pending


def _reminders(ticket: Ticket, policy: Policy) -> Iterator[tuple[datetime, str]]:
    """The reminders that are still to come, with their moments."""
    begin = since(ticket)
    asked = ticket.status == "resolved" or waits_for(ticket.pending_reason) == "requester"
    if begin is None or not asked:
        return
    for name, seconds in _waiting(ticket, policy).remind:
        if name not in ticket.chased:
            yield begin + timedelta(seconds=seconds), name


def _over(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a pause has taken too long."""
    begin = since(ticket)
    if begin is None or ticket.status != "pending" or not policy.pending.longest:
        return None
    return begin + timedelta(seconds=policy.pending.longest)


def next_moment(ticket: Ticket, policy: Policy) -> datetime | None:
    """When the wait next asks for something."""
    ends = _over(ticket, policy)
    return min([moment for moment, _ in _reminders(ticket, policy)] + ([ends] if ends else []), default=None)


def decide(draft: Draft, policy: Policy, now: datetime) -> None:
    """Remind the requester, once for all reminders that are due; or end a pause that took too long."""
    ticket = draft.ticket
    ends = _over(ticket, policy)
    if ends is not None and ends <= now:
        _end(draft, policy)
        return
    due = [name for moment, name in _reminders(ticket, policy) if moment <= now]
    if not due:
        return
    for name in due:
        draft.add("chased", after=name, status=ticket.status)
    close = ticket.resolved_at + timedelta(days=policy.close_days) if ticket.resolved_at else ends
    closes = ticket.status == "resolved" or policy.pending.then == "close"
    values = {"closes_at": close if closes else None, "since": since(ticket), "reopen_days": policy.reopen_days}
    event = "confirm" if ticket.status == "resolved" else "chased"
    draft.tell(*notices.to_requester(event, draft.ticket, policy, values=values))


def _end(draft: Draft, policy: Policy) -> None:
    before = draft.ticket
    if policy.pending.then == "close" and waits_for(before.pending_reason) == "requester":
        draft.add("closed", why="no answer")
        values: dict[str, object] = {"why": "no answer", "reopen_days": policy.reopen_days}
        draft.tell(*notices.to_requester("closed", draft.ticket, policy, values=values))
        return
    values = {"reason": before.pending_reason, "since": since(before)}
    draft.add("resumed", why="it has waited long enough")
    draft.tell(*notices.to_team("resumed", draft.ticket, policy, values=values))
