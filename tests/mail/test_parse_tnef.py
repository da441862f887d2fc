"""winmail.dat: the mail that Outlook packs into a file (MS-OXTNEF), and rich text (RTF)."""

import struct

import pytest

from maildesk.mail import rtf, tnef
from maildesk.mail.parse import parse

HEAD = b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\n"


def attribute(key: int, value: bytes) -> bytes:
    return struct.pack("<BII", 2 if key in (0x9002, 0x8010, 0x800F, 0x9005) else 1, key, len(value)) + value + b"\0\0"


def prop(kind: int, key: int, value: bytes, name: bytes = b"") -> bytes:
    """One property of variable length."""
    padded = value + b"\0" * (-len(value) % 4)
    return struct.pack("<HH", kind, key) + name + struct.pack("<II", 1, len(value)) + padded


def properties(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def packed(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def compressed(octets: bytes) -> bytes:
    """RTF in the compressed form, with every octet written as it stands."""
    body = b"".join(b"\0" + octets[at : at + 8] for at in range(0, len(octets), 8))
    return struct.pack("<IIII", len(body) + 12, len(octets), 0x75465A4C, 0) + body


def mail(octets: bytes, name: bytes = b"winmail.dat", kind: bytes = b"application/ms-tnef") -> bytes:
    return HEAD + b'Content-Type: %s; name="%s"\nContent-Transfer-Encoding: 8bit\n\n' % (kind, name) + octets


FILE = (
    attribute(0x9002, b"\0" * 14),
    attribute(0x8010, "截图~1.PNG".encode("gbk") + b"\0"),
    attribute(0x800F, b"\x89PNG picture"),
    attribute(0x9005, properties(prop(0x1F, 0x3707, "打印机截图.png\0".encode("utf-16-le")))),
)
CODE_PAGE = attribute(0x9007, struct.pack("<II", 936, 0))


def test_a_winmail_dat_gives_its_text_and_its_files() -> None:
    inside = packed(CODE_PAGE, attribute(0x800C, "打印机坏了，请看附件".encode("gbk") + b"\0"), *FILE)
    read = parse(mail(inside))
    assert read.text == "打印机坏了，请看附件"
    assert [(file.filename, file.data) for file in read.attachments] == [
        ("winmail.dat", inside),
        ("打印机截图.png", b"\x89PNG picture"),
    ]


def test_a_winmail_dat_is_known_by_its_octets_not_by_its_type() -> None:
    inside = packed(CODE_PAGE, *FILE)
    assert len(parse(mail(inside, b"noname", b"application/octet-stream")).attachments) == 2


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (prop(0x1F, 0x1000, "服务器宕机".encode("utf-16-le")), "服务器宕机"),
        (prop(0x1E, 0x1000, "服务器宕机".encode("gbk")), "服务器宕机"),
        (prop(0x102, 0x1013, '<meta charset="gb2312"><p>服务器宕机'.encode("gbk")), "服务器宕机"),
        (prop(0x102, 0x1009, compressed(rb"{\rtf1\ansi\ansicpg936 \'b7\'fe\'ce\'f1\'c6\'f7}")), "服务器"),
        (struct.pack("<HHI", 0x03, 0x0E06, 1) + prop(0x1F, 0x1000, "x".encode("utf-16-le")), "x"),
        (prop(0x1F, 0x1000, "x".encode("utf-16-le"), b""), "x"),
        (prop(0x1F, 0x8001, b"n\0", bytes(16) + struct.pack("<II", 0, 7)) + prop(0x1F, 0x1000, b"x\0"), "x"),
        (
            prop(0x1F, 0x8001, b"n\0", bytes(16) + struct.pack("<II", 1, 6) + b"a\0b\0\0\0\0\0")
            + prop(0x1F, 0x1000, b"x\0"),
            "x",
        ),
        (struct.pack("<HHIII", 0x1003, 0x6001, 2, 5, 6) + prop(0x1F, 0x1000, b"x\0"), "x"),
    ],
)
def test_the_text_stands_in_one_of_several_properties(found: bytes, text: str) -> None:
    message = attribute(0x9003, struct.pack("<I", 2) + found)
    assert parse(mail(packed(CODE_PAGE, message))).text == text


