"""Rich text (RTF 1.9) to text, and the HTML that Outlook hides in it (MS-OXRTFEX). Linear; never raises."""

import re
import struct
from typing import NamedTuple

from maildesk.mail import charset

_LONGEST = 1_000_000  # octets that are read
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,9})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_UNREAD = frozenset(
    b"colortbl stylesheet info pict object header headerf headerl headerr footer footerf footerl footerr listtable "
    b"listoverridetable rsidtbl generator themedata colorschememapping datastore latentstyles fldinst bkmkstart".split()
)
_WRITTEN = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"tab": "\t",
    b"cell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}
_PAGES = {128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256} | {
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
}
_PRESET = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096


def unpacked(octets: bytes) -> bytes:
    """Compressed RTF (MS-OXRTFCP) as RTF, as far as it goes; at most 1 MB."""
    if len(octets) < 16:
        return b""
    _, size, kind = struct.unpack_from("<III", octets)
    if kind == 0x414C454D:  # "MELA": not compressed
        return octets[16 : 16 + min(size, _LONGEST)]
    if kind != 0x75465A4C:  # "LZFu"
        return b""
    out = bytearray(_PRESET)
    most = min(size, _LONGEST) + len(_PRESET)
    at = 16
    while at < len(octets) and len(out) < most:
        flags = octets[at]
        at += 1
        for bit in range(8):
            if at >= len(octets) or len(out) >= most:
                break
            if not flags >> bit & 1:
                out.append(octets[at])
                at += 1
                continue
            token = int.from_bytes(octets[at : at + 2], "big")
            at += 2
            if not _copied(out, token):
                return bytes(out[len(_PRESET) :])
    return bytes(out[len(_PRESET) : most])


def _copied(out: bytearray, token: int) -> bool:
    """Repeat what stood earlier in the window; False at the end mark."""
    place = len(out) % _WINDOW
    back = (place - (token >> 4)) % _WINDOW
    if back == 0 or back > len(out):
        return False
    length = (token & 15) + 2
    start = len(out) - back
    piece = bytes(out[start : start + length])
    out += (piece * length)[:length]
    return True


class _Group(NamedTuple):
    """What holds until the brace closes."""

    unread: bool = False
    fonts: bool = False  # inside the font table
    tag: bool = False  # HTML that was a tag, in an \\htmltag destination
    page: int = 1252
    skip: int = 1  # \\uc: characters that stand for those without Unicode
    double: bool = False  # inside \\htmlrtf: what is only there for readers of RTF


class _Reader:
    """The state of one pass over a document."""

    def __init__(self) -> None:
        self.group = _Group()
        self.outer: list[_Group] = []
        self.pages: dict[int, int] = {}
        self.font = 0
        self.out: list[str] = []
        self.octets = bytearray()
        self.skipped = 0
        self.is_html = False

    def flush(self) -> None:
        """Decode the octets that wait: a character of two octets may come in two tokens."""
        if self.octets:
            self.out.append(charset.decode(bytes(self.octets), f"cp{self.group.page}")[0])
            self.octets.clear()

    def write(self, text: str) -> None:
        """Add a text unless it is not to be read."""
        if not self.unread:
            self.flush()
            self.out.append(text)

    def add(self, octets: bytes) -> None:
        """Add octets of the document's code page, less those that only stand in for a Unicode character."""
        kept = octets[self.skipped :]
        self.skipped = max(0, self.skipped - len(octets))
        if kept and not self.unread:
            self.octets += kept

    @property
    def unread(self) -> bool:
        """Whether this group shows nothing."""
        return self.group.unread or self.group.fonts or (self.is_html and self.group.double and not self.group.tag)

    def brace(self, opens: bool) -> None:
        """Enter or leave a group."""
        self.flush()
        self.skipped = 0
        if opens:
            self.outer.append(self.group)
        elif self.outer:
            self.group = self.outer.pop()

    def word(self, name: bytes, number: int | None) -> None:
        """Obey a control word."""
        if name == b"u" and number is not None:
            self.write(chr(number % 65536))
            self.skipped = self.group.skip
            return
        if name in _WRITTEN:
            if not (self.is_html and self.group.tag):
                self.write("\n" if self.is_html and name in (b"par", b"line") else _WRITTEN[name])
            return
        self.flush()
        self._set(name, number)

    def _set(self, name: bytes, number: int | None) -> None:
        if name in _UNREAD:
            self.group = self.group._replace(unread=True)
        elif name == b"fonttbl":
            self.group = self.group._replace(fonts=True)
        elif name == b"htmltag":
            self.group = self.group._replace(unread=False, tag=True)
        elif name == b"fromhtml":
            self.is_html = True
        elif name == b"htmlrtf":
            self.group = self.group._replace(double=number != 0)
        elif name == b"uc":
            self.group = self.group._replace(skip=min(number or 0, 10))
        elif name == b"ansicpg" and number:
            self.group = self.group._replace(page=number)
            self.pages.setdefault(-1, number)
        elif name == b"f" and number is not None:
            self.font = number
            if not self.group.fonts:
                self.group = self.group._replace(page=self.pages.get(number, self.pages.get(-1, 1252)))
        elif name == b"fcharset" and self.group.fonts and number in _PAGES:
            self.pages[self.font] = _PAGES[number]


def read(octets: bytes) -> tuple[str, str]:
    """(text, HTML) of a document; one of the two is empty."""
    if not octets.lstrip().startswith(b"{\\rtf"):
        return "", ""
    reader = _Reader()
    for name, number, coded, symbol, brace, text in _TOKEN.findall(octets[:_LONGEST]):
        if text:
            reader.add(text)
        elif coded:
            reader.add(bytes.fromhex(coded.decode()))
        elif name:
            reader.word(name, int(number) if number else None)
        elif brace:
            reader.brace(brace == b"{")
        elif symbol == b"*":
            reader.group = reader.group._replace(unread=True)
        elif symbol in _SYMBOLS:
            reader.write(_SYMBOLS[symbol])
        elif symbol:
            reader.add(symbol)
    reader.flush()
    written = _whole("".join(reader.out)).replace("\0", "")
    return ("", written) if reader.is_html else (written.strip(), "")


def _whole(text: str) -> str:
    """Surrogate pairs that came as two \\u words are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if not text.isascii() else text
