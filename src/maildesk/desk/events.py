"""The journal's vocabulary. A ticket is the fold of its events; each kind is one row of KINDS and one of folds.py."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maildesk.desk import folds, ties
from maildesk.desk.folds import Fold, address_data, read_address, rung_name, seen_name
from maildesk.desk.model import Event, Ticket
from maildesk.desk.monitoring import alert_folds
from maildesk.desk.staff import undoing

__all__ = ["KINDS", "address_data", "apply", "read_address", "replay", "rung_name", "seen_name"]


def apply(ticket: Ticket | None, event: Event) -> Ticket:
    """The ticket after one more event.

    Raises ValueError for a kind that is not in KINDS, and when the first event is not `opened`.
    """
    return replace(_folded(ticket, event), version=ticket.version + 1 if ticket else 1)


def _folded(ticket: Ticket | None, event: Event) -> Ticket:
    """The same without the version."""
    if ticket is None:
        if event.kind != "opened":
            raise ValueError(f"a journal begins with opened, not {event.kind}")
        return folds.opened(event)
    fold = KINDS.get(event.kind)
    if fold is None:
        raise ValueError(f"unknown event {event.kind}")
    return fold(ticket, event)


def replay(events: Iterable[Event], ticket: Ticket | None = None) -> Ticket:
    """The fold of a journal, or of the rest of one on top of `ticket`. Raises ValueError when there is nothing."""
    base, past = ticket, list[Event]()
    for event in events:
        past.append(event)
        ticket = _refold(past, base) if event.kind == undoing.UNDONE else _folded(ticket, event)
    if ticket is None:
        raise ValueError("an empty journal is no ticket")
    return replace(ticket, version=(base.version if base else 0) + len(past))


def _refold(past: Sequence[Event], base: Ticket | None) -> Ticket:
    """The ticket as if what was taken back had not been. The journal keeps all of it, and so its version counts it."""
    before = base.version if base else 0
    ticket = base
    for event in undoing.standing(past, before):
        ticket = apply(ticket, event)
    if ticket is None:
        raise ValueError("an opening cannot be taken back")
    return replace(ticket, version=before + len(past))


KINDS: Mapping[str, Fold] = {
    "received": folds.received,  # a mail of the requester or of a participant
    "classified": folds.classified,
    "filled": folds.classified,  # the staff wrote down cause or solution
    "opened-for": folds.classified,  # by the staff, for somebody who called or came by
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
    "judged": folds.judged,  # the staff called it spam, or none
    "linked": ties.linked,
    "solutions-offered": folds.solutions_offered,  # to the requester, with his acknowledgement
    "solutions-withheld": folds.kept,  # they fit, and would have been no help
    "solved-by": folds.kept,  # one of them, as the requester says
    "article-drafted": folds.drafted,  # of its cause and solution, for the lead's yes
    "article-published": folds.drafted,
    "surged": ties.surged,  # it is one of many like mails in a short time
    "major-declared": ties.major_declared,
    "attached": ties.attached,  # to a major incident, whose clocks count
    "bulletin": ties.bulletin,
    "all-clear": folds.kept,
    "parted": ties.parted,  # links that a likeness had made were taken back
    "repeated": folds.kept,  # the requester wrote again of the same thing, without answering a mail
    "merged": ties.merged,  # into another ticket, which has its people and mails from now on
    "absorbed": ties.absorbed,  # another ticket was merged into this one
    "split-off": folds.kept,  # a mail of it became a ticket of its own
    "vendor-asked": ties.vendor_asked,  # in a thread of his own
    "vendor-answered": ties.vendor_answered,
    "vendor-numbered": ties.vendor_numbered,  # what he calls it
    "renamed": ties.renamed,  # the staff gave it another subject
    "joined": ties.joined,  # the staff let somebody take part
    "left": ties.left,  # the staff took somebody out of it
    "escalated": folds.rung,  # a rung was passed and people were told
    "progressed": folds.rung,  # before an update was due the requester or the assignee was written to
    "rung-skipped": folds.rung,  # a rung was passed while nobody could be told
    "asked-back": folds.asked_back,  # commands in the name of one of the staff wait for his YES
    "confirmed": folds.confirmed,  # he gave it
    "extended": folds.extended,  # the resolution got more time, with a reason
    "seen": folds.seen,  # somebody acknowledged what ran out: he is not told of it again
    "ladder-stopped": folds.stopped,  # somebody has it in hand: the ladders say no more
    "chased": folds.chased,  # the requester was reminded that something waits for him
    "aged": folds.aged,  # it waited so long that its priority rose
    "told": folds.classified,  # the requester answered what he was asked for
    "alarmed": folds.kept,  # the leads were told of a major incident
    "asked": folds.asked,  # the requester was asked for what his mail does not say
    "rated": folds.kept,  # the requester's score and comment
    "status-told": folds.status_told,  # who takes part asked how far it is, and was told
    "alerted": alert_folds.alerted,  # a monitoring system says that something fires or is well
    "alert-noted": folds.kept,  # somebody acknowledged it there, or began a downtime
    "flapping": alert_folds.flapping,  # its alert comes and goes
    "calmed": alert_folds.calmed,  # a flapping alert is well: it ends once it was quiet for long enough
    "recovered": alert_folds.recovered,  # everything it is about is well
    "maintenance": folds.kept,  # a host was put into maintenance, or taken out of it
    "suppressed": folds.kept,  # a mail was not sent, and why
    "bounced": folds.kept,  # a mail of ours came back
    "undelivered": folds.kept,  # the relay refused a mail for good
}
