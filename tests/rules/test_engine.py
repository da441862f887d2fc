"""What a set of rules makes of a mail, and the trace it leaves."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.rule_samples import ARRIVED, POLICY, classified, facts, loaded
from maildesk.desk.classification import Classification, Hit, Override
from maildesk.desk.model import Ticket
from maildesk.mail.model import Address
from maildesk.rules import engine
from maildesk.rules.actions import ACTIONS
from maildesk.rules.case import Case
from maildesk.rules.engine import Group, Leaf, Rule, Rules
from maildesk.rules.patterns import Pattern
from maildesk.rules.words import Phrase

ACTION_CASES: list[tuple[str, Any, dict[str, Any]]] = [
    ("type", "change", {"type": "change"}),
    ("category", "network", {"category": "network"}),
    ("service", "vpn", {"service": "vpn"}),
    ("impact", "high", {"impact": "high"}),
    ("urgency", "low", {"urgency": "low"}),
    ("group", "l2", {"group": "l2"}),
    ("assignee", "li", {"assignee": "li"}),
    ("tags", ("b", "a"), {"tags": ("a", "b")}),
    ("fields", {"site": "上海"}, {"fields": {"room": "1", "site": "上海"}}),
    ("priority_at_least", "P2", {"priority_at_least": "P2"}),
    ("priority_at_most", "P3", {"priority_at_most": "P3"}),
    ("sla", "gold", {"sla": "gold"}),
    ("language", "zh", {"language": "zh"}),
    ("template", "vip", {"template": "vip"}),
    ("note", "call first", {"notes": ("call first",)}),
    ("parent", 1042, {"parent": 1042}),
    ("hold", "spam", {"hold": "spam"}),
    ("ignore", "a newsletter", {"ignore": "a newsletter"}),
]


@pytest.mark.parametrize(("name", "argument", "changed"), ACTION_CASES)
def test_action_sets_its_value_and_no_other(name: str, argument: Any, changed: dict[str, Any]) -> None:
    before = Classification(tags=("a",), fields={"room": "1"})
    assert ACTIONS[name](before, argument) == replace(before, **changed)


def test_every_action_is_tested() -> None:
    assert {row[0] for row in ACTION_CASES} == set(ACTIONS)


def test_without_rules_the_defaults_hold() -> None:
    assert engine.classify(facts("vpn"), Rules(), POLICY) == POLICY.defaults


def test_defaults_are_no_rule_and_leave_no_trace() -> None:
    result = classified("defaults: {type: service request, category: 其他, impact: medium, urgency: low}")
    assert (result.type, result.category, result.impact, result.urgency) == ("service request", "其他", "medium", "low")
    assert result.set_by == {}


TWO = """
rules:
  - {name: first, when: {words: [vpn]}, then: {category: network, urgency: high, tags: [a, b]}}
  - {name: second, when: {subject_words: [打印机, vpn]}, then: {category: printer, urgency: high, tags: [b, c]}}
