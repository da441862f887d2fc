"""What a requester asks of the desk itself by a word or two: how far it is, or that it be given up."""

import re
import unicodedata
from datetime import timedelta
from typing import Any, Literal

from maildesk.desk import notices
from maildesk.desk.clocks.reasons import waits_for
from maildesk.desk.draft import Draft
from maildesk.desk.lifecycle import DONE
from maildesk.desk.model import Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address, Mail

Wish = Literal["status", "cancel", ""]

_LONGEST = 80  # characters of a text that can be no more than a wish
_GAP, _DAY, _MOST = timedelta(minutes=10), timedelta(hours=24), 6  # answers about the status of one ticket
_COURTESY = re.compile(
    r"\b(?:hi|hello|dear|team|all|please|pls|kindly|thanks?|thank you|sorry|many|so much|best|regards|cheers)\b"
    r"|您好|你好|请问|(?<!申)请(?!求)|麻烦(?:你|您|了)?|谢谢(?:你|您)?|多谢|辛苦(?:了|您|你)?|不好意思|抱歉|一下|啊|吧|呢|哦|哈|啦"
)
_SIGNS = re.compile(r"[\s,.;:!?~…、。，；：！？\-—()（）\"“”#＃]+")
_IT = r"(?:(?:the|this|my)?(?:ticket|request|case|order)|it|this)?"
_STATUS = re.compile(
    rf"(?:ticket|request|case)?status(?:update)?|statusof{_IT}|what(?:is|'s)thestatus(?:of{_IT})?|progress|anyprogress"
    r"|any(?:news|update|updates)(?:yet|onthis)?|update\??"
    r"|(?:查询|查|查看)?(?:工单)?(?:的)?(?:当前|目前|最新|处理)?(?:进度|进展|状态)(?:如何|怎么样|怎样|到哪了|查询)?"
    r"|(?:现在|目前)?(?:处理)?(?:得)?(?:怎么样|怎样|如何|到哪一步|到哪)了?|有(?:什么)?(?:进展|结果|消息|更新)(?:了)?(?:吗|没有|没|么)"
)
_CANCEL = re.compile(
    rf"(?:cancel(?:led)?|withdraw|drop|close){_IT}|(?:ican)?(?:be)?cancel{_IT}|{_IT}(?:can|may)be(?:closed|cancell?ed)"
    r"|nolongerneeded|notneeded(?:anymore|anylonger)?|neverm(?:ind)|(?:i|we)?(?:don'?t|donot|nolonger)needit(?:anymore|anylonger)?"
    r"|(?:这个|这张|本)?(?:工单|单子|申请|请求)?(?:可以)?(?:取消|撤销|撤回|作废|关闭|关掉|关单)(?:了|掉)?(?:这个|这张|本|该)?(?:工单|单子|申请|请求)?(?:了)?"
    r"|(?:已经|现在|这个|暂时)?(?:不用|不需要|无需|不必)(?:处理|弄|修|看|管)?了?"
)


def read(mail: Mail) -> Wish:
    """What a mail on a ticket asks for, where it says nothing else. A mail without a word asks how far it is."""
    if any(not file.inline for file in mail.attachments):
        return ""
    if not mail.new_text.strip():
        return "status"
    if len(mail.new_text) > _LONGEST:
        return ""
    folded = unicodedata.normalize("NFKC", mail.new_text).casefold().replace("’", "'")
    bare = _SIGNS.sub("", _COURTESY.sub(" ", folded))
    if _STATUS.fullmatch(bare):
        return "status"
    return "cancel" if _CANCEL.fullmatch(bare) else ""


def grant(draft: Draft, mail: Mail, sender: Address, role: str, policy: Policy) -> str:
    """Do what a mail asks of the desk itself, and say so in a sentence; "" where it asks nothing of the kind."""
    wish, mine = read(mail), role == "requester"
    if wish == "status":
        _status(draft, sender, "requester" if mine else "participant", policy)
        return f"the {role} asks how far it is"
    if wish == "cancel" and mine and draft.ticket.status != "closed":
        _cancel(draft, mail.new_text, sender, policy)
        return "the requester gives it up"
    return ""


def _status(draft: Draft, sender: Address, audience: str, policy: Policy) -> None:
    """Tell who asks how far it is; not often, so that no robot keeps the desk talking."""
    ticket = draft.ticket
    recent = [at for at in ticket.status_told if draft.at - at < _DAY]
    reason = ""
    if recent and draft.at - recent[-1] < _GAP:
        reason = "it was told less than 10 minutes before"
    elif len(recent) >= _MOST:
        reason = f"it was told {_MOST} times within a day"
    if reason:
        draft.add("suppressed", event="status", recipient=sender.address, reason=reason)
        return
    draft.add("status-told", to=sender.address)
    to = directory.outside(sender.address, ticket, policy)
    values = {**notices.targets(ticket, policy, draft.at, to.language, outside=True), **_standing(ticket)}
    draft.tell(
        *notices.told("status", audience, draft.ticket, policy, (to,), values=values, in_reply_to=ticket.last_id)
    )


def _standing(ticket: Ticket) -> dict[str, Any]:
    return {
        "waits": waits_for(ticket.pending_reason) or "other" if ticket.status == "pending" else "",
        "updated_at": ticket.updated_at,
        "done_at": ticket.resolved_at if ticket.status in DONE else None,
    }


def _cancel(draft: Draft, text: str, sender: Address, policy: Policy) -> None:
    """The requester gives it up: it is closed, he hears so, and so does whoever works on it."""
    draft.add("closed", why="cancelled")
    values = {"why": "cancelled", "reopen_days": policy.reopen_days}
    draft.tell(*notices.to_requester("closed", draft.ticket, policy, values=values))
    by = {"by": directory.called(sender, policy)}
    draft.tell(*notices.to_team("cancelled", draft.ticket, policy, but=sender.address, values=by, text=text))
