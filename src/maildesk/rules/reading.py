"""One rule: its `when` as a tree of tests, its `then` as actions, every mistake with its place."""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.errors import Located, Problem
from maildesk.rules import circumstances
from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.engine import Group, Leaf, Rule, Test, leaves
from maildesk.rules.written import STRICT, nearest, problem, read, text_once

GROUPS = {
    "all": "Every one of these holds.",
    "any": "At least one of these holds.",
    "not": "None of these holds.",
}
_REPLIES_ONLY = frozenset(condition.__name__ for condition in circumstances.REPLIES_ONLY)
_NEW_ONLY = frozenset({"hold", "template"})


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Shape:
    """A rule. Rules run in the order of the files (by name) and of the lines in them."""

    name: Annotated[str, Field(min_length=1, max_length=80, description="shown wherever the rule set something")]
    when: Annotated[Any, Field(description="conditions; several keys in one mapping must all hold")]
    then: Annotated[Any, Field(description="actions")]
    on: Annotated[
        tuple[Literal["new", "reply"], ...],
        BeforeValidator(text_once),
        Field(min_length=1, description="`[new]`, `[reply]` or both: mail that opens a ticket, or belongs to one"),
    ] = ("new",)
    stop: Annotated[bool, Field(strict=True, description="true: when this rule applies, no later one is tried")] = False


def rule(located: Located, key: str) -> tuple[Rule | None, list[Problem]]:
    """A rule, or None, with everything that is wrong with it."""
    written = read(located, Shape, key)
    problems = list(written.problems)
    entries = located.value if isinstance(located.value, dict) else {}
    when, wrong = _both(entries.get("when"), f"{key}.when", "condition")
    problems += wrong
    then, wrong = _actions(entries.get("then"), f"{key}.then")
    problems += wrong
    if written.value is not None and when is not None and "reply" not in written.value.on:
        problems += [
            problem(entries["when"], f"{key}.when", f"`{name}` never holds for new mail: write `on: [reply]`")
            for name in sorted(_REPLIES_ONLY & {leaf.name for leaf in leaves(when)})
        ]
    if written.value is not None and "new" not in written.value.on:
        problems += [
            problem(entries["then"].value[name], f"{key}.then.{name}", "does nothing on replies: write `on: [new]`")
            for name, _ in then
            if name in _NEW_ONLY
        ]
    if problems or written.value is None or when is None:
        return None, problems
    shape = written.value
    return Rule(name=shape.name, when=when, then=then, phases=frozenset(shape.on), stop=shape.stop), problems


def _both(located: Located | None, key: str, what: str) -> tuple[Test | None, list[Problem]]:
    """A mapping of conditions: one is itself, several must all hold."""
    if located is None:
        return None, []
    if not isinstance(located.value, dict):
        return None, [problem(located, key, f"must be a mapping of {what}s such as {{words: [vpn]}}")]
    if not located.value:
        return None, [problem(located, key, f"must hold at least one {what}")]
    parts, problems = _tests(located.value.items(), key)
    if problems:
        return None, problems
    return (parts[0] if len(parts) == 1 else Group("all", tuple(parts))), []


def _tests(entries: Iterable[tuple[str, Located]], key: str) -> tuple[list[Test], list[Problem]]:
    parts: list[Test] = []
    problems: list[Problem] = []
    for name, argument in entries:
        part, wrong = _group(name, argument, key) if name in GROUPS else _leaf(name, argument, key)
        problems += wrong
        if part is not None:
            parts.append(part)
    return parts, problems


def _leaf(name: str, argument: Located, key: str) -> tuple[Test | None, list[Problem]]:
    if name not in CONDITIONS:
        return None, [problem(argument, f"{key}.{name}", "unknown condition" + nearest(name, (*CONDITIONS, *GROUPS)))]
    written = read(argument, argument_of(CONDITIONS[name]), f"{key}.{name}")
    return (None if written.problems else Leaf(name, written.value)), list(written.problems)


def _group(name: str, argument: Located, key: str) -> tuple[Test | None, list[Problem]]:
    """`all`, `any`, `not`: a list of mappings, or one mapping whose conditions are its parts."""
    place = f"{key}.{name}"
    entries = argument.value if isinstance(argument.value, list) else None
    if entries is None and isinstance(argument.value, dict):
        parts, problems = _tests(argument.value.items(), place)
    elif entries is not None:
        read_parts = [_both(entry, f"{place}[{index}]", "condition") for index, entry in enumerate(entries, start=1)]
        parts = [part for part, _ in read_parts if part is not None]
        problems = [wrong for _, found in read_parts for wrong in found]
    else:
        return None, [problem(argument, place, "must be a list or a mapping of conditions")]
    if not parts and not problems:
        problems = [problem(argument, place, "must hold at least one condition")]
    if problems:
        return None, problems
    return Group(name, tuple(parts)), []  # type: ignore[arg-type]


def _actions(located: Located | None, key: str) -> tuple[tuple[tuple[str, Any], ...], list[Problem]]:
    if located is None:
        return (), []
    if not isinstance(located.value, dict) or not located.value:
        return (), [problem(located, key, "must be a mapping of actions such as {category: network}")]
    problems: list[Problem] = []
    actions: list[tuple[str, Any]] = []
    for name, argument in located.value.items():
        if name not in ACTIONS:
            problems.append(problem(argument, f"{key}.{name}", "unknown action" + nearest(name, ACTIONS)))
            continue
        written = read(argument, argument_of(ACTIONS[name]), f"{key}.{name}")
        problems += written.problems
        actions.append((name, written.value))
    return tuple(actions), problems


@cache
def argument_of(function: Any) -> Any:
    """The annotation of a condition's or an action's argument: its schema."""
    return get_type_hints(function, include_extras=True)["argument"]
