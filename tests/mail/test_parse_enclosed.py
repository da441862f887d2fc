"""What stands inside a mail in a form of its own: files in a text, invitations, signatures, encryption."""

import binascii

import pytest

from maildesk.mail import calendar, uuencode, wrapped
from maildesk.mail.parse import parse

HEAD = b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\n"
PICTURE = bytes(range(256)) * 3


def uu(octets: bytes, name: bytes, end: bytes = b"`\nend\n") -> bytes:
    lines = (binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45))
    return b"begin 644 %s\n%s%s" % (name, b"".join(lines), end)


def yenc(octets: bytes, name: bytes) -> bytes:
    coded = bytearray()
    for octet in octets:
        shifted = (octet + 42) % 256
        coded += bytes((0x3D, (shifted + 64) % 256)) if shifted in (0, 10, 13, 61) else bytes((shifted,))
    return b"=ybegin line=128 size=%d name=%s\n%s\n=yend size=%d\n" % (len(octets), name, bytes(coded), len(octets))


@pytest.mark.parametrize(
    "block",
    [
        uu(PICTURE, "截图.png".encode("gbk")),
        uu(PICTURE, "截图.png".encode()),
        uu(PICTURE, b"=?utf-8?B?5oiq5Zu+LnBuZw==?="),
        uu(PICTURE, "截图.png".encode("gbk"), end=b""),
        uu(PICTURE, "截图.png".encode("gbk")).replace(b"\n", b"\r\n"),
        yenc(PICTURE, "截图.png".encode("gbk")),
    ],
)
def test_a_file_inside_a_text_becomes_an_attachment(block: bytes) -> None:
    mail = parse(HEAD + b"\nbefore\n\n" + block + b"after\n")
    assert [(file.filename, file.data) for file in mail.attachments] == [("截图.png", PICTURE)]
    assert mail.text.split() == ["before", "after"]
    assert mail.plain.split() == ["before", "after"]


def test_several_files_in_one_text_all_come_out() -> None:
    mail = parse(HEAD + b"\n" + b"\n".join(uu(b"content %d" % i, b"%d.txt" % i) for i in range(5)))
    assert [file.data for file in mail.attachments] == [b"content %d" % i for i in range(5)]
    assert mail.text == ""


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 the story\nnow it goes on in words\nend\n",
        b"begin 644 x\n",
        b"begin 644 x\n\nend\n",
        b"=ybegin line=128 size=9 name=x\nno end\n",
        b"please begin 644 x with care\n",
        b"begin 644 x\nM short\n",
    ],
)
def test_a_text_that_only_looks_like_a_file_stays(text: bytes) -> None:
    mail = parse(HEAD + b"\n" + text)
    assert mail.attachments == ()
    assert mail.text == text.decode().strip("\n")


def test_uuencode_with_a_check_sum_or_without_blanks_is_read() -> None:
    padded = uu(b"a" * 45, b"x").replace(b"\n", b"  \n")
    assert uuencode.extract(padded)[1][0].octets == b"a" * 45


INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:服务器机房巡检\\, 第 3 号
DTSTART;TZID=Asia/Shanghai:20250203T100000
DTEND;TZID="Asia/Shanghai":20250203T113000
LOCATION:三楼会议室
ORGANIZER;CN="李雷":mailto:li@corp.example
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:it@corp.example
DESCRIPTION:请带\\n门禁
  卡
BEGIN:VALARM
DESCRIPTION:alarm
END:VALARM
END:VEVENT
END:VCALENDAR
"""
READ = """---------- Calendar: request ----------
Summary: 服务器机房巡检, 第 3 号
Start: 2025-02-03 10:00 Asia/Shanghai
End: 2025-02-03 11:30 Asia/Shanghai
Place: 三楼会议室
Organizer: 李雷 <li@corp.example>
请带
门禁 卡"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_invitation_is_readable_and_kept(line_end: str) -> None:
    octets = INVITATION.replace("\n", line_end).encode()
    boundary = b"Content-Type: multipart/alternative; boundary=p\n\n--p\nContent-Type: text/plain\n\nCome.\n--p\n"
    mail = parse(
        HEAD + boundary + b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n" + octets + b"\n--p--\n"
    )
    assert mail.text == f"Come.\n\n{READ}"
    assert mail.new_text == "Come."
    assert [(file.content_type, file.data) for file in mail.attachments] == [("text/calendar", octets)]


def test_a_mail_that_is_only_an_invitation_says_what_it_is_about() -> None:
    mail = parse(HEAD + b"Content-Type: text/calendar; charset=gb2312\n\n" + INVITATION.encode("gbk"))
    assert mail.new_text == mail.text == READ


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        ("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20250203\nEND:VEVENT", "Start: 2025-02-03"),
        (
            "BEGIN:VEVENT\nDTSTART:20250203T020000Z\nDURATION:PT1H\nEND:VEVENT",
            "Start: 2025-02-03 02:00 UTC\nDuration: PT1H",
        ),
        ("BEGIN:VTODO\nSUMMARY:Patch\nDUE:20250203T020000\nEND:VTODO", "Summary: Patch\nDue: 2025-02-03 02:00"),
        ("BEGIN:VEVENT\nDTSTART:soon\nORGANIZER:li\nEND:VEVENT", "Start: soon\nOrganizer: li"),
        ("BEGIN:VEVENT\nORGANIZER;CN=a@b.example:MAILTO:a@b.example\nLOCATION:\nEND:VEVENT", "Organizer: a@b.example"),
    ],
)
def test_an_entry_shows_what_it_has(entry: str, shown: str) -> None:
    assert calendar.readable(f"BEGIN:VCALENDAR\n{entry}\nEND:VCALENDAR") == f"---------- Calendar ----------\n{shown}"


