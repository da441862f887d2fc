"""Values of typed fields: one form for each value, and none for what is no such value."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from maildesk.desk.policy import FieldType

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})[日号]?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")  # 3/2/2026 is March here and February there
_IN_WORDS = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?([a-z]{3})[a-z]{0,6}\.?,?([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def fitting(value: str, wanted: FieldType | None) -> str | None:
    """A value in the form of its type; None when it is no such value."""
    if wanted is None:
        return value
    if wanted.choices:
        return next((choice for choice in wanted.choices if _folded(choice) == _folded(value)), None)
    if wanted.kind == "text":
        return value
    bare = "".join(unicodedata.normalize("NFKC", value).split()).lower()
    return _date(bare) if wanted.kind == "date" else bare if _NUMBER.fullmatch(bare) else None


def _date(text: str) -> str | None:
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            return date(*map(int, found.groups())).isoformat()
        if found := _DAY_FIRST.fullmatch(text):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        if found := _IN_WORDS.fullmatch(text):
            return date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])).isoformat()
    except ValueError:
        return None
    return None


def answered(texts: Mapping[str, str], types: Mapping[str, FieldType]) -> tuple[dict[str, str], dict[str, str]]:
    """Answers in the form of their fields' types, and what those that do not fit were to be: they stay as written."""
    found = {name: fitting(text, types.get(name)) for name, text in texts.items()}
    odd = {name: types[name].wanted for name, value in found.items() if value is None}
    return {name: texts[name] if value is None else value for name, value in found.items()}, odd


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
