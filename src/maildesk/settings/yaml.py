"""YAML with a place for every value, and strict: no duplicate keys, anchors or tags, bounded depth and size.

Built from the parser's events with a stack of our own, so that nothing is constructed that YAML names and no nesting
exhausts Python's. Scalars follow YAML 1.2's core schema: `on`, `no` and `9:30` are texts.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from maildesk.errors import ConfigError, Located, Problem
from maildesk.settings.files import text_of

LARGEST = 1 << 20  # bytes of one file
DEEPEST = 40
_MOST_VALUES = 100_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}(?:[eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "": None,
}


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` waits for its value."""

    value: dict[str, Located] | list[Located]
    place: tuple[int, int]
    key: str | None = None
    key_place: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class _Build:
    """The tree so far."""

    file: str
    stack: list[_Open] = field(default_factory=list)
    root: Located | None = None
    problems: list[Problem] = field(default_factory=list)
    values: int = 0


def read(file: Path) -> Located:
    """The one document of a YAML file; an empty file is None. Raises ConfigError."""
    return parse(text_of(file, LARGEST), str(file))


def parse(text: str, file: str) -> Located:
    """The one document of a YAML text. Raises ConfigError with every duplicate key, or with the first syntax error."""
    build = _Build(file=file)
    try:
        for event in yaml.parse(text, _LOADER):
            _take(build, event)
    except yaml.YAMLError as error:
        raise ConfigError([_syntax(error, file)]) from None
    if build.problems:
        raise ConfigError(build.problems)
    return build.root or Located(value=None, file=file, line=1, column=1)


def _syntax(error: yaml.YAMLError, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    context = getattr(error, "context", None)
    began = getattr(error, "context_mark", None)
    if began and mark and began.line != mark.line and ("quoted" in str(context) or "flow" in str(context)):
        context = f"{context} that begins on line {began.line + 1}"  # where its end is missing, not where that shows
    message = f"is not YAML: {said}" + (f" {context}" if context else "")
    return Problem(file=file, line=mark.line + 1 if mark else 0, key="", message=message)


def _refuse(build: _Build, event: Any, message: str) -> ConfigError:
    return ConfigError([Problem(file=build.file, line=event.start_mark.line + 1, key="", message=message)])


def _take(build: _Build, event: Any) -> None:
    place = (event.start_mark.line + 1, event.start_mark.column + 1)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _refuse(build, event, "anchors and aliases (& and *) are not allowed; a text with * or & goes in quotes")
    if getattr(event, "tag", None) is not None:
        raise _refuse(build, event, "tags (!) are not allowed; a text with ! goes in quotes")
    if isinstance(event, yaml.DocumentStartEvent) and build.root is not None:
        raise _refuse(build, event, "one file holds one document: a second `---` is not allowed")
    if isinstance(event, yaml.ScalarEvent):
        _scalar(build, event, place)
    elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
        _begin(build, event, place)
    elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
        closed = build.stack.pop()
        _put(build, closed.value, closed.place)


def _begin(build: _Build, event: Any, place: tuple[int, int]) -> None:
    if build.stack and isinstance(build.stack[-1].value, dict) and build.stack[-1].key is None:
        raise _refuse(build, event, "a key must be a plain text")
    if len(build.stack) >= DEEPEST:
        raise _refuse(build, event, f"is nested more than {DEEPEST} deep")
    build.stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], place))


def _scalar(build: _Build, event: Any, place: tuple[int, int]) -> None:
    top = build.stack[-1] if build.stack else None
    if top is not None and isinstance(top.value, dict) and top.key is None:
        top.key, top.key_place = event.value, place
        if event.value in top.value:
            first = top.value[event.value].line
            message = f"is written twice: first in line {first}"
            build.problems.append(Problem(file=build.file, line=place[0], key=event.value, message=message))
        return
    _put(build, _resolved(event.value) if event.implicit[0] else event.value, place)


def _resolved(text: str) -> object:
    """What a plain scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _put(build: _Build, value: object, place: tuple[int, int]) -> None:
    """A finished value goes where the one around it waits for it. In a mapping its place is that of its key."""
    build.values += 1
    top = build.stack[-1] if build.stack else None
    line, column = top.key_place if top is not None and top.key is not None else place
    if build.values > _MOST_VALUES:
        raise ConfigError([Problem(file=build.file, line=line, key="", message=f"holds over {_MOST_VALUES} values")])
    located = Located(value=value, file=build.file, line=line, column=column)
    if top is None:
        build.root = located
    elif isinstance(top.value, list):
        top.value.append(located)
    else:
        top.value.setdefault(cast("str", top.key), located)
        top.key = None
