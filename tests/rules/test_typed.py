"""Fields with types: a captured value is kept in one form, or left out with a word about it."""

import pytest

from fixtures.rule_samples import classified, errors
from maildesk.desk.classification import Misfit
from maildesk.desk.policy import FieldType
from maildesk.desk.requests.typed import fitting

RULES = """
fields: {extension: number, due: date, floor: {choices: [一楼, B2]}}
rules:
  - name: facts
    when:
      any:
        - matches: 'ext (?P<extension>[^,]+)'
        - matches: 'by (?P<due>[^,]+)'
        - matches: 'floor (?P<floor>[^,]+)'
        - matches: 'asset (?P<asset>[^,]+)'
    then: {category: hardware}
"""


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("number", "8 812", "8812"),
        ("number", "００８６", "0086"),
        ("number", "-1.5", "-1.5"),
        ("number", "88-12", None),
        ("number", "٣", None),
        ("date", "2026-3-2", "2026-03-02"),
        ("date", "2026/03/02", "2026-03-02"),
        ("date", "2026 年 3 月 2 日", "2026-03-02"),
        ("date", "2.3.2026", "2026-03-02"),
        ("date", "2nd March 2026", "2026-03-02"),
        ("date", "2 Mar. 2026", "2026-03-02"),
        ("date", "3/2/2026", None),
        ("date", "2026-02-30", None),
        ("date", "2 foo 2026", None),
        ("date", "tomorrow", None),
        ("text", " 8 812", " 8 812"),
    ],
)
def test_a_value_is_kept_in_the_form_of_its_type_or_not_at_all(kind: str, text: str, kept: str | None) -> None:
    assert fitting(text, FieldType(kind=kind)) == kept  # type: ignore[arg-type]


def test_captured_values_are_kept_in_one_form() -> None:
    result = classified(RULES, text="ext 8 812, by 2026年3月2日, floor ｂ2, asset PC 17")
    assert result.fields == {"extension": "8812", "due": "2026-03-02", "floor": "B2", "asset": "PC 17"}
    assert result.misfits == ()


def test_what_does_not_fit_is_left_out_and_told() -> None:
    result = classified(RULES, text="ext none, by Friday, floor 3, asset PC 17")
    assert result.fields == {"asset": "PC 17"}
    assert result.misfits == (
        Misfit(rule="facts", field="extension", text="none", wanted="a number"),
        Misfit(rule="facts", field="due", text="Friday", wanted="a date"),
        Misfit(rule="facts", field="floor", text="3", wanted="one of 一楼, B2"),
    )
    assert result.category == "hardware"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "fields:\n  extension: nmber",
            '2: fields.extension.type: "nmber" is not one of text, number, date; did you mean "number"?',
        ),
        ("fields:\n  floor: {choice: [a]}", '2: fields.floor.choice: unknown key; did you mean "choices"?'),
        ("fields:\n  floor: {choices: []}", "2: fields.floor.choices: must not be empty"),
        ("fields:\n  floor: {type: date, choices: [a]}", "2: fields.floor: `choices` are texts: leave `type` out"),
        ("feilds: {a: text}", '1: feilds: unknown section; did you mean "fields"?'),
        (
            "fields: {due: date}\nrules:\n- {name: r, when: {words: a}, then: {fields: {due: soon}}}",
            '3: rules.r.then.fields.due: "soon" is not a date',
        ),
    ],
)
def test_an_error_names_line_key_and_the_nearest_word(text: str, error: str) -> None:
    assert errors(text) == [f"a.yaml:{error}"]
