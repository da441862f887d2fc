"""The shipped rules, broken in hundreds of ways: every mistake named with file, line and key, nothing half taken."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.rule_samples import POLICY
from maildesk.errors import ConfigError, Problem
from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.load import load
from maildesk.rules.merged import SECTIONS
from maildesk.settings import yaml

RULES = Path(__file__).parents[2] / "rules"
GOOD = {file.name: file.read_text("utf-8") for file in sorted(RULES.glob("*.yaml"))}
RULE = "\n  - name: broken\n    when: {WHEN}\n    then: {THEN}\n"


def typo(word: str) -> str:
    """Two letters changed places, or one is missing in a short word."""
    return word[:-2] + word[-1] + word[-2] if len(word) > 3 and word[-1] != word[-2] else word + "x"


def added(when: str = "words: xyz", then: str = "category: x") -> str:
    return "rules:" + RULE.replace("WHEN", when).replace("THEN", then)


def broken() -> Iterator[tuple[str, str, str]]:
    """(what is broken, the file that breaks it, what must be said)."""
    for name in CONDITIONS:
        yield f"condition {name}", added(f"{typo(name)}: x"), "unknown condition; did you mean"
        yield f"argument {name}", added(f"{name}: {{[1.5]: 2}}"), "90-broken.yaml"
        yield f"number for {name}", added(f"{name}: 1.5"), f"rules.broken.when.{name}"
    for name in ACTIONS:
        yield f"action {name}", added(then=f"{typo(name)}: x"), "unknown action; did you mean"
        yield f"list for {name}", added(then=f"{name}: [[]]"), f"rules.broken.then.{name}"
        yield f"nothing for {name}", added(then=f"{name}: null"), f"rules.broken.then.{name}"
    for name in SECTIONS:
        yield f"section {name}", f"{typo(name)}: {{}}\n", "unknown section; did you mean"
        yield f"text for {name}", f"{name}: abc\n", f"{name}: must be"
        yield f"twice {name}", f"{name}:\n{name}:\n", "twice"
    for regex in (
        "(", "[", "a{2,1}", "*a", "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?P=x)", "a++", "(?>a)",
        "\\Z", "a**", "[z-a]", "(?P<a>x)(?P<a>y)", "\\p{Hann}", "x{1001}",
    ):  # fmt: skip
        for condition in ("subject_matches", "text_matches", "matches", "whole_matches"):
            yield f"{condition} {regex}", added(f"{condition}: '{regex}'"), f"rules.broken.when.{condition}: "
    yield from references()


def references() -> Iterator[tuple[str, str, str]]:
    """Names that stand nowhere, circles, unquoted times, targets that no calendar can hold."""
    for then, noun in (("group: l2-netwrok", "group"), ("assignee: lii", "person"), ("service: vnp", "service"),
                       ("sla: P11", "target")):  # fmt: skip
        yield then, added(then=then), f"there is no {noun}" if noun != "target" else "P11"
    for when, noun in (("calendar: {offcie: open}", "calendar"), ("person: [lii]", "person"),
                       ("not: {calendar: {offcie: open}}", "calendar")):  # fmt: skip
        yield when, added(when), f'there is no {noun} "'
    yield "reply condition", added("ticket_group: [l9]"), "never holds for new mail: write `on: [reply]`"
    yield "circle", "groups: {a: {escalates_to: b}, b: {escalates_to: a}}\n", "a circle: "
    yield "circle of one", "people: {x: {name: X, addresses: x@c.example, manager: x}}\n", "a circle: x -> x"
    yield "time", "calendars: {night: {week: {mon: 9:00-12:00, tue: 9}}}\n", "calendars.night.week"
    yield "no time", "calendars: {night: {timezone: UTC}}\n", "has no working time"
    yield "zone", 'calendars: {night: {timezone: Asia/Shangai, week: {mon: "09:00-12:00"}}}\n', "is not a time zone"
    brief = 'calendars: {brief: {timezone: UTC, week: {mon: "09:00-09:05"}}}\n'
    yield "too much", brief + "ola: {l1: {calendar: brief, time: 900h}}\n", "has not that much working time"
    yield "unit", "ola: {l1: {calendar: office, time: 5}}\n", "ola.l1.time"
    yield "target", "sla: {P5: {calendar: office, response: 1h, resolution: 2h}}\n", "must be one of P1, P2, P3, P4"
    yield "ladder", "ladders: {x: [{at: 80, tell: owner}]}\n", "ladders.x[1].at"
    yield "falling ladder", "ladders: {x: [{at: 90%, tell: owner}, {at: 80%, tell: owner}]}\n", "must come later"
    yield "role", "ladders: {x: [{at: 90%, tell: ownr}]}\n", 'did you mean "owner"?'
    yield "no rule", "rules: [5]\n", "rules.(90-broken.yaml:1:"
    yield "no name", "rules: [{when: {spam: true}, then: {category: x}}]\n", "name: is missing"
    yield "no then", "rules: [{name: a, when: {spam: true}}]\n", "rules.a.then: is missing"
    yield "taken name", "rules: [{name: printer, when: {spam: true}, then: {tags: x}}]\n", "is defined twice: first at"
    yield "tab", "rules:\n\t- name: a\n", "90-broken.yaml:2"
    yield "anchor", "people: &a {}\n", "90-broken.yaml:1"
    yield "quote", "rules: ['a\n", "90-broken.yaml:"
    yield "template", added(then="template: ../../etc/passwd"), "is not a name of 1 to 40 small letters"
    yield "parent", added(then="parent: MD-x"), "is not the number of a ticket"
    yield "hold on replies", "rules: [{name: a, on: reply, when: {spam: true}, then: {hold: x}}]\n", "does nothing on"


CASES = list(broken())


def problems_of(text: str) -> list[Problem]:
    documents = [yaml.parse(good, name) for name, good in GOOD.items()]
    try:
        documents.append(yaml.parse(text, "90-broken.yaml"))
    except ConfigError as error:
        return list(error.problems)
    return [found for found in load(documents, POLICY, {"main"})[2] if found.level == "error"]


def test_there_are_two_hundred_and_none_is_there_twice() -> None:
    assert len(CASES) >= 200
    assert len({text for _, text, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_broken_file_is_refused_and_named(name: str, text: str, expected: str) -> None:
    found = list(map(str, problems_of(text)))
    assert found, name
    assert any(expected in line for line in found), found
    assert all(re.match(r"90-broken\.yaml:\d+(:\d+)?: ", line) for line in found), found


def test_the_shipped_rules_themselves_are_right() -> None:
    assert problems_of("") == []
