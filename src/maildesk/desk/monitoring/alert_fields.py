"""Mails of Zabbix, Nagios, Icinga and the old Grafana: one alert, in lines of names and values, or in the subject."""

import re
from collections.abc import Iterable, Iterator, Mapping

from maildesk.desk.monitoring.alert import Alert, named

_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("host", "hostname", "host name", "server", "主机", "告警主机", "主机名", "主机名称"), "host"),
    **dict.fromkeys(
        (
            "problem name",
            "service problem name",
            "trigger",
            "service",
            "check",
            "告警名称",
            "告警项目",
            "故障名称",
            "问题名称",
            "告警信息",
            "服务",
        ),
        "check",
    ),
    **dict.fromkeys(("notification type", "trigger status", "告警状态", "当前状态", "通知类型"), "kind"),
    **dict.fromkeys(("state", "status", "状态"), "state"),
    **dict.fromkeys(
        (
            "severity",
            "trigger severity",
            "告警等级",
            "告警级别",
            "故障等级",
            "严重性",
            "严重程度",
            "级别",
            "严重级别",
        ),
        "severity",
    ),
}
_FIELD = re.compile(r"^[\s>*|-]*([^\W\d][^:：\n]{0,24}?)[ \t]*[:：][ \t]*(\S.*)$")
_SUBJECTS = (
    re.compile(r"\*\*\s*(?P<kind>\w+)\s+Service Alert:\s*(?P<host>[^/]+)/(?P<check>.+?)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"\*\*\s*(?P<kind>\w+)\s+Host Alert:\s*(?P<host>.+?)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"\[(?P<kind>[A-Z]+)\]\s*(?P<check>.+?)\s+on\s+(?P<host>\S+)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"\[(?P<kind>[A-Z]+)\]\s*(?:Host\s+)?(?P<host>\S+)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"^\[(?P<kind>Alerting|OK|No Data)\]\s*(?P<check>\S.*)$", re.I),
    re.compile(r"^Service \"(?P<host>.+?)\" (?P<kind>problem|resolved)\b[^:]*:\s*(?P<check>.+)$", re.I),
    re.compile(
        r"^(?P<kind>problem|resolved|updated|ok|recovery|故障|告警|恢复|问题|已恢复)\b[^:：]{0,40}[:：]\s*(?P<check>.+)$",
        re.I,
    ),
)


def read(subject: str, lines: Iterable[str]) -> Iterator[Alert]:
    """The alert of a mail; what its lines do not say stands in its subject."""
    fields: dict[str, str] = {}
    for line in lines:
        match = _FIELD.match(line)
        name = _FIELDS.get(" ".join(match[1].lower().split())) if match else None
        if match and name:
            fields.setdefault(name, match[2].strip())
    subject = subject.strip()[:500]
    said = next((match.groupdict() for pattern in _SUBJECTS if (match := pattern.search(subject))), {})
    names = {**said, **fields}
    if said.get("host") and "check" not in fields and "check" not in said:
        names["check"] = "host"
    return named(names, (fields.get("kind", ""), said.get("kind", ""), names.get("state", ""), subject))
