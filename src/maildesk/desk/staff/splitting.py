"""A mail about another matter becomes a ticket of its own (#split)."""

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.events import address_data
from maildesk.desk.knowledge import duplicates
from maildesk.desk.model import Message, Ticket
from maildesk.desk.people import directory
from maildesk.desk.staff.command import Acting
from maildesk.mail import subject
from maildesk.mail.ids import fold_address, same_address

_WORDS = ("split", "拆分")


def wanted(text: str) -> bool:
    """Whether a mail may hold the command: then the mail that is to be split off is read."""
    folded = text.casefold()
    return any(word in folded for word in _WORDS)


def split(draft: Draft, argument: str, acting: Acting) -> str:
    """The last mail of the requester's side becomes a ticket of its own, with the same owner, linked to this one."""
    ticket, policy = draft.ticket, acting.policy
    if draft.has("split-off"):
        return acting.say("once a mail: the next one in another mail", "一封邮件只能拆分一次")
    message = acting.beside.latest.get(ticket.number)
    if message is None and duplicates.apart(draft):
        return ""
    if message is None:
        english = "there is only the mail that opened the ticket: nothing to split off"
        return acting.say(english, "这张工单只有开单的那封邮件，没有可以拆分的来信")
    there = _opened(ticket, message, argument, acting, draft.cause)
    new = there.ticket.number
    draft.add("linked", kind="related", number=new)
    draft.add("split-off", number=new, message_id=message.message_id or None)
    _tell(there, message, acting)
    draft.along(there.decision(f"split off from {policy.reference}-{ticket.number}"))
    return ""


def _opened(ticket: Ticket, message: Message, title: str, acting: Acting, cause: str) -> Draft:
    """The new ticket: the clocks begin when the mail arrived, the rest is as on the ticket that it comes from."""
    policy, sender = acting.policy, message.sender
    mine = same_address(sender.address, ticket.requester.address)
    voice = ticket.voices.get(fold_address(sender.address))
    there = Draft(None, at=acting.at, actor=acting.actor, cause=cause)
    there.add(
        "opened",
        number=acting.beside.next_number,
        mailbox=ticket.mailbox,
        opened_at=message.at.isoformat(),
        subject=subject.base(title, policy.reference)[:250] or _title(message, ticket),
        requester=address_data(sender),
        language=ticket.language if mine or voice is None else voice.language or ticket.language,
        participants=[],
        message_id=message.message_id,
    )
    there.keep(message)
    there.add("classified", type=ticket.type, category=ticket.category, service=ticket.service)
    there.add(
        "prioritised",
        impact=ticket.impact,
        urgency=ticket.urgency,
        priority=policy.matrix[ticket.impact][ticket.urgency],
    )
    there.add("linked", kind="related", number=ticket.number)
    if ticket.group in policy.groups:
        there.add("dispatched", group=ticket.group, why=f"split off from {policy.reference}-{ticket.number}")
    if ticket.assignee in policy.people:
        there.add("assigned", assignee=ticket.assignee, why=f"split off from {policy.reference}-{ticket.number}")
    return there


def _title(message: Message, ticket: Ticket) -> str:
    """The first line of the mail, cut at a sensible length."""
    lines = (line.strip() for line in message.text.splitlines())
    first = next((line for line in lines if len(line) > 3), "")
    return first[:80] or ticket.subject


def _tell(there: Draft, message: Message, acting: Acting) -> None:
    """Who wrote the mail hears its number; its owners get the work order, also the one who split: he answers it."""
    ticket, policy = there.ticket, acting.policy
    if directory.reachable(ticket):
        to = directory.requester(ticket, policy)
        values = notices.targets(ticket, policy, acting.at, to.language, outside=True)
        there.tell(*notices.to_requester("split", ticket, policy, values=values))
    by = acting.person.name if acting.person else policy.name
    there.tell(
        *notices.dispatched(ticket, policy, acting.at, text=message.text, attachments=message.attachments, by=by)
    )
