"""A ticket's journal in a line an entry, in Chinese or English, for who asks by mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from maildesk.desk.model import Event
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy

WORDS: Mapping[str, tuple[str, str]] = {
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
    "confirmed": ("confirmed the commands", "确认了命令"),
    "renamed": ("changed the title", "修改标题"),
    "parted": ("took links back", "取消关联"),
    "solutions-offered": ("offered known solutions", "推荐了已知方案"),
    "solutions-withheld": ("offered no known solution", "未推荐已知方案"),
    "solved-by": ("a known solution helped", "已知方案有效"),
    "article-drafted": ("drafted an article", "起草知识条目"),
    "article-published": ("published an article", "发布知识条目"),
    "surged": ("many report the same", "多人报告同一问题"),
    "major-declared": ("called it a major incident", "确认为重大故障"),
    "attached": ("attached a ticket", "并入受影响工单"),
    "bulletin": ("wrote to all who are affected", "向受影响用户通报"),
    "all-clear": ("it is over", "全部恢复"),
    "alerted": ("an alert came", "收到告警"),
    "alert-noted": ("noted in monitoring", "监控侧有操作"),
    "recovered": ("the alert recovered", "告警恢复"),
    "flapping": ("the alert comes and goes", "告警反复"),
    "calmed": ("the alert is quiet again", "告警平息"),
    "maintenance": ("set a maintenance", "设定维护期"),
    "vendor-asked": ("wrote to the vendor", "发给厂商"),
    "vendor-answered": ("the vendor answered", "厂商答复"),
    "vendor-numbered": ("the vendor's number", "厂商单号"),
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
_OF_OTHERS = frozenset({"opened", "received", "repeated", "told", "rated", "status-told", "reopened", "closed"})
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
    english, chinese = WORDS.get(event.kind, (event.kind, event.kind))
    said = "; ".join(
        _shown(key, event.data[key], policy) for key in _SAYS if isinstance(event.data.get(key), str | int)
    )
    known = event.actor in policy.people or directory.staff(event.actor, policy) is not None
    desk = event.kind not in _OF_OTHERS and not known and not event.actor.startswith("cli:")
    zh = language == "zh"
    return {
        "at": event.at,
        "who": ("服务台" if zh else "the desk") if desk else _name(event.actor, policy),
        "what": chinese if zh else english,
        "detail": f"{'：' if zh else ': '}{said}" if said else "",
    }


def reasons(journal: Sequence[Event], policy: Policy, language: str) -> list[dict[str, Any]]:
    """The entries that say why a ticket is where it is, each kind by its latest."""
    latest = {event.kind: event for event in journal if event.kind in _CHOICES}
    return [line(event, policy, language) for event in latest.values()]


def _name(actor: str, policy: Policy) -> str:
    person = policy.people.get(actor) or directory.staff(actor, policy)
    if person is not None:
        return person.name
    return actor if policy.show_addresses or "@" not in actor else actor.partition("@")[0]


def _shown(key: str, value: object, policy: Policy) -> str:
    if key == "until" and isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone(ZoneInfo(policy.timezone)):%Y-%m-%d %H:%M}"
    known = policy.people.get(value) if isinstance(value, str) else None
    return known.name if known else str(value)
