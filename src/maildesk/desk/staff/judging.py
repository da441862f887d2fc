"""Whose mail is spam and whose is not: the staff say it once (#spam, #ham), and the desk remembers the sender."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.model import Judgement, Message, Notice, Work
from maildesk.desk.people import assignment, directory
from maildesk.desk.policy import Policy
from maildesk.desk.staff.command import Acting
from maildesk.mail.model import Mail


def spam(draft: Draft, argument: str, acting: Acting) -> str:
    """It is spam: nobody is written to any more, it is closed, and the next mails of its sender are held."""
    ticket = draft.ticket
    if ticket.responded_at is not None:
        english = "the requester was answered already: #close closes it"
        return acting.say(english, "已经回复过用户，不能再当作垃圾邮件；要结束请用 #关闭")
    draft.add("judged", verdict="spam", why=argument or None, **_remembered(draft, acting))
    if draft.ticket.status != "closed":
        draft.add("closed", why="spam")
    return ""


def ham(draft: Draft, argument: str, acting: Acting) -> str:
    """It is none: the ticket goes the way it would have gone, and so do the next mails of its sender."""
    ticket = draft.ticket
    if not ticket.held:
        return acting.say("it is not held", "这张工单没有被扣住")
    draft.add("judged", verdict="ham", why=argument or None, **_remembered(draft, acting))
    request = acting.beside.requests.get(ticket.number)
    go(draft, acting.policy, acting.at, acting.beside.work, request)
    return ""


def _remembered(draft: Draft, acting: Acting) -> Mapping[str, str]:
    """The sender and until when he is remembered; nothing for one of our own domains: anybody can write as he."""
    policy, requester = acting.policy, draft.ticket.requester
    if not policy.remember_days or not directory.reachable(draft.ticket) or policy.is_internal(requester.address):
        return {}
    until = acting.at + timedelta(days=policy.remember_days)
    return {"address": requester.address, "until": until.isoformat()}


def go(draft: Draft, policy: Policy, now: datetime, work: Work, request: Message | None) -> None:
    """A held ticket that is held no more: acknowledged, if it never was, and dispatched as if it were new."""
    if draft.ticket.status == "closed":
        draft.add("reopened", why="it is no spam")
    group = draft.ticket.group or draft.ticket.meant_for or policy.defaults.group
    if group in policy.groups and draft.ticket.status == "new":
        draft.add("dispatched", group=group, why="released")
        assignment.place(draft, policy, now, work)
    draft.tell(*_acknowledged(draft, policy, now))
    draft.tell(
        *notices.dispatched(
            draft.ticket,
            policy,
            now,
            text=request.text if request else "",
            attachments=request.attachments if request else (),
        )
    )


def _acknowledged(draft: Draft, policy: Policy, now: datetime) -> tuple[Notice, ...]:
    """The acknowledgement. A person read the mail and vouches for it."""
    ticket = draft.ticket
    if not directory.reachable(ticket) or directory.is_nobody(ticket.requester.address):
        return ()
    return (notices.acknowledged(ticket, Mail(message_id=ticket.origin_id), policy, now),)


def reason(judgement: Judgement | None, address: str, policy: Policy) -> str:
    """Why a mail of a sender is held whom the staff called a spammer; "" for anybody else."""
    if judgement is None or judgement.verdict != "spam":
        return ""
    return f"spam: {judgement.by} called {address} a spammer on {policy.reference}-{judgement.ticket}"
