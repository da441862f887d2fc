"""A template and its values to subject, text and HTML, without a value ever meeting Markdown (docs/decisions/0003).

Jinja writes a mark, one private character, for every value: what comes out is a **shape** that depends on control flow
alone. Shapes are turned into text and HTML once and kept; the values are put in afterwards, raw and HTML-escaped.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined, Template, TemplateError, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from maildesk.desk.priority import named
from maildesk.mail.encode import clean_text
from maildesk.notify import bars, layout, words, written

FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
FILTERS = "default join length lower upper replace round first last sort unique trim truncate int abs"
_MOST_VALUES = 30_000
_BASES = (layout.WRITTEN_CODE, layout.BLOCK_CODE, layout.VALUE_CODE)
_LONGEST_SHAPE = 1_000_000  # characters, without the values
_LONGEST_LABEL = 120  # characters of a text in a row of figures
_LONGEST = 100_000  # characters of one value
_PRIVATE = re.compile(f"([{layout.VALUE}-{layout.LAST}])")
_CUT = {"zh": "\n\n[…… 过长，后面的 {} 个字符没有列出]", "en": "\n\n[... too long: {} more characters are not shown]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the HTML part is dressed."""

    language: str = "en"
    priority: str = ""  # P1-P4 colour the mail, "" is neutral
    alarming: bool = False
    letter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose mail it is: language, zone and the present time decide how values are shown."""

    language: str
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The three forms of a mail. The subject is raw: composing cleans it."""

    subject: str
    text: str
    html: str
    lost: bool = False  # a value stood where the HTML part cannot show one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """The values of one rendering, in the order of their marks."""

    reader: Reader
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)

    def mark(self, text: str, html: str, base: str = layout.VALUE) -> str:
        if len(self.texts) >= _MOST_VALUES:
            return ""
        self.texts.append(text)
        self.htmls.append(html)
        return chr(ord(base) + len(self.texts) - 1)


class _Quoted(str):
    """Somebody's words, to be set off as a block."""

    __slots__ = ()


class _Written(str):
    """Somebody's words, to be shown as he meant them: with their lists, tables and links."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Rows:
    """Figures, each with a bar."""

    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Tiles:
    """A few figures in large print, beside each other."""

    rows: Sequence[Mapping[str, Any]]


class _Pill(str):
    """A priority, shown in its colour."""

    __slots__ = ()


def render(template: Template, context: Mapping[str, Any], reader: Reader, look: Look, heading: str) -> Rendered:
    """Fill a template. `heading` stands in the HTML part's head line (the ticket's reference, or "").

    Raises one of FAULTS when the template cannot cope with its values.
    """
    drawing = _Drawing(reader=reader)
    for head in (context["desk"]["name"], heading):
        drawing.mark(head, escape(clean(head, reader.language)))
    shape = _bounded(template.generate(context, _drawing=drawing, quoted=_Quoted, written=_Written))
    forms = _forms(shape, look)
    return Rendered(
        subject=_fill(forms.subject, drawing.texts),
        text=_fill(forms.text, drawing.texts),
        html=_fill(forms.html, drawing.htmls),
        lost=forms.lost,
    )


def _bounded(pieces: Iterator[str]) -> str:
    """The pieces in one. Raises ValueError when they are too many."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > _LONGEST_SHAPE:
            raise ValueError(f"comes to more than {_LONGEST_SHAPE} characters")
        kept.append(piece)
    return "".join(kept)


def clean(value: str, language: str) -> str:
    """A value without control characters, without marks, of bounded length."""
    if not value.isprintable():
        value = without_marks(clean_text(value))
    if len(value) > _LONGEST:
        value = value[:_LONGEST] + _CUT[language].format(len(value) - _LONGEST)
    return value


