"""From the MIME tree to what a reader sees: the text, its sources, and the files. Every text is kept somewhere."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from maildesk.mail import charset, flowed, headers, html, parameters, transfer
from maildesk.mail.model import Attachment
from maildesk.mail.structure import Part

_LONGEST_TEXT = 1_000_000  # octets of one text that are read as text; a longer one is kept as a file too
_MOST_TEXT = 4_000_000  # the same for all texts of a mail
_LONGEST_READ = 500_000  # characters
_META_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:+-]{1,40})""")
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
    defects: list[str] = field(default_factory=list)
    size: int = 0


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
        each = [_visit(raw, child, found, hint, cut) for child in part.children]
        if part.content_type == "multipart/alternative":
            return _best(each)
        return [text for texts in each for text in texts]
    if _is_body(part):
        return [_body(raw, part, found, hint)]
    text = part.content_type.startswith("text/") and part.content_type not in _FILES
    if text and (part.root or part.disposition != "attachment"):
        found.spare.append(part)
    if part.whole or not cut:
        _attach(raw, part, found, hint)
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
    room = max(0, min(_LONGEST_TEXT, _MOST_TEXT - found.size))
    if len(octets) > room:
        found.defects.append("a text too long to show: kept as a file")
        _attach(raw, part, found, hint)
        octets = octets[:room]
    found.size += len(octets)
    label = part.charset or (_meta_charset(octets) if markup else "")
    source, odd = charset.decode(octets, label)
    if odd and markup and part.charset and (meta := _meta_charset(octets)):
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


def _meta_charset(octets: bytes) -> str:
    meta = _META_CHARSET.search(octets, 0, 4096)
    return meta[1].decode("ascii") if meta else ""


def readable(texts: Sequence[Text]) -> str:
    """Several texts as one, at most 500,000 characters: the whole is in the raw mail."""
    read = (text.readable().strip("\n") for text in texts)
    return storable("\n\n".join(text for text in read if text.strip())[:_LONGEST_READ])


def storable(text: str) -> str:
    """Without NUL and lone surrogates, which no database and no mail can hold."""
    return text if text.isascii() and "\0" not in text else _NOT_STORABLE.sub(_replaced, text)


def _replaced(odd: re.Match[str]) -> str:
    return "" if odd[0] == "\0" else "\ufffd"


def _attach(raw: bytes, part: Part, found: Content, hint: str) -> None:
    encoding = parameters.main(headers.first(part.fields, b"content-transfer-encoding"))
    octets, _ = transfer.decode(raw[part.start : part.end], encoding, text=False)
    name = parameters.text(part.disposed, "filename", hint) or parameters.text(part.typed, "name", hint)
    if part.content_type == "message/rfc822":
        found.messages.append(octets)
        fields = [] if name else headers.read(octets, 0, len(octets), root=True)[0]
        if not name and (subject := headers.text(headers.first(fields, b"subject"), hint)[0]):
            name = subject.replace("/", "_").replace("\\", "_")[:100] + ".eml"
    content_id = headers.text(headers.first(part.fields, b"content-id"))[0].strip("<> ")
    found.attachments.append(
        Attachment(
            filename=storable(parameters.clean_name(name, part.content_type, len(found.attachments) + 1)),
            content_type=part.content_type,
            size=len(octets),
            sha256=hashlib.sha256(octets).hexdigest(),
            inline=part.disposition == "inline" or (bool(content_id) and part.disposition != "attachment"),
            content_id=storable(content_id),
            data=octets,
        )
    )
