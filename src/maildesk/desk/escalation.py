"""The ladder of a ticket: whom to tell when its clocks run out, and what else becomes due by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from maildesk.desk import closure, directory, events, priority, sla
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Event, Notice, Recipient, Ticket
from maildesk.desk.policy import Policy, Rung
from maildesk.desk.sla import Clock
from maildesk.mail.ids import fold_address

_Step = tuple[datetime, Rung]


def decide(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    """What is due on a ticket at `now`: it closes by itself, resumes from pending, or climbs its ladder.

    Of the rungs that a clock has passed only the highest is mailed, the lower ones are recorded as skipped. A ticket
    that is paused, held, resolved or closed climbs nothing. Without anything due, a Decision without events.
    """
    closed = closure.timeout(ticket, policy, now)
    if closed is not None:
        return closed
    resumes = _resumes_at(ticket)
    resumed = _resumed(resumes) if resumes is not None and resumes <= now else None
    draft = Draft(events.apply(ticket, resumed) if resumed else ticket, at=now, actor="desk", cause="tick")
    for clock in _running(draft.ticket, policy, now):
        _climb(draft, clock, policy, now)
    climbed = draft.decision("")
    return Decision(
        reason=_reason(climbed, resumed),
        before=ticket,
        ticket=climbed.ticket,
        events=(resumed, *climbed.events) if resumed else climbed.events,
        notices=climbed.notices,
    )


def next_check(ticket: Ticket, policy: Policy, now: datetime) -> datetime | None:
    """The next moment at which `decide` could have something to do, in the past if it has already; None is never."""
    moments = [moment for moment in (closure.closes_at(ticket, policy), _resumes_at(ticket)) if moment]
    for clock in _running(ticket, policy, now):
        moments += [moment for moment, rung in _steps(clock, ticket, policy) if not _recorded(ticket, clock, rung)]
    return min(moments, default=None)


def _resumes_at(ticket: Ticket) -> datetime | None:
    """When a pending ticket goes on by itself."""
    return ticket.pending_until if ticket.status == "pending" and not ticket.held else None


def _resumed(at: datetime) -> Event:
    """The end of a pause. It counts from the moment that was set, however late the desk comes to it."""
    return Event(kind="resumed", at=at, actor="desk", cause="tick", data={"why": "until"})


def _running(ticket: Ticket, policy: Policy, now: datetime) -> Iterator[Clock]:
    if ticket.status in ("resolved", "closed", "pending"):
        return iter(())
    return filter(sla.ticks, sla.clocks(ticket, policy, now))


def _steps(clock: Clock, ticket: Ticket, policy: Policy) -> list[_Step]:
    """The ladder's rungs with the moments at which this clock reaches them, the lowest first."""
    target = policy.sla[ticket.priority]
    rungs = policy.ladders.get(target.ladder, ())
    return sorted(((sla.reached_at(clock, rung, policy), rung) for rung in rungs), key=lambda step: step[0])


def _recorded(ticket: Ticket, clock: Clock, rung: Rung) -> bool:
    return events.rung_name(clock.kind, rung.at) in ticket.rungs


def _climb(draft: Draft, clock: Clock, policy: Policy, now: datetime) -> None:
    """Record every rung that was passed, and tell of the highest unless it was recorded before."""
    passed = [step for step in _steps(clock, draft.ticket, policy) if step[0] <= now]
    for moment, rung in passed:
        if _recorded(draft.ticket, clock, rung):
            continue
        if moment < passed[-1][0]:
            draft.add("rung-skipped", clock=clock.kind, at=rung.at)
            continue
        told = _listeners(rung, draft.ticket, policy)
        addresses = [to.address for _, to in told]
        draft.add("escalated", clock=clock.kind, at=rung.at, told=addresses, share=rung.share)
        draft.tell(*(_notice(audience, to, rung, clock, draft.ticket, now) for audience, to in told))


def _listeners(rung: Rung, ticket: Ticket, policy: Policy) -> list[tuple[str, Recipient]]:
    """Whom a rung tells, each once and by the first role he has; the owner when it names nobody."""
    found: dict[str, tuple[str, Recipient]] = {}
    for role in rung.tell or ("owner",):
        for to in directory.recipients(role, ticket, policy):
            found.setdefault(fold_address(to.address), (_audience(role, to, ticket, policy), to))
    return list(found.values())


def _audience(role: str, to: Recipient, ticket: Ticket, policy: Policy) -> str:
    """The role a notice speaks to: that of a person who is told by name, the owner's where nobody had the role."""
    if not to.person and to == directory.owner(policy):
        return "owner"
    if role in directory.ROLES:
        return role
    group = policy.groups.get(ticket.group)
    if to.person == ticket.assignee:
        return "assignee"
    if group is not None and to.person != group.lead and to.person in group.members:
        return "group"
    leads = policy.people.values()
    manages = policy.people[role].level == "manager" or any(person.manager == role for person in leads)
    return "manager" if manages else "lead"


def _notice(audience: str, to: Recipient, rung: Rung, clock: Clock, ticket: Ticket, now: datetime) -> Notice:
    """A warning before the target is due, a breach from then on."""
    left = (clock.due_at - now) // timedelta(seconds=1)
    breached = now >= clock.due_at
    return Notice(
        event="sla-breached" if breached else "sla-warned",
        audience=audience,
        to=to,
        n=f"{clock.kind}-{''.join(rung.at.split())}",
        ticket=ticket,
        values={
            "clock": clock.kind,
            "due_at": clock.due_at,
            "overdue" if breached else "remaining": abs(left),  # seconds by the wall clock
            "rung": rung.at,
            "share": rung.share,
            "priority_reason": priority.sentence(ticket, "zh" if to.language == "zh" else "en"),
        },
    )


def _reason(decision: Decision, resumed: Event | None) -> str:
    """What happened, in one plain sentence."""
    done = ["the pause ended as set"] if resumed else []
    for event in decision.events:
        verb = "reached" if event.kind == "escalated" else "passed, not mailed,"
        done.append(f"the {event.data['clock']} clock {verb} {event.data['at']}")
    return "; ".join(done) or "nothing is due"
