"""What is odd about rules: dead, shadowed, conflicting, words within words, never matched."""

import pytest

from fixtures.rule_samples import errors, loaded
from maildesk.rules.lint import lint

CASES = [
    (
        """
        - {name: all, when: {words: [网]}, then: {category: a}, stop: true}
        - {name: one, when: {words: [断网]}, then: {category: b}}
        """,
        [("one", "dead")],
    ),
    (
        """
        - {name: all, when: {words: [vpn]}, then: {category: a}, stop: true, on: reply}
        - {name: one, when: {words: [vpn]}, then: {category: b}}
        """,
        [],
    ),
    (
        """
        - {name: one, when: {subject_words: [vpn, wifi]}, then: {category: a}}
        - {name: all, when: {any: [{words: [vpn, wifi, lan]}, {spam: true}]}, then: {category: b, impact: low}}
        """,
        [("one", "shadowed")],
    ),
    (
        """
        - {name: one, when: {words: [vpn]}, then: {category: a, tags: x}}
        - {name: all, when: {words: [vpn, lan]}, then: {category: b, tags: y}}
        """,
        [],
    ),
    (
        """
        - {name: one, when: {all: [{words: [vpn]}, {spam: false}]}, then: {group: l1, tags: x}}
        - {name: two, when: {spam: false, words: [VPN]}, then: {group: l2, tags: y}}
        """,
        [("two", "conflicting")],
    ),
    (
        "- {name: one, when: {words: [打印, 打印机, printing, print]}, then: {category: a}}",
        [("one", "word")],
    ),
    (
        """
        - {name: one, when: {not: {words: [vpn]}}, then: {category: a}, stop: true}
        - {name: two, when: {words: [vpn]}, then: {category: b}}
        """,
        [],
    ),
]


def rule_file(rows: str) -> str:
    text = "groups: {l1: {address: a@b.example}, l2: {address: c@b.example}}\nrules:\n" + rows
    assert errors(text) == []
    return text


CONTRADICTIONS = [
    ("{name: r, when: {spam: true, not: {spam: true}}, then: {category: a}}", [("r", "dead")]),
    ("{name: r, when: {subject_words: [vpn], not: {words: [vpn, lan]}}, then: {category: a}}", [("r", "dead")]),
    ("{name: r, when: {words: [vpn, lan], not: {subject_words: [vpn]}}, then: {category: a}}", []),
    ("{name: r, when: {not: {spam: true}}, then: {category: a}}", []),
    ("{name: r, when: {spam: true}, then: {priority_at_least: P2, priority_at_most: P3}}", [("r", "conflicting")]),
    ("{name: r, when: {spam: true}, then: {priority_at_least: P3, priority_at_most: P2}}", []),
]


@pytest.mark.parametrize(("row", "expected"), CONTRADICTIONS)
def test_a_rule_that_contradicts_itself_is_named(row: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.rule, one.kind) for one in lint(loaded(rule_file(f"- {row}"))[1])] == expected


def test_of_a_rule_for_replies_nobody_says_that_no_new_mail_matched_it() -> None:
    rules = loaded(rule_file("- {name: one, on: [new, reply], when: {is_reply: true}, then: {category: a}}"))[1]
    assert lint(rules, set(), 7) == []


@pytest.mark.parametrize(("rows", "expected"), CASES)
def test_what_is_odd_is_named_and_nothing_else(rows: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.rule, one.kind) for one in lint(loaded(rule_file(rows))[1])] == expected


def test_a_rule_that_matched_nothing_is_named_only_when_mails_were_looked_at() -> None:
    rules = loaded(rule_file("- {name: one, when: {words: [vpn]}, then: {category: a}}"))[1]
    assert lint(rules, set(), 0) == []
    assert lint(rules, {"one"}, 7) == []
    (found,) = lint(rules, set(), 7)
    assert (found.kind, found.text) == ("never matched", "applied to none of the last 7 mails")
