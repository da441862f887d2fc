"""winmail.dat, into which Outlook packs a mail (MS-OXTNEF): its text and its files. Never raises, bounded."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from maildesk.mail import charset, rtf

_SIGNATURE = 0x223E9F78
_MOST_ATTRIBUTES = 20_000
_MOST_FILES = 500
_DEEPEST = 3  # packs inside packs
_LONGEST_TEXT = 1_000_000  # octets

_BODY = 0x8 << 12 | 0xC  # low halves of the attribute ids of MS-OXTNEF 2.1.3.2
_CODE_PAGE, _MESSAGE, _TITLE, _FILE, _FILE_START, _FILE_PROPERTIES = 0x9007, 0x9003, 0x8010, 0x800F, 0x9002, 0x9005

_TEXT, _HTML, _RTF = 0x1000, 0x1013, 0x1009  # property ids of MS-OXPROPS
_CONTENT, _SHORT_NAME, _LONG_NAME, _DISPLAY_NAME = 0x3701, 0x3704, 0x3707, 0x3001
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_OBJECT, _STRING8, _STRING16, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_MANY = 0x1000


@dataclass(slots=True)
class File:
    """One file in it, as it was attached."""

    name: str = ""
    octets: bytes = b""
    inner: bytes = b""  # another winmail.dat: an attached Outlook item


@dataclass(slots=True)
class Packed:
    """What a winmail.dat holds."""

    text: str = ""
    html: str = ""
    files: list[File] = field(default_factory=list)


def read(octets: bytes, depth: int = 0) -> Packed | None:
    """The text and files of a winmail.dat, None when it is none. What is cut off at the end is left out."""
    if len(octets) < 6 or struct.unpack_from("<I", octets)[0] != _SIGNATURE:
        return None
    packed = Packed()
    label = ""
    bodies: dict[int, bytes | str] = {}
    for key, value in _attributes(octets):
        if key == _CODE_PAGE and len(value) >= 4:
            label = f"cp{struct.unpack_from('<I', value)[0]}"
        elif key == _BODY:
            bodies.setdefault(_BODY, value.rstrip(b"\0"))
        elif key == _MESSAGE:
            bodies.update((name, found) for name, found in _properties(value) if name in (_TEXT, _HTML, _RTF))
        elif key == _FILE_START and len(packed.files) < _MOST_FILES:
            packed.files.append(File())
        elif packed.files:
            _fill(packed.files[-1], key, value, label)
    _read_bodies(packed, bodies, label)
    if depth < _DEEPEST:
        _unpack(packed, depth)
    return packed


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """(low half of the id, value) of each attribute that is whole."""
    at = 6
    for _ in range(_MOST_ATTRIBUTES):
        if at + 9 > len(octets):
            return
        _, key, length = struct.unpack_from("<BII", octets, at)
        if at + 9 + length > len(octets):
            return
        yield key & 0xFFFF, octets[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _properties(octets: bytes) -> Iterator[tuple[int, bytes | str]]:
    """(id, value) of the properties that hold text or octets (MS-OXTNEF 2.1.3.4)."""
    try:
        (count,) = struct.unpack_from("<I", octets)
        at = 4
        for _ in range(min(count, _MOST_ATTRIBUTES)):
            kind, key = struct.unpack_from("<HH", octets, at)
            at = _after_name(octets, at + 4) if key >= 0x8000 else at + 4
            several, kind = kind & _MANY, kind & ~_MANY
            if kind in _FIXED:
                values = struct.unpack_from("<I", octets, at)[0] if several else 1
                at += (4 if several else 0) + values * _FIXED[kind]
                continue
            (values,) = struct.unpack_from("<I", octets, at)
            at += 4
            for _ in range(min(values, _MOST_ATTRIBUTES)):
                (length,) = struct.unpack_from("<I", octets, at)
                value = octets[at + 4 : at + 4 + length]
                at += 4 + (length + 3) // 4 * 4
                yield key, _value(kind, value)
    except struct.error:
        return


def _after_name(octets: bytes, at: int) -> int:
    """The offset behind the name of a property that has one: a GUID, and a number or a string."""
    (is_string,) = struct.unpack_from("<I", octets, at + 16)
    if not is_string:
        return at + 24
    (length,) = struct.unpack_from("<I", octets, at + 20)
    return int(at + 24 + (length + 3) // 4 * 4)


def _value(kind: int, value: bytes) -> bytes | str:
    if kind == _STRING16:
        return value.decode("utf-16-le", "replace").rstrip("\0")
    if kind == _STRING8:
        return value.rstrip(b"\0")
    return value[16:] if kind == _OBJECT else value


def _fill(file: File, key: int, value: bytes, label: str) -> None:
    if key == _TITLE:
        file.name = file.name or _string(value.rstrip(b"\0"), label)
    elif key == _FILE:
        file.octets = value
    elif key == _FILE_PROPERTIES:
        found = dict(_properties(value))
        for name in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME):
            if found.get(name) and (name == _LONG_NAME or not file.name):
                file.name = _string(found[name], label)
                break
        content = found.get(_CONTENT, b"")
        if isinstance(content, bytes) and content:
            if content[:4] == _SIGNATURE.to_bytes(4, "little"):
                file.inner = content
            elif not file.octets:
                file.octets = content


def _string(value: bytes | str, label: str) -> str:
    return value if isinstance(value, str) else charset.decode(value[:_LONGEST_TEXT], label)[0]


def _read_bodies(packed: Packed, bodies: dict[int, bytes | str], label: str) -> None:
    page = bodies.get(_HTML, "")
    packed.html = _string(page, (isinstance(page, bytes) and charset.in_markup(page)) or label)
    packed.text = _string(bodies.get(_TEXT) or bodies.get(_BODY, ""), label)
    rich = bodies.get(_RTF)
    if isinstance(rich, bytes) and not (packed.html or packed.text.strip()):
        packed.text, packed.html = rtf.read(rtf.unpacked(rich))


def _unpack(packed: Packed, depth: int) -> None:
    """Take the files of attached Outlook items out; their text stands below that of the mail."""
    files: list[File] = []
    for file in packed.files:
        inside = read(file.inner, depth + 1) if file.inner else None
        if inside is None:
            files.append(file)
            continue
        packed.text += f"\n\n{inside.text}" if inside.text else ""
        packed.html += f"<hr>{inside.html}" if inside.html and not inside.text else ""
        files += inside.files
    packed.files = [file for file in files if file.octets or file.name][:_MOST_FILES]
