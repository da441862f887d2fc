"""From the MIME tree to what a reader sees: the text, its sources, and the files. Every text is kept somewhere."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from maildesk.mail import (
    calendar,
    charset,
    flowed,
    headers,
    html,
    parameters,
    structure,
    tnef,
    transfer,
    uuencode,
    wrapped,
)
from maildesk.mail.model import Attachment
from maildesk.mail.structure import Budget, Part

_LONGEST_TEXT = 1_000_000  # octets of one text that are read as text; a longer one is kept as a file too
_MOST_TEXT = 4_000_000  # the same for all texts of a mail
_LONGEST_READ = 500_000  # characters
_MOST_OPENED = 5
_MOST_PARTS_INSIDE = 100
_DATA_URI = re.compile(rb"data:[\w/.+-]{0,60};base64,[A-Za-z0-9+/=\s%]*")
_IS_HTML = re.compile(r"(?i)\s*(?:<!doctype html|<html[\s>])")
_STUB = re.compile(r"(?i)html|browser|浏览器|瀏覽器|无法显示|不支持")
_STUB_LENGTH = 300
_FILES = frozenset(
    ("text/calendar", "text/csv", "text/directory", "text/rfc822-headers", "text/rtf", "text/vcard", "text/x-vcard")
)
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")

Kind = Literal["plain", "html", "other"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text as sent, still to be made readable if it is HTML."""

    source: str
    kind: Kind
    flowed: bool = False  # RFC 3676
    delsp: bool = False

    def readable(self) -> str:
        """What a person reads of it, with LF line ends."""
        if self.kind == "html":
            return html.to_text(self.source)
        plain = self.source.replace("\r\n", "\n").replace("\r", "\n")
        return flowed.joined(plain, self.delsp) if self.flowed else plain


@dataclass(slots=True)
class Content:
    """What a mail holds, gathered while its tree is walked."""

    texts: list[Text] = field(default_factory=list)  # those that are shown, in order
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    spare: list[Part] = field(default_factory=list)  # named texts, shown when there is no other
    messages: list[bytes] = field(default_factory=list)  # the attached ones
    notes: list[str] = field(default_factory=list)  # readable texts of calendar entries
    defects: list[str] = field(default_factory=list)
    size: int = 0
    opened: int = 0  # envelopes that were opened


def content(raw: bytes, root: Part, hint: str = "", cut: bool = False) -> Content:
    """Read every part. `hint` is the charset for raw 8-bit names; of a `cut` mail no file is kept that is not whole."""
    found = Content()
    found.texts = _visit(raw, root, found, hint, cut)
    if not any(text.source.strip() for text in found.texts) and found.spare:
        found.texts = [_body(raw, found.spare[0], found, hint)]
    return found


def _visit(raw: bytes, part: Part, found: Content, hint: str, cut: bool) -> list[Text]:
    if part.children:
        if part.content_type in ("multipart/alternative", "multipart/related"):
            part.children[0].leads = True
        shown = [child for child in part.children if not _seals(child, part)]
        each = [_visit(raw, child, found, hint, cut) for child in shown]
        if part.content_type == "multipart/alternative":
            return _best(each)
        return [text for texts in each for text in texts]
    if _is_body(part):
        return [_body(raw, part, found, hint)]
    text = part.content_type.startswith("text/") and part.content_type not in _FILES
    if text and (part.root or part.disposition != "attachment"):
        found.spare.append(part)
    if part.whole or not cut:
        return _opened(part, _attach(raw, part, found, hint), found, hint)
    return []


def _seals(part: Part, within: Part) -> bool:
    """A signature without a name of its own is no file that anybody attached: the mail is named as signed."""
    signature = within.content_type == "multipart/signed" and part.content_type in wrapped.SIGNATURES
    return signature and not (part.disposed.get("filename") or part.typed.get("name"))


def _opened(part: Part, octets: bytes, found: Content, hint: str) -> list[Text]:
    """The texts inside a file that is itself a mail: winmail.dat, opaque S/MIME; its files go to the others."""
    if part.content_type == "text/calendar":
        source, odd = charset.decode(octets, part.charset or "utf-8")
        found.defects += filter(None, (odd,))
        found.notes += filter(None, (storable(calendar.readable(source)),))
    elif part.content_type in wrapped.PKCS7:
        found.defects.append(wrapped.mark_of(octets, part.content_type))
        if found.opened < _MOST_OPENED and (inside := wrapped.content(octets)):
            found.opened += 1
            return _visit(inside, structure.tree(inside, Budget(parts=_MOST_PARTS_INSIDE)), found, hint, cut=False)
    elif (packed := tnef.read(octets)) is not None:
        for file in packed.files:
            _keep(found, file.name, "application/octet-stream", file.octets)
        pairs: tuple[tuple[str, Kind], ...] = ((packed.html, "html"), (packed.text, "plain"))
        texts = [Text(storable(source), kind) for source, kind in pairs if source.strip()][:1]
        for text in texts:
            (found.html if text.kind == "html" else found.plain).append(text.source)
        return texts
    return []


