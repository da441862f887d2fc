"""Which status a ticket may leave, and which it enters: one row a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from maildesk.desk.model import Status, Ticket

STATUSES: tuple[Status, ...] = get_args(Status)
OPEN: frozenset[Status] = frozenset({"new", "assigned", "in progress", "pending"})
DONE: frozenset[Status] = frozenset({"resolved", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """From any of `leaves` to `enters`; "owner" is in progress with an assignee, assigned with a group, else new."""

    leaves: frozenset[Status]
    enters: Status | str


TRANSITIONS: Mapping[str, Transition] = {
    "dispatched": Transition(leaves=OPEN, enters="assigned"),
    "assigned": Transition(leaves=OPEN, enters="assigned"),
    "taken": Transition(leaves=OPEN, enters="in progress"),
    "answered": Transition(leaves=frozenset({"new", "assigned"}), enters="in progress"),
    "pending": Transition(leaves=OPEN, enters="pending"),
    "resumed": Transition(leaves=frozenset({"pending"}), enters="owner"),
    "resolved": Transition(leaves=OPEN, enters="resolved"),
    "closed": Transition(leaves=OPEN | {"resolved"}, enters="closed"),
    "reopened": Transition(leaves=DONE, enters="owner"),
}


def allows(ticket: Ticket, change: str) -> bool:
    """Whether the ticket's status lets this change happen."""
    return ticket.status in TRANSITIONS[change].leaves


def entered(ticket: Ticket, change: str) -> Status:
    """The status after a change; the same as before where the table has no row for it."""
    row = TRANSITIONS.get(change)
    if row is None or ticket.status not in row.leaves:
        return ticket.status
    if row.enters == "owner":
        return "in progress" if ticket.assignee else "assigned" if ticket.group else "new"
    return row.enters  # type: ignore[return-value]
