"""A draft to the bytes that go on the wire: 7-bit clean MIME (RFC 5322, 2045-2047, 2231) that no value can break.

Headers are made from cleaned Unicode, folded here, written as they are by the standard library's generator, and read
again: what a reader finds must be what was meant.
"""

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32, compat32
from email.utils import format_datetime
from typing import Literal

from maildesk.errors import PermanentError
from maildesk.mail.encode import LONGEST, clean, clean_filename, clean_text, encoded, mailbox, rfc2231, unstructured
from maildesk.mail.model import Address, Attachment

_REFERENCES = 40
_ID = re.compile(r"[!-;=?-~]{1,255}", re.ASCII)
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}", re.ASCII)
_TYPE = re.compile(r"(?!multipart/|message/)[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,90}", re.ASCII)


class _AsBuilt(Compat32):
    """Headers reach the generator folded and encoded: it writes them as they are."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}\n".replace("\n", self.linesep)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _AsBuilt(linesep="\r\n", mangle_from_=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a mail shall say. Ids are canonical, without angle brackets; `auto` is the value of Auto-Submitted
    (RFC 3834), "" for a person's own words. `headers` are further ones, with plain Unicode values."""

    from_: Address
    to: Address
    subject: str
    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    date: datetime
    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    auto: Literal["", "auto-replied", "auto-generated"] = ""
    headers: tuple[tuple[str, str], ...] = ()


def compose(draft: Draft) -> bytes:
    """The mail as bytes: CRLF, ASCII, no line over 998, the same for the same draft.

    Raises PermanentError when an address or the Message-ID cannot stand in a header, or when the headers that come
    out are not the ones intended.
    """
    message = _structure(draft)
    headers = _headers(draft)
    body_headers = message.items()
    for name in dict(body_headers):
        del message[name]
    for name, value in (*headers, ("MIME-Version", "1.0"), *body_headers):
        message[name] = value
    try:
        wire = message.as_bytes(policy=_POLICY)
    except (MessageError, UnicodeError) as error:  # newer Pythons look at the headers too
        raise PermanentError(f"the headers cannot be written: {error}") from error
    _reread(wire, message)
    return wire


def _headers(draft: Draft) -> Iterator[tuple[str, str]]:
    yield "From", mailbox(draft.from_)
    yield "To", mailbox(draft.to)
    yield "Subject", unstructured(clean(draft.subject, LONGEST))
    yield "Date", format_datetime(draft.date)
    if not _ID.fullmatch(draft.message_id):
        raise PermanentError(f"not a Message-ID: {draft.message_id!r}")
    yield "Message-ID", f"<{draft.message_id}>"
    if _ID.fullmatch(draft.in_reply_to):
        yield "In-Reply-To", f"<{draft.in_reply_to}>"
    references = [f"<{one}>" for one in draft.references if _ID.fullmatch(one)]
    if references:
        yield "References", "\n ".join((*references[:1], *references[1:][-_REFERENCES:]))
    if draft.auto:
        yield "Auto-Submitted", draft.auto
        yield "X-Auto-Response-Suppress", "All"
    for name, value in draft.headers:
        if not _HEADER_NAME.fullmatch(name):
            raise PermanentError(f"not a header name: {name!r}")
        yield name, unstructured(clean(value, LONGEST))


def _structure(draft: Draft) -> "Message[str, str]":
    digest = hashlib.sha256(draft.message_id.encode()).hexdigest()[:24]
    body = _text(draft.text, "plain")
    if draft.html:
        body = _multipart("alternative", f"=_{digest}.a", [body, _text(draft.html, "html")])
    if draft.attachments:
        body = _multipart("mixed", f"=_{digest}.m", [body, *map(_attachment, draft.attachments)])
    return body


def _multipart(subtype: str, boundary: str, parts: "list[Message[str, str]]") -> "Message[str, str]":
    # The boundary cannot occur inside a part: "=_" is in neither base64 nor quoted-printable, and 7bit text is checked.
    whole: Message[str, str] = Message(policy=_POLICY)
    whole["Content-Type"] = f'multipart/{subtype};\n boundary="{boundary}"'
    for part in parts:
        whole.attach(part)
    return whole


def _text(text: str, subtype: str) -> "Message[str, str]":
    text = clean_text(text)
    if not text.endswith("\n"):
        text += "\n"
    octets = text.encode()
    part: Message[str, str] = Message(policy=_POLICY)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    if text.isascii() and "--=_" not in text and max(map(len, text.split("\n"))) <= 200:
        encoding, payload = "7bit", text
    elif (len(octets) - len(text)) * 4 > len(octets):  # a third of the octets is not ASCII: base64 is the smaller
        encoding, payload = "base64", encodebytes(octets.replace(b"\n", b"\r\n")).decode("ascii")
    else:
        encoding, payload = "quoted-printable", b2a_qp(octets, istext=True).decode("ascii")
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload)
    return part


def _attachment(attachment: Attachment) -> "Message[str, str]":
    """A file, named twice: encoded words in Content-Type for Foxmail, QQ and old Outlook, RFC 2231 for the rest."""
    name = clean_filename(attachment.filename)
    kind = attachment.content_type.lower()
    if not _TYPE.fullmatch(kind):
        kind = "application/octet-stream"
    plain = name.isascii() and "=?" not in name and len(name) <= 60
    written, filename = (name, f'filename="{name}"') if plain else (encoded(name), rfc2231(name))
    part: Message[str, str] = Message(policy=_POLICY)
    part["Content-Type"] = f'{kind};\n name="{written}"'
    part["Content-Disposition"] = f"attachment;\n {filename}"
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(attachment.data).decode("ascii"))
    return part


def _reread(wire: bytes, message: "Message[str, str]") -> None:
    """PermanentError unless each part's headers, read back from the wire, are exactly those that were set."""
    read = BytesHeaderParser(policy=compat32)
    found = [read.parsebytes(head + b"\r\n\r\n").items() for head in _heads(wire)]
    meant = [[(name, value.replace("\n", "\r\n")) for name, value in part.items()] for part in message.walk()]
    if found != meant:
        raise PermanentError("the headers that came out are not the ones intended")


def _heads(wire: bytes) -> Iterator[bytes]:
    """The header blocks of a mail and its parts, found by our boundaries alone."""
    for number, piece in enumerate(wire.split(b"\r\n--=_")):
        start = piece.find(b"\r\n") + 2 if number else 0
        end = piece.find(b"\r\n\r\n")
        if not piece[:start].endswith(b"--\r\n"):
            yield piece[start:end] if end >= 0 else piece[start:].removesuffix(b"\r\n")