def test_an_outlook_item_attached_to_one_is_opened_too() -> None:
    inner = packed(CODE_PAGE, attribute(0x800C, b"inner text"), *FILE)
    item = (attribute(0x9002, b""), attribute(0x9005, properties(prop(0x0D, 0x3701, bytes(16) + inner))))
    read = tnef.read(packed(attribute(0x800C, b"outer"), *item))
    assert read is not None
    assert read.text == "outer\n\ninner text"
    assert [file.name for file in read.files] == ["打印机截图.png"]


def test_items_inside_items_end() -> None:
    octets = packed(attribute(0x800C, b"deep"))
    for _ in range(30):
        octets = packed(attribute(0x9002, b""), attribute(0x9005, properties(prop(0x0D, 0x3701, bytes(16) + octets))))
    assert tnef.read(octets) is not None


def test_a_file_stored_as_a_property_is_a_file() -> None:
    inside = packed(attribute(0x9002, b""), attribute(0x9005, properties(prop(0x102, 0x3701, b"octets"))))
    read = tnef.read(inside)
    assert read is not None
    assert read.files[0].octets == b"octets"


@pytest.mark.parametrize("octets", [b"", b"\x78\x9f\x3e\x22", b"no tnef at all"])
def test_what_is_no_winmail_dat_is_a_file_like_any(octets: bytes) -> None:
    assert tnef.read(octets) is None
    assert len(parse(mail(octets)).attachments) == 1


def test_a_cut_or_spoilt_winmail_dat_gives_what_is_whole() -> None:
    whole = packed(CODE_PAGE, attribute(0x800C, b"text"), attribute(0x9003, b"\xff\xff\xff\x7f\x1f"), *FILE)
    for end in range(len(whole)):
        parse(mail(whole[:end]))
        parse(mail(whole[:end] + b"\xff" + whole[end + 1 :]))
    assert parse(mail(whole[:60])).text == "text"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"{\rtf1\ansi Hello\par world\tab end}", "Hello\nworld\tend"),
        (rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 SimSun;}}\f0 \'b4\'f2\'d3\'a1\'bb\'fa}", "打印机"),
        (rb"{\rtf1\ansi{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}}\f0 ok \f1\'ef\'f0\'e8}", "ok при"),
        (rb"{\rtf1\ansi\uc1 \u25171?\u21360?}", "打印"),
        (rb"{\rtf1\ansi\uc2 \u25171\'b4\'f2 x}", "打 x"),
        (rb"{\rtf1\ansi \u-10179?\u-8704?}", "😀"),
        (rb"{\rtf1{\info{\title secret}}{\*\generator Riched;}{\stylesheet x}a\{b\}\\c\~d}", "a{b}\\c\xa0d"),
        (rb"{\rtf1 a\emdash b\rquote s}", "a—b’s"),
        (rb"}}}{\rtf1 x", ""),
        (rb"{\rtf1 x}}}}}y", "xy"),
        (b"", ""),
    ],
)
def test_rich_text_is_read(source: bytes, text: str) -> None:
    assert rtf.read(source) == (text, "")


def test_html_hidden_in_rich_text_comes_out() -> None:
    source = (
        rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}\htmlrtf {\f0\htmlrtf0 Hi \htmlrtf\par\htmlrtf0"
        rb"{\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 all{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}}"
    )
    assert rtf.read(source) == ("", "<p>Hi <b>all</b></p>")


def test_compressed_rich_text_repeats_what_stood_before() -> None:
    # the example of MS-OXRTFCP 3.2
    example = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af8620963686574683020") + b"\0"
    assert rtf.unpacked(example).startswith(b"{\\rtf1\\ansi\\ansicpg125")
    assert rtf.unpacked(compressed(b"{\\rtf1 x}")) == b"{\\rtf1 x}"
    assert rtf.unpacked(struct.pack("<IIII", 20, 8, 0x414C454D, 0) + b"{\\rtf1 x}") == b"{\\rtf1 x"
    assert rtf.unpacked(b"short") == b""
    assert rtf.unpacked(bytes(16)) == b""


def test_compressed_rich_text_cannot_grow_without_bound() -> None:
    bomb = (
        struct.pack("<IIII", 0, 2**31, 0x75465A4C, 0) + (b"\0" + b"a" * 8 + b"\xfe" + b"a" + b"\x0d\x7f" * 7) * 200_000
    )
    assert len(rtf.unpacked(bomb)) <= 1_000_000
