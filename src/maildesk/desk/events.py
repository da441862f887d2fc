"""The journal's vocabulary. A ticket is the fold of its events; each kind is one row of KINDS and one of folds.py."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from maildesk.desk import folds, ties
from maildesk.desk.folds import Fold, address_data, read_address, rung_name, seen_name
from maildesk.desk.model import Event, Ticket

__all__ = ["KINDS", "address_data", "apply", "read_address", "replay", "rung_name", "seen_name"]


def apply(ticket: Ticket | None, event: Event) -> Ticket:
    """The ticket after one more event.

    Raises ValueError for a kind that is not in KINDS, and when the first event is not `opened`.
    """
    if ticket is None:
        if event.kind != "opened":
            raise ValueError(f"a journal begins with opened, not {event.kind}")
        return folds.opened(event)
    fold = KINDS.get(event.kind)
    if fold is None:
        raise ValueError(f"unknown event {event.kind}")
    return replace(fold(ticket, event), version=ticket.version + 1)


def replay(events: Iterable[Event], ticket: Ticket | None = None) -> Ticket:
    """The fold of a journal, or of the rest of one on top of `ticket`. Raises ValueError when there is nothing."""
    for event in events:
        ticket = apply(ticket, event)
    if ticket is None:
        raise ValueError("an empty journal is no ticket")
    return ticket


KINDS: Mapping[str, Fold] = {
    "received": folds.received,  # a mail of the requester or of a participant
    "classified": folds.classified,
    "filled": folds.classified,  # the staff wrote down cause or solution
    "prioritised": folds.prioritised,
    "dispatched": folds.dispatched,  # to a group
    "assigned": folds.assigned,  # to a person
    "unassigned": folds.unassigned,  # nobody of its group can take it now: it waits with all of them
    "unaccepted": folds.unaccepted,  # everybody of its group had it, and nobody took it
    "taken": folds.taken,  # a person accepts it
    "handed-over": folds.kept,  # how long the group had it that gave it away
    "answered": folds.answered,  # a person of the staff wrote to the requester
    "noted": folds.kept,  # an internal note
    "filed": folds.kept,  # an automatic mail: kept, changes nothing
    "pending": folds.if_allowed(folds.pending),
    "resumed": folds.if_allowed(folds.resumed),
    "resolved": folds.if_allowed(folds.resolved),
    "closed": folds.if_allowed(folds.closed),
    "reopened": folds.if_allowed(folds.reopened),
    "held": folds.held,
    "released": folds.released,
    "linked": ties.linked,
    "merged": ties.merged,  # into another ticket, which has its people and mails from now on
    "absorbed": ties.absorbed,  # another ticket was merged into this one
    "split-off": folds.kept,  # a mail of it became a ticket of its own
    "joined": ties.joined,  # the staff let somebody take part
    "escalated": folds.rung,  # a rung was passed and people were told
    "progressed": folds.rung,  # before an update was due the requester or the assignee was written to
    "rung-skipped": folds.rung,  # a rung was passed while nobody could be told
    "extended": folds.extended,  # the resolution got more time, with a reason
    "seen": folds.seen,  # somebody acknowledged what ran out: he is not told of it again
    "ladder-stopped": folds.stopped,  # somebody has it in hand: the ladders say no more
    "chased": folds.chased,  # the requester was reminded that something waits for him
    "aged": folds.aged,  # it waited so long that its priority rose
    "told": folds.classified,  # the requester answered what he was asked for
    "alarmed": folds.kept,  # the leads were told of a major incident
    "asked": folds.asked,  # the requester was asked for what his mail does not say
    "rated": folds.kept,  # the requester's score and comment
    "suppressed": folds.kept,  # a mail was not sent, and why
    "bounced": folds.kept,  # a mail of ours came back
    "undelivered": folds.kept,  # the relay refused a mail for good
}
