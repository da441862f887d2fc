"""Tests beside the rules: what they can ask, and what they say when something else comes out."""

from datetime import UTC, datetime

import pytest

from fixtures.rule_samples import loaded
from maildesk.rules import trials
from maildesk.settings import yaml

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
RULES = """
groups: {l1: {address: a@b.example}}
calendars: {office: {timezone: Asia/Shanghai, week: {mon-fri: "09:00-18:00"}}}
rules:
  - {name: net, when: {words: [vpn]}, then: {category: network, impact: high, tags: [a], fields: {site: 上海}}}
  - {name: file, when: {attachment_name: "*.exe", sender_known: false}, then: {hold: a program}}
  - {name: night, when: {calendar: {office: closed}}, then: {tags: night}}
  - {name: worse, on: reply, when: {status: pending, reply_from: other}, then: {urgency: high}}
"""
RIGHT = [
    "mail: {subject: VPN断了}, expect: {category: network, tags: a, fields: {site: 上海}, rules: net, priority: P2}",
    "mail: {attachments: a.exe}, expect: {hold: true}",
    "mail: {attachments: a.exe, known: true}, expect: {hold: false, not_rules: [file]}",
    'mail: {at: "2026-03-02T20:00+08:00"}, expect: {tags: night}',
    'mail: {at: "2026-03-02T10:00+08:00"}, expect: {not_rules: night}',
    "mail: {text: x}, reply_to: {by: participant, status: pending}, expect: {urgency: high}",
]
WRONG = [
    ("mail: {subject: VPN}, expect: {category: printer}", "category is network and not printer (rule net: vpn)"),
    ("mail: {subject: VPN}, expect: {group: l1}", "group is nothing and not l1 (default)"),
    ("mail: {subject: VPN}, expect: {tags: b}", "the tag b is not among a"),
    ("mail: {subject: x}, expect: {rules: net}", "the rule net did not apply; those that did: none"),
    ("mail: {subject: VPN}, expect: {not_rules: net}", "the rule net applied: vpn"),
    ("mail: {subject: VPN}, expect: {fields: {site: 北京}}", "the field site is 上海 and not 北京"),
    ("mail: {subject: VPN}, expect: {catgory: x}", 'unknown key; did you mean "category"?'),
    ("mail: {at: noon}, expect: {}", "no such mail can be: Invalid isoformat string: 'noon'"),
]


def said(text: str) -> list[str]:
    policy, rules, problems = loaded(RULES)
    assert not [one for one in problems if one.level == "error"]
    return [str(one) for one in trials.run([yaml.parse(text, "t.yaml")], rules, policy, NOW)]


@pytest.mark.parametrize("row", RIGHT)
def test_what_comes_out_as_expected_says_nothing(row: str) -> None:
    assert said(f"- {{name: one, {row}}}") == []


@pytest.mark.parametrize(("row", "expected"), WRONG)
def test_what_comes_out_otherwise_is_said_with_file_line_and_reason(row: str, expected: str) -> None:
    (line,) = said(f"\n- {{name: one, {row}}}")
    assert line.startswith("t.yaml:2: test ")
    assert line.endswith(expected)


def test_a_file_of_tests_is_a_list() -> None:
    assert said("rules: []") == ["t.yaml:1: must be a list of tests: `- {name: ..., mail: {...}, expect: {...}}`"]
    assert said("") == []
