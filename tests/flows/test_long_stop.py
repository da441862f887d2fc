"""A desk that stood still for three days: what ran out meanwhile is one mail a manager, and every rung is written."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.office import playing, reload
from fixtures.stage import Stage
from maildesk.runners import sla
from maildesk.store import tickets
from maildesk.store.database import reading

MANAGERS = ("chen@corp.example", "wei@corp.example", "sun@corp.example")
RULES = """
defaults: {impact: medium, urgency: medium, group: l1}
people:
  li: {name: Li Lei, addresses: [li@corp.example]}
  chen: {name: Chen Gang, addresses: [chen@corp.example], level: manager, language: zh}
  wei: {name: Wei Ming, addresses: [wei@corp.example], level: manager}
  sun: {name: Sun Hao, addresses: [sun@corp.example], level: manager}
groups: {l1: {members: [li]}}
sla: {P3: {calendar: always, response: 40h, resolution: 20h, ladder: {resolution: three}}}
ladders:
  three:
    - {at: 50%, tell: [chen, wei, sun]}
    - {at: 80%, tell: [chen, wei, sun]}
    - {at: 100%, tell: [chen, wei, sun]}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "desk", rules={"rules.yaml": RULES}) as stage:
        stage.step()
        yield stage


def filled(stage: Stage, count: int) -> None:
    """So many open tickets, each from somebody else."""
    for number in range(count):
        stage.write(f"user{number}@corp.example", f"Broken {number}", "It is broken.")
    stage.step()


def stopped(stage: Stage, count: int) -> None:
    filled(stage, count)
    outs = stage.step(hours=72)
    assert Counter((out.to, out.event) for out in outs) == {(manager, "digest"): 1 for manager in MANAGERS}
    rows = Counter(
        event.kind for number in range(count) for event in stage.events(1001 + number) if event.cause == "tick"
    )
    assert rows == {"rung-skipped": 2 * count, "escalated": count}
    assert stage.step(minutes=1) == []


def test_three_days_down_are_one_mail_for_each_manager(desk: Stage) -> None:
    stopped(desk, 50)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_three_days_down_with_a_thousand_tickets_are_three_mails_and_three_thousand_rows(desk: Stage) -> None:
    stopped(desk, 1_000)


def test_a_desk_that_runs_once_at_a_time_sets_new_targets_by_itself(desk: Stage) -> None:
    filled(desk, 1)
    assert desk.step(minutes=90) == []
    rules = desk.home / "rules" / "rules.yaml"
    rules.write_text(rules.read_text().replace("response: 40h, resolution: 20h", "response: 1h, resolution: 3h"))
    reload(desk)
    assert {(out.to, out.event) for out in desk.step(minutes=1)} == {(manager, "sla-warned") for manager in MANAGERS}


def test_new_targets_are_set_a_few_tickets_at_a_time(desk: Stage) -> None:
    filled(desk, 7)
    rules = desk.home / "rules" / "rules.yaml"
    rules.write_text(rules.read_text().replace("response: 40h, resolution: 20h", "response: 2h, resolution: 3h"))
    reload(desk)
    assert [sla.policy_changed(desk.desk, desk.now, after, 3) for after in (0, 1003, 1006, 1007)] == [
        (1003, 3), (1006, 3), (1007, 1), (0, 0)
    ]  # fmt: skip
    with reading(desk.desk.engine) as connection:
        assert tickets.overdue(connection, desk.now + timedelta(hours=2)) == 7
        schedules = {schedule for _, schedule in tickets.open_after(connection, 0, 10)}
    assert {(s.next_check, s.due_at) for s in schedules} == {
        (desk.now + timedelta(hours=1.5), desk.now + timedelta(hours=2))
    }
