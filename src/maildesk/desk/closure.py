"""The end of a ticket: it closes by itself when nobody objects to its resolution, and one word confirms or objects."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Ticket
from maildesk.desk.policy import Policy

Confirmation = Literal["solved", "not solved", "thanks", ""]

_LONGEST = 120  # characters of a text that can be no more than a confirmation


def closes_at(ticket: Ticket, policy: Policy) -> datetime | None:
    """When a resolved ticket closes by itself; None in every other status, and for a held ticket."""
    if ticket.status != "resolved" or ticket.resolved_at is None or ticket.held:
        return None
    return ticket.resolved_at + timedelta(days=policy.close_days)


def timeout(ticket: Ticket, policy: Policy, now: datetime) -> Decision | None:
    """Close a ticket that was resolved long enough ago, and tell its requester; None when it is not time."""
    moment = closes_at(ticket, policy)
    if moment is None or now < moment:
        return None
    draft = Draft(ticket, at=now, actor="desk", cause="tick")
    draft.add("closed", why="timeout")
    values = {"why": "timeout", "reopen_days": policy.reopen_days}
    draft.tell(*notices.to_requester("closed", draft.ticket, policy, values=values))
    return draft.decision(f"nobody objected for {policy.close_days} days after the resolution")


_SCORE = re.compile(
    r"(?:评分|打分|score|rating)?\s*[:：]?\s*([0-5])\s*(?:分|星|stars?\b|/\s*5|out of 5)?"
    r"(?P<end>\s*$|\s*[\n,，:：;；!！。]\s*(?P<comment>.*))",
    re.IGNORECASE | re.DOTALL,
)
_DOUBT = re.compile(
    r"但|不过|然而|还是|还有|还没|仍|依旧|依然|没有?(?:解决|好|恢复)|未|无法|不能|不行|又"
    r"|\b(?:but|however|still|not|never|again|yet|cannot|can't|doesn't|isn't|won't)\b",
    re.IGNORECASE,
)


CONTENT = 3  # from this score on it says "solved"; below it the team hears of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a requester thinks of the work. With a doubt in the comment it is no confirmation."""

    score: int
    comment: str
    doubt: bool


def rating(text: str) -> Rating | None:
    """The score from 0 to 5 that an answer begins with, and what stands behind it; None for anything else.

    A number that goes on as a sentence ("2 of us cannot log in") or as a list ("1. ...") is none.
    """
    match = _SCORE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    comment = (match["comment"] or "").strip()
    return Rating(score=int(match[1]), comment=comment[:1000], doubt=bool(_DOUBT.search(comment)))


