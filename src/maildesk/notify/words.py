"""A reader's words: times in his zone, lengths of time, and the desk's terms in his language."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from maildesk.desk.staff.command import STATUS_ZH

_TERMS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        **{str(status): word for status, word in STATUS_ZH.items()},
        "incident": "故障",
        "service request": "服务请求",
        "change": "变更",
        "alert": "告警",
        "information": "信息",
        "low": "低",
        "medium": "中",
        "high": "高",
        "response": "首次响应",
        "resolution": "解决",
        "update": "进展通报",
        "ola": "组内处理",
        "vendor": "厂商答复",
        "vendor_ref": "厂商单号",
        "status": "状态",
        "assignee": "处理人",
        "group": "处理组",
        "priority": "优先级",
        "participants": "抄送",
        "channel": "渠道",
        "phone": "电话",
        "walk-in": "当面",
        "chat": "即时消息",
        "staff": "支持人员代开",
        "forwarded mail": "转来的邮件",
        "merged": "并入",
        "links": "关联",
        "major": "重大",
        "pending_reason": "挂起原因",
        "extended": "延长",
        "ladder_stopped": "停止升级",
        "cause": "原因",
        "solution": "方案",
        "pending_until": "挂起至",
        "impact": "影响范围",
        "urgency": "紧急程度",
        "category": "分类",
        "service": "服务",
        "subject": "标题",
        "type": "类型",
        "tags": "标签",
        "requester": "等待用户",
        "open": "未解决",
        "taken": "接单通知",
        "dispatched": "派单",
        "answered": "回复",
        "unassigned": "无人接单",
        "overdue": "已超时",
        "held": "已扣住",
        "what": "故障现象",
        "since": "开始时间",
        "scope": "影响哪些人",
        "contact": "联系方式",
        "asset": "设备",
        "mailbox": "收信邮箱",
        "relay": "发信服务器",
        "clock": "计算机时钟",
        "configuration": "配置",
        "outbox": "发件箱",
        "rule": "规则",
    },
    "en": {
        "response": "first response",
        "update": "update to the requester",
        "ola": "group's time",
        "vendor": "vendor's answer",
        "vendor_ref": "vendor's number",
        "extended": "more time",
        "ladder_stopped": "escalation stopped",
        "participants": "in copy",
        "merged": "merged into",
        "links": "linked to",
        "pending_reason": "pending reason",
        "pending_until": "pending until",
    },
}
_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BEIJING = frozenset({"Asia/Shanghai", "Asia/Chongqing", "Asia/Harbin", "PRC"})
_UNITS = {"zh": ("天", "小时", "分钟"), "en": ("day", "hour", "minute")}
_LENGTH = re.compile(r"(?=\d)(?:(\d{1,3})d|(?:(\d{1,4})h)?(?:(\d{1,5})m)?)", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def language(wanted: str, otherwise: str = "en") -> str:
    """zh or en: what is wanted, else the other one that is known."""
    return next((known for known in ("zh", "en") if wanted.lower().startswith(known)), otherwise)


@lru_cache(maxsize=256)
def zone(name: str, otherwise: str = "UTC") -> ZoneInfo:
    """A time zone by its IANA name; the other one, at last UTC, when there is none of that name."""
    for one in (name, otherwise):
        try:
            return ZoneInfo(one)
        except (KeyError, ValueError, OSError):  # unknown; not a relative path; a directory
            continue
    return ZoneInfo("UTC")


def term(word: str, tongue: str) -> str:
    """One of the desk's terms in a language, or a length such as 2h or 3d; any other word as it is."""
    length = _LENGTH.fullmatch(word)
    if length is None:
        return _TERMS[tongue].get(word, word)
    days, hours, minutes = (int(part or 0) for part in length.groups())
    if days:
        return f"{days} 个工作日" if tongue == "zh" else f"{days} working day{'s' if days > 1 else ''}"
    return duration(hours * 3600 + minutes * 60, tongue)


def moment(text: str) -> datetime | None:
    """A time written in ISO 8601 with its offset, None when the text is none."""
    try:
        return datetime.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def local(when: datetime, where: ZoneInfo, tongue: str, now: datetime) -> str:
    """A time on the reader's clock, with its zone named; the year only where it is not the current one."""
    there = when.astimezone(where)
    same_year = there.year == now.astimezone(where).year
    clock = f"{there.hour:02}:{there.minute:02}"
    if tongue == "zh":
        year = "" if same_year else f"{there.year}年"
        day = f"{year}{there.month}月{there.day}日（周{_WEEKDAYS['zh'][there.weekday()]}）{clock}"
        return f"{day}（{_zone_name(there, where, 'zh')}）"
    year = "" if same_year else f" {there.year}"
    day = f"{_WEEKDAYS['en'][there.weekday()]} {there.day} {_MONTHS[there.month - 1]}{year}, {clock}"
    return f"{day} ({_zone_name(there, where, 'en')})"


def _zone_name(there: datetime, where: ZoneInfo, tongue: str) -> str:
    if where.key in _BEIJING:
        return "北京时间" if tongue == "zh" else "Beijing time, UTC+8"
    offset = there.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    comma = "，" if tongue == "zh" else ", "
    if not minutes:
        return "UTC" if where.key in ("UTC", "Etc/UTC") else f"{_city(where)}{comma}UTC"
    sign, (hours, rest) = "+" if minutes > 0 else "-", divmod(abs(minutes), 60)
    return f"{_city(where)}{comma}UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def _city(where: ZoneInfo) -> str:
    return where.key.rpartition("/")[2].replace("_", " ")


def duration(seconds: float, tongue: str) -> str:
    """A length of time in its two largest units, rounded down: `1 小时 30 分钟`, `2 days 3 hours`."""
    minutes = int(abs(seconds)) // 60
    amounts = (minutes // 1440, minutes // 60 % 24, minutes % 60)
    parts = [(amount, unit) for amount, unit in zip(amounts, _UNITS[tongue], strict=True) if amount][:2]
    if not parts:
        return "不到 1 分钟" if tongue == "zh" else "less than a minute"
    if tongue == "zh":
        return " ".join(f"{amount} {unit}" for amount, unit in parts)
    return " ".join(f"{amount} {unit}{'s' if amount > 1 else ''}" for amount, unit in parts)
