"""What is read out of the mails of monitoring systems, in the shapes in which these write them."""

from email.message import EmailMessage

import pytest

from maildesk.desk.monitoring.alert import Alert
from maildesk.desk.monitoring.alert_reading import read
from maildesk.desk.monitoring.alerting import Alerting
from maildesk.mail.parse import Reading, parse

POLICY = Alerting(senders=("mon.example",))
Seen = tuple[str, str, str]


def alerts(subject: str, text: str = "", html: str = "", sender: str = "m@mon.example") -> tuple[Alert, ...]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "it@corp.example", subject
    message.set_content(html or text, subtype="html" if html else "plain")
    return read(parse(message.as_bytes(), Reading(authserv_id="", loop="it@corp.example")), POLICY)


def seen(subject: str, text: str = "", html: str = "") -> list[Seen]:
    return [(one.host, one.check, one.state) for one in alerts(subject, text, html)]


def alertmanager(*states: tuple[str, list[str]]) -> str:
    """The default page: labels and annotations of each alert under a heading with its state."""
    rows = ""
    for state, labels in states:
        rows += f"<tr><td><strong>[{len(labels)}] {state}</strong></td></tr>"
        for more in labels:
            rows += (
                f"<tr><td><strong>Labels</strong><br>alertname = Disk<br>{more}<br><strong>Annotations</strong><br>"
                'summary = Resolved = no<br><a href="http://prom.example">Source</a></td></tr>'
            )
    return f"<table><tr><td>2 alerts for alertname=Disk</td></tr>{rows}</table>"


def test_alerts_of_one_host_that_differ_in_a_label_are_two() -> None:
    page = alertmanager(
        ("Firing", ["device = sda<br>instance = db1:9100<br>severity = critical<br>source = x"]),
        ("Resolved", ["device = sdb<br>instance = db1:9100<br>severity = critical<br>source = x"]),
    )
    assert seen("[FIRING:1] Disk", html=page) == [("db1", "Disk (sda, x)", "firing"), ("db1", "Disk (sdb, x)", "ok")]


def test_severity_tells_no_alerts_apart_and_the_worst_of_one_key_counts() -> None:
    page = alertmanager(
        ("Firing", ["instance = db1<br>severity = warning", "instance = db1<br>severity = critical"]),
        ("Resolved", ["instance = db1<br>severity = info"]),
    )
    assert [(one.state, one.severity) for one in alerts("x", html=page)] == [("firing", "critical")]


def test_very_long_labels_keep_keys_apart() -> None:
    page = alertmanager(("Firing", [f"instance = db1<br>pod = {'a' * 300}{n}" for n in range(2)]))
    assert len({one.key for one in alerts("x", html=page)}) == 2


def instance(state: str, host: str) -> str:
    rows = "".join(
        f"<tr><td><strong>{name}</strong></td><td>{text}</td></tr>"
        for name, text in (("alertname", "Disk"), ("grafana_folder", "Ops"), ("instance", host))
    )
    return f"<p>{state}</p><div>Disk</div><div><strong>Labels</strong></div><table>{rows}</table><p>Observed 20s</p>"


def test_grafana_shows_labels_as_a_table() -> None:
    page = f"<h3>🔥 1 firing instances</h3>{instance('Firing', 'a')}<h3>✅ 1 resolved instances</h3>"
    assert seen("[FIRING:1]", html=page + instance("Resolved", "b")) == [("a", "Disk", "firing"), ("b", "Disk", "ok")]


@pytest.mark.parametrize(
    "labels",
    [
        "Labels: [{alertname Disk} {instance a}]",
        "Labels: alertname=Disk, instance=a",
        "Labels: \n\n    alertname = Disk\n    instance = a",
    ],
)
def test_grafana_writes_plain_text_in_several_ways(labels: str) -> None:
    text = f"(1) FIRING\n-----------\n\n{labels}\nSummary: full\nResolved by nobody\n"
    assert seen("[FIRING:1]", text) == [("a", "Disk", "firing")]


def test_rules_without_an_answer_are_told_apart() -> None:
    text = "Firing\nLabels\nalertname = DatasourceNoData\nrulename = {}\n"
    assert seen("x", text.format("CPU")) == [("-", "DatasourceNoData CPU", "firing")]


@pytest.mark.parametrize(
    ("subject", "state"), [("[Alerting] CPU", "firing"), ("[No Data] CPU", "firing"), ("[OK] CPU", "ok")]
)
def test_the_old_grafana_says_it_in_the_subject(subject: str, state: str) -> None:
    assert seen(subject, "CPU is high\nMetric name:\nweb1.cpu\nValue:\n95") == [("-", "CPU", state)]


@pytest.mark.parametrize("kind", ["ACKNOWLEDGEMENT", "FLAPPINGSTART", "DOWNTIMESTART", "CUSTOM"])
@pytest.mark.parametrize("state", ["OK", "CRITICAL"])
def test_what_somebody_did_in_nagios_is_neither_trouble_nor_cure(kind: str, state: str) -> None:
    text = f"Notification Type: {kind}\n\nService: HTTP\nHost: web1\nState: {state}\n"
    assert seen(f"** {kind} Service Alert: web1/HTTP is {state} **", text) == [("web1", "HTTP", "noted")]


def test_the_end_of_flapping_says_how_it_is() -> None:
    text = "Notification Type: FLAPPINGSTOP\n\nService: HTTP\nHost: web1\nState: OK\n"
    assert seen("** FLAPPINGSTOP Service Alert: web1/HTTP is OK **", text) == [("web1", "HTTP", "ok")]


def test_an_update_of_zabbix_is_noted() -> None:
    text = "Li Lei acknowledged problem at 2026.11.09.\n\nCurrent problem status is PROBLEM, acknowledged: Yes.\n"
    assert seen("Updated problem in 2m: High CPU", text) == [("-", "High CPU", "noted")]


def test_a_service_of_zabbix_has_one_key() -> None:
    begun = seen('Service "Shop" problem: SLA', "Service problem name: SLA\nService: Shop\nSeverity: High\n")
    over = seen('Service "Shop" resolved in 5m: SLA', "Problem name: SLA\nProblem duration: 5m\nSeverity: High\n")
    assert (begun, over) == ([("Shop", "SLA", "firing")], [("Shop", "SLA", "ok")])


@pytest.mark.parametrize(("said", "state"), [("PROBLEM:97 %", "firing"), ("OK:7 %", "ok")])
def test_chinese_templates_put_the_value_behind_the_state(said: str, state: str) -> None:
    (found,) = alerts("web1 CPU", f"告警主机：web1\n告警信息：CPU 过高\n告警等级：灾难\n当前状态：{said}\n")
    assert (found.host, found.check, found.state, POLICY.severity[found.severity]) == ("web1", "CPU 过高", state, "P1")


def test_nobody_else_is_read() -> None:
    assert alerts("[Alerting] CPU", "x", sender="m@evil.example") == ()
