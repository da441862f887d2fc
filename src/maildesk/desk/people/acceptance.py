"""A dispatch that nobody accepts in time goes on: to the next of the group, then to the lead and the next group."""

from datetime import datetime

from maildesk.desk import notices
from maildesk.desk.clocks import hours, sla
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Message, Notice, Ticket, Work
from maildesk.desk.people import assignment, directory, handover, roster
from maildesk.desk.policy import Group, Policy

_WAITS = ("new", "assigned")


def is_due(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Whether the window to accept a ticket has closed, or somebody is to be looked for again."""
    return any(moment is not None and moment <= now for moment in (_window(ticket, policy), _again(ticket)))


def next_check(ticket: Ticket, policy: Policy, now: datetime) -> datetime | None:
    """When the tick should look. Whoever could not be found a moment ago is looked for again shortly."""
    window, again = _window(ticket, policy), _again(ticket)
    if again is not None and again <= now:
        again = now + roster.SHORTLY
    return min((moment for moment in (window, again) if moment is not None), default=None)


def decide(ticket: Ticket, policy: Policy, now: datetime, work: Work, request: Message | None) -> Decision:
    """Who gets a ticket that was not accepted in time, or that nobody could take before."""
    draft = Draft(ticket, at=now, actor="desk", cause="tick")
    group = policy.groups[ticket.group]
    window = _window(ticket, policy)
    if window is not None and window <= now:
        _go_on(draft, group, policy, now, work)
    else:
        assignment.place(draft, policy, now, work)
        if not draft.ticket.assignee:
            return Decision(reason="still nobody can take it", before=ticket, ticket=ticket)
    text, files = (request.text, request.attachments) if request else ("", ())
    if (draft.ticket.group, draft.ticket.assignee) != (ticket.group, ticket.assignee):
        draft.tell(*notices.dispatched(draft.ticket, policy, now, text=text, attachments=files, before=ticket))
        draft.tell(*_lost(ticket, draft.ticket, policy))
    return draft.decision(f"not accepted in time: {draft.ticket.group} {draft.ticket.assignee}".strip())


def _window(ticket: Ticket, policy: Policy) -> datetime | None:
    group = policy.groups.get(ticket.group)
    if group is None or group.accept_within is None or ticket.offered_at is None:
        return None
    if ticket.status not in _WAITS or ticket.held:
        return None
    target = sla.target_of(ticket, policy)
    calendar = policy.calendars[target.calendar] if target else hours.ALWAYS
    return hours.add(calendar, ticket.offered_at, group.accept_within)


def _again(ticket: Ticket) -> datetime | None:
    waits = ticket.status in _WAITS and not ticket.held and not ticket.assignee
    return ticket.again_at if waits else None


def _go_on(draft: Draft, group: Group, policy: Policy, now: datetime, work: Work) -> None:
    """To the next of the group who has not had it; without one, the lead hears and the next group has it."""
    ticket = draft.ticket
    late = (
        f"{ticket.assignee or 'nobody'} accepted it" if not ticket.assignee else f"{ticket.assignee} did not accept it"
    )
    late = f"{late} within {hours.format_duration(group.accept_within)}" if group.accept_within else late
    passed: tuple[str, ...] = ()
    if group.assign != "everyone":
        chosen = assignment.choose(ticket, group, policy, now, work)
        if chosen.person is not None:
            assignment.give(draft, chosen.person, chosen, f"{late}; {chosen.why}")
            return
        passed = chosen.passed
    lead = directory.recipients("lead", ticket, policy)
    above = policy.groups.get(group.escalates_to)
    taker = above.key if above is not None and above.level != "vendor" else ""
    told = [to.address for to in lead]
    draft.add("unaccepted", why=late, tried=list(ticket.offered), passed=list(passed), told=told)
    if taker:
        draft.add("dispatched", group=taker, why=f"nobody of {group.key} accepted it")
        handover.record(draft, policy)
        assignment.place(draft, policy, now, work)
    names = [person.name for person in map(policy.people.get, ticket.offered) if person]
    for to in lead:
        audience = "lead" if to.person else "owner"
        values = {
            "tried": names,
            "within": hours.format_duration(group.accept_within or hours.Duration()),
            "taker": taker,
        }
        draft.tell(*notices.told("unaccepted", audience, draft.ticket, policy, (to,), values=values))


def _lost(before: Ticket, ticket: Ticket, policy: Policy) -> tuple[Notice, ...]:
    """Whoever had it hears who has it now."""
    person = policy.people.get(before.assignee)
    if person is None or person.key == ticket.assignee:
        return ()
    owner = policy.people.get(ticket.assignee)
    values = {"by": owner.name if owner else ticket.group}
    return notices.told("taken", "group", ticket, policy, (directory.recipient(person, policy),), values=values)
