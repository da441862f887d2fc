"""The end of a ticket: it closes by itself when nobody objects to its resolution."""

from datetime import datetime, timedelta

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Ticket
from maildesk.desk.policy import Policy


def closes_at(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a resolved ticket closes by itself; None in every other status, and for a held ticket."""
    if ticket.status != "resolved" or ticket.resolved_at is None or ticket.held:
        return None
    return ticket.resolved_at + timedelta(days=policy.close_days)


def timeout(ticket: Ticket, policy: Policy, now: datetime) -> Decision | None:
    """Close a ticket that was resolved long enough ago, and tell its requester; None when it is not time."""
    moment = closes_at(ticket, policy)
    if moment is None or now < moment:
        return None
    draft = Draft(ticket, at=now, actor="desk", cause="tick")
    draft.add("closed", why="timeout")
    values = {"why": "timeout", "reopen_days": policy.reopen_days}
    draft.tell(*notices.to_requester("closed", draft.ticket, policy, values=values))
    return draft.decision(f"nobody objected for {policy.close_days} days after the resolution")
