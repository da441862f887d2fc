"""Who hears of what: one function a kind of notice, each giving the mails' intents."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from maildesk.desk import priority
from maildesk.desk.clocks import sla
from maildesk.desk.model import Facts, Notice, Recipient, Ticket
from maildesk.desk.people import directory
from maildesk.desk.people.requesters import NOBODY
from maildesk.desk.policy import Group, Person, Policy
from maildesk.mail.ids import fold_address
from maildesk.mail.model import Attachment, Mail

_FOR_VENDORS = ("response_due", "resolution_due", "group_name", "by", "note")


def targets(ticket: Ticket, policy: Policy, now: datetime, language: str, *, outside: bool = False) -> dict[str, Any]:
    """What nearly every mail about a ticket says: why this priority, and by when while the clock still runs.

    A pending ticket's clocks count as if they ran again from the end of its pause on.
    """
    again = max(now, ticket.pending_until) if ticket.status == "pending" and ticket.pending_until else now
    due = {clock.kind: clock.due_at for clock in sla.clocks(ticket, policy, again) if clock.stopped_at is None}
    return {
        "priority_reason": priority.sentence(ticket, "zh" if language == "zh" else "en", outside=outside),
        "response_due": due.get("response"),
        "resolution_due": due.get("resolution"),
    }


def once_each(people: Iterable[Recipient], *, but: str = "") -> tuple[Recipient, ...]:
    """Each address once, and not the one who did it: nobody is told of his own act."""
    skip = {fold_address(but)} if but else set()
    found: dict[str, Recipient] = {}
    for person in people:
        key = fold_address(person.address)
        if key not in skip:
            found.setdefault(key, person)
    return tuple(found.values())


def fitting(attachments: tuple[Attachment, ...], policy: Policy) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
    """The attachments that go along, and the names of those left out with their size in words.

    What counts is what the relay gets to see: base64 makes four octets of three, and lines of 76.
    """
    taken: list[Attachment] = []
    left: list[str] = []
    room = policy.attach_mb * 1_000_000
    for attachment in attachments:
        mailed = attachment.size * 4 // 3 * 78 // 76
        if mailed <= room:
            taken.append(attachment)
            room -= mailed
        else:
            left.append(f"{attachment.filename} ({attachment.size / 1_000_000:.1f} MB)")
    return tuple(taken), tuple(left)


def acknowledged(ticket: Ticket, mail: Mail, policy: Policy, now: datetime, questions: tuple[str, ...] = ()) -> Notice:
    """The requester's receipt for a new ticket, and what he is asked for."""
    to = directory.requester(ticket, policy)
    return Notice(
        event="acknowledged",
        audience="requester",
        to=to,
        n="1",
        ticket=ticket,
        values={**targets(ticket, policy, now, to.language, outside=True), "questions": list(questions)},
        in_reply_to=mail.message_id,
    )


def acknowledged_stranger(ticket: Ticket, mail: Mail, policy: Policy) -> Notice:
    """The neutral receipt for somebody unknown: not a byte of his own text (PROTOCOLS 6)."""
    return Notice(
        event="acknowledged-stranger",
        audience="requester",
        to=replace(directory.requester(ticket, policy), name=""),
        n="1",
        ticket=ticket,
        in_reply_to=mail.message_id,
    )


def oversize(ticket: Ticket, mail: Mail, policy: Policy, limit: str) -> Notice:
    """Tells the sender that his mail was too large to be read whole."""
    return Notice(
        event="oversize",
        audience="requester",
        to=directory.requester(ticket, policy),
        n="1",
        ticket=ticket,
        values={"limit": limit},
        in_reply_to=mail.message_id,
    )


def dispatched(
    ticket: Ticket,
    policy: Policy,
    now: datetime,
    *,
    text: str,
    attachments: tuple[Attachment, ...] = (),
    by: str = "",
    note: str = "",
    but: str = "",
    history: int = 0,
    before: Ticket | None = None,
) -> tuple[Notice, ...]:
    """The work order: to the assignee when there is one, else one to each member of the group.

    `before` is the ticket as those had it who hand it over.
    """
    audience = "assignee" if ticket.assignee else "group"
    taken, left = fitting(attachments, policy)
    group = policy.groups.get(ticket.group)
    orders = tuple(
        Notice(
            event="dispatched",
            audience=audience,
            to=to,
            n=str(ticket.version),
            ticket=ticket,
            values={
                **targets(ticket, policy, now, to.language),
                "group_name": group.key if group else "",
                "unread": audience == "group" and _unread(to, group, policy),
                "by": by,
                "note": note,
                "history": history,
                **_contact(ticket, policy),
                **_handover(ticket, before, policy),
            },
            text=text,
            attachments=taken,
            omitted=left,
        )
        for to in once_each(directory.recipients(audience, ticket, policy), but=but)
    )
    return tuple(_discreet(notice, note, ticket) for notice in orders)


def _unread(to: Recipient, group: Group | None, policy: Policy) -> bool:
    """Whether the desk's owner gets it because nobody reads the group."""
    return to.address == policy.owner and (group is None or to not in directory.members(group, policy))


