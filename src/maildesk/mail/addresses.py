"""Addresses and dates of a header, read by mail-parser on a small copy of it; what it leaves out is read leniently.

Nothing here has authority: the From that may command is read strictly in authentication.py.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from mailparser import MailParser

from maildesk.mail import headers
from maildesk.mail.headers import Field
from maildesk.mail.model import Address, Hop

_FIRST_TOKEN = 0xE000  # private use: stands for an encoded word, so that no decoded text is read as syntax
_TOKENS = 6_000
_TOKEN = re.compile("[\ue000-\uf8ff]")
_UNREADABLE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ue000-\uf8ff]")
_ANGLE = re.compile(r"<\s*(?:mailto:)?([^<>\s:;,()]+@[^<>\s:;,()@]+)\s*>")
_NUMERIC_DATE = re.compile(  # ISO 8601 in its long and short forms, with slashes, and as Chinese writes it
    r"\s*([0-9]{4})(?:[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})|([0-9]{2})([0-9]{2}))日?"
    r"(?:[T ,]*([0-9]{1,2})[:：]?([0-9]{2})(?:[:：]?([0-9]{2}))?(?:[.,][0-9]{1,9})?)?"
    r" ?(?:(?:GMT|UTC)?(Z|[+-][0-9]{2}:?[0-9]{2}))?"
)
_NAMED_ZONE = re.compile(r"\b(?:GMT|UTC) ?([+-])([0-9]{1,2})(?::?([0-9]{2}))?\b")
_BETWEEN = re.compile(r"[\s<>()\[\],;:\"']+")


class Envelope(NamedTuple):
    """The people and the time of a mail as its header tells them."""

    sender: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    date: datetime | None
    defects: tuple[str, ...]


class _Word(NamedTuple):
    source: str
    text: str


def envelope(fields: Sequence[Field], hint: str = "") -> Envelope:
    """Read From, To, Cc, Reply-To and Date. A failure of the library is a defect, not an error."""
    words: list[_Word] = []
    defects: list[str] = []
    copy = Message()
    for name in ("From", "To", "Cc", "Reply-To"):
        shielded = [_shield(value, hint, words) for value in headers.values(fields, name.lower().encode())]
        if any(shielded):
            copy[name] = ", ".join(filter(None, shielded))
    raw_date = _plain_zone(headers.text(headers.first(fields, b"date"), hint)[0])
    if raw_date.isascii() and raw_date:
        copy["Date"] = raw_date
    parsed = _parsed(copy, defects)
    return Envelope(
        sender=_people(parsed, copy, "From", words, defects),
        to=_people(parsed, copy, "To", words, defects),
        cc=_people(parsed, copy, "Cc", words, defects),
        reply_to=_people(parsed, copy, "Reply-To", words, defects),
        date=_date(parsed, raw_date, defects),
        defects=tuple(dict.fromkeys(defects)),
    )


def hops(fields: Sequence[Field]) -> tuple[Hop, ...]:
    """The Received lines, first hop first, as mail-parser reads them; one that it cannot read has only its text."""
    copy = Message()
    for value in headers.values(fields, b"received"):
        copy["Received"] = headers.text(value)[0]
    parsed = _parsed(copy, [])
    return tuple(_hop(read) for read in (parsed.received if parsed else ()))


def _hop(read: dict[str, Any]) -> Hop:
    at = read.get("date_utc")
    when = datetime.fromisoformat(at) if at else None
    return Hop(
        by=str(read.get("by", "")),
        from_=str(read.get("from", read.get("raw", ""))),
        at=when.astimezone(UTC) if when and when.tzinfo else when and when.replace(tzinfo=UTC),
    )


def _parsed(copy: Message, defects: list[str]) -> MailParser | None:
    try:
        return MailParser(copy)
    except Exception as error:  # it lets AttributeError, ValueError and more escape
        defects.append(f"mail-parser failed: {type(error).__name__}")
        return None


def _shield(value: bytes, hint: str, words: list[_Word]) -> str:
    """A header value in which each run of encoded words is one private character: only syntax is left to parse."""
    if b"=?" not in value and value.isascii():
        plain = value.decode("ascii")
        return plain if plain.isprintable() else _UNREADABLE.sub("\ufffd", plain)
    out: list[str] = []
    for source, text, _ in headers.segments(value, hint):
        if source and len(words) < _TOKENS:
            out.append(chr(_FIRST_TOKEN + len(words)))
            words.append(_Word(source.decode("ascii", "replace"), headers.one_line(text)))
        else:
            out.append(_UNREADABLE.sub("\ufffd", text))
    return "".join(out)


def _people(
    parsed: MailParser | None, copy: Message, name: str, words: Sequence[_Word], defects: list[str]
) -> tuple[Address, ...]:
    value = copy[name]
    if value is None:
        return ()
    pairs: list[tuple[str, str]] = []
    skipped = [value]
    if parsed is not None:
        read = getattr(parsed, "from_" if name == "From" else name.lower().replace("-", "_"))
        odd = [defect for defect in parsed.address_header_defects if defect["header"] == name.lower()]
        nameless = {pair[1]: pair[0] for item in odd if item["recovered"] for pair in _lenient(item["raw"], words)}
        pairs = [(shown or nameless.get(spec, "") or _named_so(spec, value), spec) for shown, spec in read if spec]
        skipped = [item["raw"] for item in odd if not item["recovered"]]
    for raw in skipped:
        defects.append(f"{name}: an address that breaks the rules")
        pairs.extend(_lenient(raw, words))
    return tuple(_address(shown, spec, words) for shown, spec in pairs)


def _named_so(spec: str, value: str) -> str:
    """The address where it is its own display name, which the library leaves out."""
    return spec if f'"{spec}"' in value else ""


def _lenient(raw: str, words: Sequence[_Word]) -> Iterator[tuple[str, str]]:
    """What a reader would take for the address of an item that no grammar accepts."""
    for text in (raw, _TOKEN.sub(lambda token: _word(token, words).text, raw)):
        if angles := list(_ANGLE.finditer(text)):
            yield text[: angles[0].start()], angles[-1][1]
            return
        if bare := [word for word in _BETWEEN.split(text) if "@" in word[1:-1]]:
            name = text.partition("<")[0] if "<" in text and len(bare) == 1 else ""
            yield from ((name, word) for word in bare)
            return


def _word(token: re.Match[str], words: Sequence[_Word]) -> _Word:
    number = ord(token[0]) - _FIRST_TOKEN
    return words[number] if number < len(words) else _Word("\ufffd", "\ufffd")


def _address(shown: str, spec: str, words: Sequence[_Word]) -> Address:
    name = _TOKEN.sub(lambda token: _word(token, words).text, shown)
    plain = _TOKEN.sub(lambda token: _word(token, words).source, spec)
    local, _, domain = plain.rpartition("@")
    return Address(name=_bare_name(name), address=f"{local}@{_folded(domain)}" if local else _folded(domain))


def _folded(domain: str) -> str:
    return domain.lower() if domain.isascii() else domain


def _bare_name(name: str) -> str:
    """A display name without the quotes that some programs put inside an encoded word."""
    bare = " ".join(name.split())
    while len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        bare = bare[1:-1].strip()
    return bare.strip('"')


def _date(parsed: MailParser | None, raw: str, defects: list[str]) -> datetime | None:
    if not raw:
        return None
    when = parsed.date if parsed is not None else None
    if when is None:
        when = _other_date(raw)
        defects.append("Date: " + ("breaks the rules" if when else "cannot be read"))
    if when is None:
        return None
    try:
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _plain_zone(raw: str) -> str:
    """A date whose `GMT+8:00` is written +0800: every reader takes the first for GMT itself."""
    return _NAMED_ZONE.sub(lambda zone: f"{zone[1]}{zone[2]:0>2}{zone[3] or '00'}", raw)


def _other_date(raw: str) -> datetime | None:
    """A date in a form that RFC 5322 does not know: its older ones, ISO 8601, and that of `date` and databases."""
    if found := _NUMERIC_DATE.match(raw):
        month, day = found[2] or found[4], found[3] or found[5]
        clock_time = f"{found[6] or '0':0>2}:{found[7] or '00'}:{found[8] or '00'}{found[9] or ''}"
        with suppress(ValueError):
            return datetime.fromisoformat(f"{found[1]}-{month:0>2}-{day:0>2}T{clock_time}")
    try:
        return parsedate_to_datetime(raw)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