def _is_body(part: Part) -> bool:
    if part.content_type.startswith("multipart/"):
        return True  # its parts were not found: all of it is text
    if not part.content_type.startswith("text/") or part.content_type in _FILES or part.disposition == "attachment":
        return False
    return part.leads or not (part.disposed.get("filename") or part.typed.get("name"))


def _best(each: list[list[Text]]) -> list[Text]:
    """Of alternatives the plain text, unless it says nothing; then HTML; then whatever there is."""
    filled = [texts for texts in each if any(text.source.strip() for text in texts)]
    plain = [text for texts in filled if all(text.kind == "plain" for text in texts) for text in texts]
    others = [texts for texts in filled if any(text.kind == "html" for text in texts)]
    if plain and not (others and _is_stub(plain)):
        return plain
    return (others or filled or [[]])[-1]


def _is_stub(plain: list[Text]) -> bool:
    said = "".join(text.source for text in plain[:3])[: _STUB_LENGTH + 1].strip()
    return len(said) < _STUB_LENGTH and _STUB.search(said) is not None and len(said.split()) < 40


def _body(raw: bytes, part: Part, found: Content, hint: str) -> Text:
    encoding = parameters.main(headers.first(part.fields, b"content-transfer-encoding"))
    octets, wrong = transfer.decode(raw[part.start : part.end], encoding, text=True)
    markup = part.content_type == "text/html"
    if markup and len(octets) > _LONGEST_TEXT // 10 and b";base64," in octets:
        octets = _DATA_URI.sub(b"", octets, count=1_000)
    if _plain(part):
        octets, files = uuencode.extract(octets)
        for file in files:
            _keep(found, headers.text(file.name, hint)[0], "application/octet-stream", file.octets)
    room = max(0, min(_LONGEST_TEXT, _MOST_TEXT - found.size))
    if len(octets) > room:
        found.defects.append("a text too long to show: kept as a file")
        _attach(raw, part, found, hint)
        octets = octets[:room]
    found.size += len(octets)
    label = part.charset or (charset.in_markup(octets) if markup else "")
    source, odd = charset.decode(octets, label)
    if odd and markup and part.charset and (meta := charset.in_markup(octets)):
        source, odd = charset.decode(octets, meta)
    found.defects += filter(None, (wrong, odd))
    source = storable(source)
    kind: Kind = "html" if markup or _IS_HTML.match(source) else "plain" if _plain(part) else "other"
    if kind != "other":
        (found.html if kind == "html" else found.plain).append(source)
    is_flowed = kind == "plain" and parameters.text(part.typed, "format").lower() == "flowed"
    return Text(source, kind, flowed=is_flowed, delsp=parameters.text(part.typed, "delsp").lower() == "yes")


def _plain(part: Part) -> bool:
    return part.content_type == "text/plain" or part.content_type.startswith("multipart/")


def readable(texts: Sequence[Text]) -> str:
    """Several texts as one, at most 500,000 characters: the whole is in the raw mail."""
    read = (text.readable().strip("\n") for text in texts)
    return storable("\n\n".join(text for text in read if text.strip())[:_LONGEST_READ])


def storable(text: str) -> str:
    """Without NUL and lone surrogates, which no database and no mail can hold."""
    return text if text.isascii() and "\0" not in text else _NOT_STORABLE.sub(_replaced, text)


def _replaced(odd: re.Match[str]) -> str:
    return "" if odd[0] == "\0" else "\ufffd"


def _attach(raw: bytes, part: Part, found: Content, hint: str) -> bytes:
    """Keep a part as a file; returns its octets."""
    encoding = parameters.main(headers.first(part.fields, b"content-transfer-encoding"))
    octets, _ = transfer.decode(raw[part.start : part.end], encoding, text=False)
    name = parameters.text(part.disposed, "filename", hint) or parameters.text(part.typed, "name", hint)
    if part.content_type == "message/rfc822":
        found.messages.append(octets)
        fields = [] if name else headers.read(octets, 0, len(octets), root=True)[0]
        if not name and (subject := headers.text(headers.first(fields, b"subject"), hint)[0]):
            name = subject.replace("/", "_").replace("\\", "_")[:100] + ".eml"
    content_id = headers.text(headers.first(part.fields, b"content-id"))[0].strip("<> ")
    inline = part.disposition == "inline" or (bool(content_id) and part.disposition != "attachment")
    _keep(found, name, part.content_type, octets, inline=inline, content_id=content_id)
    return octets


def _keep(
    found: Content, name: str, content_type: str, octets: bytes, *, inline: bool = False, content_id: str = ""
) -> None:
    found.attachments.append(
        Attachment(
            filename=storable(parameters.clean_name(name, content_type, len(found.attachments) + 1)),
            content_type=content_type,
            size=len(octets),
            sha256=hashlib.sha256(octets).hexdigest(),
            inline=inline,
            content_id=storable(content_id),
            data=octets,
        )
    )
