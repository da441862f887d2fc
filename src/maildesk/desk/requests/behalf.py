"""A member of the staff opens a ticket for somebody else: who called, who came by, whose mail he passes on."""

import re
from dataclasses import replace
from datetime import datetime

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.model import Facts, Notice
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.mail import forwarded
from maildesk.mail.ids import same_address
from maildesk.mail.model import Address

_FIRST_LINES = 5
_CHANNEL = re.compile(r"\s*[#＃]?\s*(?:channel|via|by|渠道|来源|方式)\s*[:：]\s*(.{1,40})", re.IGNORECASE)
_CHANNELS = (
    ("phone", re.compile(r"phone|call|tel|电话|来电|致电", re.IGNORECASE)),
    ("walk-in", re.compile(r"walk|desk|person|current|现场|当面|上门|前台|来访", re.IGNORECASE)),
    ("chat", re.compile(r"chat|teams|slack|wechat|dingtalk|feishu|微信|钉钉|飞书|企微|聊天", re.IGNORECASE)),
)


def requester(facts: Facts, policy: Policy) -> Address | None:
    """For whom a mail of the staff opens a ticket; None for anybody else's mail, and where he speaks for himself.

    Where the desk's mail server vouches for senders it must vouch for this one.
    """
    mail, trust = facts.mail, facts.mail.authentication
    named = mail.forwarded_from
    if named is None or mail.origin.kind != "human" or directory.staff(trust.address, policy) is None:
        return None
    if trust.result == "fail" or (policy.authserv_id and trust.result != "pass"):
        return None
    fit = not directory.is_own(named.address, policy) and not directory.is_nobody(named.address)
    return named if fit and not same_address(named.address, trust.address) else None


def channel(facts: Facts) -> str:
    """How the requester reached the staff: by a line that says so, else by mail where one is passed on, or unknown."""
    for line in facts.mail.text.splitlines()[:_FIRST_LINES]:
        match = _CHANNEL.fullmatch(line)
        if match:
            return next((key for key, pattern in _CHANNELS if pattern.search(match[1])), match[1].strip())
    return "staff" if _names_somebody(facts.mail.text) else "forwarded mail"


def _names_somebody(text: str) -> bool:
    return any(forwarded.names(line) for line in text.splitlines()[:_FIRST_LINES])


def text(facts: Facts) -> str:
    """The mail's text without the lines that say for whom and how."""
    lines = facts.mail.text.splitlines()
    first = (line for line in lines[:_FIRST_LINES] if not forwarded.names(line) and not _CHANNEL.fullmatch(line))
    return "\n".join((*first, *lines[_FIRST_LINES:])).strip()


def told(notice: Notice, facts: Facts, policy: Policy) -> Notice:
    """The acknowledgement of such a ticket: it says who opened it, and answers no mail that the requester never had."""
    person = directory.staff(facts.mail.authentication.address, policy)
    if requester(facts, policy) is None or person is None:
        return notice
    return replace(notice, in_reply_to="", values={**notice.values, "by": person.name})


def answer(draft: Draft, facts: Facts, policy: Policy, now: datetime) -> None:
    """The member of the staff who opened it gets its number, and by that mail his hand on it."""
    person = directory.staff(facts.mail.authentication.address, policy)
    if requester(facts, policy) is None or person is None:
        return
    team = directory.recipients("assignee", draft.ticket, policy)
    if any(reader.person == person.key for reader in team):
        return  # he has the work order
    to, ticket = directory.recipient(person, policy), draft.ticket
    values = {
        **notices.targets(ticket, policy, now, to.language),
        "requester": directory.called(ticket.requester, policy),
    }
    reply = facts.mail.message_id
    draft.tell(*notices.told("registered", "assignee", ticket, policy, (to,), values=values, in_reply_to=reply))
