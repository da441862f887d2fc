"""Types of fields: what a pattern captured is kept in one form, or left out where it is no such value."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.classification import Misfit
from maildesk.desk.policy import FieldKind
from maildesk.errors import Located, Problem
from maildesk.rules.words import normalise
from maildesk.rules.written import STRICT, Texts, problem

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})[日号]?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")  # 3/2/2026 is March here and February there
_IN_WORDS = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?([a-z]{3})[a-z]{0,6}\.?,?([0-9]{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FieldType:
    """What a field of a ticket may hold: `{extension: number, due: date, floor: {choices: [一楼, 二楼]}}`.

    A value that a pattern captures is kept in one form: a number without blanks, a date as 2026-03-02, a choice as it
    is written here. One that does not fit is left out; `rules test` and `ticket explain` say so. A field that is not
    named here is a text.
    """

    type: Annotated[FieldKind, Field(description="text, number or date; it may stand alone: `extension: number`")] = (
        "text"
    )
    choices: Annotated[
        Texts, Field(min_length=1, description="a text that is one of these; letter case does not matter")
    ] = ()

    def __post_init__(self) -> None:
        if self.choices and self.type != "text":
            raise ValueError("`choices` are texts: leave `type` out")

    def build(self) -> policy.FieldType:
        """The type as the desk reads it."""
        return policy.FieldType(kind=self.type, choices=self.choices)


def type_alone(value: object) -> object:
    """A type that is one word is a mapping of only that."""
    return {"type": value} if isinstance(value, str) else value


Typed = Annotated[FieldType, BeforeValidator(type_alone)]


def fitting(value: str, wanted: policy.FieldType | None) -> str | None:
    """A value in the form of its type; None when it is no such value."""
    if wanted is None:
        return value
    if wanted.choices:
        return next((choice for choice in wanted.choices if normalise(choice) == normalise(value)), None)
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


def sorted_out(
    texts: Mapping[str, str], types: Mapping[str, policy.FieldType], rule: str
) -> tuple[dict[str, str], tuple[Misfit, ...]]:
    """The captured texts that fit, in the form of their types, and those that do not."""
    found = {name: fitting(text, types.get(name)) for name, text in texts.items()}
    wrong = tuple(
        Misfit(rule=rule, field=name, text=texts[name], wanted=types[name].wanted)
        for name, value in found.items()
        if value is None
    )
    return {name: value for name, value in found.items() if value is not None}, wrong


def misfits(types: Mapping[str, policy.FieldType], rules: Mapping[str, Located]) -> Iterator[Problem]:
    """Each value of an action `fields` that is not of its field's type."""
    for name, rule in rules.items():
        then = rule.value.get("then") if isinstance(rule.value, dict) else None
        values = then.value.get("fields") if then and isinstance(then.value, dict) else None
        for key, value in values.value.items() if values and isinstance(values.value, dict) else ():
            if isinstance(value.value, str) and fitting(value.value, types.get(key)) is None:
                where = f"rules.{name}.then.fields.{key}"
                yield problem(value, where, f'"{value.value}" is not {types[key].wanted}')
