"""A major incident: one ticket leads, like ones are attached, one bulletin and one all-clear reach everybody."""

from collections.abc import Iterable
from typing import Any, Literal

from maildesk.desk import lifecycle, notices, weighing
from maildesk.desk.draft import Draft
from maildesk.desk.model import Message, Recipient, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.staff.command import Acting
from maildesk.mail.language import detect
from maildesk.mail.model import Address

_LEADS = ("lead", "manager", "owner")


def declare(draft: Draft, members: Iterable[Ticket], policy: Policy, why: str) -> None:
    """The ticket leads from now on: as urgent as can be, its like attached, the managers told at once."""
    draft.add("major-declared", why=why)
    priority = policy.matrix["major"][draft.ticket.urgency]
    urgency = draft.ticket.urgency
    draft.add("prioritised", impact="major", urgency=urgency, priority=priority, impact_reason=why, priority_bound="")
    for member in members:
        attach(draft, member)
    weighing.alarm(draft, policy, draft.at)


def attach(draft: Draft, member: Ticket) -> None:
    """Another ticket follows the one that leads, which has the only clocks."""
    ticket = draft.ticket
    unfit = member.held or member.major or member.attached or member.status not in lifecycle.OPEN
    if unfit or member.number == ticket.number:
        return
    draft.add("linked", kind="child", number=member.number)
    there = Draft(member, at=max(draft.at, member.opened_at), actor="desk", cause=draft.cause)
    follow(there, ticket)
    draft.along(there.decision("it is part of a major incident"))


def follow(draft: Draft, parent: Ticket) -> None:
    """The ticket is part of a major incident."""
    draft.add("attached", parent=parent.number, priority=parent.priority)


def children(ticket: Ticket, tickets: Iterable[Ticket]) -> list[Ticket]:
    """The tickets that follow one, of those at hand."""
    return [one for one in tickets if one.attached == ticket.number and one.number != ticket.number]


def major(draft: Draft, argument: str, acting: Acting) -> str:
    """`#major`: the lead's yes to a surge, or his own judgement about any ticket."""
    ticket, policy = draft.ticket, acting.policy
    wrong = _may(ticket, acting)
    if wrong:
        return wrong
    if ticket.major:
        return acting.say("it is a major incident already", "它已经是重大故障了")
    if ticket.status not in lifecycle.OPEN or ticket.held:
        return acting.say("only an open ticket can be one", "只有未结束的工单才能升为重大故障")
    if ticket.attached:
        return acting.say(
            f"it is part of {policy.reference}-{ticket.attached}", f"它已经属于 {policy.reference}-{ticket.attached}"
        )
    surge, others = ticket.surge, acting.beside.tickets.values()
    wave = {number for one in (ticket, *others) if surge and one.surge == surge for number in one.wave}
    members = [one for one in others if surge and (one.surge == surge or one.number in wave)]
    declare(draft, members, policy, argument or f"declared by {acting.actor}")
    return ""


def _may(ticket: Ticket, acting: Acting) -> str:
    """A major incident is for those who lead: the group's lead, his manager, the desk's owner; or the command line."""
    who = acting.person
    leads = {to.person for role in _LEADS for to in directory.recipients(role, ticket, acting.policy)}
    if who is None or who.key in leads or who.level in ("lead", "manager", "director"):
        return ""
    return acting.say("only a lead can do that: ask yours", "只有组长或经理可以这样做，请联系组长")


def bulletin(draft: Draft, argument: str, acting: Acting) -> str:
    """`#bulletin`: one text to everybody who is affected, each under his own ticket and in his language."""
    text = "\n\n".join(filter(None, (argument.strip(), acting.text.strip())))
    wrong = _may(draft.ticket, acting) or _leads(draft.ticket, acting)
    if not wrong and not text:
        wrong = acting.say("a bulletin needs words", "通报需要写内容")
    if wrong:
        return wrong
    draft.add("bulletin", text=text)
    draft.add("answered")
    _send(draft, draft.ticket, text, "bulletin", acting)
    for child in _open_children(draft, acting):
        there = Draft(child, at=max(acting.at, child.opened_at), actor=acting.actor, cause=draft.cause)
        there.add("answered")
        _send(there, draft.ticket, text, "bulletin", acting)
        draft.along(there.decision("the bulletin of its major incident"))
    return ""


def all_clear(draft: Draft, argument: str, acting: Acting) -> str:
    """`#all-clear`: it is over; every ticket of it is resolved, and each requester asked whether it is for him."""
    wrong = _may(draft.ticket, acting) or _leads(draft.ticket, acting)
    if wrong:
        return wrong
    text = "\n\n".join(filter(None, (argument.strip(), acting.text.strip())))
    affected = _open_children(draft, acting)
    draft.add("all-clear", text=text, affected=len(affected) + 1)
    draft.add("resolved", text=text, told_requester=True)
    _send(draft, draft.ticket, text, "resolved", acting)
    for child in affected:
        there = Draft(child, at=max(acting.at, child.opened_at), actor=acting.actor, cause=draft.cause)
        there.add("resolved", text=text, told_requester=True)
        _send(there, draft.ticket, text, "resolved", acting)
        draft.along(there.decision("its major incident is over"))
    return ""


def reopen(draft: Draft, acting: Acting) -> None:
    """It is not over after all: what its all-clear resolved is open again and follows it as before."""
    for child in children(draft.ticket, acting.beside.tickets.values()):
        if child.status == "resolved":
            there = Draft(child, at=max(acting.at, child.opened_at), actor=acting.actor, cause=draft.cause)
            there.add(
                "reopened", why=f"its major incident {acting.policy.reference}-{draft.ticket.number} is open again"
            )
            follow(there, draft.ticket)  # to be opened again takes a ticket out of it
            draft.along(there.decision("its major incident is open again"))


def _leads(ticket: Ticket, acting: Acting) -> str:
    if not ticket.major:
        return acting.say("this is no major incident: #major first", "这不是重大故障，请先 #重大")
    if ticket.status not in lifecycle.OPEN:
        return acting.say("it is over: reopen it first", "它已经结束，请先 #重开")
    return ""


def _open_children(draft: Draft, acting: Acting) -> list[Ticket]:
    return [one for one in children(draft.ticket, acting.beside.tickets.values()) if one.status in lifecycle.OPEN]


def _send(draft: Draft, parent: Ticket, text: str, event: Literal["bulletin", "resolved"], acting: Acting) -> None:
    """One requester hears, on his own ticket; the words are kept in its conversation."""
    policy, ticket = acting.policy, draft.ticket
    to = directory.requester(ticket, policy)
    words = in_language(text, to.language)
    name = acting.person.name if acting.person else policy.name
    sender = Address(name=name, address=policy.address)
    if directory.reachable(ticket) and words:
        draft.keep(
            Message(at=draft.at, direction="out", sender=sender, to=(ticket.requester,), text=words, internal=False)
        )
    values: dict[str, Any] = {"by": name} | ({"close_days": policy.close_days} if event == "resolved" else {})
    draft.tell(*notices.to_requester(event, ticket, policy, values=values, text=words))


def in_language(text: str, language: str) -> str:
    """The paragraphs of a text in one language, where it was written in two; else all of it."""
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    mine = [part for part in parts if ("zh" if detect(part).startswith("zh") else "en") == language]
    return "\n\n".join(mine if mine and len(mine) < len(parts) else parts)


def lead_of(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """Who is asked about a surge, and gets the review: the lead of its group, else the desk's owner."""
    return directory.recipients("lead", ticket, policy)
