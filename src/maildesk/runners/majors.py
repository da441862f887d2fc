"""What a surge and a major incident leave in the index of likeness, and the review sheet when it is over."""

from maildesk.desk.knowledge import review
from maildesk.desk.model import Decision, Notice
from maildesk.desk.policy import Policy
from maildesk.store import journal, likeness
from maildesk.store.database import Connection


def after(connection: Connection, decision: Decision, policy: Policy) -> tuple[Notice, ...]:
    """Called once a decision is written: whom else it tells."""
    ticket = decision.ticket
    if ticket is None:
        return ()
    for event in decision.events:
        if event.kind == "surged":
            likeness.surged(connection, (ticket.number, *event.data.get("like", ())), event.data["number"])
        elif event.kind in ("major-declared", "attached"):
            number = ticket.number if event.kind == "major-declared" else event.data["parent"]
            likeness.surged(connection, [ticket.number], number)
    if any(event.kind == "all-clear" for event in decision.events):
        return review.sheet(ticket, journal.events(connection, ticket.number), policy)
    return ()