def test_an_invitation_with_nul_in_it_can_be_stored() -> None:
    raw = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Room\0 2\nEND:VEVENT\nEND:VCALENDAR\n"
    mail = parse(HEAD + b"Content-Type: text/calendar\n\n" + raw)
    assert "Summary: Room 2" in mail.text
    assert "\0" not in mail.text


def test_an_answer_to_an_invitation_says_who_comes() -> None:
    attendee = "ATTENDEE;CN=Han Mei;PARTSTAT=ACCEPTED:mailto:han@corp.example"
    source = f"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nSUMMARY:Patch\n{attendee}\nEND:VEVENT\nEND:VCALENDAR"
    assert calendar.readable(source).endswith("Summary: Patch\nAnswer: Han Mei <han@corp.example>: accepted")


def test_a_calendar_of_many_entries_is_bounded() -> None:
    entries = "".join(f"BEGIN:VEVENT\nSUMMARY:e{i}\nEND:VEVENT\n" for i in range(50))
    assert calendar.readable(f"BEGIN:VCALENDAR\n{entries}").count("Summary:") == 10
    assert calendar.readable("no calendar") == ""


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes((size,)) if size < 128 else bytes((0x82, size >> 8, size & 255))
    return bytes((tag,)) + length + content


SIGNED_OID = bytes.fromhex("06092a864886f70d010702")
DATA_OID = bytes.fromhex("06092a864886f70d010701")
ENVELOPED_OID = bytes.fromhex("06092a864886f70d010703")
INNER = b"Content-Type: text/plain; charset=gb2312\r\n\r\n" + "请重置密码".encode("gbk")


def signed(content: bytes) -> bytes:
    inner = der(0x02, b"\1") + der(0x31, b"") + der(0x30, DATA_OID + der(0xA0, content))
    return der(0x30, SIGNED_OID + der(0xA0, der(0x30, inner)))


@pytest.mark.parametrize(
    "octets",
    [
        signed(der(0x04, INNER)),
        signed(der(0x24, der(0x04, INNER[:50]) + der(0x04, INNER[50:]))),
        b"\x30\x80" + SIGNED_OID + b"\xa0\x80\x30\x80" + DATA_OID + b"\xa0\x80\x24\x80" + der(0x04, INNER) + b"\0" * 8,
    ],
)
def test_opaque_signed_mail_is_read_kept_and_named(octets: bytes) -> None:
    mail = parse(HEAD + b"Content-Type: application/pkcs7-mime; name=smime.p7m\n\n" + octets)
    assert mail.text == "请重置密码"
    assert mail.attachments[0].data == octets
    assert "signed, opaque: application/pkcs7-mime" in mail.defects


@pytest.mark.parametrize(
    "octets",
    [b"", signed(b""), signed(der(0x05, b"")), SIGNED_OID, SIGNED_OID + DATA_OID, SIGNED_OID + DATA_OID + b"\xa0\x89"],
)
def test_opaque_signed_mail_without_a_content_is_a_file(octets: bytes) -> None:
    assert wrapped.content(octets) == b""
    assert parse(HEAD + b"Content-Type: application/pkcs7-mime\n\n" + octets).text == ""


def test_signed_mail_inside_signed_mail_ends() -> None:
    octets = INNER
    for _ in range(40):
        octets = signed(der(0x04, b"Content-Type: application/pkcs7-mime\n\n" + octets))
    assert len(parse(HEAD + b"Content-Type: application/pkcs7-mime\n\n" + octets).attachments) == 6


def multipart(kind: bytes, parameters: bytes, second: bytes) -> bytes:
    return (HEAD + b"Content-Type: multipart/%s; boundary=p%s\n\n--p\n\ntext\n--p\nContent-Type: %s\n\nx\n--p--\n") % (
        kind,
        parameters,
        second,
    )


@pytest.mark.parametrize(
    ("raw", "mark"),
    [
        (
            multipart(b"signed", b'; protocol="application/pkcs7-signature"', b"application/pkcs7-signature"),
            "signed: application/pkcs7-signature",
        ),
        (multipart(b"signed", b"", b"application/pgp-signature"), "signed: application/pgp-signature"),
        (HEAD + b"Content-Type: multipart/signed\n\n", "signed: unknown"),
        (
            multipart(b"encrypted", b"; protocol=application/pgp-encrypted", b"application/octet-stream"),
            "encrypted: application/pgp-encrypted",
        ),
        (HEAD + b"Content-Type: multipart/encrypted\n\n", "encrypted: unknown"),
        (
            HEAD + b"Content-Type: application/x-pkcs7-mime\n\n" + der(0x30, ENVELOPED_OID),
            "encrypted: application/x-pkcs7-mime",
        ),
        (HEAD + b"\n-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n", "encrypted: PGP in the text"),
        (HEAD + b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhi\n", "signed: PGP in the text"),
    ],
)
def test_signed_and_encrypted_mail_is_named(raw: bytes, mark: str) -> None:
    assert mark in parse(raw).defects


def test_a_detached_signature_is_kept_and_the_text_is_read() -> None:
    mail = parse(multipart(b"signed", b"", b"application/pkcs7-signature; name=smime.p7s"))
    assert mail.text == "text"
    assert [file.filename for file in mail.attachments] == ["smime.p7s"]


def test_a_signature_without_a_name_is_no_file_that_anybody_attached() -> None:
    mail = parse(multipart(b"signed", b"", b"application/pgp-signature"))
    assert (mail.text, mail.attachments) == ("text", ())
    assert "signed: application/pgp-signature" in mail.defects
