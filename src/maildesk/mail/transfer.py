"""Content-Transfer-Encodings (RFC 2045 section 6), read leniently: what cannot be decoded stays as it is."""

import binascii
import re

from maildesk.mail import uuencode

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(_ALPHABET + b"=")))
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]*={0,3}\Z")
_BARE = re.compile(rb"(?:[A-Za-z0-9+/]{60,76}\r?\n)*[A-Za-z0-9+/]{0,76}={0,2}\Z")
_MOST_PIECES = 1_000


def decode(octets: bytes, encoding: str, text: bool) -> tuple[bytes, str]:
    """The octets behind a Content-Transfer-Encoding, and what was wrong with it ("" when nothing).

    Of a text that only begins as base64 (a list footer was appended) the rest is kept as it stands.
    """
    match encoding:
        case "base64":
            return _text_base64(octets) if text else (base64(octets), "")
        case "quoted-printable":
            return quoted_printable(octets), ""
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return uuencode.body(octets), ""
        case "" | "7bit" | "8bit" | "binary":
            return _bare_base64(octets) if text else (octets, "")
    return octets, "unknown transfer encoding: taken as it stands"


def base64(octets: bytes) -> bytes:
    """RFC 2045 base64, with or without its padding, also several pieces in a row; foreign octets are skipped."""
    kept = octets.translate(None, _NOT_BASE64)
    body = kept.rstrip(b"=")
    if b"=" not in body:
        whole = len(kept) % 4 == 0 and len(kept) - len(body) < 3
        return _quads(kept if whole else body)
    pieces = body.split(b"=", _MOST_PIECES)
    return b"".join(_quads(piece.replace(b"=", b"")) for piece in pieces)


def _quads(letters: bytes) -> bytes:
    if not letters or len(letters) == 1:
        return b""
    rest = len(letters) % 4
    if rest == 1:
        letters = letters[:-1]
    elif rest:
        letters += b"=" * (4 - rest)
    return binascii.a2b_base64(letters)


def quoted_printable(octets: bytes, header: bool = False) -> bytes:
    """RFC 2045 quoted-printable; in a header (RFC 2047 "Q") an underscore is a blank."""
    return binascii.a2b_qp(octets, header=header)


def _text_base64(octets: bytes) -> tuple[bytes, str]:
    if not octets.translate(None, _ALPHABET + b"= \t\r\n"):
        return base64(octets), ""
    lines = octets.strip().split(b"\n")
    width = len(lines[0].strip())
    count = 0
    for count, line in enumerate(lines, 1):
        bare = line.strip()
        if not _BASE64_LINE.match(bare) or len(bare) > width:
            count -= 1
            break
        if len(bare) < width:
            break
    if not count or width < 4:
        return octets, "declared base64, is none"
    rest = b"\n".join(lines[count:]).strip(b"\r\n")
    return base64(b"".join(lines[:count])) + (b"\n" + rest if rest else b""), "text after the base64"


def _bare_base64(octets: bytes) -> tuple[bytes, str]:
    """A text that is one block of base64 whose label was lost: decoded if that makes readable UTF-8."""
    bare = octets.strip()
    if len(bare) < 40 or not _BARE.match(bare):
        return octets, ""
    try:
        text = base64(bare).decode("utf-8")
    except UnicodeDecodeError:
        return octets, ""
    if sum(not (character.isprintable() or character.isspace()) for character in text) * 50 > len(text):
        return octets, ""
    return text.encode(), "base64 without a label"
