"""The reports' own words in both languages, and how their numbers are written."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from maildesk.desk import priority
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.notify import words

_ZH: Mapping[str, str] = {
    "opened": "新增",
    "resolved": "解决",
    "backlog": "未结",
    "on target": "按时解决",
    "By channel": "新增：按渠道",
    "By mailbox": "新增：按邮箱",
    "By type": "新增：按类型",
    "By priority": "新增：按优先级",
    "By category": "新增：按分类",
    "By service": "新增：按服务",
    "Open tickets by age": "未结工单：按等待时间",
    "Open tickets by group": "未结工单：按处理组",
    "First response on target, by priority": "首次响应达标率：按优先级",
    "First response on target, by group": "首次响应达标率：按处理组",
    "Resolution on target, by priority": "解决达标率：按优先级",
    "Resolution on target, by group": "解决达标率：按处理组",
    "Resolution on target, by engineer": "解决达标率：按工程师",
    "Why targets were missed": "超时的原因",
    "Quality": "服务质量",
    "Who asked most": "提单最多的用户",
    "What repeats": "反复出现的故障",
    "Known solutions valid no longer": "已过期的已知方案",
    "Offered, but helped nobody": "推荐过但没有解决问题的方案",
    "up to 1 day": "1 天以内",
    "1 to 3 days": "1 至 3 天",
    "3 to 7 days": "3 至 7 天",
    "7 to 30 days": "7 至 30 天",
    "over 30 days": "超过 30 天",
    "nobody took it": "无人接单",
    "taken too late": "接单太晚",
    "handed on several times": "多次转手",
    "reopened": "重新打开",
    "priority raised by hand": "手动提高了优先级",
    "waited for a vendor": "等待供应商",
    "worked on for too long": "处理时间过长",
    "first contact": "一次解决",
    "escalated.functional": "职能升级（转给其他组）",
    "escalated.hierarchic": "管理升级（时限提醒）",
    "duplicates": "重复或相似",
    "knowledge.offered": "提供了已知方案",
    "knowledge.solved": "由已知方案解决",
    "alerts.flapping": "反复告警",
    "rated": "用户评分",
    "rated.low": "评分 2 分及以下",
    "mail": "邮件",
    "monitoring": "监控",
    "phone": "电话",
    "other": "其他",
    "-": "未分类",
    "nobody": "无人接单",
}
_EN: Mapping[str, str] = {
    "escalated.functional": "handed to another group",
    "escalated.hierarchic": "escalated by a ladder",
    "duplicates": "duplicates or alike",
    "knowledge.offered": "known solution offered",
    "knowledge.solved": "solved by a known solution",
    "alerts.flapping": "flapping alerts",
    "first contact": "resolved at first contact",
    "rated": "rating by requesters",
    "rated.low": "rated 2 or less",
    "on target": "resolved on target",
    "backlog": "open",
    "-": "not set",
}


def say(word: str, language: str) -> str:
    """A word of the reports, else of the desk, else the word itself."""
    own = (_ZH if language == "zh" else _EN).get(word)
    return own or words.term(word, language)


def label(kind: str, key: str, policy: Policy, language: str) -> str:
    """What a row is called: names of people and priorities in words, what the operator or a mail wrote as it is."""
    if kind == "engineer":
        person = policy.people.get(key)
        return person.name if person else say("nobody" if key == "-" else key, language)
    if kind == "priority":
        return priority.named(key, language)
    if kind == "fault":
        return " / ".join(say(part, language) for part in key.split(" / "))
    return key if kind in ("mailbox", "group", "service", "requester") and key != "-" else say(key, language)


def percent(share: float | None) -> str:
    """A share in whole percent."""
    return "-" if share is None else f"{round(100 * share)} %"


def change(now: float, before: float, unit: str = "") -> str:
    """By how much it grew or shrank; "" where it did neither."""
    moved = round(now - before)
    return "" if not moved else f"{'+' if moved > 0 else '−'}{abs(moved)}{unit}"


def days(period: Period, language: str) -> str:
    """The period by its days, the last one included."""
    first, last = period.start.date(), (period.end - timedelta(seconds=1)).date()
    dash = " 至 " if language == "zh" else " to "
    return first.isoformat() if first == last else f"{first.isoformat()}{dash}{last.isoformat()}"


def chooser(language: str) -> Callable[[str, str], str]:
    """Which of an English and a Chinese sentence to say."""
    return lambda english, chinese: chinese if language == "zh" else english
