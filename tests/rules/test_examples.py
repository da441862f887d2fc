"""The examples of docs/rules.md are true: each condition holds for its mail, each action is taken."""

import pytest

from fixtures.rule_samples import ARRIVED, KNOWING, loaded
from maildesk.rules import examples, reading, trials
from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS
from maildesk.settings import yaml

AROUND = """
people: {li: {name: 李雷, addresses: li@corp.example}}
groups: {l1: {members: li}}
services: {vpn: {words: vpn}}
calendars: {office: {timezone: Asia/Shanghai, week: {mon-fri: "09:00-18:00"}}}
sla: {P1: {calendar: office, response: 1h, resolution: 4h}%s}
rules: [{name: one, on: [%s], when: {%s}, then: {%s}}]
"""
GOLD = ", gold: {calendar: always, response: 5m, resolution: 1h}"


@pytest.mark.parametrize("name", examples.CONDITIONS)
def test_a_condition_holds_for_the_mail_of_its_example(name: str) -> None:
    when, mail = examples.CONDITIONS[name]
    assert name in when
    on = "new, reply" if "reply_to" in mail else "new"
    policy, rules, problems = loaded(AROUND % ("", on, when, "tags: x"))
    assert [str(one) for one in problems if one.level == "error"] == []
    base = trials.run([yaml.parse(f"- {{name: t, {mail}, expect: {{rules: one}}}}", "t.yaml")], rules, policy, ARRIVED)
    if name in ("department", "vip"):  # what they ask for is in a directory
        policy = KNOWING
        base = trials.run(
            [yaml.parse(f"- {{name: t, {mail}, expect: {{rules: one}}}}", "t.yaml")], rules, policy, ARRIVED
        )
    assert [str(one) for one in base] == []


@pytest.mark.parametrize("name", examples.ACTIONS)
def test_an_action_is_taken_as_its_example_writes_it(name: str) -> None:
    then = examples.ACTIONS[name]
    policy, rules, problems = loaded(AROUND % (GOLD if name == "sla" else "", "new", "words: x", then))
    assert [str(one) for one in problems if one.level == "error"] == []
    (rule,) = rules.rules
    assert [key for key, _ in rule.then] == [name]
    assert policy.groups


def test_every_condition_and_action_has_an_example() -> None:
    assert set(examples.CONDITIONS) == {*CONDITIONS, *reading.GROUPS}
    assert set(examples.ACTIONS) == set(ACTIONS)
