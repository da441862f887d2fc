"""What a mail should say and does not: asked for once, together with the acknowledgement; the answer fills fields.

In doubt a fact counts as told: a question about what somebody has just written annoys more than a missing answer.
"""

import re
import unicodedata
from collections.abc import Mapping

from maildesk.desk.classification import Classification
from maildesk.desk.model import Ticket
from maildesk.desk.policy import Fact, Policy

_LONGEST = 200  # characters of a fact
_SHORT = 12  # letters of a text that says nothing of what is wrong
_READ = 20_000  # characters looked at
_TIME = (
    r"今[天日早晚]|昨[天日晚]|前天|刚刚?|刚才|早上|上午|中午|下午|晚上|凌晨|本周|上周|这周|周[一二三四五六日天]|星期|"
    r"\d+\s*[月号日点时]|\d{1,2}[:：]\d\d|\d{4}-\d\d?-\d\d?|自从|一直|开始|突然|以来|"
    r"\b(?:today|yesterday|tonight|since|this (?:morning|afternoon|week)|last (?:night|week|month)|just now|ago|"
    r"suddenly|always|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2}\s*(?:am|pm|o'?clock))\b"
)
_SCOPE = (
    r"只有我|我一个人|我自己|我的|本人|我们|大家|所有|全部|整个|全公司|全厂|部门|同事|多人|几个人|各|\d+\s*[个名位]?人|"
    r"\b(?:my|only me|just me|myself|i|we|our|us|all|everyone|everybody|nobody|no one|colleagues?|team|department|"
    r"office|floor|users|people)\b"
)
_PHONE = r"(?:\+?\d[\d\s()/.-]{4,18}\d)|分机\s*[:：]?\s*\d{2,6}|\b(?:ext|extension)\b\.?\s*[:：]?\s*\d{2,6}"
_CONTACT = rf"{_PHONE}|电话|手机|微信|\b(?:phone|mobile|tel|call me|reach me|desk|room)\b|工位|座位"
_URGENCY = (
    r"急|尽快|马上|立即|不能工作|无法工作|影响|等着|\b(?:urgent|asap|hurry|rush|deadline|cannot work|can't work)\b"
)
_TOLD: Mapping[Fact, re.Pattern[str]] = {
    "since": re.compile(_TIME, re.IGNORECASE),
    "scope": re.compile(_SCOPE, re.IGNORECASE),
    "contact": re.compile(_CONTACT, re.IGNORECASE),
    "urgency": re.compile(_URGENCY, re.IGNORECASE),
}
_LABELS: Mapping[Fact, tuple[str, ...]] = {
    "what": ("what is wrong", "what", "什么问题", "问题", "故障现象", "现象"),
    "since": ("since when", "since", "when", "什么时候开始", "从什么时候开始", "开始时间", "时间"),
    "scope": ("who is concerned", "scope", "who", "影响哪些人", "影响范围", "范围"),
    "contact": ("telephone number", "contact", "phone", "tel", "ext", "联系电话", "联系方式", "电话", "手机", "分机"),
    "urgency": ("how urgent is it", "urgency", "urgent", "有多急", "紧急程度", "紧急"),
}
_LABEL: Mapping[str, Fact] = {label: fact for fact, labels in _LABELS.items() for label in labels}
_LABELLED = re.compile(r"^[\s>*•·\d.、)-]*([^:：?？]{1,24})\s*[?？]?\s*[:：]\s*(.*)$")
_BETWEEN = re.compile(r"[\n。!?;,]|\.\s|\.$")


def missing(classification: Classification, subject: str, text: str, policy: Policy) -> tuple[Fact, ...]:
    """The facts that a new ticket's mail is to be asked for; () when too few are missing to bother anybody."""
    needed = policy.asking.needed.get(classification.type, ())
    whole = _plain(f"{subject}\n{text}")
    lacking = tuple(fact for fact in needed if not _told(fact, whole, text, classification))
    return lacking if len(lacking) >= policy.asking.at_least else ()


def _told(fact: Fact, whole: str, text: str, classification: Classification) -> bool:
    if classification.fields.get(fact):
        return True
    if fact == "what":
        return sum(map(str.isalnum, text)) > _SHORT
    rule = {"scope": "impact", "urgency": "urgency"}.get(fact, "")
    return rule in classification.set_by or _TOLD[fact].search(whole) is not None


def answers(ticket: Ticket, text: str) -> dict[str, str]:
    """What an answer says of the facts that were asked for and are still open: by label, else by its own form."""
    wanted = [fact for fact in ticket.asked if not ticket.fields.get(fact)]
    found: dict[str, str] = {}
    free: list[str] = []
    for line in _plain(text).splitlines():
        match = _LABELLED.match(line)
        label = _LABEL.get(" ".join(match[1].split()).casefold()) if match else None
        if match is None or label is None:
            free.append(line)
        elif label in wanted and match[2].strip():
            found.setdefault(label, match[2].strip()[:_LONGEST])
    for fact in wanted:
        told = _recognised(fact, "\n".join(free)) if fact not in found else ""
        if told:
            found[fact] = told
    return found


def _recognised(fact: str, text: str) -> str:
    """A telephone number as such, of a time or a scope the clause that names it."""
    if fact == "contact":
        number = re.search(_PHONE, text, re.IGNORECASE)
        return " ".join(number[0].split()) if number else ""
    pattern = next((pattern for told, pattern in _TOLD.items() if told == fact), None)
    if pattern is None:
        return ""
    clauses = (part.strip() for part in _BETWEEN.split(text))
    return next((part[:_LONGEST] for part in clauses if pattern.search(part)), "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_READ])
