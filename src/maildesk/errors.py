"""Errors, named by what the caller must do about them; and values that remember where an operator wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A configuration value and its place.

    A mapping's `value` is `dict[str, Located]`, a sequence's `list[Located]`, anything else a plain scalar.
    The place of an entry in a mapping is that of its key. Lines and columns count from 1; 0 is unknown.
    """

    value: Any
    file: str
    line: int = 0
    column: int = 0

    def plain(self) -> Any:
        """The value without places, all the way down."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the configuration, as `maildesk check` shows it."""

    file: str
    line: int
    key: str
    message: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class MaildeskError(Exception):
    """The root of maildesk's own errors."""


class ConfigError(MaildeskError):
    """The operator must edit a file. `problems` holds everything wrong, not the first thing alone."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class TemporaryError(MaildeskError):
    """Back off and try again: a server, a disk or a lock is not there now."""


class PermanentError(MaildeskError):
    """Trying again will not help: park this item."""
