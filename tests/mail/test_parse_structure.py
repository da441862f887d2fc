"""Whole and broken MIME: no text is lost, no file is changed (FEATURES B1, B7)."""

import base64
import hashlib

import pytest

from maildesk.mail.parse import parse

HEAD = b"From: Li Lei <li@corp.example>\r\nTo: it@corp.example\r\nSubject: printer\r\nMIME-Version: 1.0\r\n"


def multipart(kind: str, *parts: bytes, boundary: str = "b1", end: bool = True) -> bytes:
    """A multipart body with its Content-Type field in front; each part brings its own header."""
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
    return head + body + (f"--{boundary}--\r\n".encode() if end else b"")


def plain(text: str) -> bytes:
    return b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()


def markup(text: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\r\n\r\n" + text.encode()


def test_of_alternatives_the_plain_text_is_read_and_both_are_kept() -> None:
    mail = parse(HEAD + multipart("alternative", plain("打印机坏了"), markup("<p>打印机<b>坏了</b></p>")))
    assert mail.text == mail.plain == "打印机坏了"
    assert mail.html == "<p>打印机<b>坏了</b></p>"
    assert mail.defects == ()


@pytest.mark.parametrize(
    "stub", ["", "   ", "This mail is in HTML. Please use a client that can view it.", "您的邮件客户端不支持HTML"]
)
def test_a_plain_part_that_says_nothing_gives_way_to_html(stub: str) -> None:
    mail = parse(HEAD + multipart("alternative", plain(stub), markup("<p>打印机坏了，三楼</p>")))
    assert mail.text == "打印机坏了，三楼"


def test_texts_of_a_mixed_mail_are_joined_in_order() -> None:
    mail = parse(HEAD + multipart("mixed", plain("one"), markup("<p>two</p>"), plain("three")))
    assert mail.text == "one\n\ntwo\n\nthree"


def test_a_calendar_beside_a_text_is_a_file() -> None:
    invitation = b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR"
    mail = parse(HEAD + multipart("alternative", plain("meeting"), invitation))
    assert mail.text == "meeting"
    assert [file.filename for file in mail.attachments] == ["attachment-1.ics"]


def test_richtext_is_read_when_it_is_all_there_is() -> None:
    mail = parse(HEAD + multipart("alternative", b"Content-Type: text/enriched\r\n\r\n<bold>down</bold>"))
    assert mail.text == "<bold>down</bold>"
    assert mail.plain == ""


def test_a_file_keeps_every_octet() -> None:
    octets = bytes(range(256)) * 50
    part = (
        b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="log.pdf"\r\n\r\n' + base64.encodebytes(octets)
    )
    file = parse(HEAD + multipart("mixed", plain("see log"), part)).attachments[0]
    assert (file.filename, file.content_type, file.size, file.inline) == ("log.pdf", "application/pdf", 12800, False)
    assert file.data == octets
    assert file.sha256 == hashlib.sha256(octets).hexdigest()


def test_an_inline_picture_keeps_its_content_id() -> None:
    picture = b"Content-Type: image/png\r\nContent-ID: <logo@corp>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0K"
    mail = parse(HEAD + multipart("related", markup("<img src=cid:logo@corp>x"), picture))
    assert [(a.filename, a.inline, a.content_id) for a in mail.attachments] == [("image-1.png", True, "logo@corp")]


def test_an_attached_message_is_a_file_with_its_octets_and_is_shown() -> None:
    inner = b"From: =?gb2312?B?zfXO5Q==?= <wang@x.example>\r\nSubject: VPN/down\r\n\r\ncannot connect\r\n"
    mail = parse(HEAD + multipart("mixed", plain("please help him"), b"Content-Type: message/rfc822\r\n\r\n" + inner))
    assert mail.attachments[0].data == inner
    assert mail.attachments[0].filename == "VPN_down.eml"
    assert mail.new_text == "please help him"
    assert "From: 王五 <wang@x.example>\nSubject: VPN/down\n\ncannot connect" in mail.text


def test_a_message_attached_without_a_word_is_the_new_text() -> None:
    inner = b"From: wang@x.example\r\nSubject: VPN\r\n\r\ncannot connect\r\n"
    mail = parse(HEAD + multipart("mixed", b"Content-Type: message/rfc822\r\n\r\n" + inner))
    assert mail.new_text == "cannot connect"
    assert mail.forwarded_from is not None
    assert mail.forwarded_from.address == "wang@x.example"


def test_a_returned_message_in_a_report_is_not_shown_as_text() -> None:
    recipient = b"Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n" + recipient
    returned = b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <1.a.b@corp.example>\r\n\r\nticket text\r\n"
    mail = parse(
        b"From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\n"
        + multipart("report; report-type=delivery-status", plain("failed"), status, returned)
    )
    assert mail.text == "failed"
    assert mail.bounce is not None
    assert [(r.address, r.status) for r in mail.bounce.recipients] == [("x@y.example", "5.1.1")]
    assert mail.bounce.original_message_id == "1.a.b@corp.example"


def test_the_parts_of_a_digest_are_messages() -> None:
    mail = parse(
        HEAD
        + multipart(
            "digest", b"\r\nFrom: a@b.example\r\nSubject: one\r\n\r\nfirst", b"\r\nFrom: c@d.example\r\n\r\nsecond"
        )
    )
    assert [file.content_type for file in mail.attachments] == ["message/rfc822", "message/rfc822"]
    assert "first" in mail.text
    assert "second" in mail.text


@pytest.mark.parametrize(
    "content_type",
    [
        b'multipart/mixed; boundary="wrong"',
        b"multipart/mixed",
        b'multipart/mixed; boundary=""',
        b'multipart/mixed; boundary="b1',
    ],
)
def test_a_wrong_or_missing_boundary_is_guessed(content_type: bytes) -> None:
    body = multipart("mixed", plain("打印机坏了"), markup("<p>坏了</p>")).partition(b"\r\n\r\n")[2]
    mail = parse(HEAD + b"Content-Type: " + content_type + b"\r\n\r\n" + body)
    assert mail.text == "打印机坏了\n\n坏了"


def test_a_multipart_without_any_part_is_text() -> None:
    mail = parse(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nthe printer is on fire\r\n")
    assert mail.text == "the printer is on fire"


def test_a_multipart_that_never_ends_keeps_its_last_part() -> None:
    mail = parse(HEAD + multipart("mixed", plain("one"), plain("two"), end=False))
    assert mail.text == "one\n\ntwo"
    assert "multipart without an end" in mail.defects


def test_parts_after_an_early_end_are_read() -> None:
    raw = HEAD + multipart("mixed", plain("one")) + b"--b1\r\n" + plain("two") + b"\r\n--b1--\r\n"
    assert parse(raw).text == "one\n\ntwo"


def test_text_before_and_after_the_parts_is_read_but_not_the_usual_note() -> None:
    body = multipart("mixed", plain("one")).replace(
        b"\r\n\r\n", b"\r\n\r\nThis is a multi-part message in MIME format.\r\n", 1
    )
    assert parse(HEAD + body + b"\r\n").text == "one"
    lost = body.replace(b"This is a multi-part message in MIME format.", b"urgent: server room") + b"call me\r\n"
    assert parse(HEAD + lost).text == "urgent: server room\n\none\n\ncall me"


def test_much_text_after_the_parts_is_read() -> None:
    raw = HEAD + multipart("mixed", plain("one")) + b"line\n" * 60_000
    assert parse(raw.replace(b"\r\n", b"\n")).text.startswith("one\n\nline\nline\n")


def test_a_boundary_that_begins_like_another_is_kept_apart() -> None:
    inner = multipart("alternative", plain("inner"), markup("<p>inner</p>"), boundary="b1x")
    assert parse(HEAD + multipart("mixed", inner, plain("outer"))).text == "inner\n\nouter"


def test_a_part_without_a_header_is_text() -> None:
    assert parse(HEAD + multipart("mixed", b"Note: the printer\r\nis broken", b"\r\nsecond")).text == (
        "Note: the printer\nis broken\n\nsecond"
    )


def test_named_text_is_a_file_unless_there_is_no_other_text() -> None:
    named = (
        b'Content-Type: text/plain; name="log.txt"\r\nContent-Disposition: inline; filename="log.txt"\r\n\r\nerror 5'
    )
    both = parse(HEAD + multipart("mixed", plain("see log"), named))
    assert both.text == "see log"
    alone = parse(HEAD + multipart("mixed", named))
    assert alone.text == "error 5"
    assert [file.filename for file in alone.attachments] == ["log.txt"]


def test_an_attached_text_never_becomes_the_text() -> None:
    named = b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=log.txt\r\n\r\nerror 5"
    assert parse(HEAD + multipart("mixed", named)).text == ""
    assert parse(HEAD + named).text == "error 5"


def test_markup_labelled_as_plain_is_read_as_markup() -> None:
    mail = parse(HEAD + plain("<html><body><p>down</p></body></html>"))
    assert mail.text == "down"
    assert mail.plain == ""


def test_flowed_lines_are_whole_again() -> None:
    head = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n"
    body = head + b"The network \r\nis down\r\n>quoted \r\n>line\r\n-- \r\nLi"
    assert parse(HEAD + body).text == "The network is down\n> quoted line\n-- \nLi"


def test_delsp_joins_chinese_without_a_blank() -> None:
    body = "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n\r\n网络 \r\n断了".encode()
    assert parse(HEAD + body).text == "网络断了"


@pytest.mark.parametrize(
    ("encoding", "octets", "text", "defect"),
    [
        ("base64", base64.encodebytes("打印机".encode()), "打印机", False),
        ("base64", base64.b64encode("打印机坏了a".encode()).rstrip(b"="), "打印机坏了a", False),
        (
            "base64",
            b"5omT\n5Y2w\n5py6\n\n-- \nlist footer, always here\n",
            "打印机\n-- \nlist footer, always here",
            True,
        ),
        ("base64", b"this is no base64 at all!", "this is no base64 at all!", True),
        ("base64", base64.b64encode(b"ab") + base64.b64encode(b"cd"), "abcd", False),
        ("base64", b"a", "", False),
        ("base64", b"YWJjZ", "abc", False),
        ("base64", b"YWJjZ===", "abc", False),
        ("base64", b"5omT\x0c\n5Y2w", "打印", True),
        ("base64", b"YWJj\nYWJjZGVm\n(footer)", "abc\nYWJjZGVm\n(footer)", True),
        ("quoted-printable", b"caf=C3=A9 =\r\nbar =zz", "café bar =zz", False),
        ("x-uuencode", b"begin 644 x\n#0V%T\n`\nend\n", "Cat", False),
        ("x-uuencode", b"begin 644 x\n#0V%T    trailing\n?\n\nend\n", "Cat", False),
        ("uuencode", b"no beginning", "no beginning", False),
        ("uuencode", b"begin 644 x\n#0V%T\n#\x01\x02\x03\x04\n\n`\nend\n", "Cat", False),
        ("7bit", base64.encodebytes(("打印机坏了，" * 9).encode()), "打印机坏了，" * 9, True),
        ("8bit", b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 3, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo" * 3, False),
        ("8bit", b"/w8B" * 18, "/w8B" * 18, False),
        ("8bit", b"AQID" * 18, "AQID" * 18, False),
        ("x-own", b"as it stands", "as it stands", True),
    ],
)
def test_transfer_encodings_are_undone_or_left(encoding: str, octets: bytes, text: str, defect: bool) -> None:
    head = HEAD + f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    mail = parse(head + octets)
    assert mail.text == text
    assert bool(mail.defects) is defect


def test_a_text_too_long_to_show_is_kept_as_a_file() -> None:
    body = b"line of a log\r\n" * 100_000
    mail = parse(HEAD + b"\r\n" + body)
    assert len(mail.text) == 500_000
    assert mail.attachments[0].data == body
    assert "a text too long to show: kept as a file" in mail.defects


def test_a_page_with_large_embedded_pictures_keeps_its_text() -> None:
    page = f'<p>before<img src="data:image/png;base64,{"A" * 2_000_000}"><p>after'
    assert parse(HEAD + markup(page)).text == "before\n\nafter"


@pytest.mark.parametrize(
    ("raw", "subject", "text"),
    [
        (b"From: a@b.example\rSubject: cr only\r\rone\rtwo\r", "cr only", "one\ntwo"),
        (b"From: a@b.example\r\r\nSubject: doubled\r\r\n\r\r\none\r\r\ntwo", "doubled", "one\ntwo"),
        (b"\xef\xbb\xbfFrom: a@b.example\nSubject: bom\n\none", "bom", "one"),
        (b"\r\n\r\nFrom: a@b.example\nSubject: late\n\none", "late", "one"),
        (b"From a@b Mon Jan  1 00:00:00 2025\n>From c@d\nSubject: mbox\n\none", "mbox", "one"),
        (b"+OK 123 octets follow\nSubject: garbage first\n\none", "garbage first", "one"),
        (b"Subject: broken\nlines here\nFrom: a@b.example\n\none", "broken lines here", "one"),
        (b"Subject: no blank\nthe printer: broken, again\nfix it\n", "no blank", "the printer: broken, again\nfix it"),
        (b"Subject: no blank line\nfix it now\n", "no blank line", "fix it now"),
        (b"Subject: header only", "header only", ""),
        (b"just a text\nwith: colons\n\nand more", "", "just a text\nwith: colons\n\nand more"),
        (b"Note: the printer\n\nis broken", "", "Note: the printer\n\nis broken"),
        (b"a\nb\nc\nd\ne", "", "a\nb\nc\nd\ne"),
        (b"\n\nonly a body", "", "only a body"),
        (b"", "", ""),
    ],
)
def test_a_header_in_any_state_leaves_the_text_whole(raw: bytes, subject: str, text: str) -> None:
    mail = parse(raw)
    assert mail.subject == subject
    assert mail.text == text


def test_a_lone_carriage_return_makes_no_header() -> None:
    mail = parse(b"Subject: x\rAuthentication-Results: mx; dmarc=pass\r\nFrom: a@b.example\r\n\r\nx")
    assert list(mail.values("authentication-results")) == []
    assert mail.subject == "x Authentication-Results: mx; dmarc=pass"