# Patterns of whole phrases; of those that fit at a place the longest counts.
_IT = r"(?:it|this|that|everything|all|(?:the |my )?(?:issue|problem))"
_NOW = r"(?:我的)?(?:问题|故障)?(?:现在|目前)?"
_DONE = r"(?:解决|修复|修好|恢复正常|恢复|正常|好|搞定|处理好)"
_STILL = r"(?:还|还是|仍|仍然|依然|依旧)"
_HELP = (
    r"(?: for (?:your|the|all the|all your) (?:quick |fast |great |kind )?(?:help|support|response|reply|assistance))?"
)
_PHRASES = {
    "solved": (
        rf"(?:{_IT} (?:is |has been |was )?|(?:it|that)'s )?(?:now )?(?:solved|fixed|resolved|working|works)"
        r"(?: now| again| fine| well)*",
        rf"(?:{_IT} (?:is |was )?|(?:it|that)'s )(?:now )?(?:ok|fine|good)(?: now| again)*",
        rf"{_NOW}(?:都|全部|完全)?已经?(?:都|全部|完全)?{_DONE}[了啦]?",
        rf"{_NOW}(?:已经?)?(?:都|全部|完全)?(?:{_DONE}|可以|行|能用|可以用|ok)[了啦]",
        rf"{_NOW}恢复正常",
        r"(?:现在|目前)?没有?问题了",
        r"搞定",
        r"确认解决",
    ),
    "yes": ("yes", "yep", "confirmed", "是的?", "对的?"),
    "not solved": (
        rf"(?:{_IT} (?:is |has |was )?|(?:it|that)'s )?(?:still )?not (?:yet )?(?:been )?"
        r"(?:solved|fixed|resolved|working|ok)(?: yet| now)?",
        rf"(?:{_IT} (?:is )?|(?:it|that)'s )?still (?:broken|down|failing|the same|happening)",
        rf"(?:{_IT} )?(?:still )?(?:does not|doesn't|isn't|is not) (?:work|working|fixed|solved)(?: yet)?",
        r"(?:still )?(?:the )?same (?:problem|issue)(?: again)?",
        r"unsolved|unresolved|not yet",
        rf"{_NOW}{_STILL}?(?:没|没有|未|不)(?:完全)?{_DONE}",
        rf"{_NOW}{_STILL}(?:不行|不能用|用不了|一样|有问题|不可以|老样子)",
        r"(?:不行|不能用|用不了)了?",
        r"还没有?",
        rf"问题(?:依旧|还在|仍在|{_STILL}存在)",
    ),
    "no": ("no", "nope", "没有", "不是"),
    "thanks": (
        rf"(?:many |ok )?thanks(?: a lot| so much| very much| again| all| team| everyone)*{_HELP}",
        rf"(?:ok )?thank you(?: so much| very much| again| all)*{_HELP}",
        r"thx|cheers|(?:much|highly) appreciated",
        r"(?:非常|十分|多|很|太)?(?:感谢|谢谢|谢)(?:你|您|了|啦|大家|各位|支持|帮助|帮忙|们|的|老师)*",
        r"(?:你|您|大家|各位)?辛苦[了啦]?",
        r"麻烦(?:你|您|大家)?了",
    ),
    "courtesy": (
        r"ok|okay|got it|well noted|noted|received|great|perfect|excellent|awesome",
        r"好的?|收到|知道了|明白了?|了解了?|嗯+|行|可以|没问题|[👍👌🙏🎉😊🙂😀💐🌹]",
    ),
    "greeting": (
        r"(?:hi|hello|dear)(?: all| team)?",
        r"(?:best |kind )?regards",
        "best",
        r"你好|您好|大家好|各位好|祝好",
    ),
}
_PATTERNS = [(kind, re.compile(rf"(?:{phrase})(?![a-z'])")) for kind, phrases in _PHRASES.items() for phrase in phrases]
_SEPARATORS = re.compile(r"[\s,.;:!~…、。\-—()]*")
_SIMPLIFIED = str.maketrans("謝問題決沒還復處煩現對確認應幫們師瞭經’", "谢问题决没还复处烦现对确认应帮们师了经'")


def confirms(text: str) -> Confirmation:
    """What a short answer to "is it solved?" says, in Chinese or English; "" for anything that says more than that.

    Only for what a requester writes on a resolved or closed ticket. "thanks" is any courtesy that neither confirms
    nor objects, such as 好的 or OK. A question, a doubt, both answers at once or one unknown word give "".
    """
    kinds = _kinds(text)
    if not kinds or kinds == {"greeting"} or {"no", "thanks"} <= kinds or {"no", "courtesy"} <= kinds:
        return ""
    objects, agrees = bool(kinds & {"not solved", "no"}), bool(kinds & {"solved", "yes"})
    if objects:
        return "" if agrees else "not solved"
    return "solved" if agrees else "thanks"


def _kinds(text: str) -> set[str]:
    """The kinds of phrases that make up the whole text; none when there is anything else in it."""
    if len(text) > _LONGEST:
        return set()
    rest = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLIFIED)
    rest = "".join(c for c in rest if unicodedata.category(c) not in ("Cf", "Mn", "Sk"))
    found: set[str] = set()
    position = _skip(rest, 0)
    while position < len(rest):
        fits = ((match.end(), kind) for kind, pattern in _PATTERNS if (match := pattern.match(rest, position)))
        end, kind = max(fits, default=(position, ""))
        if end == position:
            return set()
        found.add(kind)
        position = _skip(rest, end)
    return found


def _skip(text: str, position: int) -> int:
    match = _SEPARATORS.match(text, position)
    return match.end() if match else position
