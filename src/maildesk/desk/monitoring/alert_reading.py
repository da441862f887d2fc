"""The alerts that a mail of a monitoring system holds."""

from collections.abc import Iterator

from maildesk.desk.monitoring import alert_fields, alert_labels
from maildesk.desk.monitoring.alert import Alert, named
from maildesk.desk.monitoring.alerting import Alerting
from maildesk.mail.model import Mail

MOST = 1_000  # alerts of one mail
_LINES = 20_000


def read(mail: Mail, policy: Alerting) -> tuple[Alert, ...]:
    """The alerts of a mail whose sender may send them, each key once; none where nothing can be made out.

    Of what is said twice of one key, the worst counts: while one of two alerts fires, it fires.
    """
    if not policy.trusts(mail.authentication.address) or mail.authentication.result == "fail":
        return ()
    lines = mail.text.splitlines()[:_LINES]
    for found in (_by_patterns(mail, policy), alert_labels.read(lines), alert_fields.read(mail.subject, lines)):
        alerts: dict[str, Alert] = {}
        for alert in found:
            known = alerts.setdefault(alert.key, alert)
            if _weight(alert, policy) > _weight(known, policy):
                alerts[alert.key] = alert
        if alerts:
            return tuple(alerts.values())[:MOST]
    return ()


def _weight(alert: Alert, policy: Alerting) -> tuple[bool, int]:
    return alert.state == "firing", -int(policy.severity.get(alert.severity, "P4")[1])


def _by_patterns(mail: Mail, policy: Alerting) -> Iterator[Alert]:
    text = f"{mail.subject}\n{mail.text}"
    for pattern in policy.patterns:
        found = pattern.search(text)
        if found is not None:
            groups = found[1]
            yield from named(groups, (groups.get("state", ""), groups.get("severity", "")))
            return