"""


def test_a_later_rule_overrides_single_values_and_adds_tags_and_the_trace_says_so() -> None:
    result = classified(TWO, subject="VPN")
    assert (result.category, result.urgency, result.tags) == ("printer", "high", ("a", "b", "c"))
    assert result.hits == (
        Hit(rule="first", condition="words", text="vpn"),
        Hit(rule="second", condition="subject_words", text="vpn"),
    )
    assert result.overridden == (Override(rule="second", key="category", old="network", new="printer"),)
    assert result.set_by == {
        "category": "rule second: vpn",
        "urgency": "rule second: vpn",
        "tags": "rule second: vpn",
    }


def test_stop_ends() -> None:
    result = classified(TWO.replace("tags: [a, b]}}", "tags: [a, b]}, stop: true}"), subject="VPN")
    assert result.category == "network"
    assert [hit.rule for hit in result.hits] == ["first"]


def test_a_rule_that_does_not_apply_does_not_stop() -> None:
    result = classified(TWO.replace("tags: [a, b]}}", "tags: [a, b]}, stop: true}"), subject="打印机")
    assert result.category == "printer"


def test_fields_are_overridden_one_by_one_and_what_then_says_goes_before_what_was_captured() -> None:
    rules = """
    rules:
      - {name: one, when: {matches: '(?P<asset>PC-[0-9]+)'}, then: {fields: {site: 上海, room: "1"}}}
      - {name: two, when: {words: [坏了]}, then: {fields: {room: "2"}}}
      - {name: three, when: {matches: '(?P<room>third)'}, then: {fields: {room: "3"}}}
    """
    result = classified(rules, "我的 PC-007 坏了")
    assert result.fields == {"asset": "PC-007", "site": "上海", "room": "2"}
    assert result.overridden == (Override(rule="two", key="fields.room", old="1", new="2"),)
    assert result.set_by["fields.asset"] == "rule one: PC-007"
    third = classified(rules, "third")
    assert (third.fields, third.overridden) == ({"room": "3"}, ())


def test_a_hostile_match_is_one_short_line_in_the_trace() -> None:
    rules = "rules: [{name: r, when: {text_matches: '(?s)(?P<all>.+)'}, then: {category: c}}]"
    result = classified(rules, "a\r\nBcc: x\n" + "长" * 100_000)
    assert result.hits[0].text.startswith("a Bcc: x 长长")
    assert len(result.hits[0].text) == 100
    assert result.fields["all"] == result.hits[0].text
    assert len(result.set_by["category"]) < 120


def test_not_leaves_a_hit_that_names_what_did_not_hold() -> None:
    rules = "rules: [{name: r, when: {not: [{words: [a]}, {all: {spam: true, words: [b]}}]}, then: {category: c}}]"
    result = classified(rules, "x")
    assert result.hits == (Hit(rule="r", condition="not words, spam, words", text=""),)
    assert result.set_by == {"category": "rule r"}


SERVICES = """
groups:
  l2: {address: l2@corp.example}
  l3: {address: l3@corp.example}
services:
  network: {words: [网络], criticality: low, group: l2}
  vpn: {words: [vpn, 网络专线], criticality: high, group: l3}
  mute: {criticality: high}
"""


def test_the_words_of_a_service_bring_its_group_and_impact() -> None:
    result = classified(SERVICES, "VPN 坏了")
    assert (result.service, result.group, result.impact) == ("vpn", "l3", "high")
    assert result.set_by == dict.fromkeys(("service", "group", "impact"), "service vpn: vpn")


def test_the_service_with_the_longest_word_wins_and_of_equals_the_first() -> None:
    assert classified(SERVICES, "网络专线断了").service == "vpn"
    assert classified(SERVICES, "网络坏了").service == "network"
    twice = "services:\n  one: {words: [mail, vpn]}\n  two: {words: [wifi, vpn]}"
    assert classified(twice, "wifi mail").service == "one"
    assert classified(twice, "vpn").service == "one"


def test_a_word_of_a_service_inside_another_word_is_none() -> None:
    assert classified(SERVICES, "vpnx").service == ""


def test_what_a_rule_set_goes_before_what_a_service_brings() -> None:
    rules = SERVICES + "rules: [{name: r, when: {words: [vpn]}, then: {impact: medium}}]"
    result = classified(rules, "vpn")
    assert (result.service, result.group, result.impact) == ("vpn", "l3", "medium")
    assert result.set_by["impact"] == "rule r: vpn"
    assert result.set_by["group"] == "service vpn: vpn"


def test_a_service_set_by_a_rule_brings_the_same_and_words_do_not_override_it() -> None:
    rules = SERVICES + "rules: [{name: r, when: {words: [坏了]}, then: {service: network, group: l3}}]"
    result = classified(rules, "vpn 坏了")
    assert (result.service, result.group, result.impact) == ("network", "l3", "low")
    assert result.set_by["impact"] == "service network"


def test_a_service_without_a_group_leaves_the_default() -> None:
    rules = SERVICES + "defaults: {group: l2}\nrules: [{name: r, when: {words: [a]}, then: {service: mute}}]"
    result = classified(rules, "a")
    assert (result.group, result.impact) == ("l2", "high")


REPLIES = """
rules:
  - {name: new, when: {words: [urgent]}, then: {category: n}}
  - {name: reply, on: reply, when: {words: [urgent], status: [closed]}, then: {urgency: high}}
  - {name: both, on: [new, reply], when: {words: [urgent]}, then: {tags: [x]}}
