"""Header fields as programs really write them: encoded words, addresses, dates, file names (FEATURES B3)."""

import base64
from datetime import UTC, datetime

import pytest

from maildesk.mail import addresses, headers
from maildesk.mail.model import Address, Mail
from maildesk.mail.parse import Reading, canonical_hash, parse, received


def read(**fields: str | bytes) -> Mail:
    """A mail with these header fields; a name is written with _ for -."""
    head = b"".join(
        name.replace("_", "-").encode() + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
        for name, value in fields.items()
    )
    return parse(head + b"\r\ntext\r\n")


def word(text: str, codec: str, label: str = "") -> str:
    return f"=?{label or codec}?B?{base64.b64encode(text.encode(codec)).decode()}?="


def test_ids_are_canonical() -> None:
    mail = read(
        Message_ID="<ABC@Mail.Example>", In_Reply_To="<a@B.example> ", References="<x@Y.example>\r\n <a@b.example>"
    )
    assert mail.message_id == "ABC@mail.example"
    assert mail.in_reply_to == ("a@b.example",)
    assert mail.references == ("x@y.example", "a@b.example")


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("=?utf-8?B?5omT5Y2w5py6?=", "打印机"),
        ("=?utf-8?q?caf=C3=A9_bar?=", "café bar"),
        ("Re: =?gb2312?B?tPLTobv6?= down", "Re: 打印机 down"),
        ("=?gb18030?B?tPLT?=\r\n =?gb18030?B?obv6?=", "打印机"),
        ("=?utf-8?B?5omT5Y2?= =?utf-8?B?w5py6?=", "打印机"),
        ("=?utf-8?B?5omT?= =?utf-8?q?=E5=8D=B0?=", "打印"),
        ("=?utf-8?B?5omTYQ?= =?utf-8?B?5Y2w?=", "打a印"),
        ("=?utf-8?B?5omTYQ?= =?utf-8?q?b?=", "打ab"),
        ("=?utf-8?q?a?= =?gb2312?B?tPI=?= =?utf-8?q?b?=", "a打b"),
        ("=?utf-8?q?a?=b=?utf-8?q?c?=", "abc"),
        ("=?utf-8?Q?Is it down??=", "Is it down?"),
        ("=?utf-8?Q?a?b?c?=", "a?b?c"),
        ("=?utf-8*zh-CN?B?5omT?=", "打"),
        ("=?iso-8859-1?q?=93x=94?=", "“x”"),
        ("=?utf-8?B?5omT", "=?utf-8?B?5omT"),
        ("=?x-unknown?q?plain?=", "plain"),
        ("=?utf-8?q?a=0D=0ABcc=3A_v=40x?=", "a Bcc: v@x"),
        ("=?utf-8?q?a=00b?=", "a b"),
        ("folded\r\n\tsubject", "folded subject"),
        ("  ", ""),
        ("会议室", "会议室"),
        (b"\x1b$B2q5D\x1b(B", "会議"),
        (b"\xb4\xf2\xd3\xa1\xbb\xfa\xbb\xb5\xc1\xcb", "打印机坏了"),
    ],
)
def test_a_subject_is_decoded_on_one_line(value: str | bytes, subject: str) -> None:
    assert read(From="a@b.example", Subject=value).subject == subject


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("li@Corp.Example", "", "li@corp.example"),
        ("Li Lei <Li@CORP.example>", "Li Lei", "Li@corp.example"),
        ('"Lei, Li" <li@corp.example>', "Lei, Li", "li@corp.example"),
        (f"{word('李雷', 'gb18030')} <li@corp.example>", "李雷", "li@corp.example"),
        (f'"{word("李雷", "utf-8")}" <li@corp.example>', "李雷", "li@corp.example"),
        (f"{word(chr(34) + '李雷' + chr(34), 'utf-8')} <li@corp.example>", "李雷", "li@corp.example"),
        ("李雷 <li@corp.example>", "李雷", "li@corp.example"),
        ("li@corp.example (Li Lei)", "Li Lei", "li@corp.example"),
        ("li@corp.example <li@corp.example>", "li@corp.example", "li@corp.example"),
        ("<li@corp.example> <li@corp.example>", "", "li@corp.example"),
        ("Li [IT] <li@corp.example>", "Li [IT]", "li@corp.example"),
        ("Li <mailto:li@corp.example>", "Li", "li@corp.example"),
        (word("Li <li@corp.example>", "utf-8"), "Li", "li@corp.example"),
        ("root@db01", "", "root@db01"),
        ("李雷@例子.cn", "", "李雷@例子.cn"),
        ("Team: li@corp.example;", "", "li@corp.example"),
        ("bad, li@corp.example", "", "li@corp.example"),
        (
            "=?utf-8?q?alice=40corp=2Eexample=3E=00?=bob@evil.example",
            "",
            "=?utf-8?q?alice=40corp=2Eexample=3E=00?=bob@evil.example",
        ),
    ],
)
def test_the_sender_is_whom_a_reader_would_see(value: str, name: str, address: str) -> None:
    sender = read(From=value).sender
    assert sender is not None
    assert (sender.name, sender.address) == (name, address)


