"""Values in header lines: cleaned, folded, encoded (RFC 5322, 2047, 2231), so that none can break out of its line."""

import re
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from functools import lru_cache
from unicodedata import category
from urllib.parse import quote

from maildesk.errors import PermanentError
from maildesk.mail.model import Address

LONGEST = 255
_NAME = 80
_FILENAME = 120
_WIDTH = 75
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # Persian and emoji need them; every other format character goes
_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~."
_ADDRESS = re.compile(rf"""(?:[{_ATEXT}-]+|"[{_ATEXT} -]+")@[A-Za-z0-9.\[\]:-]{{1,255}}""", re.ASCII)
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", re.ASCII)
_UNSAFE_IN_FILENAME = re.compile(r'[/\\:*?"<>|]')
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str, most: int) -> str:
    """Text that can stand in a header: one line, single spaces, no control, bidi or other format characters."""
    text = text[: 20 * most]
    if not text.isprintable():
        text = "".join(" " if category(c) in _BREAKING else c for c in text if category(c) != "Cf" or c in _JOINERS)
    return " ".join(text.split())[:most].rstrip()


def clean_text(text: str) -> str:
    """Text for a body: line feeds only, no control characters but tab, no surrogates."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def is_address(text: str) -> bool:
    """Whether an address can be written into a header and an envelope as it stands (RFC 5321 mailbox, ASCII)."""
    return len(text) <= 320 and _ADDRESS.fullmatch(text) is not None


def clean_filename(name: str) -> str:
    """A file name that is safe to save: no separators, no dots in front, 120 characters at most, its ending kept."""
    name = _UNSAFE_IN_FILENAME.sub("_", clean(name, 1000))
    name = re.sub(r"\.{2,}", ".", name).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > _FILENAME:
        name = (
            f"{stem[: _FILENAME - len(ending) - 1].rstrip('. ')}.{ending}"
            if dot and len(ending) <= 10
            else name[:_FILENAME]
        )
    return name.rstrip(". ") or "attachment"


def mailbox(address: Address) -> str:
    """RFC 5322 name-addr; the name as atoms, quoted, or encoded."""
    if not is_address(address.address):
        raise PermanentError(f"not an address that mail can be sent to: {address.address!r}")
    name = clean(address.name, _NAME)
    if not name:
        return address.address
    if _PHRASE.fullmatch(name) and "=?" not in name:
        return f"{name} <{address.address}>"
    if name.isascii() and "=?" not in name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address.address}>'
    return f"{encoded(name)}\n <{address.address}>"


def unstructured(text: str) -> str:
    """RFC 5322 unstructured text, already cleaned, folded at spaces or as encoded words (RFC 2047)."""
    if text.isascii() and "=?" not in text:
        if len(text) <= _WIDTH - 20:
            return text
        if all(len(word) < _WIDTH for word in text.split()):
            return _fold(text)
    return encoded(text)


def _fold(text: str) -> str:
    lines = [""]
    for word in text.split(" "):
        room = _WIDTH - (20 if len(lines) == 1 else 0)
        if lines[-1] and len(lines[-1]) + len(word) >= room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\n ".join(lines)


@lru_cache(maxsize=512)
def encoded(text: str) -> str:
    """RFC 2047 encoded words, one a line; what they decode to is compared with the text."""
    value = Header(text, "utf-8", maxlinelen=_WIDTH, header_name="x" * 20).encode(linesep="\n")
    try:
        same = str(make_header(decode_header(value.replace("\n", "")))) == text
    except (HeaderParseError, LookupError, ValueError):
        same = False
    if not same:
        raise PermanentError(f"a header that does not read back as it was written: {text!r}")
    return value


def rfc2231(name: str) -> str:
    """`filename` in RFC 2231 continuations, no character cut in two."""
    pieces = ["utf-8''"]
    for character in name:
        octets = quote(character, safe="")
        if len(pieces[-1]) + len(octets) > 60:
            pieces.append("")
        pieces[-1] += octets
    if len(pieces) == 1:
        return f"filename*={pieces[0]}"
    return ";\n ".join(f"filename*{number}*={piece}" for number, piece in enumerate(pieces))
