"""Octets to text when the charset label is right, too narrow, wrong or missing: never an error, never a lost octet."""

import re
from encodings.aliases import aliases

import chardet

from maildesk.mail import everyday

_SAMPLE = 16_384  # octets that detection looks at
_NATURAL = 0.75  # of naturalness: no statistics are needed
_BELIEVED = 0.65  # a label whose text reads like this is not doubted
_SHORT = 40  # 8-bit octets
_CLEARLY = 0.35  # by how much another reading has to be better than the label's
_UNSURE = 0.3  # confidence below which a detected single-byte charset is a guess
_NO_TEXT = frozenset(
    "base64_codec bz2_codec charmap hex_codec idna mbcs oem palmos punycode quopri_codec raw_unicode_escape rot_13 "
    "undefined unicode_escape uu_codec zlib_codec".split()
)
# What a label really means in mail: the superset that the writing programs use (WHATWG Encoding, FEATURES B2).
_SUPERSET: dict[str, tuple[str, ...]] = {
    "ascii": (),
    "big5": ("big5", "cp950", "big5hkscs"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "euc_kr": ("cp949",),
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "iso2022_jp": ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2004"),
    "iso8859_9": ("cp1254",),
    "iso8859_11": ("cp874",),
    "latin_1": ("cp1252",),
    "shift_jis": ("cp932",),
    "tis_620": ("cp874",),
    "utf_8": ("utf_8_sig",),
}
_FOREIGN_NAMES = {
    "euc_cn": "gb2312",
    "gb_2312_80": "gb2312",
    "gb2312_80": "gb2312",
    "iso_8859_8_i": "iso8859_8",
    "ks_c_5601": "euc_kr",
    "sjis": "shift_jis",
    "unicode_1_1_utf_7": "utf_7",
    "unicode_1_1_utf_8": "utf_8",
    "utf8mb4": "utf_8",
}
_CODECS = {name: name for name in aliases.values()} | aliases | _FOREIGN_NAMES
_LATIN = frozenset(("latin_1", "cp1252", "iso8859_15"))
_PAIRED = frozenset(
    ("gb2312", "gbk", "gb18030", "big5", "big5hkscs", "cp950", "euc_kr", "cp949", "euc_jp", "shift_jis", "cp932")
)
_BIG5 = frozenset(("big5", "cp950", "big5hkscs"))
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # where GB 18030 puts pairs that mean nothing
_ASCII = bytes(range(128))
_NOT_ASCII = re.compile(r"utf_(?:7|16|32)|hz|iso2022")  # ASCII octets may mean something else
_DETECTED = re.compile(r"(?i)gb18030|big5|cp949|cp932|euc-|windows-125|koi8-|iso-?8859-|iso-?2022-|utf-|tis-|shift")
_GB_CHARACTER = re.compile(rb"[\x81-\xfe][\x30-\xfe]")
_COMMON_HANZI = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]|[\xa1\xa3][\xa1-\xfe]")  # GB 2312 level 1 and punctuation
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LONG_SEQUENCE = re.compile(rb"[\xe0-\xf4][\x80-\xbf]{2}")
_ESCAPED = re.compile(rb"\x1b\$[@B]|\x1b\(J")
_META_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:+-]{1,40})""")
_MARKS = (
    (b"\xef\xbb\xbf", "utf_8_sig"),
    (b"\xff\xfe\0\0", "utf_32"),
    (b"\xff\xfe", "utf_16"),
    (b"\xfe\xff", "utf_16"),
)
_LOST = "\ufffd"


def codec_of(label: str) -> str:
    """The Python codec that a charset label names, "" for an unknown one or one that holds no text."""
    name = re.sub(r"[^a-z0-9]+", "_", label[:60].lower()).strip("_").removeprefix("x_")
    codec = _CODECS.get(name, "")
    codec = _CODECS.get(codec, codec)
    return "" if codec in _NO_TEXT else codec


def in_markup(octets: bytes) -> str:
    """The charset that a page declares in its own head, "" when it declares none."""
    meta = _META_CHARSET.search(octets, 0, 4096)
    return meta[1].decode("ascii") if meta else ""


def decode(octets: bytes, label: str = "", hint: str = "") -> tuple[str, str]:
    """The text, and what had to be guessed about it ("" when the label held).

    Declared, then its superset, then detected, then replaced. `hint` is the charset of the text around, used for
    octets that have no label of their own.
    """
    codec = codec_of(label)
    if octets.isascii() and not _NOT_ASCII.match(codec):
        return _plain_ascii(octets)
    if octets[:2] in (b"\xef\xbb", b"\xff\xfe", b"\xfe\xff"):
        for mark, marked in _MARKS:
            if octets.startswith(mark) and (text := _strict(octets, marked)) is not None:
                return text, ""
    if codec and not _is_mislabelled(octets, codec):
        for name in _SUPERSET.get(codec, (codec,)):
            if (text := _strict(octets, name)) is not None and not (name == "gb18030" and _PRIVATE.search(text)):
                return text, "" if name == codec else _narrow(octets, codec, name, label)
        if codec not in _LATIN and (text := _slightly_broken(octets, codec)) is not None:
            return text, f"charset {shown(label)}: some octets replaced"
    return _guessed(octets, label, codec_of(hint))


def _plain_ascii(octets: bytes) -> tuple[str, str]:
    if _ESCAPED.search(octets) and (text := _strict(octets, "iso2022_jp_ext")) is not None:
        return text, "charset not declared: read as iso-2022-jp"
    return octets.decode("ascii"), ""


def _strict(octets: bytes, codec: str) -> str | None:
    try:
        text = octets.decode(codec)
        text.encode("utf-8")  # some codecs make lone surrogates
    except (UnicodeError, LookupError, ValueError):
        return None
    return text


def _is_mislabelled(octets: bytes, codec: str) -> bool:
    """Whether a label that could be right is most probably wrong."""
    if codec in _LATIN:
        return _is_utf8(octets) or _is_dense(octets) or _is_paired_text(octets)
    if codec in _PAIRED:
        if _is_sparse(octets) or (_LONG_SEQUENCE.search(octets) is not None and _is_utf8(octets)):
            return True
        own = everyday.worth(octets, _SUPERSET.get(codec, (codec,))[-1])
        return own < _BELIEVED and (
            _is_utf8(octets)
            or (codec in _BIG5 and len(octets) >= 8 and _is_chinese(octets))
            or everyday.best(octets)[1] > max(own + _CLEARLY, _NATURAL)
        )
    return codec.startswith(("utf_16", "utf_32")) and b"\0" not in octets[:_SAMPLE] and _is_utf8(octets)


def _narrow(octets: bytes, codec: str, name: str, label: str) -> str:
    """What to record when only the superset of the label could read the octets."""
    if codec in ("utf_8", "latin_1") or _strict(octets, codec) is not None:
        return ""
    return f"charset {shown(label)} is too narrow: read as {name.replace('_', '-')}"


def _guessed(octets: bytes, label: str, hint: str) -> tuple[str, str]:
    said = f"charset {shown(label)} does not fit" if label else "charset not declared"
    candidates = _likely(octets, hint)
    for name in candidates:
        if (text := _strict(octets, name)) is not None:
            return text, f"{said}: read as {name.replace('_', '-')}"
    return _replaced(octets, candidates[0]), f"{said}: some octets replaced"


def _replaced(octets: bytes, codec: str) -> str:
    return octets.decode(codec, "replace").encode("utf-8", "replace").decode("utf-8")


def _slightly_broken(octets: bytes, codec: str) -> str | None:
    """The text when its label is right but for a few spoilt octets, as where a line was cut inside a character."""
    name = (*_SUPERSET.get(codec, (codec,)), "ascii")[0]
    text = _replaced(octets, name)
    if name == "gb18030" and _PRIVATE.search(text):
        return None
    if codec.startswith("iso2022"):  # seven bits: the text of such a label may be all ASCII
        return text if text[:_SAMPLE].count(_LOST) * 20 <= len(text[:_SAMPLE]) else None
    strange = sum(1 for character in text[:_SAMPLE] if character > "\x7f")
    return text if text[:_SAMPLE].count(_LOST) * 20 <= strange else None


def likely(octets: bytes) -> str:
    """The most probable codec of octets that have no label."""
    return _likely(octets, "")[0]


def _likely(octets: bytes, hint: str) -> tuple[str, ...]:
    """Codecs to try on octets without a label that holds, the most probable first."""
    if _is_utf8(octets):
        return ("gb18030", "utf_8") if _is_both(octets) else ("utf_8",)
    chinese: tuple[str, ...] = ("gb18030",) if _is_chinese(octets) else ()
    if hint and hint not in _LATIN and hint not in ("ascii", "utf_8"):
        return (*(_SUPERSET.get(hint) or (hint,)), *chinese, "cp1252")
    natural, worth = everyday.best(octets)
    if worth >= _NATURAL and not _is_sparse(octets):
        return (*_SUPERSET.get(natural, (natural,)), *chinese, "cp1252", "gb18030")
    guess = chardet.detect(octets[:_SAMPLE])
    name, sure = guess["encoding"] or "", guess["confidence"] or 0.0
    known = codec_of(name) if _DETECTED.match(name) else ""
    detected: tuple[str, ...] = (known,) if known else ()
    if detected and detected[0] in _LATIN:
        return (*chinese, "cp1252")
    paired = bool(detected) and detected[0] in _PAIRED
    if _is_sparse(octets) and (paired or sure < _UNSURE):
        return ("cp1252", *detected, "gb18030")
    ranked = (*detected, *chinese) if paired or sure >= _UNSURE else (*chinese, *detected)
    return (*ranked, "cp1252", "gb18030")


def _is_utf8(octets: bytes) -> bool:
    """Whether the octets are UTF-8, but for a last character that may be cut."""
    if (text := _strict(octets, "utf_8")) is not None:
        return text != ""
    tail = re.search(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z", octets[-4:])
    return (
        tail is not None
        and not octets[: -len(tail[0])].isascii()
        and _strict(octets[: -len(tail[0])], "utf_8") is not None
    )


def _is_both(octets: bytes) -> bool:
    """Whether a short text that happens to be UTF-8 is two everyday Chinese characters or more, like a thank-you."""
    runs = _HIGH_RUN.findall(octets[:_SAMPLE])
    if sum(map(len, runs)) > _SHORT or _LONG_SEQUENCE.search(octets):
        return False
    return all(len(run) >= 4 for run in runs) and everyday.worth(octets, "gb18030") == 1.0


def _high_share(octets: bytes) -> float:
    sample = octets[:_SAMPLE]
    return len(sample.translate(None, _ASCII)) / (len(sample.translate(None, b" \t\r\n")) or 1)


def _is_sparse(octets: bytes) -> bool:
    """Whether 8-bit octets stand alone among ASCII letters, as accents do."""
    runs = _HIGH_RUN.findall(octets[:_SAMPLE])
    return _high_share(octets) < 0.3 and sum(len(run) == 1 for run in runs) * 10 > len(runs) * 6


def _is_dense(octets: bytes) -> bool:
    """Whether there are more 8-bit octets than any language of western Europe writes."""
    return len(octets) >= 4 and _high_share(octets) > 0.35


def _is_paired_text(octets: bytes) -> bool:
    """Whether 8-bit octets stand in rows that read well as another script, as between the tags of a page."""
    return any(len(run) >= 4 for run in _HIGH_RUN.findall(octets[:_SAMPLE])) and everyday.best(octets)[1] >= _NATURAL


def _is_chinese(octets: bytes) -> bool:
    """Whether the octets read naturally as GBK: whole pairs, nearly all of them everyday characters."""
    sample = octets[:_SAMPLE]
    runs = _HIGH_RUN.findall(sample)
    if not runs or _strict(octets, "gb18030") is None:
        return False
    odd = sum(len(run) % 2 for run in runs)
    characters = _GB_CHARACTER.findall(sample)
    common = sum(1 for character in characters if _COMMON_HANZI.match(character))
    paired = any(len(run) >= 4 for run in runs)
    return paired and odd * 20 <= len(runs) and bool(characters) and common * 10 >= len(characters) * 8


def shown(label: str) -> str:
    """A label from a mail, safe to stand in a defect."""
    return re.sub(r"[^\w.:+-]", "?", label[:40], flags=re.ASCII)
