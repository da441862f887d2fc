"""The JSON Schema of rule files, for editors: completion, and red lines under what maildesk would refuse."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from maildesk.desk.policy import FieldKind
from maildesk.rules import alerts, judging, knowing, people, reading, reminding, reports, sections, timing, typed
from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.trials import Trial
from maildesk.rules.written import checked, text_once

SINGLE: Mapping[str, Any] = {
    "defaults": sections.Defaults,
    "pending": reminding.Pending,
    "closing": reminding.Closing,
    "forecast": reminding.Forecast,
    "worklist": reminding.Worklist,
    "progress": reminding.Progress,
    "directory": people.Directory,
    "priority": judging.Precedence,
    "ask": judging.Ask,
    "duplicates": knowing.Duplicates,
    "solutions": knowing.Solutions,
    "surge": knowing.Surge,
    "alerts": alerts.Alerts,
}
NAMED: Mapping[str, Any] = {
    "fields": typed.Typed,
    "matrix": sections.Row,
    "people": sections.Person,
    "groups": sections.Group,
    "calendars": timing.Calendar,
    "sla": timing.Target,
    "ola": timing.Ola,
    "ladders": timing.Ladder,
    "services": sections.Service,
    "reports": reports.Report,
    "requesters": people.Requester,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ANY = {"type": ["string", "integer"]}
_WHEN = {"$ref": "#/$defs/when"}


class _Written(GenerateJsonSchema):
    """What an operator may write, and not what it becomes: one text for a list, a text for what is read from one."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """A list of texts may be one text; what a function of ours reads is a text."""
        if schema["function"]["function"] is text_once:
            inner = self.generate_inner(schema["schema"])
            return {"anyOf": [inner.get("items", _ANY), inner]}
        if schema["function"]["function"] is typed.type_alone:
            return {"anyOf": [{"enum": [*get_args(FieldKind)]}, self.generate_inner(schema["schema"])]}
        if schema["function"]["function"].__qualname__.startswith(checked.__name__):
            return dict(_ANY)
        return {}  # read by a function of its own: anything that it takes


def of(annotation: Any) -> dict[str, Any]:
    """The schema of an annotation, complete in itself."""
    found = TypeAdapter(annotation).json_schema(schema_generator=_Written)
    definitions = found.pop("$defs", {})
    return {key: _whole(value, definitions) for key, value in found.items()}


def rule_files() -> dict[str, Any]:
    """The schema of a file in rules/."""
    others = {name: _single(shape) for name, shape in SINGLE.items()}
    others |= {name: _named(shape) for name, shape in NAMED.items()}
    rule = of(reading.Shape)
    rule["properties"] |= {"when": _WHEN, "then": _mapping(ACTIONS)}
    return {
        "$schema": _DIALECT,
        "title": "maildesk rules",
        "type": ["object", "null"],
        "properties": {**others, "rules": {"type": ["array", "null"], "items": rule}},
        "additionalProperties": False,
        "$defs": {"when": _conditions()},
    }


def trial_files() -> dict[str, Any]:
    """The schema of a file in rules/tests/."""
    return {
        "$schema": _DIALECT,
        "title": "tests of maildesk rules",
        "type": ["array", "null"],
        "items": of(Trial),
    }


def _named(shape: Any) -> dict[str, Any]:
    """A section that maps names to entries; a special target takes what it does not say from another entry."""
    entry = of(shape)
    if shape is timing.Target:
        entry.pop("required", None)
    return {"type": ["object", "null"], "additionalProperties": entry}


def _single(shape: Any) -> dict[str, Any]:
    return {"anyOf": [{"type": "null"}, of(shape)]}


def _conditions() -> dict[str, Any]:
    nested = {"anyOf": [_WHEN, {"type": "array", "minItems": 1, "items": _WHEN}]}
    found = _mapping(CONDITIONS)
    found["properties"] |= {name: {**nested, "description": text} for name, text in reading.GROUPS.items()}
    return found


def _mapping(functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {
            name: {**of(reading.argument_of(function)), "description": " ".join((function.__doc__ or "").split())}
            for name, function in functions.items()
        },
    }


def _whole(value: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with what it refers to written out in place."""
    if isinstance(value, dict):
        name = value.get("$ref", "").removeprefix("#/$defs/") if isinstance(value.get("$ref"), str) else ""
        if name in definitions:
            return _whole({**definitions[name], **{k: v for k, v in value.items() if k != "$ref"}}, definitions)
        return {key: _whole(inner, definitions) for key, inner in value.items()}
    return [_whole(inner, definitions) for inner in value] if isinstance(value, list) else value
