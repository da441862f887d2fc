"""The rungs of a running clock: which it has passed, who is told of them, and when he is told."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from maildesk.desk import events, notices, priority
from maildesk.desk.clocks import hours, sla
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.draft import Draft
from maildesk.desk.model import Notice, Recipient, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy, Rung
from maildesk.mail.ids import fold_address

Step = tuple[datetime, Rung]
# Before the update to the requester is due, he or the assignee is written to (the policy's `progress`).
_PROGRESS: Mapping[str, tuple[Rung, ...]] = {
    "requester": (Rung(at="progress", share=0.8, tell=("requester",)),),
    "assignee": (Rung(at="progress", share=0.8, tell=("assignee",)),),
    "assignee first": (
        Rung(at="nudge", share=0.8, tell=("assignee",)),
        Rung(at="progress", share=0.95, tell=("requester",)),
    ),
}


def ahead(clock: Clock, ticket: Ticket, policy: Policy) -> list[datetime]:
    """The moments at which a clock reaches the rungs that it has not passed."""
    return [moment for moment, rung in _steps(clock, ticket, policy) if not _recorded(ticket, clock, rung)]


def climb(draft: Draft, clock: Clock, policy: Policy, now: datetime) -> None:
    """Record every rung that was passed, and tell of the highest unless it was recorded before."""
    progress = _PROGRESS.get(policy.progress, ())
    passed = [step for step in _steps(clock, draft.ticket, policy) if step[0] <= now]
    for moment, rung in passed:
        if _recorded(draft.ticket, clock, rung):
            continue
        if any(moment < later and _supersedes(higher, rung, progress) for later, higher in passed):
            draft.add("rung-skipped", clock=clock.kind, at=rung.at)
        elif rung in progress:
            _progress(draft, rung, clock, policy)
        else:
            _tell(draft, rung, clock, policy, now)


def _supersedes(higher: Rung, rung: Rung, progress: tuple[Rung, ...]) -> bool:
    """Whether a rung that was passed too makes a lower one idle: what the staff hear is no word to the requester."""
    if higher in progress:
        return rung in progress
    return rung.tell != ("requester",) or rung not in progress


def _steps(clock: Clock, ticket: Ticket, policy: Policy) -> list[Step]:
    """The ladder's rungs with the moments at which this clock reaches them, the lowest first."""
    rungs = policy.ladders.get(clock.ladder, ()) if not ticket.ladder_stopped else ()
    if clock.kind == "update" and policy.progress:
        rungs = (*_PROGRESS[policy.progress], *rungs)
    return sorted(((sla.reached_at(clock, rung, policy), rung) for rung in rungs), key=lambda step: step[0])


def _recorded(ticket: Ticket, clock: Clock, rung: Rung) -> bool:
    return events.rung_name(clock.kind, rung.at) in ticket.rungs


def _tell(draft: Draft, rung: Rung, clock: Clock, policy: Policy, now: datetime) -> None:
    listeners = _listeners(rung, draft, policy)
    told = [
        (audience, to, _when(to, draft.ticket, policy, now))
        for audience, to in listeners
        if not _knows(to, clock, draft.ticket)
    ]
    spared = [to.address for _, to in listeners if _knows(to, clock, draft.ticket)]
    later = {to.address: at.isoformat() for _, to, at in told if at is not None}
    asked = _asked_in(rung, draft.ticket, policy)
    draft.add(
        "escalated",
        clock=clock.kind,
        at=rung.at,
        told=[to.address for _, to, _ in told],
        share=rung.share,
        spared=spared or None,
        later=later or None,
        asked=asked or None,
    )
    draft.tell(*(_notice(audience, to, rung, clock, draft.ticket, now, at) for audience, to, at in told))
    if asked:
        people = directory.members(policy.groups[asked], policy)
        draft.tell(*notices.told("asked-in", "group", draft.ticket, policy, people, values=_summary(clock, draft)))