def _discreet(notice: Notice, note: str, ticket: Ticket) -> Notice:
    """The work order as a vendor gets it: the engineer's words, else the mail's; nothing of who asks and who had it."""
    if notice.to.person or notice.values["unread"]:
        return notice
    values = {key: value for key, value in notice.values.items() if key in _FOR_VENDORS}
    if note:
        return replace(notice, values=values, text="", attachments=(), omitted=())
    text = notice.text
    for address in (ticket.requester, *ticket.participants):
        text = re.sub(re.escape(address.address), "[...]", text, flags=re.IGNORECASE)
    return replace(notice, values=values, text=text)


def _contact(ticket: Ticket, policy: Policy) -> dict[str, Any]:
    """How to reach the requester and who he is, as far as it is known."""
    known = directory.known_as(ticket.requester.address, policy) or NOBODY
    return {
        "contact": ticket.fields.get("contact", ""),
        "department": known.department,
        "vip": known.vip,
        "fields": [{"name": key, "value": text} for key, text in ticket.fields.items() if key != "contact"],
    }


def _handover(ticket: Ticket, before: Ticket | None, policy: Policy) -> dict[str, Any]:
    """Who had it before, and how far it came."""
    if before is None:
        return {"had": [], "from_group": "", "responded_at": None}
    keys = dict.fromkeys((*before.offered, before.assignee))
    had = [person.name for key, person in policy.people.items() if key in keys and key != ticket.assignee]
    return {
        "had": had,
        "from_group": before.group if before.group != ticket.group else "",
        "responded_at": before.responded_at,
    }


def told(
    event: str,
    audience: str,
    ticket: Ticket,
    policy: Policy,
    people: Iterable[Recipient],
    *,
    but: str = "",
    values: dict[str, Any] | None = None,
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
    in_reply_to: str = "",
) -> tuple[Notice, ...]:
    """One notice to each of some people about a ticket."""
    taken, left = fitting(attachments, policy)
    return tuple(
        Notice(
            event=event,
            audience=audience,
            to=to,
            n=str(ticket.version),
            ticket=ticket,
            values=values or {},
            text=text,
            attachments=taken,
            omitted=left,
            in_reply_to=in_reply_to,
        )
        for to in once_each(people, but=but)
    )


def to_writer(
    event: str, ticket: Ticket | None, facts: Facts, person: Person, policy: Policy, values: dict[str, Any]
) -> tuple[Notice, ...]:
    """An answer to a mail of the staff, at his first address. It may be about no ticket, or about several."""
    to = directory.recipient(person, policy)
    return (
        Notice(
            event=event,
            audience="assignee",
            to=to,
            n=f"{ticket.version}-{facts.inbound}" if ticket else f"{facts.inbound}",
            ticket=ticket,
            values=values,
            in_reply_to=facts.mail.message_id,
        ),
    )


def to_team(
    event: str,
    ticket: Ticket,
    policy: Policy,
    *,
    but: str = "",
    values: dict[str, Any],
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
) -> tuple[Notice, ...]:
    """Tell the assignee, or the group while nobody has taken it."""
    audience = "assignee" if ticket.assignee else "group"
    people = directory.recipients("assignee", ticket, policy)
    return told(event, audience, ticket, policy, people, but=but, values=values, text=text, attachments=attachments)


def to_requester(
    event: str,
    ticket: Ticket,
    policy: Policy,
    *,
    values: dict[str, Any],
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
) -> tuple[Notice, ...]:
    """Tell the requester, in his thread, if there is one."""
    people = (directory.requester(ticket, policy),) if directory.reachable(ticket) else ()
    return told(
        event,
        "requester",
        ticket,
        policy,
        people,
        values=values,
        text=text,
        attachments=attachments,
        in_reply_to=ticket.last_id,
    )


def to_outside(
    event: str,
    ticket: Ticket,
    policy: Policy,
    *,
    values: dict[str, Any],
    text: str = "",
    attachments: tuple[Attachment, ...] = (),
    but: str = "",
) -> tuple[Notice, ...]:
    """Tell the requester and all who take part beside him, each in his own thread and language, but not the writer."""
    first = to_requester(event, ticket, policy, values=values, text=text, attachments=attachments)
    own = fold_address(ticket.requester.address)
    copies = (
        told(
            event,
            "participant",
            ticket,
            policy,
            (to,),
            but=but,
            values=values,
            text=text,
            attachments=attachments,
            in_reply_to=voice.last_id or ticket.last_id,
        )
        for to, voice in directory.participants(ticket, policy)
        if fold_address(to.address) != own
    )
    return first + tuple(notice for copy in copies for notice in copy)


def undelivered(ticket: Ticket, recipient: str, reason: str, policy: Policy) -> tuple[Notice, ...]:
    """Tell the team that somebody cannot be reached, else the lead, else the owner: not the one who cannot."""
    values = {"recipient": recipient, "reason": reason}
    for role, audience in (("assignee", "assignee" if ticket.assignee else "group"), ("lead", "owner")):
        people = directory.recipients(role, ticket, policy)
        notices = told("undelivered", audience, ticket, policy, people, but=recipient, values=values)
        if notices:
            return notices
    return told("undelivered", "owner", ticket, policy, (directory.owner(policy),), values=values)
