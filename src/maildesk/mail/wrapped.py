"""Signed and encrypted mail: S/MIME (RFC 8551) and PGP (RFC 3156). Named, and what is only signed is read."""

import re
from collections.abc import Iterator

from maildesk.mail import parameters
from maildesk.mail.structure import Part

PKCS7 = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
SIGNATURES = frozenset(("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"))
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_MOST_PIECES = 100_000
_PGP = re.compile(r"^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----\s*$", re.MULTILINE)


def marks(part: Part) -> Iterator[str]:
    """What is signed or encrypted in a tree of parts, in words."""
    protocol = parameters.text(part.typed, "protocol").lower()
    if part.content_type == "multipart/signed":
        yield f"signed: {protocol or (part.children[-1].content_type if part.children else 'unknown')}"
    elif part.content_type == "multipart/encrypted":
        yield f"encrypted: {protocol or 'unknown'}"
    for child in part.children:
        yield from marks(child)


def mark_of(octets: bytes, content_type: str) -> str:
    """What an S/MIME part is, by its own octets: the declared kind is often missing."""
    return f"{'signed, opaque' if _SIGNED_DATA in octets[:64] else 'encrypted'}: {content_type}"


def pgp_mark(text: str) -> str:
    """The same for PGP armour inside a text."""
    found = _PGP.search(text[:20_000])
    if found is None:
        return ""
    return "encrypted: PGP in the text" if found[1] == "MESSAGE" else "signed: PGP in the text"


def content(octets: bytes) -> bytes:
    """The MIME part inside opaque signed data (RFC 5652 section 5.2), b"" when it cannot be taken out."""
    at = octets.find(_DATA)
    if _SIGNED_DATA not in octets[:64] or at < 0:
        return b""
    tag, start, _ = _element(octets, at + len(_DATA))
    if tag != 0xA0:
        return b""
    tag, start, end = _element(octets, start)
    if tag == 0x04:
        return octets[start:end]
    pieces: list[bytes] = []
    while tag == 0x24 and start < end and len(pieces) < _MOST_PIECES:
        inner, begin, stop = _element(octets, start)
        if inner != 0x04:
            break
        pieces.append(octets[begin:stop])
        start = stop
    return b"".join(pieces)


def _element(octets: bytes, at: int) -> tuple[int, int, int]:
    """(tag, start, end) of a BER element's content; an indefinite length goes to the end. Tag 0 when there is none."""
    if at + 2 > len(octets):
        return 0, at, at
    tag, length = octets[at], octets[at + 1]
    at += 2
    if length == 0x80:
        return tag, at, len(octets)
    if length > 0x80:
        size = length & 0x7F
        length = int.from_bytes(octets[at : at + size], "big") if size <= 4 else len(octets)
        at += size
    return tag, at, min(at + length, len(octets))
