"""Template files: read, compiled once, checked in every branch, and tried on samples before the desk starts."""

import difflib
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from jinja2 import Template, TemplateError, TemplateSyntaxError, meta, nodes

from maildesk.errors import ConfigError, Problem
from maildesk.notify import context, render
from maildesk.notify.catalogue import EVENTS, LANGUAGES, required

CALLS = ("quoted", "written")  # the only functions of a template
_LARGEST = 256 * 1024  # bytes
_ENVIRONMENT = render.environment()
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.Slice, nodes.If, nodes.For, nodes.Assign, nodes.Filter, nodes.Test, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr, nodes.Concat, nodes.Call, nodes.Keyword,
    nodes.Tuple, nodes.List, nodes.Add, nodes.Sub, nodes.Div, nodes.FloorDiv, nodes.Neg,
)  # fmt: skip
# A line with nothing but a tag leaves no line behind: its line feed moves into the tag, so line numbers stay true.
_TAG_LINE = re.compile(r"^[ \t]*(\{%[^{}\n]*?)(-?%\})[ \t]*\n", re.MULTILINE)
_VARIANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_GROWS = ("join", "replace")
_SHORT = 20  # characters that a filter puts between or in the place of others
Source = Literal["shipped", "operator", "off"]
Place = tuple[str, str, str]  # event, audience or audience.variant, language


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One mail in one language. `fallback` is the shipped template behind an operator's one."""

    source: Source
    template: Template | None
    fallback: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """Every template, compiled."""

    cells: Mapping[Place, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the grid that `maildesk check` prints."""

    event: str
    audience: str
    languages: tuple[str, ...]
    source: Source


def load(shipped: Path, operator: Path | None = None) -> Templates:
    """Read, compile and try every template. An operator's file goes before the shipped one; an empty one is "off".

    Raises ConfigError with everything that is wrong.
    """
    problems: list[Problem] = []
    ours = _folder(shipped, problems)
    theirs = _folder(operator, problems) if operator is not None and operator.is_dir() else {}
    cells: dict[Place, Cell] = {}
    for event, kind in EVENTS.items():
        for audience in kind.audiences:
            for language in LANGUAGES:
                place = (event, audience, language)
                cells[place] = _cell(place, ours, theirs, problems)
    for place in {**ours, **theirs}:
        if place not in cells:
            cells[place] = _cell(place, ours, theirs, problems)
    if problems:
        raise ConfigError(problems)
    return Templates(cells=cells)


def grid(templates: Templates) -> tuple[Row, ...]:
    """The event x audience grid: in which languages each mail stands, and where its text comes from."""
    rows: dict[tuple[str, str, Source], list[str]] = {}
    for (event, audience, language), cell in templates.cells.items():
        rows.setdefault((event, audience, cell.source), []).append(language)
    return tuple(
        Row(
            event=event, audience=audience, languages=tuple(one for one in LANGUAGES if one in languages), source=source
        )
        for (event, audience, source), languages in rows.items()
    )


def _cell(
    place: Place, ours: Mapping[Place, "_File"], theirs: Mapping[Place, "_File"], problems: list[Problem]
) -> Cell:
    shipped, own = ours.get(place), theirs.get(place)
    fallback = _taken(place, shipped, problems) if shipped else None
    if own is None:
        if shipped is None and required(*place[:2]):
            problems.append(Problem(file="templates", line=0, key="/".join(place), message="this mail has no template"))
        return Cell(source="shipped" if shipped else "off", template=fallback)
    if not own.text.strip():
        if required(*place[:2]):
            problems.append(own.problem(1, "this mail may not be switched off: write its text or remove the file"))
        return Cell(source="off", template=None)
    return Cell(source="operator", template=_taken(place, own, problems), fallback=fallback)


def _taken(place: Place, file: "_File", problems: list[Problem]) -> Template | None:
    template, found = _compiled(place, file.text)
    problems.extend(file.problem(line, message) for line, message in found)
    return template


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    path: Path
    text: str

    def problem(self, line: int, message: str) -> Problem:
        return Problem(file=str(self.path), line=line, key="", message=message)


def _folder(folder: Path, problems: list[Problem]) -> dict[Place, _File]:
    """The files of a folder by their place in the grid; hidden ones and other kinds of files are none of ours."""
    found: dict[Place, _File] = {}
    paths = sorted(path for path in folder.glob("*/*.md") if not path.name.startswith("."))
    for path in paths:
        audience, _, language = path.name.removesuffix(".md").rpartition(".")
        wrong = _misplaced(path.parent.name, audience, language)
        if wrong:
            problems.append(Problem(file=str(path), line=0, key="", message=wrong))
            continue
        try:
            found[path.parent.name, audience, language] = _File(path=path, text=_read(path))
        except (OSError, ValueError) as error:
            problems.append(Problem(file=str(path), line=_bad_line(error), key="", message=_unreadable(error)))
    return found


def _misplaced(event: str, audience: str, language: str) -> str:
    if event not in EVENTS:
        return f"no such event: {event}{_nearest(event, EVENTS)}"
    audiences = EVENTS[event].audiences
    audience, dot, variant = audience.partition(".")
    if dot and not _VARIANT.fullmatch(variant):
        return f'"{variant}" is no variant: a name of 1 to 40 small letters, digits and dashes'
    if audience not in audiences:
        return f"{event} is not sent to {audience or 'nobody'}{_nearest(audience, audiences)}"
    return "" if language in LANGUAGES else f"no such language: {language}; there is {', '.join(LANGUAGES)}"


def _nearest(word: str, known: "Mapping[str, object] | tuple[str, ...]") -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; there is {', '.join(known)}"


def _read(path: Path) -> str:
    with path.open("rb") as file:
        octets = file.read(_LARGEST + 1)
    if len(octets) > _LARGEST:
        raise ValueError(f"is larger than {_LARGEST // 1024} KB")
    text = octets.decode("utf-8-sig").replace("\r\n", "\n")
    return render.without_marks(text)


def _bad_line(error: OSError | ValueError) -> int:
    return error.object[: error.start].count(b"\n") + 1 if isinstance(error, UnicodeDecodeError) else 0


def _unreadable(error: OSError | ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8"
    return f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)


@lru_cache(maxsize=512)  # by its text: a reload compiles what has changed, and an unchanged copy costs nothing
def _compiled(place: Place, text: str) -> tuple[Template | None, tuple[tuple[int, str], ...]]:
    """The template of a text, and everything that is wrong with it, by line."""
    found = list(_form(text))
    template = None
    name = "{}/{}.{}.md".format(*place)
    try:
        tree = _ENVIRONMENT.parse(_TAG_LINE.sub(r"\1\n\2", text), filename=name)
        refused = [*_forbidden(tree, place[0]), *_growing(tree)]
        found.extend(refused)
        if not refused:  # compiling works constants out: 9 ** 999999 would take its time
            code = _ENVIRONMENT.compile(tree, filename=name)
            template = Template.from_code(_ENVIRONMENT, code, {})
    except TemplateSyntaxError as error:
        found.append((error.lineno, error.message or "syntax error"))
    except (TemplateError, RecursionError, SyntaxError, ValueError) as error:  # nested too deep for Python
        found.append((0, f"cannot be compiled: {error}"))
    if template is not None and not found:
        found.extend(_tried(place, template))
    return template, tuple(sorted(found))


def _form(text: str) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    if not lines[0].startswith("Subject:") or not lines[0].removeprefix("Subject:").strip():
        yield 1, "the first line is `Subject: ...`"
    elif len(lines) < 2 or lines[1].strip():
        yield 2, "a blank line parts the subject from the body"
    elif not "".join(lines[2:]).strip():
        yield 2, "there is no body under the subject"


def _forbidden(tree: nodes.Template, event: str) -> Iterator[tuple[int, str]]:
    """What a template may not do, in all its branches: unknown names, calls, macros, includes."""
    strange = [node for node in tree.find_all(nodes.Node) if not isinstance(node, _ALLOWED)]
    yield from ((node.lineno, f"{type(node).__name__.lower()} is not allowed in a template") for node in strange)
    if strange:  # the next line would already work constants out
        return
    known = context.names(event)
    unknown = meta.find_undeclared_variables(tree) - set(known)
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Name) and node.name in unknown:
            yield node.lineno, f"{node.name} is not known here{_nearest(node.name, tuple(sorted(known)))}"
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            fields = known.get(node.node.name)
            if fields and node.attr not in fields:
                yield node.lineno, f"{node.node.name}.{node.attr} is not known{_nearest(node.attr, fields)}"
        elif isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name in CALLS):
            yield node.lineno, "only quoted(...) and written(...) can be called in a template"


def _growing(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """What could make a mail, or the time it takes, grow without bounds, whatever its values are."""
    for loop in tree.find_all(nodes.For):
        if any(inner for middle in loop.find_all(nodes.For) for inner in middle.find_all(nodes.For)):
            yield loop.lineno, "loops are nested more than two deep"
    made = {name.name for one in tree.find_all(nodes.Assign) for name in _names(one.target)}
    for one in tree.find_all(nodes.Assign):
        if made & {name.name for name in _names(one.node)}:
            yield one.lineno, "a `set` cannot build on another `set`"
    for call in tree.find_all(nodes.Filter):
        if call.name in _GROWS:
            if not all(isinstance(word, nodes.Const) and len(str(word.value)) <= _SHORT for word in call.args):
                yield call.lineno, f"{call.name} takes written texts of at most {_SHORT} characters"
            if call.node and sum(one.name in _GROWS for one in _filters(call.node)) > 1:
                yield call.lineno, f"{call.name} stands on more than one other"


def _names(node: nodes.Node) -> Iterator[nodes.Name]:
    """The names in an expression, its own included."""
    yield from (node,) if isinstance(node, nodes.Name) else node.find_all(nodes.Name)


def _filters(node: nodes.Node) -> Iterator[nodes.Filter]:
    yield from (node,) if isinstance(node, nodes.Filter) else ()
    yield from node.find_all(nodes.Filter)


def _tried(place: Place, template: Template) -> Iterator[tuple[int, str]]:
    """Render on a full sample and on one that has next to nothing."""
    for full in (True, False):
        event, audience, language = place
        values, reader, look = context.sample(event, audience.partition(".")[0], language, full=full)
        try:
            done = render.render(template, values, reader, look, "[MD-1042]")
        except render.FAULTS as error:
            yield _line(error, template), f"{error} ({'with' if full else 'without'} the optional values)"
            return
        if done.lost:
            yield 0, "a value stands inside a link's target or title: values never make links"
            return


def _line(error: BaseException, template: Template) -> int:
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == template.filename), 0)
