"""Header fields: found in raw octets, unfolded, decoded (RFC 5322, RFC 2047), with every defect survived."""

import re
from collections.abc import Iterable, Iterator, Sequence

from maildesk.mail import charset, limits, transfer

Field = tuple[bytes, bytes]

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t]+[^\n]*)*)\n?")
_EMPTY_LINE = re.compile(rb"\r?(?:\n|\Z)")
_LINE = re.compile(rb"[^\n]*\n?")
_KNOWN = frozenset(
    b"from to cc bcc subject date message-id received return-path sender reply-to in-reply-to references mime-version "
    b"delivered-to content-type content-transfer-encoding content-disposition content-id content-description "
    b"content-language content-location x-mailer x-priority importance dkim-signature authentication-results".split()
)
_PART_KNOWN = re.compile(rb"(?i)content-|mime-|x-")
_MOST_GARBAGE = 3  # lines that are skipped in front of the first field

# RFC 2047 section 2, wider: any length, blanks inside, a language (RFC 2231), question marks in a "Q" word.
_WORD = re.compile(
    rb"=\?([!-)+->@-~]{1,60})(?:\*[^?\s]{0,40})?\?(?:([bB])\?([^?]*)|([qQ])\?([^?]*(?:\?(?!=)[^?]{0,60}){0,4}))\?="
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def repaired(raw: bytes) -> bytes:
    """The octets without what stands before the header (mbox line, BOM), and with line ends that are LF or CRLF."""
    raw = raw.lstrip(b"\xef\xbb\xbf\r\n\0 \t") if raw[:1] in b"\xef\r\n\0" else raw
    while raw.startswith((b"From ", b">From ")):
        _, _, raw = raw.partition(b"\n" if b"\n" in raw[:1000] else b"\r")
    first_line, line_feed, _ = raw[: limits.HEADER].partition(b"\n")
    if line_feed and first_line.endswith(b"\r\r"):
        return raw.replace(b"\r\r\n", b"\r\n")
    lone = raw.find(b"\r\r")
    if b"\r" in first_line[:-1] and b"\n" not in raw[: lone if lone >= 0 else None]:
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def read(raw: bytes, start: int, end: int, root: bool) -> tuple[list[Field], int, list[str]]:
    """The fields of a header block that begins at `start`, the offset of its body, and its defects.

    Values are unfolded and otherwise untouched. Text that only looks like fields is left to the body.
    """
    fields: list[Field] = []
    defects: list[str] = []
    at, garbage = start, 0
    while at < end:
        if found := _FIELD.match(raw, at, end):
            fields.append((found[1], _unfold(found[2])[: limits.HEADER]))
            at = found.end()
            if len(fields) < limits.HEADER_LINES and at - start < limits.HEADER_BLOCK:
                continue
            defects.append("a header that does not end: the rest is body")
            break
        if empty := _EMPTY_LINE.match(raw, at, end):
            at = empty.end()
            break
        line = _LINE.match(raw, at, end)
        after = line.end() if line else end
        if not fields:
            garbage += 1
            if garbage > _MOST_GARBAGE:
                break
            defects.append("a line before the header that is none: skipped")
        elif (follows := _FIELD.match(raw, after, end)) and follows[1].lower() in _KNOWN:
            fields[-1] = (fields[-1][0], fields[-1][1] + b" " + raw[at:after].strip())
            defects.append("a header line broken without a blank")
        else:
            defects.append("no blank line between header and body")
            break
        at = after
    if _believable(fields, root):
        return fields, at, defects
    if not fields and not garbage:
        return [], at, ["no header"] if root else []
    return [], start, ["no header" if root else "a part without a header"]


def fields_of(block: bytes) -> list[Field]:
    """The fields of a block that is known to be one, whatever their names."""
    return [(found[1], _unfold(found[2])) for found in _FIELD.finditer(block)]


def _believable(fields: Sequence[Field], root: bool) -> bool:
    """Whether these are a header and not a text with colons in it."""
    if root:
        return any(name.lower() in _KNOWN for name, _ in fields)
    return any(_PART_KNOWN.match(name) for name, _ in fields)


def _unfold(value: bytes) -> bytes:
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b" ")
    return value.strip(b" \t\r\n")


def values(fields: Iterable[Field], name: bytes) -> list[bytes]:
    """Every value of a field, in order; `name` in lower case."""
    return [value for key, value in fields if key.lower() == name]


def first(fields: Iterable[Field], name: bytes) -> bytes:
    """The first value of a field, b"" when there is none; `name` in lower case."""
    return next((value for key, value in fields if key.lower() == name), b"")


def text(value: bytes, hint: str = "") -> tuple[str, str]:
    """A value as Unicode on one line, and its defect. `hint` is the charset for octets outside encoded words."""
    if b"=?" not in value and value.isascii():
        plain, defect = value.decode("ascii"), ""
        if b"\x1b" in value:
            plain, defect = charset.decode(value)
    else:
        found = list(segments(value, hint))
        plain = "".join(piece for _, piece, _ in found)
        defect = next((wrong for _, _, wrong in found if wrong), "")
    return one_line(plain), defect


def one_line(plain: str) -> str:
    """Control characters and line ends become blanks: what a decoded word smuggles in is no new line."""
    return plain if plain.isprintable() else _UNPRINTABLE.sub(" ", plain).strip()


def segments(value: bytes, hint: str = "") -> Iterator[tuple[bytes, str, str]]:
    """A value in pieces: (source of an encoded run or b"" for plain octets, text, defect).

    Neighbouring words are one run, decoded as one where their charset is the same: many programs cut a character.
    """
    at = 0
    run: list[re.Match[bytes]] = []
    for word in _WORD.finditer(value):
        gap = value[at : word.start()]
        if gap.strip() or not run:
            if run:
                yield _run(value, run)
                run = []
            if gap:
                yield (b"", *charset.decode(gap, "", hint))
        run.append(word)
        at = word.end()
    if run:
        yield _run(value, run)
    if at < len(value):
        yield (b"", *charset.decode(value[at:], "", hint))


def _run(value: bytes, words: Sequence[re.Match[bytes]]) -> tuple[bytes, str, str]:
    joined: list[tuple[str, bytes]] = []
    for label, octets in _word_octets(words):
        if joined and joined[-1][0] == label:
            joined[-1] = (label, joined[-1][1] + octets)
        else:
            joined.append((label, octets))
    decoded = [charset.decode(octets, label) for label, octets in joined]
    source = value[words[0].start() : words[-1].end()]
    return source, "".join(piece for piece, _ in decoded), next((defect for _, defect in decoded if defect), "")


def _word_octets(words: Sequence[re.Match[bytes]]) -> Iterator[tuple[str, bytes]]:
    """(charset, octets) of each word; base64 that was cut between words, inside a group of four, is mended."""
    cut: list[bytes] = []
    owner = ""
    for word in words:
        label = word[1].decode("ascii").lower()
        letters = (word[3] or b"").translate(None, b" \t\r\n")
        if cut and (label != owner or not word[2]):
            yield owner, _mended(cut)
            cut = []
        if not word[2]:
            yield label, transfer.quoted_printable(word[5], header=True)
        elif cut or (len(letters) % 4 and not letters.endswith(b"=")):
            cut, owner = [*cut, letters], label
        else:
            yield label, transfer.base64(letters)
    if cut:
        yield owner, _mended(cut)


def _mended(cut: Sequence[bytes]) -> bytes:
    whole = b"".join(cut)
    return transfer.base64(whole) if len(whole) % 4 == 0 else b"".join(map(transfer.base64, cut))
