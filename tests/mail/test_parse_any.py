"""parse is total: any octets give a Mail that can be stored, in bounded time."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maildesk.mail import limits
from maildesk.mail.model import Mail
from maildesk.mail.parse import Reading, parse, received

HEAD = b"From: a@b.example\nTo: it@corp.example\nSubject: x\n"
REPORT = b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
DEEP = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(45))
PIECES = [
    b"From: ",
    b"To: a@b.example, ",
    b"Subject: ",
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"--b\n",
    b"--b--\n",
    b"Content-Type: text/html; charset=gb2312\n",
    b"Content-Type: message/rfc822\n",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b" ",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n",
    b"=?utf-8?B?5omT?=",
    b"=?",
    b"?=",
    b"Content-Type: multipart/report; boundary=b\n",
    b"Content-Type: message/delivery-status\n",
    b"charset=utf-16\n",
    b"Content-Disposition: attachment; filename*0*=utf-7''",
    b"<table><td>",
    b"</blockquote>",
    b"<a href=http://x>",
    b"\0",
    b"\xff\xfe",
    b'; name="\xe6\x93\x81\xe6\x93\x81\xe6\x93\x81\xe6\x93\x81\xe6\x93\x81\xe6\x93\x81',
    b"\xb4\xf2\xd3\xa1",
    b"begin 644 x\n",
    b'"',
    b"(",
    b"<",
    b">",
    b"@",
    b",",
    b";",
    b":",
    b"%41",
    b"\x1b$B",
    b"Message-ID: <",
    b"Date: Mon, 3 Feb 2025 10:00:00 +0800\n",
    b"Final-Recipient: rfc822; x@y\n",
    b"-- \n",
    b"> ",
]


def texts(mail: Mail) -> Iterator[str]:
    """Every text of a mail."""
    people = [person for person in (mail.sender, mail.forwarded_from, *mail.to, *mail.cc, *mail.reply_to) if person]
    yield from (
        mail.subject,
        mail.text,
        mail.new_text,
        mail.plain,
        mail.html,
        mail.message_id,
        mail.spam,
        mail.over_limit,
    )
    yield from (*mail.references, *mail.in_reply_to, *mail.defects, *mail.origin.reasons, *mail.authentication.reasons)
    yield from (text for pair in mail.headers for text in pair)
    yield from (text for person in people for text in (person.name, person.address))
    yield from (text for file in mail.attachments for text in (file.filename, file.content_type, file.content_id))


def assert_storable(mail: Mail) -> None:
    for text in texts(mail):
        assert "\0" not in text
        text.encode("utf-8")
    for file in mail.attachments:
        assert 0 < len(file.filename) <= 120
        assert "/" not in file.filename


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600))
def test_any_octets_give_a_mail(raw: bytes) -> None:
    assert_storable(parse(raw))
    received(raw)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=60).map(b"".join))
def test_any_pieces_of_mail_give_a_mail(raw: bytes) -> None:
    assert_storable(parse(raw, Reading(authserv_id="mx.example", loop="loop")))
    received(raw)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Co"]), min_size=1, max_size=200))
def test_a_text_in_utf8_comes_back_unchanged(text: str) -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text.encode()
    if not text.startswith(("\ufeff", "<")) and text.isprintable():
        assert parse(raw).plain == text


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"\n" + b"\n" * (24 << 20),
        HEAD + b"\n" + "打印机坏了".encode("gb18030") * (2 << 20),
        HEAD + b"Content-Transfer-Encoding: base64\nContent-Type: application/pdf\n\n" + b"AA=" * (8 << 20),
        HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + b"!\n" * (10 << 20),
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--\n" * (8 << 20),
        HEAD + REPORT + b"a:b\n\n" * (4 << 20),
        HEAD + b"Content-Type: message/rfc822\n\n" * 20_000,
        HEAD + b"Content-Type: text/html\n\n" + b"data:;base64," * 1_700_000,
        HEAD + DEEP + b"--b44a" * (4 << 20),
        (b"To: " + b"(" * 16_000 + b"\n") * 15 + HEAD + b"\n",
        (b"To: " + b"<a@b" * 4_000 + b"\n") * 15 + HEAD + b"\n",
        (b"From: " + b"=?utf-8?q?a=40b?= " * 800 + b"\n") * 15 + b"\n",
        (b"X: " + b"=?a?q??" * 2_200 + b"\n") * 16 + HEAD + b"\n",
        HEAD + b'Content-Type: text/plain; name="' + b"\xe6\x93\x81" * 5_000 + b"\n\n",
        HEAD + b"\n" + b"\n" * (20 << 20) + b"a text at the end, long enough to be looked at!",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n" + b"a:b\n" * (5 << 20),
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain" + b";a=b" * (5 << 20),
        HEAD + b"Content-Type: multipart/mixed\n\n--a" + b" " * (20 << 20),
        (b"To: <" + b"a@" * 8_000 + b"\n") * 15 + HEAD + b"\n",
        (b"To: " + b"a" * 16_000 + b"\n") * 15 + HEAD + b"\n",
        HEAD + b"Content-Type: text/html\n\n" + (b"<i>" + b"=" * 7_900) * 120,
        HEAD + b'Content-Type: text/html\n\n<p style="' + b"max-height:0;" * 70_000 + b'">x',
        HEAD + b'Content-Type: text/html\n\n<p style="' + b"max-height:0;" * 590 + b'">x',
    ],
    ids=range(23),
)
@pytest.mark.timeout(20)
def test_a_bomb_is_read_soon(raw: bytes) -> None:
    assert len(raw) <= limits.MESSAGE
    assert_storable(parse(raw))
