"""TOML with a place for every value."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.errors import ConfigError, Located
from maildesk.settings import toml

TEXT = """\
# comment with = and [brackets]
title = "a # b" # c
a.b . "c d" = 1
[desk]
name = \"\"\"multi
line \\\\" ] = x\"\"\"
"quoted \\u006bey" = 'lit # not'
list = [ # c
  1, "two]",
  { x = 1, y.z = [2,
  3] },
]
[[mailbox]]
host = "a"
oauth = {token_url = "http://x", s = ''}
[mailbox.sub]
q = 2026-01-01 # a date
[[mailbox]]
host = "b"
[[mailbox.deep]]
k = ''
[[mailbox.deep]]
k = \"\"
e = \"\"\"\"quoted\" \"\"\"
f = '''it's ''x'''''
g = 1
[x.y]
z = 1
"""


def place(located: Located, *path: str | int) -> tuple[int, int]:
    for step in path:
        located = located.value[step]
    return located.line, located.column


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("title",), (2, 1)),
        (("a", "b", "c d"), (3, 1)),
        (("desk",), (4, 1)),
        (("desk", "name"), (5, 1)),
        (("desk", "quoted key"), (7, 1)),
        (("desk", "list", 0), (9, 3)),
        (("desk", "list", 1), (9, 6)),
        (("desk", "list", 2, "y", "z", 1), (11, 3)),
        (("mailbox",), (13, 1)),
        (("mailbox", 0, "oauth", "s"), (15, 34)),
        (("mailbox", 0, "sub", "q"), (17, 1)),
        (("mailbox", 1), (18, 1)),
        (("mailbox", 1, "host"), (19, 1)),
        (("mailbox", 1, "deep", 0, "k"), (21, 1)),
        (("mailbox", 1, "deep", 1), (22, 1)),
        (("mailbox", 1, "deep", 1, "g"), (26, 1)),
        (("x",), (27, 1)),
        (("x", "y", "z"), (28, 1)),
    ],
)
def test_a_value_has_the_place_of_its_key(path: tuple[str | int, ...], expected: tuple[int, int]) -> None:
    assert place(toml.parse(TEXT, "f"), *path) == expected


def test_the_values_are_those_of_tomllib() -> None:
    assert toml.parse('a = {b = [1, {c = "x"}]}\n', "f").plain() == {"a": {"b": [1, {"c": "x"}]}}


def test_windows_line_ends_count_once() -> None:
    assert place(toml.parse("a = 1\r\n\r\nb = 2\r\n", "f"), "b") == (3, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\na = 2\n", "f:2: is not TOML: Cannot overwrite a value"),
        ('a = 1\n\nb = "x', "f:3: is not TOML: Unterminated string"),
        ("a = 1\nb", "f:2: is not TOML: Expected '=' after a key in a key/value pair"),
    ],
)
def test_a_syntax_error_has_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        toml.parse(text, "f")
    assert str(refused.value) == message


KEYS = st.one_of(
    st.text(string.ascii_letters + "-_1", min_size=1, max_size=4), st.sampled_from(['a"b', "c.d", "# x", "键"])
)
VALUES = st.recursive(
    st.one_of(st.integers(0, 9), st.booleans(), st.text("ab\"'#[]{}=,\\\n", max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def written(value: Any) -> str:
    """A value as TOML, over several lines where that is allowed."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'''\n" + value + "'''" if "'" not in value else quoted(value)
    if isinstance(value, list):
        return "[ # x\n" + ",\n".join(map(written, value)) + "\n]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{quoted(key)} = {written(entry)}" for key, entry in value.items()) + " }"
    return str(value)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=4))
def test_every_key_is_found_whatever_stands_around_it(tables: dict[str, dict[str, Any]]) -> None:
    text = ""
    lines: dict[tuple[str, str], int] = {}
    for table, entries in tables.items():
        text += f"[{quoted(table)}] # [x]\n\n"
        for key, value in entries.items():
            lines[table, key] = text.count("\n") + 1
            text += f"{quoted(key)} = {written(value)}\n"
    located = toml.parse(text, "f")
    assert located.plain() == tables
    assert {path: place(located, *path)[0] for path in lines} == lines
