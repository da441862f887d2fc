"""Charsets that are right, too narrow, wrong or missing (FEATURES B2)."""

import pytest

from maildesk.mail import charset
from maildesk.mail.parse import parse

CHINESE = "会议室的投影仪不能用了，请尽快派人来看一下，谢谢！"
TRADITIONAL = "會議室的投影機不能用了，請儘快派人來看一下，謝謝！"
GERMAN = "Der Drucker im 3. Stock ist außer Betrieb, bitte schicken Sie jemanden. Grüße, Jürgen Müller"


@pytest.mark.parametrize(
    ("text", "written", "label"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "gb18030", "gb2312"),
        ("朱镕基和喆先生的打印机", "gb18030", "gb2312"),
        (CHINESE, "gb18030", "x-gbk"),
        (TRADITIONAL, "big5", "Big5"),
        ("회의실 프로젝터가 펲 고장", "cp949", "ks_c_5601-1987"),
        ("会議室のプロジェクター", "iso2022_jp", "ISO-2022-JP"),
        ("①会議室のプロジェクター", "cp932", "shift_jis"),
        ("smart “quotes” and €", "cp1252", "iso-8859-1"),
        ("Проектор не работает", "koi8-r", "koi8-r"),
        ("plain", "ascii", "us-ascii"),
        ("Fr\xf6sche", "utf-7", "unicode-1-1-utf-7"),
        (CHINESE, "hz", "hz-gb-2312"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-8-sig", "utf-8"),
    ],
)
def test_a_label_that_holds_or_its_superset_reads_the_text(text: str, written: str, label: str) -> None:
    assert charset.decode(text.encode(written), label)[0] == text


def test_a_label_that_is_too_narrow_is_recorded() -> None:
    assert charset.decode("朱镕基".encode("gb18030"), "gb2312")[1] == "charset gb2312 is too narrow: read as gb18030"
    assert charset.decode(CHINESE.encode("gb18030"), "gb2312")[1] == ""


@pytest.mark.parametrize("label", ["", "us-ascii", "iso-8859-1", "utf-8", "x-unknown", "punycode", "rot13", "\0"])
@pytest.mark.parametrize(
    ("text", "written"),
    [
        (CHINESE, "gb18030"),
        ("打印机坏了", "gb18030"),
        ("Re: 服务器 down 了", "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "gb18030"),
        (CHINESE, "utf-8"),
        ("В конференц-зале не работает проектор", "cp1251"),
        (GERMAN, "cp1252"),
    ],
)
def test_a_wrong_or_missing_label_is_detected(text: str, written: str, label: str) -> None:
    read, defect = charset.decode(text.encode(written), label)
    assert read == text
    assert defect or (label in ("utf-8", "iso-8859-1"))


@pytest.mark.parametrize(
    ("text", "written", "label"),
    [
        (CHINESE, "utf-8", "gb2312"),
        ("您好", "utf-8", "gb2312"),
        (CHINESE, "gb18030", "big5"),
        (TRADITIONAL, "big5", "gb2312"),
        (GERMAN, "cp1252", "gb2312"),
        (CHINESE, "utf-8", "utf-16"),
    ],
)
def test_a_label_of_another_family_is_not_believed(text: str, written: str, label: str) -> None:
    read, defect = charset.decode(text.encode(written), label)
    assert read == text
    assert "does not fit" in defect


def test_a_character_cut_at_the_end_spoils_nothing_else() -> None:
    read, defect = charset.decode((CHINESE * 3).encode()[:-1], "utf-8")
    assert read.startswith(CHINESE * 2)
    assert defect == "charset utf-8: some octets replaced"
    undeclared, _ = charset.decode((CHINESE * 3).encode()[:-1])
    assert undeclared.startswith(CHINESE * 2)


def test_japanese_escapes_without_a_label_are_read() -> None:
    assert charset.decode("会議室".encode("iso2022_jp"))[0] == "会議室"


def test_octets_that_are_no_text_are_replaced_not_refused() -> None:
    text, defect = charset.decode(bytes(range(128, 256)) * 3, "utf-8")
    assert text
    assert defect


def test_the_charset_of_the_body_reads_a_raw_header() -> None:
    raw = (
        b"From: a@b.example\nSubject: " + "您好".encode("gb18030") + b"\nContent-Type: text/plain; charset=gb2312\n\nx"
    )
    mail = parse(raw)
    assert mail.subject == "您好"
    assert any(defect.startswith("Subject: charset not declared") for defect in mail.defects)


def test_a_charset_that_stands_only_in_meta_is_used() -> None:
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><p>{TRADITIONAL}'
    mail = parse(b"From: a@b.example\nContent-Type: text/html\n\n" + page.encode("gb18030"))
    assert mail.text == TRADITIONAL
    wrong = b"From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n" + page.encode("gb18030")
    assert parse(wrong).text == TRADITIONAL


def test_a_hostile_label_is_shown_safely() -> None:
    _, defect = charset.decode(CHINESE.encode(), 'x"\r\nBcc: v@x')
    assert "\n" not in defect
    assert '"' not in defect


@pytest.mark.parametrize("label", ["idna", "punycode", "\0utf-8", "utf-8\0", "undefined", "hex"])
def test_a_charset_that_python_chokes_on_harms_nothing(label: str) -> None:
    raw = f"From: a@b.example\nContent-Type: text/plain; charset={label}\n\n{CHINESE}".encode()
    assert parse(raw).text == CHINESE
