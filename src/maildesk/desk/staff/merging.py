"""Tickets that belong together: one becomes part of another (#merge), or both only know of each other (#link)."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.model import Ticket, Voice
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.staff.command import Acting
from maildesk.mail.ids import fold_address, same_address

_INTO = r"(?:into|to|with|到|至|入|进|与|和|于)?"
_NUMBER = re.compile(rf"\s*{_INTO}\s*[\[【(#]?\s*(?:[A-Z]{{1,8}}-)?(\d{{1,18}})\s*[\])】]?", re.IGNORECASE)
_MOST = 10  # tickets that one mail may name


def numbers(text: str) -> tuple[int, ...]:
    """The tickets that the commands of a mail may be about besides its own, in its lines that begin with `#`."""
    lines = (line.strip() for line in unicodedata.normalize("NFKC", text).splitlines())
    found = (int(n) for line in lines if line.startswith("#") for n in re.findall(r"\d{1,18}", line, re.ASCII))
    return tuple(dict.fromkeys(found))[:_MOST]


def final(ticket: Ticket, tickets: Mapping[int, Ticket]) -> Ticket:
    """The ticket that everything about this one belongs to now: itself, or what it was merged into."""
    while ticket.merged_into is not None and ticket.merged_into in tickets:
        ticket = tickets[ticket.merged_into]
    return ticket


def _other(draft: Draft, argument: str, acting: Acting) -> tuple[Ticket | None, str, str]:
    """The ticket that an argument names and the words behind it, or what is wrong."""
    match = _NUMBER.match(unicodedata.normalize("NFKC", argument))
    if match is None:
        return None, "", acting.say("say which ticket: its number", "请写明工单的编号")
    number, rest = int(match[1]), argument[match.end() :].strip(" \t\u3000,，;；:：。.")
    if number == draft.ticket.number:
        return None, "", acting.say("that is this ticket itself", "这就是这张工单自己")
    found = acting.beside.tickets.get(number)
    if found is None:
        prefix = acting.policy.reference
        return None, "", acting.say(f"there is no ticket {prefix}-{number}", f"没有工单 {prefix}-{number}")
    return found, rest, ""


LINKS: Mapping[str, tuple[str, str]] = {  # as written: what the other ticket is to this one, and the reverse
    "": ("related", "related"),
    "related": ("related", "related"),
    "相关": ("related", "related"),
    "duplicate": ("duplicate", "duplicate"),
    "重复": ("duplicate", "duplicate"),
    "parent": ("parent", "child"),
    "上级": ("parent", "child"),
    "child": ("child", "parent"),
    "下级": ("child", "parent"),
    "follows": ("follows", "related"),
    "后续": ("follows", "related"),
}


def link(draft: Draft, argument: str, acting: Acting) -> str:
    """Both tickets know of each other; nothing else changes."""
    other, rest, wrong = _other(draft, argument, acting)
    if other is None:
        return wrong
    kinds = LINKS.get(rest.casefold())
    if kinds is None:
        english = f"{rest} is no kind of link: related, duplicate, parent, child or follows"
        return acting.say(english, f"没有“{rest}”这种关联：相关、重复、上级、下级、后续")
    draft.add("linked", kind=kinds[0], number=other.number)
    there = Draft(other, at=acting.at, actor=acting.actor, cause=draft.cause)
    there.add("linked", kind=kinds[1], number=draft.ticket.number)
    draft.along(there.decision(f"linked to {acting.policy.reference}-{draft.ticket.number}"))
    return ""


def merge(draft: Draft, argument: str, acting: Acting) -> str:
    """This ticket becomes part of another one: its people, its mails so far and those to come are there."""
    other, rest, wrong = _other(draft, argument, acting)
    if other is None:
        return wrong
    ticket, policy = draft.ticket, acting.policy
    wrong = _unfit(ticket, other, acting)
    if wrong:
        return wrong
    there = Draft(other, at=max(acting.at, other.opened_at), actor=acting.actor, cause=draft.cause)
    join(draft, there, acting, rest)
    draft.along(there.decision(f"{policy.reference}-{ticket.number} was merged into it"))
    return ""


def join(draft: Draft, there: Draft, acting: Acting, why: str) -> None:
    """One ticket becomes part of another, and whom it concerns is told."""
    ticket, other = draft.ticket, there.ticket
    draft.add("merged", into=other.number, why=why or None)
    there.add(
        "absorbed",
        number=ticket.number,
        opened_at=ticket.opened_at.isoformat(),
        responded_at=ticket.responded_at.isoformat() if ticket.responded_at else None,
        pauses=[
            {"start": p.start.isoformat(), "end": p.end.isoformat() if p.end else None, "why": p.why}
            for p in ticket.pauses
        ],
        people=_people(ticket, other),
    )
    _tell(draft, there, acting, acting.policy)


def _unfit(ticket: Ticket, other: Ticket, acting: Acting) -> str:
    """Why a ticket cannot be merged into another one, "" when it can."""
    prefix = acting.policy.reference
    named = f"{prefix}-{other.number}"
    if ticket.merged_into is not None:
        at = f"{prefix}-{ticket.merged_into}"
        return acting.say(f"it was merged into {at} before", f"它此前已经并入 {at}")
    if other.merged_into is not None:
        at = f"{prefix}-{other.merged_into}"
        return acting.say(f"{named} was itself merged: take {at}", f"{named} 自己已经并入 {at}，请写 {at}")
    if other.status == "closed":
        return acting.say(f"{named} is closed: reopen it first", f"{named} 已经关闭，请先重开它")
    if other.held:
        return acting.say(f"{named} is held as spam: release it first", f"{named} 被当作垃圾邮件扣住了，请先放行")
    return ""


def _people(ticket: Ticket, other: Ticket) -> list[dict[str, str]]:
    """Who takes part in a ticket, as the other one takes them in: each stays in his own thread and language."""
    mine = Voice(language=ticket.language, subject=ticket.subject, last_id=ticket.last_id)
    everybody = [(ticket.requester, mine)] if directory.reachable(ticket) and not ticket.held else []
    for address in ticket.participants if not ticket.held else ():
        everybody.append((address, ticket.voices.get(fold_address(address.address), Voice(subject=ticket.subject))))
    return [
        {
            "name": address.name,
            "address": address.address,
            "language": voice.language,
            "subject": voice.subject or ticket.subject,
            "last_id": voice.last_id,
        }
        for address, voice in everybody
        if not same_address(address.address, other.requester.address)
    ]


def _tell(here: Draft, there: Draft, acting: Acting, policy: Policy) -> None:
    """The requester hears where his matter is now, and both teams, but for the one who did it."""
    before, other = here.before or here.ticket, there.ticket
    name = acting.person.name if acting.person else policy.name
    values: dict[str, Any] = {
        "by": name,
        "into": f"{policy.reference}-{other.number}",
        "other": f"{policy.reference}-{before.number}",
    }
    if not before.held:
        here.tell(*notices.to_requester("merged", here.ticket, policy, values=values))
    doers = {acting.person.key} if acting.person else set()
    now_have = {r.person for r in directory.recipients("assignee", other, policy)}
    had = directory.recipients("assignee", before, policy) if before.assignee or before.group else ()
    lost = [r for r in had if r.person and r.person not in doers | now_have]
    here.tell(*notices.told("merged", "group", here.ticket, policy, lost, values=values))
    request = acting.beside.requests.get(before.number)
    have = [r for r in directory.recipients("assignee", other, policy) if r.person not in doers]
    there.tell(
        *notices.told(
            "absorbed",
            "assignee" if other.assignee else "group",
            other,
            policy,
            have,
            values={**values, "requester": _named(before, policy)},
            text=request.text if request else "",
            attachments=request.attachments if request else (),
        )
    )


def _named(ticket: Ticket, policy: Policy) -> str:
    """The requester of a ticket, for colleagues."""
    who = ticket.requester
    return " ".join(filter(None, (who.name, who.address if policy.show_addresses else "")))
