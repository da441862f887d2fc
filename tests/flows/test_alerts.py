"""Mails of monitoring systems: a ticket for each check of each host, no mail for a repeat, an end when all is well."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.office import orders, playing
from fixtures.stage import Out, Stage, to
from maildesk.cli import explaining

MONITOR = "Zabbix <zabbix@mon.example>"
RULES = {
    "people.yaml": """
        people:
          li: {name: Li Lei, addresses: [li@corp.example], language: en}
          zhao: {name: 赵六, addresses: [zhao@corp.example], language: zh}
        groups:
          ops: {members: [li, zhao]}
        defaults: {group: ops}
    """,
    "alerts.yaml": """
        alerts:
          senders: [mon.example]
          patterns: ['ALARM (?P<state>\\w+) on (?P<host>\\S+) of (?P<check>\\w+) \\((?P<severity>\\w+)\\)']
          severity: {amber: P3}
          maintenance:
            - {hosts: ["db*"], start: "2026-11-09 22:00", end: "2026-11-09 23:00"}
    """,
}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "desk", rules=RULES) as stage:
        yield stage


def says(
    stage: Stage, host: str, check: str = "Disk space", state: str = "PROBLEM", severity: str = "High", **later: float
) -> list[Out]:
    """Time passes, Zabbix writes, and the desk does what there is to do."""
    stage.now += timedelta(**(later or {"seconds": 30}))
    subject = f"{'Resolved' if state == 'OK' else 'Problem'}: {check}"
    body = f"Problem name: {check}\nHost: {host}\nSeverity: {severity}\n"
    stage.write(MONITOR, subject, body)
    return stage.step()


ZABBIX = (
    "Problem: High CPU on web1",
    "Problem started at 10:00:00 on 2026.11.09\nProblem name: High CPU\nHost: web1\nSeverity: Disaster\n",
)
NAGIOS = (
    "** PROBLEM Service Alert: web1/High CPU is CRITICAL **",
    "***** Nagios *****\n\nNotification Type: PROBLEM\n\nService: High CPU\nHost: web1\nState: CRITICAL\n",
)
ICINGA = (
    "[PROBLEM] High CPU on web1 is CRITICAL!",
    "***** Service Monitoring *****\n\nHigh CPU on web1 is CRITICAL!\n",
)
ALERTMANAGER = (
    "[FIRING:1] High CPU (web1)",
    "1 alert for alertname=High CPU\n\n[1] Firing\n\nLabels\nalertname = High CPU\ninstance = web1:9100\n"
    "severity = critical\n\nAnnotations\nsummary = CPU\n\nSource\n",
)
GRAFANA = (
    "[FIRING:1] High CPU",
    "**Firing**\n\nValue: A=95\nLabels:\n - alertname = High CPU\n - instance = web1\n - severity = critical\n"
    "Annotations:\n - summary = cpu\nSource: http://grafana.example/a\n",
)
CHINESE = ("故障：High CPU", "告警主机：web1\n告警名称：High CPU\n告警等级：critical\n当前状态：PROBLEM\n")
PATTERN = ("ALARM", "ALARM DOWN on web1 of High (critical)")


@pytest.mark.parametrize(("subject", "body"), [ZABBIX, NAGIOS, ICINGA, ALERTMANAGER, GRAFANA, CHINESE, PATTERN])
def test_each_monitoring_system_opens_an_alert(stage: Stage, subject: str, body: str) -> None:
    stage.write(MONITOR, subject, body)
    outs = stage.step()
    ticket = stage.ticket()
    assert (ticket.type, ticket.priority, ticket.category) == ("alert", "P1", "monitoring")
    assert ticket.alert.startswith("web1\nhigh")
    assert sorted((out.to, out.event) for out in outs) == [
        ("li@corp.example", "dispatched"),
        ("zhao@corp.example", "dispatched"),
    ]


def test_a_repeat_is_counted_without_a_mail_and_a_recovery_closes(stage: Stage) -> None:
    says(stage, "db1")
    assert says(stage, "db1") == says(stage, "db1") == []
    assert (stage.ticket().alerts, stage.ticket().status) == (3, "assigned")
    assert says(stage, "db1", state="OK") == []
    assert stage.ticket().status == "closed"
    assert len(stage.tickets()) == 1
    assert stage.events()[-1].data["why"] == "recovered"


def test_whoever_has_it_in_hand_hears_of_the_recovery(stage: Stage) -> None:
    first = to(says(stage, "db1"), "li@corp.example")
    orders(stage, first, "#take")
    recovered = to(says(stage, "db1", state="OK"), "li@corp.example")
    assert recovered.event == "alert-recovered"
    assert "2 times" in recovered.text


def test_the_monitoring_system_is_never_written_to(stage: Stage) -> None:
    first = to(says(stage, "db1"), "li@corp.example")
    outs = orders(stage, first, "#resolve")
    outs += stage.step(days=7)
    assert "mon.example" not in " ".join(out.to for out in outs)


def test_many_alerts_in_one_mail_are_tickets_of_their_own(stage: Stage) -> None:
    block = "Labels\nalertname = Disk\ninstance = {}:9100\nseverity = warning\nAnnotations\n"
    firing, well = "".join(map(block.format, ("a1", "a2", "a3"))), "".join(map(block.format, ("a2", "a3")))
    stage.write(MONITOR, "[FIRING:3] Disk", f"[3] Firing\n{firing}")
    stage.step()
    assert [t.subject for t in stage.tickets()] == ["a1: Disk warning", "a2: Disk warning", "a3: Disk warning"]
    stage.write(MONITOR, "[FIRING:1, RESOLVED:2]", f"[1] Firing\n{block.format('a1')}\n[2] Resolved\n{well}")
    stage.step(minutes=1)
    assert [t.status for t in stage.tickets()] == ["assigned", "closed", "closed"]


def test_what_fires_again_soon_opens_the_same_ticket_and_later_a_new_one(stage: Stage) -> None:
    says(stage, "db1")
    says(stage, "db1", state="OK", minutes=10)
    assert [out.event for out in says(stage, "db1", minutes=10)] == ["reopened", "reopened"]
    says(stage, "db1", state="OK", minutes=10)
    says(stage, "db1", hours=3)
    assert [t.status for t in stage.tickets()] == ["closed", "assigned"]
    assert ("follows", 1001) in [(link.kind, link.number) for link in stage.ticket(1002).links]


def test_what_comes_and_goes_is_told_once_and_ends_when_it_is_quiet(stage: Stage) -> None:
    events: Counter[str] = Counter()
    for _ in range(10):
        events.update(out.event for out in says(stage, "db1"))
        events.update(out.event for out in says(stage, "db1", state="OK"))
    assert events["alert-flapping"] == 2  # one to each of the group
    assert events["reopened"] <= 2 * 2
    assert (stage.ticket().flapping, stage.ticket().status) == (True, "assigned")
    stage.step(minutes=14)
    assert stage.ticket().status == "assigned"
    stage.step(minutes=2)
    assert (stage.ticket().flapping, stage.ticket().status) == (False, "closed")
    assert len(stage.tickets()) == 1


def test_planned_work_opens_no_ticket(stage: Stage) -> None:
    stage.now += timedelta(hours=13, minutes=30)
    assert says(stage, "db7") == []
    assert stage.tickets() == []
    assert says(stage, "web1")[0].event == "dispatched"


@pytest.mark.parametrize("command", ["#maintenance db1 2h", "#维护 db1 2小时"])
def test_a_mail_puts_a_host_into_maintenance(stage: Stage, command: str) -> None:
    first = to(says(stage, "web1"), "li@corp.example")
    orders(stage, first, command)
    assert says(stage, "db1") == []
    assert says(stage, "db1", hours=3)[0].event == "dispatched"


def test_a_maintenance_that_cannot_be_read_changes_nothing(stage: Stage) -> None:
    first = to(says(stage, "web1"), "li@corp.example")
    assert "no length of time" in to(orders(stage, first, "#maintenance db1 soon"), "li@corp.example").text
    orders(stage, first, "#maintenance db1 2h")
    orders(stage, first, "#maintenance db1 off")
    assert says(stage, "db1")[0].event == "dispatched"


def test_a_storm_is_one_ticket_with_one_mail(stage: Stage) -> None:
    for n in range(40):
        stage.write(MONITOR, "Problem: Disk", f"Problem name: Disk\nHost: host{n}\nSeverity: High\nNumber: {n}")
    outs = stage.step(seconds=1)
    storm = stage.ticket(1021)
    assert len(stage.tickets()) == 21
    assert (storm.subject, storm.priority, storm.alerts) == ("Alert storm", "P2", 20)
    assert Counter(out.event for out in outs) == {"dispatched": 40, "alert-storm": 2}
    assert ("parent", 1021) in [(link.kind, link.number) for link in stage.ticket(1001).links]
    for n in range(39):
        stage.write(MONITOR, "Resolved: Disk", f"Problem name: Disk\nHost: host{n}\nSeverity: High\nNumber: {n}")
    assert stage.step(minutes=1) == []
    assert [t.number for t in stage.tickets() if t.status != "closed"] == [1021]
    says(stage, "host39", "Disk", state="OK")
    assert {t.status for t in stage.tickets()} == {"closed"}


def test_nobody_else_sends_alerts(stage: Stage) -> None:
    stage.write("Mallory <zabbix@evil.example>", *ZABBIX)
    stage.step()
    assert stage.ticket().alert == ""
    stage.write(MONITOR, "Weekly newsletter", "Hello, nothing is wrong.")
    stage.step()
    assert stage.ticket(1002).alert == ""


def nagios(stage: Stage, kind: str, state: str) -> list[Out]:
    """A minute passes, and Nagios writes."""
    text = f"Notification Type: {kind}\n\nService: HTTP\nHost: web1\nState: {state}\n"
    stage.write(MONITOR, f"** {kind} Service Alert: web1/HTTP is {state} **", text)
    return stage.step(minutes=1)


def test_a_merged_ticket_ends_only_when_all_its_alerts_are_well(stage: Stage) -> None:
    says(stage, "db1")
    second = to(says(stage, "db2"), "li@corp.example")
    orders(stage, second, "#merge MD-1001")
    assert stage.ticket(1002).merged_into == 1001
    says(stage, "db1", state="OK")
    assert stage.ticket(1001).status == "assigned"
    says(stage, "db2", state="OK")
    assert stage.ticket(1001).status == "closed"


def test_a_mail_that_only_looks_like_a_recovery_is_not_lost(stage: Stage) -> None:
    stage.write(MONITOR, "OK: newsletter", "The news of the month.")
    stage.step()
    assert (stage.ticket().subject, stage.ticket().alert) == ("OK: newsletter", "")


def test_an_update_without_a_host_is_kept_on_the_ticket_of_its_check(stage: Stage) -> None:
    says(stage, "db1", check="Disk 50%_full")
    says(stage, "db2", check="Memory")
    stage.write(MONITOR, "Updated problem in 5m: Disk 50%_full", "Admin acknowledged problem at 10:05.")
    assert stage.step(minutes=1) == []
    assert "alert-noted" in [event.kind for event in stage.events(1001)]
    assert "alert-noted" not in [event.kind for event in stage.events(1002)]


def test_a_recovery_without_a_host_ends_what_it_names(stage: Stage) -> None:
    stage.write(MONITOR, "PROBLEM: backup job", "It failed.")
    stage.step()
    stage.write(MONITOR, "OK: backup job", "It went well.")
    stage.step(minutes=1)
    assert [ticket.status for ticket in stage.tickets()] == ["closed"]


def test_a_severity_that_gets_worse_raises_the_priority_once(stage: Stage) -> None:
    nagios(stage, "PROBLEM", "WARNING")
    assert [out.event for out in nagios(stage, "PROBLEM", "CRITICAL")] == ["alert-worse", "alert-worse"]
    assert stage.ticket().priority == "P1"
    assert nagios(stage, "PROBLEM", "CRITICAL") == nagios(stage, "PROBLEM", "WARNING") == []
    assert stage.ticket().priority == "P1"


def test_a_priority_that_a_person_set_does_not_rise(stage: Stage) -> None:
    order = to(nagios(stage, "PROBLEM", "WARNING"), "li@corp.example")
    orders(stage, order, "#priority P4")
    nagios(stage, "PROBLEM", "CRITICAL")
    assert stage.ticket().priority == "P4"


def test_what_is_done_in_the_monitoring_system_opens_and_ends_nothing(stage: Stage) -> None:
    assert nagios(stage, "ACKNOWLEDGEMENT", "CRITICAL") == []
    assert stage.tickets() == []
    nagios(stage, "PROBLEM", "CRITICAL")
    assert nagios(stage, "FLAPPINGSTART", "OK") == []
    assert (stage.ticket().status, stage.ticket().alerts) == ("assigned", 1)
    told = "\n".join(explaining.sentences(stage.ticket(), stage.events(), stage.desk.policy))
    assert "web1: HTTP: flappingstart, nothing to do" in told


def test_a_monitoring_system_whose_mail_says_nothing_is_not_answered(stage: Stage) -> None:
    stage.write(MONITOR, "Weekly summary of backups", "All went well.")
    assert {out.to for out in stage.step()} == {"li@corp.example", "zhao@corp.example"}


def test_a_hostile_host_name_is_one_short_line(stage: Stage) -> None:
    stage.write(
        MONITOR, "Problem: x", f"Host: db1\x07<b>\u202e{'a' * 500}\nProblem name: [x](http://evil.example)\nState: DOWN"
    )
    out = stage.step()[0]
    assert len(stage.ticket().subject) <= 250
    assert "<b>" not in out.mail.html
    assert 'href="http://evil' not in out.mail.html


def storm_of(stage: Stage, alerts: int, keys: int) -> Counter[str]:
    """Alerts of keys in ten minutes, in any order, then a recovery of each; the mails that went out, by event."""
    dice = random.Random(7)
    sent: Counter[str] = Counter()
    for n in range(alerts):
        key = dice.randrange(keys)
        at = stage.now + timedelta(seconds=600 * n / alerts)
        state = dice.choice(("Problem", "Problem", "Problem", "Resolved"))
        body = f"Problem name: check{key % 5}\nHost: host{key}\nSeverity: Warning\nNumber: {n}"
        stage.write(MONITOR, f"{state}: check{key % 5}", body, at=at)
    sent.update(out.event for out in stage.step(minutes=10))
    for key in range(keys):
        stage.write(
            MONITOR, f"Resolved: check{key % 5}", f"Problem name: check{key % 5}\nHost: host{key}\nSeverity: Warning"
        )
    sent.update(out.event for out in stage.step(minutes=1))
    sent.update(out.event for out in stage.step(minutes=20))
    return sent


@pytest.mark.parametrize(
    ("alerts", "keys"), [(300, 60), pytest.param(10_000, 500, marks=pytest.mark.long)], ids=["short", "long"]
)
def test_a_flood_is_few_tickets_and_mails_and_all_of_them_end(stage: Stage, alerts: int, keys: int) -> None:
    sent = storm_of(stage, alerts, keys)
    tickets = stage.tickets()
    assert len(tickets) <= keys
    assert {t.status for t in tickets} == {"closed"}
    assert sum(sent.values()) <= 200, sent


def test_an_alert_is_explained_in_plain_words(stage: Stage) -> None:
    says(stage, "db1")
    says(stage, "db1", state="OK")
    told = "\n".join(explaining.sentences(stage.ticket(), stage.events(), stage.desk.policy))
    assert "monitoring: db1: Disk space fires (high) (mail 1)" in told
    assert "monitoring: db1: Disk space is well (high) (mail 2)" in told
    assert "closed: monitoring says that it is well" in told
    assert "at least P2 (severity: high)" in told
