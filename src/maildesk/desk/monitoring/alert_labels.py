"""Mails of Prometheus Alertmanager and Grafana: blocks of labels under what they say of them, many in one mail."""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from maildesk.desk.monitoring.alert import LONGEST, Alert, line, named

# A line of its own: `[2] Firing`, `(1) RESOLVED`, `3 firing instances`, `Firing: 2 alerts for ...`, `Firing | Disk`
_BLOCK = re.compile(
    r"^\W*(?:\d+\W+)?(?:alerts?\s+)?(firing|resolved)\W*(?:\d*\s*(?:alerts?|instances?)\b.*|\|.*)?$", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:[\s>*-]*([A-Za-z_]\w{0,60})\s*[=\t|]|\s*[*-]\s+([A-Za-z_]\w{0,60}):)\s*(\S.*)$", re.ASCII)
_LABELS = re.compile(r"^\W*labels\b\W*$", re.IGNORECASE)
_INLINE = re.compile(r"^\W*labels\s*[:：]\s*(\S.*)$", re.IGNORECASE)
_BRACED = re.compile(r"\{([A-Za-z_]\w*) ([^{}]*)\}", re.ASCII)
_COMMAS = re.compile(r"(?:^|,\s*)([A-Za-z_]\w*)\s*=\s*(.*?)(?=,\s*[A-Za-z_]\w*\s*=|$)", re.ASCII)
_ENDS = re.compile(
    r"^\W*(?:annotations|source|silence|view (?:alert|dashboard|panel)|runbook|summary|description|observed|values?)\b",
    re.IGNORECASE,
)
_HOSTS = ("host", "hostname", "instance", "nodename", "node", "server", "pod", "job", "cluster", "namespace")
_PORT = re.compile(r":\d{1,5}$", re.ASCII)
# Labels that do not tell two alerts of a host apart: they say who watches it, where it stands and how bad it is.
_BESIDE = frozenset(
    "alertname alert_id severity priority level prometheus prometheus_replica replica monitor receiver job endpoint"
    " env environment region zone dc datacenter team owner tier rulename grafana_folder folder ref_id"
    " datasource_uid".split()
)


def read(lines: Iterable[str]) -> Iterator[Alert]:
    """The alerts of a mail."""
    state, labels, inside = "", dict[str, str](), False
    for text in lines:
        header, inline = _BLOCK.match(text), _INLINE.match(text)
        if inside and state and not header and (label := _LABEL.match(text)):
            labels.setdefault((label[1] or label[2]).lower(), label[3].strip())
        elif header or inline or _LABELS.match(text) or _ENDS.match(text):
            if labels:
                yield from _labelled(labels, state)
            labels = _pairs(inline[1]) if inline and state else {}
            inside = bool(_LABELS.match(text))
            state = header[1] if header else state
    if labels:
        yield from _labelled(labels, state)


def _pairs(text: str) -> dict[str, str]:
    """Labels of one line: `[{alertname Disk} {instance db1}]` or `alertname=Disk, instance=db1`."""
    found = _BRACED.findall(text) or _COMMAS.findall(text)
    return {name.lower(): value.strip() for name, value in found}


def _labelled(labels: Mapping[str, str], state: str) -> Iterator[Alert]:
    """The alert that labels name: they all are its identity, but those that only stand beside it."""
    place = next((name for name in _HOSTS if labels.get(name)), "")
    beside = _BESIDE | {place}
    more = [text for name, text in sorted(labels.items()) if name not in beside and not name.startswith("__")]
    title = labels.get("alertname", "")
    if labels.get("rulename") and title.startswith("Datasource"):
        title = f"{title} {labels['rulename']}"  # Grafana calls all rules without an answer alike
    check = f"{title} ({', '.join(more)})" if title and more else title
    if len(check) > 2 * LONGEST:
        check = f"{line(check, 2 * LONGEST - 11)}… {sha256(check.encode('utf-8', 'replace')).hexdigest()[:8]}"
    names = {"host": _PORT.sub("", labels.get(place, "")), "check": check, "severity": labels.get("severity", "")}
    return named(names, (state,))
