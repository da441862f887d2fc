"""What an operator wrote, against the shape it must have: every error with its place and the nearest right word."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Annotated, Any, Generic, TypeVar, cast, get_args, get_type_hints

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from maildesk.errors import Located, Problem

T = TypeVar("T")
Entries = Mapping[str, Located]
Written = Mapping[str, Entries]  # section -> name -> entry, as written
STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """A value of the wanted shape, or what is wrong with the one that was written."""

    value: T | None
    problems: tuple[Problem, ...] = ()


def read(located: Located, shape: Callable[..., T], key: str) -> Read[T]:
    """Validate a value against a shape (a pydantic dataclass, or any annotation); `key` names it in the problems."""
    try:
        return Read(_adapter(shape).validate_python(located.plain()))
    except ValidationError as error:
        found = error.errors(include_url=False)
        return Read(None, tuple(_problem(located, shape, key, entry) for entry in found if not _follows(entry, found)))


def problem(located: Located, key: str, message: str) -> Problem:
    """An error at the place of a value."""
    return Problem(file=located.file, line=located.line, key=key, message=message)


def warning(located: Located, key: str, message: str) -> Problem:
    """A warning at the place of a value."""
    return Problem(file=located.file, line=located.line, key=key, message=message, level="warning")


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for a word that is close to a known one, else what is known when that is short."""
    words = list(known)
    return closest(word, words) or (f"; known: {', '.join(words)}" if 0 < len(words) <= 12 else "")


def closest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for a word that is close to a known one, else "". Letter case does not matter."""
    folded = {w.casefold(): w for w in known}
    close = difflib.get_close_matches(word.casefold()[:80], folded, n=1, cutoff=0.6)
    if not close and len(word) >= 3:
        close = [name for name in folded if name.startswith(word.casefold())][:1]
    return f'; did you mean "{folded[close[0]]}"?' if close else ""


def text_once(value: object) -> object:
    """One text where a list of texts is wanted is a list of one."""
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(text_once)]


@lru_cache(maxsize=256)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _problem(located: Located, shape: Any, key: str, error: Mapping[str, Any]) -> Problem:
    path = tuple(step for step in error["loc"] if step != "[key]")
    return problem(_at(located, path), key + "".join(map(_step, path)), _message(error, shape, path))


def _step(step: str | int) -> str:
    return f"[{step + 1}]" if isinstance(step, int) else f".{step}"


def _follows(error: ErrorDetails, others: Iterable[ErrorDetails]) -> bool:
    """Whether a list is "too short" only because its elements are wrong."""
    path = error["loc"]
    return error["type"] == "too_short" and any(o["loc"][: len(path)] == path and o["loc"] != path for o in others)


def _at(located: Located, path: tuple[str | int, ...]) -> Located:
    """The value at a path, or the deepest one above it that was written."""
    for step in path:
        value = located.value
        inside = step in value if isinstance(value, dict) else isinstance(value, list) and step in range(len(value))
        if not inside:
            break
        located = value[step]
    return located


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (int, "a number"),
        (float, "a fraction"),
        (str, "a text"),
        (dict, "a mapping"),
        (list, "a list"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "a date")


_QUOTES = "; write it in quotes"
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
}
_LIMITS = {
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "string_too_short": ("min_length", "must not be empty"),
    "too_short": ("min_length", "must not be empty"),
    "string_too_long": ("max_length", "must be at most {} characters long"),
}


def _message(error: Mapping[str, Any], shape: Any, path: tuple[str | int, ...]) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "unexpected_keyword_argument":
        return "unknown key" + nearest(str(path[-1]), _known(shape, path[:-1]))
    if kind == "literal_error":
        words = re.findall(r"'([^']+)'", context["expected"])
        return f'"{value}" is not one of {", ".join(words)}' + closest(str(value), words)
    if kind in _LIMITS:
        name, text = _LIMITS[kind]
        return text.format(context.get(name))
    if kind in _WANTED:
        hint = _QUOTES if kind == "string_type" and isinstance(value, bool | int | float) else ""
        return f"must be {_WANTED[kind]}, not {_kind(value)}{hint}"
    return str(context["error"]) if kind == "value_error" else str(error["msg"])


def _known(shape: Any, path: tuple[str | int, ...]) -> list[str]:
    """The keys that a shape takes at a path."""
    for step in path:
        shape = get_type_hints(_bare(shape), include_extras=True)[step] if isinstance(step, str) else shape
    found = _bare(shape)
    return [field.name for field in fields(found)]


def _bare(shape: Any) -> Any:
    """The dataclass inside an annotation such as `Annotated[X | None, ...]`."""
    if is_dataclass(shape):
        return shape
    return next((_bare(inner) for inner in get_args(shape) if inner is not type(None)), shape)


def checked(check: Callable[[str], T]) -> BeforeValidator:
    """A validator that reads a text with a function of ours, which raises ValueError in plain words.

    A whole number is a text of digits to it: an error code among words, or a duration that lacks its unit.
    """

    def validate(value: object) -> object:
        if isinstance(value, str) or type(value) is int:
            return check(str(value).strip())
        raise ValueError(f"must be a text, not {_kind(value)}" + (_QUOTES if isinstance(value, bool | float) else ""))

    return BeforeValidator(validate)


def unless_empty(check: Callable[[str], str]) -> BeforeValidator:
    """The same for a text that may be left empty."""
    return checked(lambda text: check(text) if text else text)


def description(annotation: Any) -> str:
    """The words that describe an annotation: the text in its metadata, "" when it has none."""
    texts = (getattr(extra, "description", None) for extra in getattr(annotation, "__metadata__", ()))
    return cast("str", next(filter(None, texts), ""))
