"""What a mail may weigh (PROTOCOLS 5), measured on the raw octets before any parser sees them."""

import re
from itertools import islice

MESSAGE = 25 * 1024 * 1024  # octets
HEADER_BLOCK = 256 * 1024
HEADER_LINES = 2_000
HEADER = 16 * 1024
PARTS = 1_000
DEPTH = 50
ADDRESSES = 500
REPORT_BLOCKS = 500
SAFE_TEXT = 256 * 1024

_BLANK = re.compile(rb"\r?\n\r*\n|\r\r(?!\n)")
_FIELD_END = re.compile(rb"\r?\n(?![ \t])|\r(?![\n \t])")
_ADDRESS_FIELD = re.compile(rb"(?i)(?:resent-)?(?:from|to|cc|bcc|reply-to|sender)[ \t]*:")
_BOUNDARY = re.compile(rb"""(?i:boundary)(?:\*0)?\*?[ \t]*=[ \t]*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""")
_DASHED = re.compile(rb"[\r\n]--([^\r\n]{1,200})")
_MOST_DASHED = 300_000  # lines that start with "--" and are looked at one by one
_MOST_BOUNDARIES = 20_000


def check(raw: bytes) -> str:
    """The limit that the mail passes, in plain words, or "". Linear in its size; parses nothing."""
    if len(raw) > MESSAGE:
        return f"larger than {MESSAGE // 1024 // 1024} MB"
    return _header_excess(raw) or _structure_excess(raw)


def safe_part(raw: bytes) -> bytes:
    """What may be parsed of a mail that passes a limit: its header block cut to the limits, and 256 KB of its text."""
    start, end = _header_block(raw)
    kept: list[bytes] = []
    lines = size = addresses = 0
    for field in _FIELD_END.split(raw[start : min(end, start + HEADER_BLOCK)]):
        short = field[:HEADER]
        if len(field) > HEADER:
            short = short.rstrip(b"\r\n")
        if _ADDRESS_FIELD.match(short):
            short = _first_addresses(short, ADDRESSES - addresses)
            addresses += _addresses(short)
        lines += 1 + short.count(b"\n")
        size += len(short) + 2
        if lines > HEADER_LINES or size > HEADER_BLOCK:
            break
        kept.append(short)
    body = raw[end : end + SAFE_TEXT].lstrip(b"\r\n")
    return b"\r\n".join(kept) + b"\r\n\r\n" + body


def _header_block(raw: bytes) -> tuple[int, int]:
    """From the first octet that is no line end to the blank line; to just past the limit where none comes."""
    lead = re.match(rb"[\r\n]*", raw)
    start = lead.end() if lead else 0
    blank = _BLANK.search(raw, start, start + HEADER_BLOCK + 4)
    return start, blank.start() if blank else min(len(raw), start + HEADER_BLOCK + 1)


def _header_excess(raw: bytes) -> str:
    start, end = _header_block(raw)
    block = raw[start:end]
    if len(block) > HEADER_BLOCK:
        return f"a header block larger than {HEADER_BLOCK // 1024} KB"
    if max(block.count(b"\n"), block.count(b"\r")) >= HEADER_LINES:
        return f"more than {HEADER_LINES} header lines"
    if len(block) <= HEADER and block.count(b"@") <= ADDRESSES:
        return ""
    fields = _FIELD_END.split(block)
    if any(len(field) > HEADER for field in fields):
        return f"a header larger than {HEADER // 1024} KB"
    if sum(_addresses(field) for field in fields if _ADDRESS_FIELD.match(field)) > ADDRESSES:
        return f"more than {ADDRESSES} addresses"
    return ""


def _addresses(field: bytes) -> int:
    """How many addresses a header holds, at most: each has an @ and is parted from the next."""
    return min(field.count(b"@"), field.count(b",") + field.count(b";") + 1)


def _first_addresses(field: bytes, most: int) -> bytes:
    if _addresses(field) <= most:
        return field
    commas = [match.start() for match in islice(re.finditer(rb"[,;]", field), most + 1)]
    return field[: commas[max(0, min(most, len(commas)) - 1)]] if commas and most > 0 else field[: field.find(b":") + 1]


def _structure_excess(raw: bytes) -> str:
    reports = raw.count(b"inal-Recipient:") + raw.count(b"inal-recipient:")
    if reports > REPORT_BLOCKS * 2:  # Original-Recipient and Final-Recipient of each
        return f"more than {REPORT_BLOCKS} delivery-status blocks"
    dashed = raw.count(b"\n--") + raw.count(b"\r--")
    if dashed <= DEPTH:
        return ""
    found = (match[1] or match[2] for match in islice(_BOUNDARY.finditer(raw), _MOST_BOUNDARIES))
    boundaries = {boundary.rstrip() for boundary in found}
    if not boundaries:
        return ""
    if dashed > _MOST_DASHED:
        return _crowd_excess(raw, boundaries)
    return _nesting_excess(raw, boundaries)


def _nesting_excess(raw: bytes, boundaries: set[bytes]) -> str:
    """Follow the delimiter lines with a stack: each opens, continues or closes a multipart."""
    parts = 0
    nested: list[bytes] = []
    for match in _DASHED.finditer(raw):
        line = match[1].rstrip()
        closes = line not in boundaries and line.endswith(b"--")
        name = line[:-2] if closes else line
        if name not in boundaries:
            continue
        while name in nested and nested[-1] != name:
            nested.pop()
        if closes:
            del nested[-1:]
            continue
        if not nested or nested[-1] != name:
            nested.append(name)
        parts += 1
        if parts > PARTS:
            return f"more than {PARTS} parts"
        if len(nested) > DEPTH:
            return f"parts nested deeper than {DEPTH}"
    return ""


def _crowd_excess(raw: bytes, boundaries: set[bytes]) -> str:
    """The same for a mail with very many dashed lines, as a database dump has them: counted, not followed."""
    if len(boundaries) > DEPTH:
        return f"more than {_MOST_DASHED} lines that look like part delimiters"
    parts = sum(raw.count(b"\n--" + boundary) + raw.count(b"\r--" + boundary) for boundary in boundaries)
    return f"more than {PARTS} parts" if parts > PARTS else ""
