"""The schema that editors read: it takes what the desk takes, and knows its sections."""

from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from maildesk.rules import schema
from maildesk.rules.merged import SECTIONS
from maildesk.settings import yaml

RULES = Path(__file__).parents[2] / "rules"
SCHEMA = schema.rule_files()


def refusals(text: str, of: dict[str, Any] = SCHEMA) -> list[str]:
    found = jsonschema.Draft202012Validator(of).iter_errors(yaml.parse(text, "a.yaml").plain())
    return [error.message for error in found]


@pytest.mark.parametrize("file", sorted(RULES.glob("*.yaml")), ids=lambda file: file.name)
def test_a_shipped_file_names_the_schema_and_keeps_to_it(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert refusals(text) == []


@pytest.mark.parametrize("file", sorted(RULES.glob("tests/*.yaml")), ids=lambda file: file.name)
def test_a_shipped_test_names_the_schema_and_keeps_to_it(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert refusals(text, schema.trial_files()) == []


def test_it_is_a_schema_and_knows_every_section() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator.check_schema(schema.trial_files())
    assert set(SCHEMA["properties"]) == set(SECTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "rulez: []",
        "rules: [{name: a, when: {word: x}, then: {category: y}}]",
        "rules: [{name: a, when: {any: [{words: x}, {nto: {spam: true}}]}, then: {category: y}}]",
        "rules: [{name: a, when: {spam: true}, then: {impact: hi}}]",
        "rules: [{name: a, then: {impact: high}}]",
        "people: {li: {name: Li}}",
        "people: {li: {name: Li, addresses: a@b.example, mail: x}}",
        "matrix: {high: {high: P9, medium: P2, low: P3}}",
        "fields: {due: dat}",
        "fields: {floor: {choice: [B2]}}",
    ],
)
def test_what_the_desk_refuses_the_editor_underlines(text: str) -> None:
    assert refusals(text)


def test_a_field_is_a_word_or_a_mapping() -> None:
    assert refusals("fields: {extension: number, due: {type: date}, floor: {choices: [一楼, B2]}}") == []


def test_one_word_may_stand_for_a_list_and_groups_of_conditions_nest() -> None:
    row = "rules: [{name: a, when: {words: x, not: {any: [{sender: a@b.example}, {spam: true}]}}, then: {tags: y}}]"
    assert refusals(row) == []