def test_a_private_character_in_a_name_stands_for_nothing() -> None:
    sender = read(From="\ue000 \x01 <li@corp.example>").sender
    assert sender is not None
    assert "\ue000" not in sender.name
    assert sender.address == "li@corp.example"


def test_without_a_from_the_reply_to_is_shown() -> None:
    mail = read(Reply_To="Wang <wang@x.example>", To="it@corp.example")
    assert mail.sender == Address(name="Wang", address="wang@x.example")
    assert "no From: the Reply-To is shown" in mail.defects
    assert read(From="nobody", To="<>").sender is None


def test_two_senders_are_a_defect_and_the_first_is_shown() -> None:
    mail = parse(b"From: a@x.example\r\nFrom: b@x.example\r\n\r\nx")
    assert mail.sender == Address(address="a@x.example")
    assert "more than one From" in mail.defects


def test_recipients_of_several_lines_are_one_list() -> None:
    mail = parse(
        b"From: a@x.example\r\nTo: b@x.example,\r\n c@x.example\r\nTo: D <d@x.example>\r\nCc: e@x.example\r\n\r\nx"
    )
    assert [person.address for person in mail.to] == ["b@x.example", "c@x.example", "d@x.example"]
    assert [person.address for person in mail.cc] == ["e@x.example"]
    assert read(To="undisclosed-recipients:;").to == ()


def test_one_broken_recipient_hides_no_other() -> None:
    mail = read(From="a@x.example", To="b@x.example, <<c@x.example, d@x.example")
    assert {"b@x.example"} <= {person.address for person in mail.to}
    assert "To: an address that breaks the rules" in mail.defects


def test_a_failing_library_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise AttributeError

    monkeypatch.setattr(addresses, "MailParser", broken)
    mail = read(From="Li <li@corp.example>", Date="Mon, 3 Feb 2025 10:00:00 +0800")
    assert mail.sender == Address(name="Li", address="li@corp.example")
    assert mail.date == datetime(2025, 2, 3, 2, tzinfo=UTC)
    assert "mail-parser failed: AttributeError" in mail.defects
    assert received(b"From: a@b.example\r\nReceived: from a by b; Mon, 3 Feb 2025 10:00:00 +0800\r\n\r\nx") == ()


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Mon, 3 Feb 2025 10:00:00 +0800", datetime(2025, 2, 3, 2, tzinfo=UTC)),
        ("3 Feb 2025 10:00 GMT", datetime(2025, 2, 3, 10, tzinfo=UTC)),
        ("Mon, 03 Feb 2025 10:00:00", datetime(2025, 2, 3, 10, tzinfo=UTC)),
        ("Mon, 3 Feb 2025 10:00:00 +0800 (CST)", datetime(2025, 2, 3, 2, tzinfo=UTC)),
        ("yesterday", None),
        ("Fri, 31 Dec 9999 23:00:00 -0500", None),
        ("", None),
        ("Mon, 99 Feb 2025 99:99:99 +9999", None),
        ("Mon, 3 Feb 2025 10:00:00 GMT+08:00", datetime(2025, 2, 3, 2, tzinfo=UTC)),
        ("Mon, 3 Feb 2025 10:00:00 UTC+8", datetime(2025, 2, 3, 2, tzinfo=UTC)),
        ("20250203T100000+0800", datetime(2025, 2, 3, 2, tzinfo=UTC)),
        ("2025-02-03T10:00:00.123Z", datetime(2025, 2, 3, 10, tzinfo=UTC)),
        ("2025-02-03", datetime(2025, 2, 3, tzinfo=UTC)),
        ("2025/2/3 9:05", datetime(2025, 2, 3, 9, 5, tzinfo=UTC)),
        ("2025年2月3日 10:00:00", datetime(2025, 2, 3, 10, tzinfo=UTC)),
        ("2025-02-30 10:00", None),
    ],
)
def test_a_date_is_utc_or_none(value: str, moment: datetime | None) -> None:
    assert read(From="a@b.example", Date=value).date == moment


