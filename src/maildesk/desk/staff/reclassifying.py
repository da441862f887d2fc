"""Commands that correct what a ticket is taken for: type, category, service, impact, urgency, subject."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

from maildesk.desk import priority
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.model import Degree, Impact, TicketType
from maildesk.desk.staff.command import Acting, nearest

Run = Callable[[Draft, str, Acting], str]
_LONGEST = 60  # characters of a category
_TYPES: Mapping[str, str] = {
    **{known: known for known in get_args(TicketType)},
    "故障": "incident",
    "事件": "incident",
    "服务请求": "service request",
    "请求": "service request",
    "request": "service request",
    "变更": "change",
    "告警": "alert",
    "信息": "information",
    "咨询": "information",
}
_ZH = {"low": "低", "medium": "中", "high": "高", "major": "重大"}


def _value(argument: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", argument).split())


def _closed(draft: Draft, acting: Acting) -> str:
    if draft.ticket.status != "closed":
        return ""
    return acting.say("the ticket is closed: reopen it first", "工单已关闭，请先 #重开")


def type_(draft: Draft, argument: str, acting: Acting) -> str:
    wanted = _value(argument).casefold()
    found = _TYPES.get(wanted)
    if found is None:
        known = [*get_args(TicketType)] if acting.language == "en" else [k for k in _TYPES if not k.isascii()]
        close = nearest(wanted, known, acting.language)
        return acting.say(f"{argument or 'nothing'} is no type{close}", f"没有“{argument}”这种类型{close}")
    return _closed(draft, acting) or _add(draft, type=found)


def category(draft: Draft, argument: str, acting: Acting) -> str:
    wanted = _value(argument)
    if not wanted or len(wanted) > _LONGEST:
        return acting.say("say which category, in a word or two", "请写明分类，一两个词即可")
    return _closed(draft, acting) or _add(draft, category=wanted)


def service(draft: Draft, argument: str, acting: Acting) -> str:
    """An entry of the service catalogue; where the impact came from a service or nothing, the new one's counts."""
    policy, wanted = acting.policy, _value(argument)
    called = wanted.casefold()
    names = {key: (key.casefold(), *map(str.casefold, entry.words)) for key, entry in policy.services.items()}
    found = next((key for key in names if names[key][0] == called), "")
    found = found or next((key for key in names if called in names[key]), "")
    if not wanted or (policy.services and not found):
        close = nearest(wanted, list(policy.services), acting.language)
        return acting.say(f"{wanted or 'nothing'} is no service{close}", f"服务目录里没有“{wanted}”{close}")
    wrong = _closed(draft, acting)
    if wrong:
        return wrong
    draft.add("classified", service=found or wanted)
    entry = policy.services.get(found)
    if entry is not None and draft.ticket.impact_reason.partition(" ")[0] in ("", "service"):
        _weigh(draft, acting, impact=entry.criticality, impact_reason=f"service {entry.key}")
    return ""


def _add(draft: Draft, **changes: str) -> str:
    draft.add("classified", **changes)
    return ""


def subject(draft: Draft, argument: str, acting: Acting) -> str:
    """What the ticket is called among the staff; the requester's thread keeps the subject it has."""
    wanted = _value(argument)[:250]
    if not wanted:
        return acting.say("say what it shall be called", "请写明新的主题")
    draft.add("renamed", subject=wanted, old=draft.ticket.subject)
    return ""


def degree(key: Literal["impact", "urgency"]) -> Run:
    """The command for impact or urgency: the priority is the matrix's again, whoever had set it."""
    degrees: tuple[str, ...] = get_args(Impact if key == "impact" else Degree)
    words = {**{one: one for one in degrees}, **{_ZH[one]: one for one in degrees}}

    def run(draft: Draft, argument: str, acting: Acting) -> str:
        wanted = words.get(_value(argument).casefold())
        if wanted is None:
            known = ", ".join(degrees) if acting.language == "en" else "、".join(_ZH[one] for one in degrees)
            given = argument or acting.say("nothing", "（空）")
            return acting.say(f"{given} is none of {known}", f"{given} 不在这些里面：{known}")
        wrong = _closed(draft, acting)
        if not wrong:
            _weigh(draft, acting, **{key: wanted, f"{key}_reason": f"staff: {acting.actor}"})
        return wrong

    return run


def _weigh(draft: Draft, acting: Acting, **changes: Any) -> None:
    """The priority anew, from the matrix."""
    ticket = draft.ticket
    judged = replace(Classification(), impact=ticket.impact, urgency=ticket.urgency)
    judged = replace(judged, **{key: changes[key] for key in ("impact", "urgency") if key in changes})
    draft.add(
        "prioritised",
        impact=judged.impact,
        urgency=judged.urgency,
        priority=priority.decide(judged, acting.policy),
        priority_by="",
        priority_bound="",
        **{key: text for key, text in changes.items() if key.endswith("_reason")},
    )
