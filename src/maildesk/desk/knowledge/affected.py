"""What a surge means for the ticket that is being opened: attached, the one that completes it, or nothing."""

from dataclasses import replace

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.knowledge import major, surge
from maildesk.desk.knowledge.surge import Arrival, Wave
from maildesk.desk.model import Facts, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.requests import acknowledging
from maildesk.mail.ids import fold_address


def arrival(facts: Facts, ticket: Ticket, policy: Policy) -> Arrival:
    """The ticket as it is counted."""
    known = directory.known_as(ticket.requester.address, policy)
    return Arrival(
        at=facts.arrived,
        requester=fold_address(ticket.requester.address),
        service=ticket.service,
        department=known.department if known else "",
    )


def parent(facts: Facts, ticket: Ticket, policy: Policy) -> Ticket | None:
    """The major incident that a new ticket is part of."""
    if facts.mail.origin.kind != "human":
        return None
    return surge.belongs_to(arrival(facts, ticket, policy), facts.near, facts.tickets, policy.surging)


def join(draft: Draft, leading: Ticket, policy: Policy) -> None:
    """Attached as it is opened: its group gets no mail, its requester the bulletin in place of an acknowledgement."""
    if leading.group in policy.groups:
        draft.add("dispatched", group=leading.group, why=f"part of {policy.reference}-{leading.number}")
    draft.add("surged", number=leading.number)
    major.follow(draft, leading)
    there = Draft(leading, at=max(draft.at, leading.opened_at), actor="desk", cause=draft.cause)
    there.add("linked", kind="child", number=draft.ticket.number)
    draft.along(there.decision("another mail about the major incident"))


def bulletin(draft: Draft, leading: Ticket, facts: Facts, policy: Policy) -> None:
    """The acknowledgement, by its own rules, with the bulletin."""
    ticket = draft.ticket
    manner, reason = acknowledging.manner(facts, policy, max(draft.at, facts.arrived))
    if manner is None:
        draft.add("suppressed", event="acknowledged", recipient=ticket.requester.address, reason=reason)
    elif manner == "neutral":
        draft.tell(notices.acknowledged_stranger(ticket, facts.mail, policy))
    else:
        notice = notices.acknowledged(ticket, facts.mail, policy, draft.at)
        words = major.in_language(leading.bulletin, notice.to.language)
        draft.tell(replace(notice, variant="major", text=words))


def count(draft: Draft, facts: Facts, policy: Policy) -> None:
    """The ticket that completes a surge: its lead is asked, or it leads the others at once, by policy."""
    wave = _wave(facts, draft.ticket, policy)
    if wave is None:
        return
    if wave.number:
        draft.add("surged", number=wave.number)
        return
    own = draft.ticket.number
    draft.add("surged", number=own, like=list(wave.tickets), people=wave.people, words=list(wave.words))
    if policy.surging.then == "open":
        members = [facts.tickets[number] for number in wave.tickets if number in facts.tickets]
        major.declare(draft, members, policy, f"{len(wave.tickets) + 1} like mails of {wave.people} people")
    else:
        _propose(draft, wave, facts, policy)


def of_surge(facts: Facts, ticket: Ticket, policy: Policy) -> bool:
    """Whether a ticket that is being opened completes a surge, or belongs to one."""
    return _wave(facts, ticket, policy) is not None


def _wave(facts: Facts, ticket: Ticket, policy: Policy) -> Wave | None:
    if facts.mail.origin.kind != "human":
        return None
    return surge.found(arrival(facts, ticket, policy), facts.near, policy.surging)


def _propose(draft: Draft, wave: Wave, facts: Facts, policy: Policy) -> None:
    rows = [
        {
            "reference": f"{policy.reference}-{one.number}",
            "subject": one.subject,
            "requester": one.requester.name or one.requester.address,
        }
        for one in (*(facts.tickets[n] for n in wave.tickets if n in facts.tickets), draft.ticket)
    ]
    values = {
        "count": len(wave.tickets) + 1,
        "people": wave.people,
        "within": policy.surging.within,
        "words": list(wave.words),
        "rows": rows[-10:],
    }
    for to in major.lead_of(draft.ticket, policy):
        role = "lead" if to.person else "owner"
        draft.tell(*notices.told("surge", role, draft.ticket, policy, (to,), values=values))
