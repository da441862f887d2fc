"""The operator's regular expressions, on RE2: linear in time on any mail, without look-around and back-references."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from maildesk.rules.words import LONGEST

_REFUSED = (  # what `re` and PCRE have and RE2 does not; escaped characters are stripped before looking
    (re.compile(r"\(\?<?[=!]"), "look-ahead and look-behind"),
    (re.compile(r"\(\?P=|\\[1-9]|\\[kg][<{]"), "back-references"),
    (re.compile(r"\(\?>|[*+?}]\+"), "possessive and atomic groups"),
    (re.compile(r"\\[Zu]"), r"\Z and \u (write \z and \x{...})"),
    (re.compile(r"\(\?\("), "conditional groups"),
)
_LONGEST_PATTERN = 10_000
_GROUP = re.compile(r"(?<!\\)\(\?P?<(\w+)>")
_ESCAPED_BACKSLASH = re.compile(r"\\\\")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regular expression; letter case is ignored unless it says `(?-i)`."""

    source: str
    regex: Any = field(compare=False, repr=False)

    @classmethod
    def of(cls, source: str) -> "Pattern":
        """Raises ValueError with what is wrong in plain words."""
        if not source:
            raise ValueError("must not be empty")
        if len(source) > _LONGEST_PATTERN:
            raise ValueError(f"is longer than {_LONGEST_PATTERN} characters")
        names = _GROUP.findall(_ESCAPED_BACKSLASH.sub("", source))
        if len(set(names)) < len(names):
            raise ValueError(f"two groups have the same name: {source}")
        try:
            return cls(source, re2.compile(source, _options()))
        except re2.error as error:
            raise ValueError(_explained(source, error)) from None

    def search(self, text: str) -> tuple[str, dict[str, str]] | None:
        """The first piece of a text that matches, with what its named groups hold; None when there is none."""
        match = self.regex.search(_encoded(text[:LONGEST]))
        if match is None:
            return None
        groups = {name: _decoded(value) for name, value in match.groupdict().items() if value}
        return _decoded(match.group()), groups


@lru_cache(maxsize=16)  # RE2 works on UTF-8: encode a mail once, not once a pattern
def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _decoded(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 8 << 20
    return options


def _explained(source: str, error: re2.error) -> str:
    plain = _ESCAPED_BACKSLASH.sub("", source)
    refused = next((name for pattern, name in _REFUSED if pattern.search(plain)), "")
    if refused:
        return f"RE2 has no {refused}: {source}"
    reason = error.args[0] if error.args else ""
    return f"not a regular expression: {reason.decode(errors='replace') if isinstance(reason, bytes) else reason}"


class Patterns:
    """Many patterns: which of them a text can match at all, in one pass over the literals they need."""

    __slots__ = ("_filter", "_patterns")

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = tuple(dict.fromkeys(patterns))
        self._filter: Any = None
        if self._patterns:
            self._filter = re2.Filter()
            for pattern in self._patterns:
                self._filter.Add(pattern.source, _options())
            self._filter.Compile()

    def possible(self, texts: Iterable[str]) -> frozenset[Pattern]:
        """The patterns that may match one of the texts; more than do, never fewer."""
        if self._filter is None:
            return frozenset()
        found = (self._filter.Match(_encoded(text[:LONGEST]), True) or () for text in texts)
        return frozenset(self._patterns[index] for indexes in found for index in indexes)
