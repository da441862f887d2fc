"""Parameters of MIME fields: `type; name=value` with RFC 2231 continuations, RFC 2047 words and raw 8-bit octets."""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

from maildesk.mail import charset, headers

_MAIN = re.compile(rb"[\w!#$&^.+-]+(?:[ \t]*/[ \t]*[\w!#$&^.+-]+)?")
# A backslash after a high octet is the second half of a GBK or Big5 character.
_PARAMETER = re.compile(
    rb""";\s*([^\s=;"*]{1,60})(?:\*([0-9]{1,3}))?(\*)?\s*=\s*(?:"((?:[\x81-\xfe][\x40-\xfe]|[^"\\]|\\.)*+)"|([^;]*))""",
    re.DOTALL,
)
_QUOTED_PAIR = re.compile(rb"""(?<![\x81-\xfe])\\(["\\])""")
_BARE_CHARSET = re.compile(rb"""(?i)\bcharset\s*=\s*["']?([\w.:+-]+)""")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2}){2}")
_LONGEST_NAME = 120
_EXTENSIONS = {
    "application/gzip": ".gz",
    "application/msword": ".doc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-pkcs7-signature": ".p7s",
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
}
_SHORT = re.compile(r"[a-z][a-z0-9]{1,3}")

Piece = tuple[int, bool, bytes]  # (place, percent-encoded, value)


def main(value: bytes) -> str:
    """The value itself, before the first parameter, in lower case: `text/plain`, `attachment`."""
    match = _MAIN.match(value.lstrip())
    return match[0].decode("ascii", "replace").lower().replace(" ", "").replace("\t", "") if match else ""


def read(value: bytes) -> dict[str, list[Piece]]:
    """The parameters of a field by their lower-case names, each in its pieces (RFC 2231 section 3)."""
    found: dict[str, list[Piece]] = {}
    for match in _PARAMETER.finditer(value):
        name, place, extended, quoted, bare = match.groups()
        octets = bare.strip() if quoted is None else _QUOTED_PAIR.sub(rb"\1", quoted)
        key = name.decode("latin-1").lower()
        found.setdefault(key, []).append((int(place) if place else -1, bool(extended), octets))
    return found


def octets_of(pieces: list[Piece]) -> tuple[bytes, str]:
    """The joined octets of a parameter and the charset it names; the encoded form goes before the plain one."""
    split = sorted(piece for piece in pieces if piece[0] >= 0)
    chosen = next(([piece] for piece in pieces if piece[0] < 0 and piece[1]), None) or split or pieces[:1]
    label, language_mark, rest = chosen[0][2].partition(b"'")
    if not chosen[0][1] or not language_mark or b"'" not in rest:
        label, rest = b"", chosen[0][2]
    else:
        rest = rest.partition(b"'")[2]
    joined = [(chosen[0][1], rest), *((extended, octets) for _, extended, octets in chosen[1:])]
    return b"".join(unquote_to_bytes(octets) if extended else octets for extended, octets in joined), label.decode(
        "latin-1"
    )


def text(found: dict[str, list[Piece]], name: str, hint: str = "") -> str:
    """A parameter as Unicode on one line, "" when there is none. `hint` is the charset for raw 8-bit octets."""
    pieces = found.get(name)
    if not pieces:
        return ""
    octets, label = octets_of(pieces)
    if b"=?" in octets or not label:
        return _unquoted(headers.text(octets, hint)[0])
    return headers.one_line(charset.decode(octets, label)[0])


def _unquoted(value: str) -> str:
    """Undo the percent encoding of programs that forgot the asterisk, where it hides UTF-8."""
    if _PERCENT.search(value):
        try:
            plain = unquote_to_bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            return value
        return value if plain.isascii() else headers.one_line(plain)
    return value


def label(value: bytes, found: dict[str, list[Piece]]) -> str:
    """The charset that a Content-Type declares, "" when it declares none."""
    if named := found.get("charset"):
        return octets_of(named)[0].decode("latin-1").strip("'\" ")
    bare = _BARE_CHARSET.search(value)
    return bare[1].decode("latin-1") if bare else ""


def clean_name(name: str, content_type: str, number: int) -> str:
    """A file name that harms no file system and no reader (PROTOCOLS 5); never empty."""
    base = name.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    kept = "".join(c for c in base if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn"))
    kept = re.sub(r"\.{2,}", ".", " ".join(kept.split())).strip(". ") if kept.strip(". ") else ""
    if not kept:
        kind, _, subtype = content_type.partition("/")
        extension = _EXTENSIONS.get(content_type) or (f".{subtype}" if _SHORT.fullmatch(subtype) else ".bin")
        return f"{kind if kind in ('image', 'message') else 'attachment'}-{number}{extension}"
    if len(kept) > _LONGEST_NAME:
        stem, dot, extension = kept.rpartition(".")
        tail = dot + extension if stem and len(extension) <= 12 else ""
        kept = kept[: _LONGEST_NAME - len(tail)].rstrip() + tail
    return kept