def without_marks(text: str) -> str:
    """Text without the private characters that stand for values."""
    return _PRIVATE.sub("", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forms:
    """The three forms of a shape, each cut at its marks: every second piece is a mark."""

    subject: tuple[str, ...]
    text: tuple[str, ...]
    html: tuple[str, ...]
    lost: bool


@lru_cache(maxsize=512)
def _forms(shape: str, look: Look) -> _Forms:
    first, _, body = shape.partition("\n")
    html = layout.page(body, language=look.language, priority=look.priority, alarming=look.alarming, letter=look.letter)
    return _Forms(
        subject=_cut(first.removeprefix("Subject:").strip()),
        text=_cut(layout.plain(body)),
        html=_cut(html),
        lost=not set(_PRIVATE.findall(body)) <= set(_PRIVATE.findall(html)),
    )


def _cut(shape: str) -> tuple[str, ...]:
    return tuple(_PRIVATE.split(shape))


def _fill(pieces: tuple[str, ...], values: list[str]) -> str:
    filled = list(pieces)
    for place in range(1, len(pieces), 2):
        code = ord(pieces[place])
        base = next(base for base in _BASES if code >= base)
        filled[place] = values[code - base]
    return "".join(filled)


@pass_context
def _finalize(context: Context, value: Any) -> str:
    """What Jinja writes for `{{ value }}`: its mark. An undefined value raises here."""
    drawing: _Drawing = context["_drawing"]
    reader = drawing.reader
    if isinstance(value, datetime):
        value = words.local(value, reader.zone, reader.language, reader.now)
    if isinstance(value, _Rows | _Tiles):
        draw = bars.rows if isinstance(value, _Rows) else bars.tiles
        plain, html = draw([_row_of(row, reader.language) for row in value.rows])
        return f"\n\n{drawing.mark(plain, html, layout.WRITTEN)}\n\n"
    text = clean("" if value is None else str(value), reader.language)
    if isinstance(value, _Pill):
        label = named(text, reader.language)
        return drawing.mark(label, layout.pill(text, escape(label)))
    if isinstance(value, _Quoted):
        return f"\n\n{drawing.mark(_set_off(text), _lines(text, keep_blanks=True), layout.BLOCK)}\n\n"
    if isinstance(value, _Written):
        mark = drawing.mark(text.strip("\n"), written.html(text), layout.WRITTEN)
        return f"\n\n{mark}\n\n"
    return drawing.mark(text, _lines(text))


def _row_of(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A row of figures with every text of it on one clean line."""
    return {
        key: " ".join(clean(value, language).split())[:_LONGEST_LABEL] if isinstance(value, str) else value
        for key, value in row.items()
    }


def _set_off(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").split("\n"))


def _lines(text: str, *, keep_blanks: bool = False) -> str:
    """Escaped text whose line feeds show. Outlook ignores `white-space`, so indents are kept as no-break spaces."""
    html = escape(text.strip("\n") if keep_blanks else text)
    if keep_blanks and "  " in html:
        html = html.replace("  ", "&nbsp; ")
    return html.replace("\n", "<br>\n") if "\n" in html else html


@pass_context
def _local(context: Context, when: datetime | None) -> str:
    """A time on the reader's clock; "" for none."""
    reader: Reader = context["_drawing"].reader
    return words.local(when, reader.zone, reader.language, reader.now) if when else ""


@pass_context
def _duration(context: Context, seconds: float) -> str:
    """Seconds in words."""
    return words.duration(seconds, context["_drawing"].reader.language)


@pass_context
def _word(context: Context, word: Any) -> str:
    """One of the desk's own terms, or a time in ISO 8601, in the reader's language."""
    reader: Reader = context["_drawing"].reader
    when = words.moment(str(word))
    return _local(context, when) if when else words.term(str(word), reader.language)


def _sentence(text: Any) -> str:
    """A text with a capital at its beginning; what stands behind keeps its case, as MD-1042 must."""
    whole = str(text)
    return whole[:1].upper() + whole[1:]


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja with no globals, the filters of FILTERS and our own, and values that turn into marks."""
    jinja = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_finalize)
    jinja.globals.clear()
    ours: dict[str, Callable[..., Any]] = {
        "local": _local,
        "duration": _duration,
        "word": _word,
        "capitalize": _sentence,
    }
    ours |= {"pill": _Pill, "bars": _Rows, "tiles": _Tiles}
    jinja.filters = {name: jinja.filters[name] for name in FILTERS.split()} | ours
    return jinja