services:
  vpn: {words: [urgent]}
"""


def test_rules_run_over_new_mail_or_over_replies_as_they_say() -> None:
    policy, rules, _ = loaded(REPLIES)
    requester = Address(address="ann@corp.example")
    ticket = Ticket(number=1001, opened_at=ARRIVED, requester=requester, status="closed", closed_at=ARRIVED)
    answer = replace(facts("urgent"), tickets={1001: ticket}, referenced=(1001,))
    result = engine.classify(answer, rules, policy, reply=True)
    assert (result.category, result.urgency, result.tags, result.service) == ("other", "high", ("x",), "")
    fresh = engine.classify(facts("urgent"), rules, policy)
    assert (fresh.category, fresh.urgency, fresh.tags, fresh.service) == ("n", "medium", ("x",), "vpn")


def test_a_reply_that_belongs_nowhere_has_no_status() -> None:
    policy, rules, _ = loaded(REPLIES)
    result = engine.classify(facts("urgent"), rules, policy, reply=True)
    assert (result.urgency, result.tags) == ("medium", ("x",))


WORDS = st.sampled_from(["vpn", "网络", "断网", "wifi", "down"])
LEAVES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: Leaf("words", tuple(map(Phrase.of, words)))),
    st.lists(WORDS, min_size=1, max_size=2).map(lambda words: Leaf("subject_words", tuple(map(Phrase.of, words)))),
    st.sampled_from(["vpn|wifi", "网.{0,3}断", "^down$", ".*", "(?-i)VPN", "x?y?"]).map(
        lambda source: Leaf("matches", Pattern.of(source))
    ),
    st.just(Leaf("spam", False)),
    st.just(Leaf("header", {"X": Pattern.of("vpn")})),
)
TESTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda kind, parts: Group(kind, tuple(parts)),
        st.sampled_from(["all", "any", "not"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
TEXTS = st.lists(
    st.sampled_from(["vpn", "VPN", "网络", "断网", "网", "断", "wifi", "down", "x", " ", "\n"]), max_size=8
)


@given(st.lists(TESTS, min_size=1, max_size=5), TEXTS, TEXTS)
def test_the_index_never_hides_a_rule_that_holds(tests: list[engine.Test], subject: list[str], text: list[str]) -> None:
    known = facts("".join(text), subject="".join(subject))
    listed = tuple(Rule(name=str(n), when=when, then=()) for n, when in enumerate(tests))
    compiled = Rules(listed)
    plain = Case(facts=known, policy=POLICY)
    expected = {rule.name: found for rule in listed if (found := engine.evaluate(plain, rule.when)) is not None}
    standing = compiled.standing(known.mail)
    assert set(expected) <= {rule.name for rule in compiled.candidates(known.mail, standing)}
    for name, found in expected.items():
        assert engine.evaluate(replace(plain, standing=standing), listed[int(name)].when) == found
    hits = engine.classify(known, compiled, POLICY).hits
    assert {hit.rule for hit in hits} == set(expected)


@given(st.text(max_size=60), st.text(max_size=300))
def test_no_mail_makes_it_raise(subject: str, text: str) -> None:
    policy, rules, _ = loaded(TWO, SERVICES)
    engine.classify(facts(text, subject=subject), rules, policy)


def test_a_lone_surrogate_makes_nothing_raise() -> None:
    rules = "rules: [{name: r, when: {any: [{words: [vpn]}, {matches: 'v.n'}]}, then: {category: c}}]"
    assert classified(rules, "vpn \udc80", subject="\ud800").category == "c"


def test_one_rule_is_no_candidate_when_its_words_are_missing() -> None:
    _, rules, _ = loaded(TWO)
    quiet = facts("nothing of the kind").mail
    assert rules.candidates(quiet, rules.standing(quiet)) == []
