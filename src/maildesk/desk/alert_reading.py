"""What the mails of Zabbix, Nagios, Icinga, Alertmanager, Grafana and the operator's own monitoring say."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from maildesk.desk.alerting import Alerting
from maildesk.mail.model import Mail

State = Literal["firing", "ok"]
MOST = 1_000  # alerts of one mail
_LONGEST = 120  # characters of a host's or a check's name
_LINES = 20_000
_FIRING = frozenset(
    "problem critical warning unknown unreachable down firing alerting high error average disaster 故障 告警 问题 异常"
    " 触发 严重 警告 宕机".split()
)
_WELL = frozenset("ok up recovery recovered resolved normal 恢复 已恢复 正常 已解决".split())
_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("host", "hostname", "host name", "server", "主机", "告警主机", "主机名", "主机名称"), "host"),
    **dict.fromkeys(
        (
            "problem name",
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
    **dict.fromkeys(("severity", "trigger severity", "告警等级", "严重性", "级别", "严重级别"), "severity"),
}
_FIELD = re.compile(r"^[\s>*|-]*([^\W\d][^:：\n]{0,24}?)[ \t]*[:：][ \t]*(\S.*)$")
_BLOCK = re.compile(r"^\W*(?:\[?\d+\]?\s+)?(firing|resolved)\b(?!\s*=)[^=]*$", re.IGNORECASE)
_LABEL = re.compile(r"^[\s>*-]*([A-Za-z_]\w{0,60})\s*(?:=|\t|:(?=\s))\s*(\S.*)$", re.ASCII)
_LABELS = re.compile(r"^\W*labels\b\W*$", re.IGNORECASE)
_ENDS = re.compile(r"^\W*(?:annotations|source|silence|view (?:alert|dashboard|panel)|runbook)\b", re.IGNORECASE)
_HOSTS = ("host", "hostname", "instance", "nodename", "node", "server", "pod", "job", "cluster", "namespace")
_PORT = re.compile(r":\d{1,5}$", re.ASCII)
_SUBJECTS = (
    re.compile(r"\*\*\s*(?P<kind>\w+)\s+Service Alert:\s*(?P<host>[^/]+)/(?P<check>.+?)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"\*\*\s*(?P<kind>\w+)\s+Host Alert:\s*(?P<host>.+?)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"\[(?P<kind>[A-Z]+)\]\s*(?P<check>.+?)\s+on\s+(?P<host>\S+)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(r"\[(?P<kind>[A-Z]+)\]\s*(?:Host\s+)?(?P<host>\S+)\s+is\s+(?P<state>\w+)", re.I),
    re.compile(
        r"^(?P<kind>problem|resolved|ok|recovery|故障|告警|恢复|问题|已恢复)\b[^:：]{0,40}[:：]\s*(?P<check>.+)$", re.I
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that a monitoring system says of one check of one host."""

    host: str
    check: str
    state: State
    severity: str = ""

    @property
    def key(self) -> str:
        """What makes two alerts the same one."""
        return f"{self.host}\n{self.check}".casefold()

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.host}: {self.check}"


def read(mail: Mail, policy: Alerting) -> tuple[Alert, ...]:
    """The alerts of a mail whose sender may send them, each key once; none where nothing can be made out."""
    if not policy.trusts(mail.authentication.address) or mail.authentication.result == "fail":
        return ()
    lines = mail.text.splitlines()[:_LINES]
    for found in (_by_patterns(mail, policy), _by_labels(lines), _by_fields(mail, lines)):
        alerts = {alert.key: alert for alert in found}
        if alerts:
            return tuple(alerts.values())[:MOST]
    return ()


def _by_patterns(mail: Mail, policy: Alerting) -> Iterator[Alert]:
    text = f"{mail.subject}\n{mail.text}"
    for pattern in policy.patterns:
        found = pattern.search(text)
        if found is not None:
            groups = found[1]
            yield from _alert(groups, (groups.get("state", ""), groups.get("severity", "")))
            return


def _by_labels(lines: Iterable[str]) -> Iterator[Alert]:
    """Prometheus Alertmanager and Grafana: blocks of labels under what they say of them, many in one mail."""
    state, labels, inside = "", dict[str, str](), False
    for line in lines:
        header = _BLOCK.match(line)
        if header or _LABELS.match(line) or _ENDS.match(line):
            if labels:
                yield from _labelled(labels, state)
            labels, inside = {}, bool(_LABELS.match(line))
            state = header[1] if header else state
        elif inside and state and (label := _LABEL.match(line)):
            labels.setdefault(label[1].lower(), label[2].strip())
    if labels:
        yield from _labelled(labels, state)


def _labelled(labels: Mapping[str, str], state: str) -> Iterator[Alert]:
    host = next((labels[name] for name in _HOSTS if labels.get(name)), "")
    named = {"host": _PORT.sub("", host), "check": labels.get("alertname", ""), "severity": labels.get("severity", "")}
    return _alert(named, (state,))


def _by_fields(mail: Mail, lines: Iterable[str]) -> Iterator[Alert]:
    """Zabbix, Nagios and Icinga: one alert, in lines of names and values; what they lack stands in the subject."""
    fields: dict[str, str] = {}
    for line in lines:
        match = _FIELD.match(line)
        name = _FIELDS.get(" ".join(match[1].lower().split())) if match else None
        if match and name:
            fields.setdefault(name, match[2].strip())
    subject = mail.subject.strip()[:500]
    said = next((match.groupdict() for pattern in _SUBJECTS if (match := pattern.search(subject))), {})
    named = {**said, **fields}
    if said.get("host") and "check" not in fields and "check" not in said:
        named["check"] = "host"
    return _alert(named, (named.get("kind", ""), said.get("kind", ""), named.get("state", ""), _first(subject)))


def _first(subject: str) -> str:
    """The first word of a subject, as `Resolved in 5m: ...` has it."""
    words = re.findall(r"\w+", subject[:80])
    return words[0] if words else ""


def _alert(named: Mapping[str, str], states: Iterable[str]) -> Iterator[Alert]:
    """The alert that was named; none without a check and a state that is known."""
    state: State | None = next(filter(None, map(_state, states)), None)
    check, host = _line(named.get("check", "")), _line(named.get("host", ""))
    if state and (check or host):
        severity = _line(named.get("severity") or named.get("state", "")).casefold()
        yield Alert(host=host or "-", check=check or "host", state=state, severity=severity)


def _state(word: str) -> State | None:
    bare = word.strip().strip("[]()!*").casefold()
    return "firing" if bare in _FIRING else "ok" if bare in _WELL else None


def _line(text: str) -> str:
    """A name as one short line without anything that is not shown."""
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * _LONGEST])
    return " ".join(shown.split())[:_LONGEST]
