"""Each section of a rule file, as the policy it becomes."""

from dataclasses import replace
from datetime import date

from fixtures.rule_samples import POLICY, errors, loaded
from maildesk.desk.classification import Classification
from maildesk.desk.clocks.hours import ALWAYS, Calendar, Duration
from maildesk.desk.policy import DEFAULT_MATRIX, Group, Person, Rung, Service, Target
from maildesk.rules.engine import Group as Conditions
from maildesk.rules.engine import Leaf
from maildesk.rules.words import Phrase

EVERYTHING = """
defaults: {type: service request, category: 其他, impact: medium, urgency: low, group: l1}
people:
  li: {name: 李雷, addresses: [li@corp.example, lilei@CORP.example], level: L1, language: zh, timezone: Asia/Shanghai,
       manager: chen}
  chen: {name: 陈静, addresses: chen@corp.example}
groups:
  l1: {level: L1, members: li, lead: chen, escalates_to: noc}
  noc: {level: vendor, address: noc@vendor.example}
calendars:
  office:
    timezone: Asia/Shanghai
    week: {mon-fri: ["09:00-12:00", "13:30-18:00"], sat: "10:00-12:00"}
    holidays: {country: CN, add: [2026-12-31], workdays: "2026-10-10"}
  night: {always: true}
sla:
  P2: {calendar: office, response: 1h, resolution: 2d, ladder: normal}
  P1: {calendar: always, response: 15m, resolution: 4h}
ladders:
  normal: [{at: 80%, tell: assignee}, {at: 100%, tell: [lead, chen]}, {at: 100 %+120m, tell: [manager, owner]}]
services:
  vpn: {words: [vpn, 专线], criticality: high, group: noc}
  oa: {}
matrix:
  high: {high: P1, medium: P1, low: P2}
  medium: {high: P1, medium: P2, low: P3}
  low: {high: P2, medium: P3, low: P4}
"""


def test_every_section_becomes_its_part_of_the_policy() -> None:
    policy, _, problems = loaded(EVERYTHING)
    assert [problem for problem in problems if problem.level == "error"] == []
    assert policy.defaults == Classification(
        type="service request", category="其他", impact="medium", urgency="low", group="l1"
    )
    assert policy.people == {
        "li": Person(
            key="li",
            name="李雷",
            addresses=("li@corp.example", "lilei@CORP.example"),
            level="L1",
            language="zh",
            timezone="Asia/Shanghai",
            manager="chen",
        ),
        "chen": Person(key="chen", name="陈静", addresses=("chen@corp.example",)),
    }
    assert policy.groups == {
        "l1": Group(key="l1", members=("li",), lead="chen", escalates_to="noc"),
        "noc": Group(key="noc", level="vendor", address="noc@vendor.example"),
    }
    assert policy.services == {
        "vpn": Service(key="vpn", words=("vpn", "专线"), criticality="high", group="noc"),
        "oa": Service(key="oa"),
    }
    assert policy.matrix["low"] == {"high": "P2", "medium": "P3", "low": "P4"}


def test_clocks_are_read_from_calendars_targets_and_ladders() -> None:
    policy, _, _ = loaded(EVERYTHING)
    working = ((540, 720), (810, 1080))
    assert policy.calendars == {
        "always": ALWAYS,
        "office": Calendar(
            timezone="Asia/Shanghai",
            week=(working,) * 5 + (((600, 720),), ()),
            country="CN",
            holidays=frozenset({date(2026, 12, 31)}),
            workdays=frozenset({date(2026, 10, 10)}),
        ),
        "night": Calendar(always=True),
    }
    assert list(policy.sla.items()) == [
        ("P1", Target(calendar="always", response=Duration(seconds=900), resolution=Duration(seconds=14400))),
        (
            "P2",
            Target(calendar="office", response=Duration(seconds=3600), resolution=Duration(days=2), ladder="normal"),
        ),
    ]
    assert policy.ladders == {
        "normal": (
            Rung(at="80%", share=0.8, tell=("assignee",)),
            Rung(at="100%", share=1.0, tell=("lead", "chen")),
            Rung(at="100% + 2h", share=1.0, after=Duration(seconds=7200), tell=("manager", "owner")),
        )
    }


def test_a_rule_is_compiled_with_everything_it_says() -> None:
    _, rules, _ = loaded(
        """
        rules:
          - name: r
            on: [new, reply]
            when: {words: 断网, any: [{spam: true}, {larger_than: 10 MB}, {language: zh}]}
            then: {category: network, tags: outage}
            stop: true
        """
    )
    (rule,) = rules.rules
    assert rule.when == Conditions(
        "all",
        (
            Leaf("words", (Phrase.of("断网"),)),
            Conditions("any", (Leaf("spam", True), Leaf("larger_than", 10_000_000), Leaf("language", ("zh",)))),
        ),
    )
    assert rule.then == (("category", "network"), ("tags", ("outage",)))
    assert (rule.name, rule.stop, set(rule.phases)) == ("r", True, {"new", "reply"})


def test_empty_files_and_sections_leave_the_base_as_it_is() -> None:
    base = replace(POLICY, people={}, groups={})
    policy, rules, problems = loaded("", "rules:\npeople:\n", base=base)
    assert (policy, rules.rules, problems) == (base, (), ())
    assert policy.matrix == DEFAULT_MATRIX


def test_rules_of_several_files_run_in_the_order_of_the_files() -> None:
    one = "rules: [{name: one, when: {spam: true}, then: {category: a}}]"
    two = "rules: [{name: two, when: {spam: true}, then: {category: b}}]"
    assert [rule.name for rule in loaded(one, two)[1].rules] == ["one", "two"]


def test_sections_of_several_files_are_one() -> None:
    assert errors("groups: {l1: {members: [li]}}", "people: {li: {name: 李, addresses: li@corp.example}}") == []


def test_names_may_be_chinese() -> None:
    assert errors("groups: {网络组: {address: net@corp.example}}\ndefaults: {group: 网络组}") == []
