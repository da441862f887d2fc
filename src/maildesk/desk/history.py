"""A ticket's journal in a line an entry, in Chinese or English, for who asks by mail."""

from collections.abc import Mapping, Sequence
from typing import Any

from maildesk.desk.model import Event
from maildesk.desk.policy import Policy

_WORDS: Mapping[str, tuple[str, str]] = {
    "opened": ("opened", "开单"),
    "opened-for": ("opened for the requester", "代用户开单"),
    "received": ("wrote", "来信"),
    "repeated": ("wrote again", "再次来信"),
    "classified": ("classified", "归类"),
    "told": ("said what was asked", "补充了所问信息"),
    "filled": ("filled in", "填写"),
    "prioritised": ("set the priority", "定优先级"),
    "aged": ("raised the priority with time", "等待过久，提高优先级"),
    "dispatched": ("dispatched to", "分派给"),
    "assigned": ("assigned to", "转派给"),
    "unassigned": ("nobody free, the whole group is asked", "暂无人可派，通知全组"),
    "unaccepted": ("nobody took it", "无人接单"),
    "taken": ("took it", "接单"),
    "handed-over": ("handed it over", "移交"),
    "answered": ("answered the requester", "回复用户"),
    "noted": ("wrote a note", "备注"),
    "filed": ("an automatic mail was filed", "自动邮件存档"),
    "pending": ("pending", "挂起"),
    "resumed": ("resumed", "恢复"),
    "resolved": ("resolved", "解决"),
    "closed": ("closed", "关闭"),
    "reopened": ("reopened", "重开"),
    "held": ("held", "扣住"),
    "released": ("released", "放行"),
    "judged": ("judged the sender", "判定发件人"),
    "linked": ("linked to", "关联"),
    "merged": ("merged into", "并入"),
    "absorbed": ("took in", "并入了"),
    "split-off": ("split off", "拆分出"),
    "joined": ("lets take part", "加入抄送"),
    "left": ("takes out", "移出抄送"),
    "escalated": ("escalated", "升级提醒"),
    "progressed": ("told of the progress", "通报进展"),
    "rung-skipped": ("a step of the ladder was skipped", "跳过一级提醒"),
    "extended": ("gave more time", "延期"),
    "seen": ("acknowledged", "知悉"),
    "ladder-stopped": ("stopped the escalation", "停止升级"),
    "chased": ("the requester was reminded", "提醒用户"),
    "asked": ("asked the requester for details", "向用户询问详情"),
    "asked-back": ("asked to confirm commands", "请确认命令"),
    "undone": ("took back what he did", "撤销操作"),
    "rated": ("rated", "评分"),
    "status-told": ("was told how far it is", "查询进度"),
    "suppressed": ("a mail was not sent", "一封邮件没有发出"),
    "bounced": ("a mail came back", "邮件被退回"),
    "undelivered": ("a mail could not be delivered", "邮件无法送达"),
    "alarmed": ("a major incident was told", "重大事件告警"),
}
_SAYS = (
    "assignee",
    "group",
    "priority",
    "reason",
    "why",
    "until",
    "length",
    "into",
    "number",
    "at",
    "score",
    "subject",
)
_CHOICES = (
    "dispatched",
    "assigned",
    "unassigned",
    "unaccepted",
    "prioritised",
    "linked",
    "held",
    "escalated",
    "pending",
)


def line(event: Event, policy: Policy, language: str) -> dict[str, Any]:
    """Who did what when."""
    english, chinese = _WORDS.get(event.kind, (event.kind, event.kind))
    return {
        "at": event.at,
        "who": _name(event.actor, policy),
        "what": chinese if language == "zh" else english,
        "detail": "; ".join(_shown(event.data[key], policy) for key in _SAYS if event.data.get(key)),
    }


def reasons(journal: Sequence[Event], policy: Policy, language: str) -> list[dict[str, Any]]:
    """The entries that say why a ticket is where it is, each kind by its latest."""
    latest = {event.kind: event for event in journal if event.kind in _CHOICES}
    return [line(event, policy, language) for event in latest.values()]


def _name(actor: str, policy: Policy) -> str:
    person = policy.people.get(actor)
    if person is not None:
        return person.name
    return actor if policy.show_addresses or "@" not in actor else actor.partition("@")[0]


def _shown(value: object, policy: Policy) -> str:
    known = policy.people.get(value) if isinstance(value, str) else None
    return known.name if known else str(value)
