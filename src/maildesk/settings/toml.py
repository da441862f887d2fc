"""TOML with a place for every value: `tomllib` reads it, a scan of the text finds where each key stands."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from maildesk.errors import Located
from maildesk.settings.files import refused, text_of

LARGEST = 256 * 1024  # bytes
_DEEPEST = 40
KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, tuple[int, int]]

_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)|\s*\(at end of document\)")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_DOTTED = re.compile(rf"{_KEY.pattern}(?:\.{_KEY.pattern})*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|' r"'''.*?'{3,5}(?!')|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]+")


def read(file: Path) -> Located:
    """The document of a TOML file. Raises ConfigError."""
    return parse(text_of(file, LARGEST), str(file))


def parse(text: str, file: str) -> Located:
    """The document of a TOML text. Raises ConfigError with the line of the first syntax error."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        match = _AT_LINE.search(said)
        line = int(match[1]) if match and match[1] else text.count("\n") + 1
        raise refused(file, line, f"is not TOML: {_AT_LINE.sub('', said)}") from None
    except RecursionError:
        raise refused(file, 0, "is nested too deep") from None
    return _located(values, (), _Scan(text).places, file, (1, 1), 0)


def _located(value: object, path: KeyPath, places: Places, file: str, around: tuple[int, int], depth: int) -> Located:
    """A value and all inside it with their places; what the scan did not find has the place of what is around it."""
    here = places.get(path, around)
    if depth > _DEEPEST:
        raise refused(file, here[0], f"is nested more than {_DEEPEST} deep")
    inner: object = value
    if isinstance(value, Mapping):
        inner = {key: _located(entry, (*path, key), places, file, here, depth + 1) for key, entry in value.items()}
    elif isinstance(value, list):
        inner = [_located(entry, (*path, index), places, file, here, depth + 1) for index, entry in enumerate(value)]
    return Located(value=inner, file=file, line=here[0], column=here[1])


class _Scan:
    """Where each key of a text stands that tomllib has found to be right TOML 1.0."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: Places = {}
        self._line, self._counted = 1, 0
        self._tables: dict[KeyPath, int] = {}  # how often each [[table]] was begun
        self._document()

    def _place(self) -> tuple[int, int]:
        """Line and column of where the scan is; it only moves forward."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line, self.at - self.text.rfind("\n", 0, self.at)

    def _document(self) -> None:
        table: KeyPath = ()
        self._blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._blank()

    def _blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _keys(self) -> list[str]:
        """The parts of a dotted key."""
        found = _DOTTED.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return [self._bare(key.strip()) for key in _KEY.findall(found[0] if found else "")]

    @staticmethod
    def _bare(key: str) -> str:
        return next(iter(tomllib.loads(f"{key} = 0"))) if key[:1] in "\"'" else key

    def _header(self) -> KeyPath:
        place = self._place()
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        path = self._within(self._keys())
        self.at += 2 if double else 1
        for end in range(1, len(path) + 1):  # `[a.b]` also makes `a`
            self.places.setdefault(path[:end], place)
        if double:
            index = self._tables.get(path, -1) + 1
            self._tables[path] = index
            path = (*path, index)
            self.places[path] = place
        return path

    def _within(self, keys: list[str]) -> KeyPath:
        """A header's path; inside a [[table]] it means the last one begun."""
        path: KeyPath = ()
        for key in keys[:-1]:
            path = (*path, key)
            if path in self._tables:
                path = (*path, self._tables[path])
        return (*path, *keys[-1:])

    def _pair(self, table: KeyPath) -> None:
        """`key = value`."""
        place = self._place()
        path = table
        for key in self._keys():
            path = (*path, key)
            self.places.setdefault(path, place)
        self.at += 1  # the equals sign
        self._blank()
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        first = self.text[self.at]
        if first == "[":
            self._array(path)
        elif first == "{":
            self._inline(path)
        else:
            found = _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at)
            self.at = found.end() if found else len(self.text)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        self._blank()
        index = 0
        while self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self.places[(*path, index)] = self._place()
                self._value((*path, index))
                index += 1
            self._blank()
        self.at += 1

    def _inline(self, path: KeyPath) -> None:
        self.at += 1
        self._blank()
        while self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._pair(path)
            self._blank()
        self.at += 1
