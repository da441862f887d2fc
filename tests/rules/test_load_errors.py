"""The exact text of every error in a rule file."""

from pathlib import Path

import pytest

from fixtures.rule_samples import errors, loaded, warnings

# Each block of the file is a rule file that is wrong, and `=> line: message` for each error it must give.
BLOCKS = (Path(__file__).parent / "wrong_files.txt").read_text("utf-8").split("\n\n")
CASES = [tuple(block.strip("\n").partition("\n=> ")[::2]) for block in BLOCKS]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_an_error_says_where_and_what_and_the_nearest_right_word(text: str, expected: str) -> None:
    assert [error.removeprefix("a.yaml:") for error in errors(text)] == expected.split("\n=> ")


def test_the_line_is_that_of_the_key_that_is_wrong() -> None:
    text = """
rules:
  - name: r
    when:
      all:
        - words: [a]
        - any:
            - subject_matches: 'a'
            - text_matches:
                '(b'
    then:
      category: x
      group: l2
"""
    assert errors(text) == [
        "a.yaml:9: rules.r.when.all[2].any[2].text_matches: not a regular expression: missing ): (b",
        'a.yaml:13: rules.r.then.group: there is no group "l2"',
    ]


def test_a_name_defined_twice_over_files_names_both_places() -> None:
    one = "people:\n  li: {name: A, addresses: a@corp.example}\n"
    two = "groups: {}\npeople:\n\n  li: {name: B, addresses: b@corp.example}\n"
    assert errors(one, two) == ["b.yaml:4: people.li: is defined twice: first at a.yaml:2"]
    rule = "rules: [{name: r, when: {spam: true}, then: {category: x}}]"
    assert errors(rule, rule) == ["b.yaml:1: rules.r: is defined twice: first at a.yaml:1"]
    assert errors("defaults: {category: a}", "defaults: {category: b, impact: low}") == [
        "b.yaml:1: defaults.category: is defined twice: first at a.yaml:1"
    ]


def test_problems_come_by_file_and_line() -> None:
    found = loaded("\ngroups: {l1: {members: [x]}}\ndefaults: {group: y}", "sla: {P7: {}}")[2]
    assert [(problem.file, problem.line) for problem in found] == [("a.yaml", 2), ("a.yaml", 3), ("b.yaml", 1)]


def test_an_entry_with_an_error_is_still_known_by_name() -> None:
    assert errors("groups: {l1: {level: L7}}\ndefaults: {group: l1}") == [
        'a.yaml:1: groups.l1.level: "L7" is not one of L1, L2, L3, vendor'
    ]


WARNINGS = [
    ("groups: {l1: {}}", ["a.yaml:1: groups.l1: nobody reads it: it has no members and no address"]),
    ("ladders: {n: [{at: 80%, tell: [owner]}]}", ["a.yaml:1: ladders.n: no SLA target uses it"]),
    (
        "sla: {P1: {calendar: always, response: 4h, resolution: 1h}}",
        [
            "a.yaml:1: sla.P1.ladder: is missing: nobody hears of it when time runs out",
            "a.yaml:1: sla.P1: the response target is later than the resolution target",
        ],
    ),
    (
        """
people: {li: {name: A, addresses: a@corp.example}}
groups: {l1: {members: [li]}}
ladders: {n: [{at: 80%, tell: [lead]}]}
sla: {P1: {calendar: always, response: 1h, resolution: 1d, ladder: n}}
""",
        ["a.yaml:3: groups.l1.lead: has no lead: the manager hears what ladders tell the lead"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), WARNINGS)
def test_a_warning_says_what_is_most_likely_not_meant(text: str, expected: list[str]) -> None:
    assert errors(text) == []
    assert warnings(text) == expected
