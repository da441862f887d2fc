"""The limits of PROTOCOLS 5, measured before parsing."""

import pytest

from maildesk.mail import limits
from maildesk.mail.parse import parse

HEAD = b"From: a@b.example\r\nTo: it@corp.example\r\nSubject: x\r\n"


def parts(count: int, boundary: bytes = b"b1") -> bytes:
    part = b"--" + boundary + b"\r\n\r\ntext\r\n"
    return HEAD + b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n' + part * count


def nested(depth: int, text: bytes = b"deep") -> bytes:
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(depth))
    closing = b"".join(b"\r\n--b%d--\r\n" % i for i in reversed(range(depth)))
    return HEAD + levels + b"\r\n" + text + closing


PASSED = {
    "larger than 25 MB": HEAD + b"\r\n" + b"x" * limits.MESSAGE,
    "a header block larger than 256 KB": HEAD + b"X: %s\r\n" % (b"y" * 200) * 1400 + b"\r\ntext",
    "more than 2000 header lines": HEAD + b"X: y\r\n" * 2000 + b"\r\ntext",
    "a header larger than 16 KB": HEAD + b"X: " + b"y" * 17_000 + b"\r\n\r\ntext",
    "more than 500 addresses": HEAD + b"Cc: " + b",".join(b"a%d@b.example" % i for i in range(501)) + b"\r\n\r\ntext",
    "more than 1000 parts": parts(1001),
    "parts nested deeper than 50": nested(51),
    "more than 500 delivery-status blocks": HEAD + b"\r\n" + b"Final-Recipient: rfc822; a@b\r\n\r\n" * 1001,
}


@pytest.mark.parametrize("limit", PASSED)
def test_a_mail_over_a_limit_is_named_and_its_safe_part_is_read(limit: str) -> None:
    raw = PASSED[limit]
    assert limits.check(raw) == limit
    mail = parse(raw)
    assert mail.over_limit == limit
    assert mail.subject == "x"
    assert mail.sender is not None
    assert mail.text or limit == "parts nested deeper than 50"


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"\r\n" + b"x" * (limits.MESSAGE - 200),
        HEAD + b"X: y\r\n" * 1990 + b"\r\ntext",
        HEAD + b"X: " + b"y" * 16_000 + b"\r\n\r\ntext",
        HEAD + b"Cc: " + b",".join(b"a%d@b.example" % i for i in range(490)) + b"\r\n\r\ntext",
        HEAD + b"X-Note: " + b"@" * 600 + b"\r\n\r\ntext",
        parts(999),
        nested(50),
        HEAD + b"boundary=o boundary=i\r\n\r\n" + b"\n--o\n\n--i\n\n" * 60,
        HEAD + b"\r\n" + b"-- a comment of a dump\n" * 400_000,
        HEAD + b"\r\n" + b"-- boundary=x\n" * 301_000,
        HEAD + b'Content-Type: multipart/mixed; boundary="b1"\r\n\r\n--b1\r\n\r\n' + b"--\r\n" * 2_000 + b"--b1--\r\n",
        b"",
        b"\r\n\r\n",
    ],
)
def test_a_mail_within_the_limits_passes(raw: bytes) -> None:
    assert limits.check(raw) == ""


def test_very_many_boundaries_and_dashes_are_too_many() -> None:
    raw = HEAD + b"\r\n" + b"".join(b"boundary=b%d\n--x\n" % i for i in range(60)) + b"--y\n" * 300_001
    assert limits.check(raw) == "more than 300000 lines that look like part delimiters"
    crowd = HEAD + b"Content-Type: multipart/mixed; boundary=y\r\n\r\n" + b"--y\n" * 300_001
    assert limits.check(crowd) == "more than 1000 parts"


def test_the_safe_part_is_small_and_within_the_limits_of_a_header() -> None:
    long = HEAD + b"To: " + b",".join(b"a%d@b.example" % i for i in range(900)) + b"\r\nX: " + b"y" * 20_000
    lines = b"\r\n" + b"X-L: y\r\n" * 3_000 + b"\r\n" + b"z" * 400_000
    safe = limits.safe_part(long + lines)
    assert len(safe) <= limits.HEADER_BLOCK + limits.SAFE_TEXT + 4
    assert limits.check(safe) == ""
    assert safe.startswith(HEAD)
    assert safe.endswith(b"zzz")
    many = limits.safe_part(b"Cc: a@b,c@d\r\n" * 400 + b"\r\ntext")
    assert many.count(b"@") <= limits.ADDRESSES


def test_the_safe_part_of_a_header_without_end_keeps_its_text() -> None:
    safe = limits.safe_part(b"x" * 600_000)
    assert len(safe) > limits.SAFE_TEXT
    assert parse(b"x" * 600_000).text.startswith("xxx")


def test_a_file_that_was_cut_is_left_out() -> None:
    file = b"Content-Type: application/pdf; name=%s\r\n\r\n" + b"%s"
    body = (
        b"--b1\r\n\r\nhello\r\n--b1\r\n"
        + file % (b"small.pdf", b"small")
        + b"\r\n--b1\r\n"
        + file % (b"big.pdf", b"x" * 300_000)
    )
    raw = (
        HEAD
        + b"X: "
        + b"y" * 17_000
        + b"\r\nContent-Type: multipart/mixed; boundary=b1\r\n\r\n"
        + body
        + b"\r\n--b1--\r\n"
    )
    mail = parse(raw)
    assert mail.over_limit == "a header larger than 16 KB"
    assert [name.filename for name in mail.attachments] == ["small.pdf"]
    assert mail.text == "hello"


def test_an_encoded_boundary_cannot_hide_parts_or_depth() -> None:
    raw = parts(1500).replace(b'boundary="b1"', b"boundary*=utf-8''b%31")
    mail = parse(raw)
    assert mail.over_limit == "more than 1000 parts"
    deep = b"".join(b"Content-Type: multipart/mixed; boundary*=''%%62%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(80))
    assert parse(HEAD + deep + b"\r\ntext").over_limit == "parts nested deeper than 50"
