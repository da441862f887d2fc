"""Files inside a plain text: uuencode (POSIX) and yEnc. Taken out of it only when they are whole enough to be files."""

import binascii
import re
from typing import NamedTuple

_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,500})\r?\n", re.MULTILINE)
_LINE = re.compile(rb"([!-`])([ -`]{1,84})[ \t]*\r?\n|`?[ \t]*\r?\n")
_END = re.compile(rb"(?:`?[ \t]*\r?\n)?end[ \t]*(?:\r?\n|\Z)")
_Y_BLOCK = re.compile(
    rb"^=ybegin [^\r\n]{0,300}?name=([^\r\n]{1,500})\r?\n(?:=ypart [^\r\n]{0,300}\r?\n)?(.*?)"
    rb"^=yend [^\r\n]*(?:\r?\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
_Y_SHIFT = bytes((octet - 42) % 256 for octet in range(256))
_MOST_FILES = 100
_MOST_LINES = 600_000  # 25 MB of full lines


class Inside(NamedTuple):
    """A file that stood in a text."""

    name: bytes
    octets: bytes


def extract(octets: bytes) -> tuple[bytes, list[Inside]]:
    """The text without the files in it, and those files. Text that only looks like one stays."""
    files: list[Inside] = []
    if b"=ybegin " in octets:
        octets = _extract_yenc(octets, files)
    if b"begin " in octets:
        octets = _extract_uu(octets, files)
    return octets, files


def body(octets: bytes) -> bytes:
    """The first file of a part whose transfer encoding is uuencode; the octets themselves when there is none."""
    begin = _BEGIN.search(octets)
    if begin is None or octets.count(b"\n") > _MOST_LINES:
        return octets
    lines = octets[begin.end() :].partition(b"\nend")[0]
    return b"".join(map(_decoded, lines.splitlines()))


def _extract_uu(octets: bytes, files: list[Inside]) -> bytes:
    kept: list[bytes] = []
    at = 0
    while len(files) < _MOST_FILES and (begin := _BEGIN.search(octets, at)):
        after, file = _block(octets, begin.end())
        if file:
            kept.append(octets[at : begin.start()])
            files.append(Inside(begin[1].strip(), file))
        else:
            kept.append(octets[at : begin.end()])
            after = begin.end()
        at = after
    return b"".join((*kept, octets[at:]))


def _block(octets: bytes, start: int) -> tuple[int, bytes]:
    """The offset behind a file and its octets, b"" when these are no lines of one."""
    at = start
    lines: list[bytes] = []
    while (line := _LINE.match(octets, at)) and len(lines) < _MOST_LINES:
        if line[1] and not _fits(line[1] + line[2]):
            break
        at = line.end()
        if not line[1]:
            break
        lines.append(line[1] + line[2])
    end = _END.match(octets, at)
    if not lines or (end is None and len(lines) < 3):
        return start, b""
    return (end.end() if end else at), b"".join(map(_decoded, lines))


def _fits(line: bytes) -> bool:
    """Whether a line is as long as its first octet says; some programs strip blanks, some add a check sum."""
    wanted = (((line[0] - 32) & 63) + 2) // 3 * 4
    return wanted - 4 <= len(line) - 1 <= wanted + 2


def _decoded(line: bytes) -> bytes:
    """One line; its first octet says how many octets it holds, whatever is padded behind them."""
    wanted = 1 + (((line[0] - 32) & 63) + 2) // 3 * 4 if line else 0
    try:
        return binascii.a2b_uu(line[:wanted])
    except binascii.Error:
        return b""


def _extract_yenc(octets: bytes, files: list[Inside]) -> bytes:
    def taken(block: re.Match[bytes]) -> bytes:
        first, *escaped = block[2].replace(b"\r", b"").replace(b"\n", b"").split(b"=")
        pieces = (bytes(((piece[0] - 106) % 256,)) + piece[1:].translate(_Y_SHIFT) for piece in escaped if piece)
        files.append(Inside(block[1].strip(), first.translate(_Y_SHIFT) + b"".join(pieces)))
        return b""

    return _Y_BLOCK.sub(taken, octets, count=_MOST_FILES)