def _listeners(rung: Rung, draft: Draft, policy: Policy) -> list[tuple[str, Recipient]]:
    """Whom a rung tells, each once and by the first role he has; the owner when it names nobody."""
    ticket = draft.ticket
    found: dict[str, tuple[str, Recipient]] = {}
    for role in rung.tell or ("owner",):
        for to in directory.recipients(role, ticket, policy):
            found.setdefault(fold_address(to.address), (_audience(role, to, ticket, policy), to))
    return list(found.values())


def _knows(to: Recipient, clock: Clock, ticket: Ticket) -> bool:
    """Whether he acknowledged it: a breach, or, as long as there is none, the warnings."""
    stages = ("breached",) if clock.state == "breached" else ("breached", "warned")
    return any(events.seen_name(to.person, clock.kind, stage) in ticket.seen for stage in stages)


def _audience(role: str, to: Recipient, ticket: Ticket, policy: Policy) -> str:
    """The role a notice speaks to: that of a person who is told by name, the owner's where nobody had the role."""
    if not to.person and to == directory.owner(policy):
        return "owner"
    if role == "assignee" and not ticket.assignee:
        return "group"
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


def _when(to: Recipient, ticket: Ticket, policy: Policy, now: datetime) -> datetime | None:
    """When a person's working time begins that he is told in; None is now: it is a P1, or he is at work."""
    person = policy.people.get(to.person)
    calendar = policy.calendars.get(person.calendar) if person else None
    if calendar is None or ticket.priority == "P1":
        return None
    opens = hours.next_open(calendar, now)
    return opens if opens > now else None


def _asked_in(rung: Rung, ticket: Ticket, policy: Policy) -> str:
    """The group that a rung asks to help; none that does not exist, or that has the ticket."""
    group = policy.groups.get(ticket.group)
    wanted = (group.escalates_to if group else "") if rung.ask_in == "next" else rung.ask_in
    return wanted if wanted in policy.groups and wanted != ticket.group else ""


def _summary(clock: Clock, draft: Draft) -> dict[str, object]:
    """What a group must know that is asked to help."""
    return {"clock": clock.kind, "due_at": clock.due_at, "waited": clock.elapsed_seconds, "state": clock.state}


def cycle(clock: Clock) -> str:
    """What tells one run of a clock that begins anew from the one before: it is part of the identity of its mails."""
    return f"-{clock.started_at.timestamp():.0f}" if clock.kind in ("update", "ola", "vendor") else ""


def _notice(
    audience: str, to: Recipient, rung: Rung, clock: Clock, ticket: Ticket, now: datetime, later: datetime | None
) -> Notice:
    """A warning before the target is due, a breach from then on; as it will stand when it is read."""
    read_at = later or now
    left = (clock.due_at - read_at) // timedelta(seconds=1)
    breached = read_at >= clock.due_at
    return Notice(
        event="sla-breached" if breached else "sla-warned",
        audience=audience,
        to=to,
        n=f"{clock.kind}-{''.join(rung.at.split())}{cycle(clock)}",
        ticket=ticket,
        values={
            "clock": clock.kind,
            "due_at": clock.due_at,
            "overdue" if breached else "remaining": abs(left),  # seconds by the wall clock
            "rung": rung.at,
            "share": rung.share,
            "priority_reason": priority.sentence(ticket, "zh" if to.language == "zh" else "en"),
        },
        not_before=later,
    )


def _progress(draft: Draft, rung: Rung, clock: Clock, policy: Policy) -> None:
    """An honest word to the requester, or a reminder to whoever works on it. Neither counts as an answer."""
    ticket = draft.ticket
    (reader,) = rung.tell
    draft.add("progressed", clock=clock.kind, at=rung.at, to=reader)
    values: dict[str, object] = {"due_at": clock.due_at, "since": clock.started_at}
    if reader == "requester":
        draft.tell(*notices.to_requester("progress", ticket, policy, values=values))
        return
    last = next((one for one in _PROGRESS[policy.progress] if one.tell == ("requester",)), None)
    values["told_at"] = sla.reached_at(clock, last, policy) if last else None
    draft.tell(*notices.to_team("progress", ticket, policy, values=values))
