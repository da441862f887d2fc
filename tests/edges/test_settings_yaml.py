"""YAML, strictly, with a place for every value."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.errors import ConfigError
from maildesk.settings import yaml

SCALARS: list[tuple[str, Any]] = [
    ("on", "on"),
    ("no", "no"),
    ("yes", "yes"),
    ("9:30", "9:30"),
    ("2026-12-31", "2026-12-31"),
    ("007", "007"),
    ("0x1f", "0x1f"),
    ("1_000", "1_000"),
    (".inf", ".inf"),
    ("80%", "80%"),
    ("100% + 2h", "100% + 2h"),
    ("断网", "断网"),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("12", 12),
    ("-3", -3),
    ("1.5", 1.5),
    ("-2.5e3", -2500.0),
    ('"12"', "12"),
    ("'true'", "true"),
    ("99999999999999999999999", "99999999999999999999999"),
]


@pytest.mark.parametrize(("written", "value"), SCALARS)
def test_a_plain_scalar_is_what_it_looks_like(written: str, value: Any) -> None:
    found = yaml.parse(f"a: {written}\n", "f").plain()
    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_a_value_in_a_mapping_has_the_place_of_its_key_and_an_element_its_own() -> None:
    located = yaml.parse("a:\n  b: [1,\n    2]\n  c: |\n    text", "f")
    inner = located.value["a"].value
    assert (located.line, located.value["a"].line, inner["b"].line, inner["b"].column) == (1, 1, 2, 3)
    assert [(entry.line, entry.column) for entry in inner["b"].value] == [(2, 7), (3, 5)]
    assert (inner["c"].line, inner["c"].value, inner["c"].file) == (4, "text", "f")


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "---\n...\n"])
def test_an_empty_file_is_nothing(text: str) -> None:
    assert yaml.parse(text, "f").value is None


REFUSED = [
    (
        "a: 1\nb: 2\na: 3\nb: 4\n",
        "f:3: a: is written twice: first in line 1\nf:4: b: is written twice: first in line 2",
    ),
    ("a: {b: 1, b: 2}", "f:1: b: is written twice: first in line 1"),
    ("a: &x 1\n", "f:1: anchors and aliases (& and *) are not allowed; a text with * or & goes in quotes"),
    ("a: *x\n", "f:1: anchors and aliases (& and *) are not allowed; a text with * or & goes in quotes"),
    ("a: !!python/name:os.system x\n", "f:1: tags (!) are not allowed; a text with ! goes in quotes"),
    ("a: !x [1]\n", "f:1: tags (!) are not allowed; a text with ! goes in quotes"),
    ("a: 1\n---\nb: 2\n", "f:2: one file holds one document: a second `---` is not allowed"),
    ("? [a]\n: 1\n", "f:1: a key must be a plain text"),
    ("? {a: 1}\n: 1\n", "f:1: a key must be a plain text"),
    ("\n" + "[" * 60 + "]" * 60, "f:2: is nested more than 40 deep"),
    ("a:\n  - b\n c: d\n", "f:3: is not YAML: did not find expected key while parsing a block mapping"),
    (
        "a: [1, 2\n",
        "f:2: is not YAML: did not find expected ',' or ']' while parsing a flow sequence that begins on line 1",
    ),
    ("a:\n\t- b\n", "f:2: is not YAML: found character that cannot start any token while scanning for the next token"),
    ("a: b: c\n", "f:1: is not YAML: mapping values are not allowed in this context"),
    ("a: '\x00'\n", "f: is not YAML: control characters are not allowed"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        yaml.parse(text, "f")
    assert str(refused.value) == message


def test_endless_nesting_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match=r"^f:1: .*nest"):
        yaml.parse("[" * 100_000, "f")


def test_a_file_with_too_many_values_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"f:1: holds over 100000 values"):
        yaml.parse("[" + "a," * 110_000 + "]", "f")


@given(st.text(alphabet="ab: -[]{}'\"\n#&*!|>%@`,?~\t", max_size=60))
def test_any_text_is_a_value_or_a_config_error(text: str) -> None:
    with suppress(ConfigError):
        yaml.parse(text, "f").plain()
