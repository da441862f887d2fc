"""A resolved ticket's cause and solution become an article: drafted for the group's lead, published by his yes."""

from typing import Any

from maildesk.desk import lifecycle, notices
from maildesk.desk.draft import Draft
from maildesk.desk.knowledge import known
from maildesk.desk.knowledge.known import Article
from maildesk.desk.model import Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.staff.command import Acting

_CAUSE = {"zh": "原因：", "en": "Cause: "}
_OPEN_TO = ("requesters", "requester", "all", "用户", "给用户", "所有人")


def article(ticket: Ticket, policy: Policy, solution: str = "") -> Article:
    """What the ticket would be as an article: for the staff alone, until somebody says otherwise."""
    language = directory.language(ticket.language, policy)
    cause = ticket.fields.get("cause", "")
    parts = [_CAUSE[language] + cause if cause else "", solution or ticket.fields.get("solution", "")]
    return Article(
        key=f"{policy.reference}-{ticket.number}",
        title=ticket.subject[:200],
        symptoms=(ticket.subject[:200],),
        audience="staff",
        language=language,
        service=ticket.service,
        solution="\n\n".join(filter(None, parts)),
    )


def propose(draft: Draft, told: str, policy: Policy) -> None:
    """Once a ticket is resolved and says why and how, its group's lead is asked whether others may learn of it."""
    ticket = draft.ticket
    solution = ticket.fields.get("solution", "") or told
    if ticket.status not in lifecycle.DONE or ticket.article or not (ticket.fields.get("cause") and solution):
        return
    drafted = article(ticket, policy, solution)
    draft.add("article-drafted", article=known.data(drafted))
    values = {"title": drafted.title, "service": drafted.service}
    lead = directory.recipients("lead", ticket, policy)
    for to in lead:
        role = "lead" if to.person else "owner"
        draft.tell(
            *notices.told("article-draft", role, draft.ticket, policy, (to,), values=values, text=drafted.solution)
        )


def publish(draft: Draft, argument: str, acting: Acting) -> str:
    """The lead's yes; what he writes himself takes the place of the drafted solution."""
    ticket, policy = draft.ticket, acting.policy
    if not ticket.article:
        english = "there is no draft: resolve the ticket and say #cause and #solution first"
        return acting.say(english, "还没有草稿：请先解决工单，并写明 #原因 和 #方案")
    if acting.person is not None and acting.person.key not in {
        to.person for role in ("lead", "manager", "owner") for to in directory.recipients(role, ticket, policy)
    }:
        return acting.say("only the group's lead may publish it", "只有组长可以发布")
    wanted = argument.strip().casefold()
    if wanted and wanted not in _OPEN_TO:
        return acting.say("say nothing or requesters: #publish requesters", "后面不写，或者写 用户：#发布 用户")
    content: dict[str, Any] = dict(ticket.article)
    content |= {"solution": acting.text} if acting.text.strip() else {}
    content |= {"audience": "requesters" if wanted else "staff"}
    draft.add("article-published", article=content)
    return ""
