"""Types of fields: what a pattern captured is kept in one form, or left out where it is no such value."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import policy
from maildesk.desk.classification import Misfit
from maildesk.desk.policy import FieldKind
from maildesk.desk.requests.typed import fitting
from maildesk.errors import Located, Problem
from maildesk.rules.written import STRICT, Texts, problem


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FieldType:
    """What a field of a ticket may hold: `{extension: number, due: date, floor: {choices: [一楼, 二楼]}}`.

    A value that a pattern captures is kept in one form: a number without blanks, a date as 2026-03-02, a choice as it
    is written here. One that does not fit is left out; `rules test` and `ticket explain` say so. What a requester
    answers to a question of `ask` is kept the same way, and as he wrote it where it does not fit. A field that is not
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