def named(disposition: str | bytes, content_type: str = "application/pdf") -> str:
    value = disposition if isinstance(disposition, bytes) else disposition.encode()
    raw = b"From: a@b.example\r\nContent-Type: " + content_type.encode() + b"\r\nContent-Disposition: " + value
    return parse(raw + b"\r\n\r\nx").attachments[0].filename


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('attachment; filename="log.pdf"', "log.pdf"),
        ("attachment; filename=my log.pdf", "my log.pdf"),
        ('attachment; filename="a;b.pdf"', "a;b.pdf"),
        ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        ("attachment; filename*=utf-8''%E6%89%93%E5%8D%B0.pdf", "打印.pdf"),
        ("attachment; filename=\"x.pdf\"; filename*=utf-8''%E6%89%93.pdf", "打.pdf"),
        ("attachment; filename*0*=utf-8''%E6%89; filename*1*=%93; filename*2=\".pdf\"", "打.pdf"),
        ('attachment; filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
        ("attachment; filename*=%E6%89%93.pdf", "打.pdf"),
        ("attachment; filename*=gb2312'zh'%B4%F2.pdf", "打.pdf"),
        (f'attachment; filename="{word("打印", "gb18030")}"', "打印"),
        (f'attachment; filename="{word("打印机", "utf-8")}\r\n {word("坏了.pdf", "utf-8")}"', "打印机坏了.pdf"),
        ('attachment; filename="%E6%89%93.pdf"', "打.pdf"),
        ('attachment; filename="100%25%25.pdf"', "100%25%25.pdf"),
        ('attachment; filename="%FF%FE.pdf"', "%FF%FE.pdf"),
        (b'attachment; filename="' + "打印机.pdf".encode() + b'"', "打印机.pdf"),
        (b'attachment; filename="' + "打印机坏了.pdf".encode("gb18030") + b'"', "打印机坏了.pdf"),
        (b'attachment; filename="' + "打印机状态誠".encode("gb18030") + b'"', "打印机状态誠"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\dir\\x.exe"', "x.exe"),
        ('attachment; filename="a\u202egnp.exe"', "agnp.exe"),
        ('attachment; filename="a..b.pdf"', "a.b.pdf"),
        ('attachment; filename=".."', "attachment-1.pdf"),
        ('attachment; filename=""', "attachment-1.pdf"),
        ("attachment", "attachment-1.pdf"),
        ('attachment; filename="' + "x" * 300 + '.pdf"', "x" * 116 + ".pdf"),
        ('attachment; filename="' + "x" * 300 + '"', "x" * 120),
    ],
)
def test_a_file_name_is_read_and_cleaned(disposition: str | bytes, filename: str) -> None:
    assert named(disposition) == filename


@pytest.mark.parametrize(
    ("content_type", "filename"),
    [
        ('application/pdf; name="=?utf-8?B?5omT?="', "打"),
        ("image/jpeg", "image-1.jpg"),
        ("application/x-own-thing", "attachment-1.bin"),
        ("application/zip", "attachment-1.zip"),
        ("nonsense; name=x", "x"),
    ],
)
def test_the_content_type_names_what_the_disposition_does_not(content_type: str, filename: str) -> None:
    assert named("attachment", content_type) == filename


def test_a_charset_without_its_semicolon_is_found() -> None:
    raw = b"From: a@b.example\r\nContent-Type: text/plain charset=gb2312\r\n\r\n" + "您好".encode("gb18030")
    assert parse(raw).text == "您好"


def test_headers_are_kept_in_order_and_decoded() -> None:
    mail = read(X_A="1", Subject=word("打", "utf-8"), x_a="2")
    assert mail.headers == (("X-A", "1"), ("Subject", "打"), ("x-a", "2"))
    assert list(mail.values("X-a")) == ["1", "2"]


def test_the_hops_are_in_the_order_they_were_written() -> None:
    raw = (
        b"Received: from b.example (b.example [192.0.2.2]) by mx.corp.example with ESMTP id 2;\r\n"
        b"\tMon, 3 Feb 2025 10:00:05 +0800\r\n"
        b"Received: from a.example by b.example with SMTP id 1; Mon, 3 Feb 2025 10:00:00 +0800\r\n"
        b"Received: nonsense\r\nFrom: a@a.example\r\n\r\nx"
    )
    found = received(raw)
    assert [hop.by for hop in found] == ["", "b.example", "mx.corp.example"]
    assert found[0].from_ == "nonsense"
    assert found[2].at == datetime(2025, 2, 3, 2, 0, 5, tzinfo=UTC)
    assert received(b"") == ()


def test_the_hash_tells_two_deliveries_from_two_mails() -> None:
    one = parse(b"Received: from a\r\nFrom: a@b.example\r\nSubject: x\r\n y\r\n\r\nbody\r\n").canonical_hash
    assert one == parse(b"Delivered-To: q@b.example\nFrom: a@b.example\nSubject: x y\n\nbody\n\n").canonical_hash
    assert one != parse(b"From: a@b.example\r\nSubject: x y\r\n\r\nbody!\r\n").canonical_hash
    assert one != parse(b"From: a@c.example\r\nSubject: x y\r\n\r\nbody\r\n").canonical_hash
    assert len(canonical_hash([], b"")) == 64


def test_the_relay_and_the_loop_header_are_passed_on() -> None:
    raw = (
        b"Authentication-Results: mx.corp.example; dmarc=pass header.from=corp.example\r\n"
        b"X-Maildesk-Loop: own-desk\r\nFrom: li@corp.example\r\n\r\nx"
    )
    mail = parse(raw, Reading(authserv_id="mx.corp.example", loop="own-desk"))
    assert mail.authentication.result == "pass"
    assert mail.origin.kind == "own"
    assert parse(raw).authentication.result == "none"


def test_a_value_without_segments_is_empty() -> None:
    assert headers.text(b"") == ("", "")
