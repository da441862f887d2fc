"""The MIME tree of a mail (RFC 2046) as offsets into its octets: nothing is copied, no octet changes, depth is bounded.

The stdlib's feed parser makes a string of every line, recurses for every level and gives attached messages back
re-written; docs/decisions/0002-parsing.md has the figures.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from maildesk.mail import headers, limits, parameters
from maildesk.mail.headers import Field
from maildesk.mail.parameters import Piece

_GUESSED = re.compile(
    rb"^--(\S[^\r\n]{0,198}?)[ \t]{0,80}\r?\n(?=[ \t]*(?:content-|\r?\n))", re.MULTILINE | re.IGNORECASE
)
_TAIL = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")
_WORDS = re.compile(rb"[A-Za-z0-9\x80-\xff]{2}")
_SAYS_MIME = re.compile(rb"(?i)\bmime\b|multi-?part")


@dataclass(slots=True)
class Part:
    """One body part. `start` and `end` bound its body; `whole` is False where no delimiter ended it."""

    fields: list[Field]
    start: int
    end: int
    content_type: str = "text/plain"
    typed: dict[str, list[Piece]] = field(default_factory=dict)
    charset: str = ""
    disposition: str = ""
    disposed: dict[str, list[Piece]] = field(default_factory=dict)
    whole: bool = True
    root: bool = False
    leads: bool = False  # the first of alternatives or of related parts: a name does not make it a file
    children: list["Part"] = field(default_factory=list)


@dataclass(slots=True)
class Budget:
    """What may still be split, and what was wrong so far."""

    parts: int = limits.PARTS
    work: int = 10 * limits.MESSAGE  # octets that may be searched for delimiters, over all levels
    over: str = ""
    defects: list[str] = field(default_factory=list)


def tree(raw: bytes, budget: Budget) -> Part:
    """The whole mail as a tree of parts; what goes past the limits is left unsplit and named in `budget.over`."""
    return _part(raw, 0, len(raw), budget, depth=0, digest=False)


def _part(raw: bytes, start: int, end: int, budget: Budget, depth: int, digest: bool) -> Part:
    fields, body, defects = headers.read(raw, start, end, root=depth == 0)
    budget.defects += defects
    part = Part(fields, body, end, root=depth == 0)
    typed = headers.first(fields, b"content-type")
    default = "message/rfc822" if digest and not typed else "text/plain"
    main = parameters.main(typed)
    part.content_type = main if "/" in main else default
    part.typed = parameters.read(typed)
    part.charset = parameters.label(typed, part.typed)
    disposed = headers.first(fields, b"content-disposition")
    part.disposition = parameters.main(disposed)
    part.disposed = parameters.read(disposed) if disposed else {}
    if part.content_type.startswith("multipart/"):
        _split(raw, part, budget, depth)
    return part


def _split(raw: bytes, part: Part, budget: Budget, depth: int) -> None:
    budget.work -= part.end - part.start
    if depth >= limits.DEPTH or budget.work < 0:
        budget.over = budget.over or f"parts nested deeper than {limits.DEPTH}"
        return
    declared = parameters.octets_of(part.typed["boundary"])[0].rstrip() if "boundary" in part.typed else b""
    spans = list(_spans(raw, part, declared, budget)) if declared else []
    if not spans:
        guessed = _GUESSED.search(raw, part.start, part.end)
        if guessed:
            budget.defects.append("multipart with a missing or wrong boundary: guessed")
            spans = list(_spans(raw, part, guessed[1], budget))
    digest = part.content_type == "multipart/digest"
    for start, end, kind in spans:
        if kind == "part":
            child = _part(raw, start, end, budget, depth + 1, digest)
        else:
            child = Part([], start, end)
            budget.defects.append(f"text in the {kind} of a multipart")
        child.whole = end < part.end
        part.children.append(child)


def _spans(raw: bytes, part: Part, boundary: bytes, budget: Budget) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each piece between the delimiter lines of a multipart, with text before and after them."""
    previous, opened = part.start, False
    kind = "preamble"
    for line, after, closes in _delimiters(raw, part.start, part.end, boundary):
        end = _before_line_end(raw, previous, line)
        if opened or _is_text(raw, previous, end, kind):
            if budget.parts <= 0:
                budget.over = budget.over or f"more than {limits.PARTS} parts"
                return
            budget.parts -= 1
            yield previous, end, "part" if opened else kind
        previous, opened, kind = after, not closes, "epilogue"
    if opened:
        budget.defects.append("multipart without an end")
        yield previous, part.end, "part"
    elif kind == "epilogue" and _is_text(raw, previous, part.end, kind):
        yield previous, part.end, kind


def _delimiters(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    needle = b"--" + boundary
    at = start
    while (hit := raw.find(needle, at, end)) >= 0:
        at = hit + len(needle)
        if hit != start and raw[hit - 1] != 0x0A:
            continue
        if tail := _TAIL.match(raw, at, end):
            at = tail.end()
            yield hit, at, tail[1] is not None


def _before_line_end(raw: bytes, start: int, line: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    if line > start and raw[line - 1] == 0x0A:
        line -= 1
        if line > start and raw[line - 1] == 0x0D:
            line -= 1
    return line


def _is_text(raw: bytes, start: int, end: int, kind: str) -> bool:
    """Whether what stands outside the parts is worth reading: not blank, and not the usual note about MIME."""
    if end - start > limits.SAFE_TEXT:
        return True
    said = raw[start:end].strip()
    return _WORDS.search(said) is not None and not (
        kind == "preamble" and len(said) < 1_000 and _SAYS_MIME.search(said)
    )
