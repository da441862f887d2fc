"""What becomes due on a ticket by itself: it closes, resumes, reminds, or its clocks climb their ladders."""

from collections.abc import Iterator
from datetime import datetime

from maildesk.desk import events, weighing
from maildesk.desk.clocks import closure, ladder, sla, together, waiting
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Event, Ticket
from maildesk.desk.monitoring import alerts
from maildesk.desk.people import acceptance
from maildesk.desk.policy import Policy


def decide(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    """What is due on a ticket at `now`: it closes by itself, resumes from pending, reminds, or climbs its ladder.

    Of the rungs that a clock has passed only the highest is mailed, the lower ones are recorded as skipped. A ticket
    that is paused, held, resolved or closed climbs nothing. Without anything due, a Decision without events.
    """
    closed = closure.timeout(ticket, policy, now)
    if closed is not None:
        return closed
    calmed = alerts.calmed(ticket, policy, now)
    if calmed is not None:
        return calmed
    rises = weighing.due(ticket, policy)
    if rises is not None and rises <= now:
        return weighing.decide(ticket, policy, now)
    resumes = _resumes_at(ticket)
    resumed = _resumed(resumes) if resumes is not None and resumes <= now else None
    draft = Draft(events.apply(ticket, resumed) if resumed else ticket, at=now, actor="desk", cause="tick")
    waiting.decide(draft, policy, now)
    for clock in _running(draft.ticket, policy, now):
        ladder.climb(draft, clock, policy, now)
    done = draft.decision("")
    return Decision(
        reason=_reason(done, resumed),
        before=ticket,
        ticket=done.ticket,
        events=(resumed, *done.events) if resumed else done.events,
        notices=together.joined(done.notices),
    )


def next_check(ticket: Ticket, policy: Policy, now: datetime) -> datetime | None:
    """The next moment at which `decide` could have something to do, in the past if it has already; None is never."""
    own = (
        closure.closes_at(ticket, policy),
        alerts.calms_at(ticket),
        _resumes_at(ticket),
        waiting.next_moment(ticket, policy),
        acceptance.next_check(ticket, policy, now),
        weighing.due(ticket, policy),
    )
    moments = [moment for moment in own if moment]
    for clock in _running(ticket, policy, now):
        moments += ladder.ahead(clock, ticket, policy)
    return min(moments, default=None)


def _resumes_at(ticket: Ticket) -> datetime | None:
    """When a pending ticket goes on by itself."""
    return ticket.pending_until if ticket.status == "pending" and not ticket.held else None


def _resumed(at: datetime) -> Event:
    """The end of a pause. It counts from the moment that was set, however late the desk comes to it."""
    return Event(kind="resumed", at=at, actor="desk", cause="tick", data={"why": "until"})


def _running(ticket: Ticket, policy: Policy, now: datetime) -> Iterator[Clock]:
    """The clocks that run now; while the ticket is pending only a vendor's own may."""
    if ticket.status in ("resolved", "closed"):
        return iter(())
    running = filter(sla.ticks, sla.clocks(ticket, policy, now))
    return (clock for clock in running if ticket.status != "pending" or clock.kind in ("ola", "vendor"))


_SAYS = {
    "chased": "the requester was reminded after {after}",
    "closed": "closed: {why}",
    "resumed": "the pause ended: {why}",
    "escalated": "the {clock} clock reached {at}",
    "progressed": "the {to} was written to before the {clock} is due",
    "rung-skipped": "the {clock} clock passed, not mailed, {at}",
}


def _reason(decision: Decision, resumed: Event | None) -> str:
    """What happened, in one plain sentence."""
    done = ["the pause ended as set"] if resumed else []
    done += [_SAYS[event.kind].format(**event.data) for event in decision.events]
    return "; ".join(done) or "nothing is due"
