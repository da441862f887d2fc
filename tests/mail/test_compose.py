"""Composing: what goes on the wire is what was meant, whatever the values are."""

import base64
import email
import email.policy
import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

import pytest

from maildesk.errors import PermanentError
from maildesk.mail import compose as composing
from maildesk.mail import encode
from maildesk.mail.compose import Draft, compose
from maildesk.mail.encode import clean, clean_filename, is_address
from maildesk.mail.model import Address, Attachment

OUTLOOK = "DB7PR04MB4971B5A6F9E2C1D5F6A7B8C9D0E1FDB7PR04MB497@DB7PR04MB4971.eurprd04.prod.outlook.com"
DRAFT = Draft(
    from_=Address(name="IT 服务台", address="it@corp.example"),
    to=Address(name="王芳", address="wang@corp.example"),
    subject="Re: [MD-1042] 打印机卡纸",
    message_id="1042.aaaa.bbbb@corp.example",
    date=datetime(2026, 8, 3, 6, 30, tzinfo=UTC),
    text="您好\n",
)


def attachment(filename: str, content: bytes = b"abc", content_type: str = "application/pdf") -> Attachment:
    digest = hashlib.sha256(content).hexdigest()
    return Attachment(
        filename=filename, content_type=content_type, size=len(content), sha256=digest, inline=False, data=content
    )


def read(draft: Draft) -> "Message[str, str]":
    return email.message_from_bytes(compose(draft))


def shown(value: str | None) -> str:
    return str(make_header(decode_header((value or "").replace("\r\n", "").replace("\n", ""))))


def parts(draft: Draft) -> "list[Message[str, str]]":
    """The parts of a mail with attachments, the text first."""
    return [one for one in read(draft).walk() if not one.is_multipart()]


def part(message: "Message[str, str]", content_type: str) -> str:
    found = next(p for p in message.walk() if p.get_content_type() == content_type)
    payload: Any = found.get_payload(decode=True)
    return str(payload.decode()).replace("\r\n", "\n")


def test_headers_say_who_what_and_when() -> None:
    message = read(replace(DRAFT, headers=(("X-Maildesk-Loop", "it@corp.example"),), auto="auto-replied"))
    assert shown(message["From"]) == "IT 服务台 <it@corp.example>"
    assert shown(message["To"]) == "王芳 <wang@corp.example>"
    assert shown(message["Subject"]) == "Re: [MD-1042] 打印机卡纸"
    assert message["Date"] == "Mon, 03 Aug 2026 06:30:00 +0000"
    assert message["Message-ID"] == "<1042.aaaa.bbbb@corp.example>"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["X-Maildesk-Loop"] == "it@corp.example"
    assert message["In-Reply-To"] is None
    assert message["References"] is None


def test_a_persons_own_words_are_not_called_automatic() -> None:
    message = read(DRAFT)
    assert message["Auto-Submitted"] is None
    assert message["X-Auto-Response-Suppress"] is None


def test_ids_of_outlook_are_written_whole_and_folded_between_ids() -> None:
    wire = compose(replace(DRAFT, in_reply_to=OUTLOOK, references=("root@corp.example", OUTLOOK)))
    assert f"In-Reply-To: <{OUTLOOK}>\r\n".encode() in wire
    assert f"References: <root@corp.example>\r\n <{OUTLOOK}>\r\n".encode() in wire


def test_ids_that_cannot_stand_in_a_header_are_left_out() -> None:
    message = read(replace(DRAFT, in_reply_to="a b@c\r\nBcc: x@y", references=("a<b@c", "中@c", "fine@c")))
    assert message["In-Reply-To"] is None
    assert message["References"] == "<fine@c>"


def test_of_very_many_references_the_first_and_the_last_stay() -> None:
    message = read(replace(DRAFT, references=tuple(f"{n}@x" for n in range(500))))
    ids = message["References"].split()
    assert (len(ids), ids[0], ids[-1]) == (41, "<0@x>", "<499@x>")


def test_text_alone_is_one_part() -> None:
    message = read(DRAFT)
    assert message.get_content_type() == "text/plain"
    assert part(message, "text/plain") == "您好\n"


def test_text_and_html_are_alternatives() -> None:
    message = read(replace(DRAFT, html="<p>您好</p>"))
    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "text/html") == "<p>您好</p>\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain words\n", "7bit"),
        ("Grüße aus Köln, the rest of this line is quite plain\n", "quoted-printable"),
        ("打印机又卡纸了\n", "base64"),
        ("x" * 5000, "quoted-printable"),
        ("--=_0123456789abcdef01234567.m\n", "quoted-printable"),
        ("From here on\n.\n-- \nx = y\n", "7bit"),
    ],
)
def test_each_text_gets_its_encoding_and_comes_back_as_it_was(text: str, encoding: str) -> None:
    message = read(replace(DRAFT, text=text))
    assert message["Content-Transfer-Encoding"] == encoding
    assert part(message, "text/plain") == text.rstrip("\n") + "\n"


def test_control_characters_do_not_reach_the_body() -> None:
    message = read(replace(DRAFT, text="a\x00b\x1b[31mc\ud800d\r\ne\rf\tg"))
    assert part(message, "text/plain") == "ab[31mcd\ne\nf\tg\n"


def test_the_wire_is_seven_bit_with_crlf_and_short_lines() -> None:
    wire = compose(
        replace(
            DRAFT,
            subject="长" * 400,
            html="<p>" + "长a" * 5000 + "</p>",
            attachments=(attachment("报" * 200 + ".pdf", bytes(range(256)) * 50),),
            references=tuple(f"{n}{'x' * 200}@x" for n in range(50)),
        )
    )
    assert wire.isascii()
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert b"\r" not in wire.replace(b"\r\n", b"")
    assert max(map(len, wire.split(b"\r\n"))) <= 998


def test_the_same_draft_gives_the_same_bytes() -> None:
    draft = replace(DRAFT, html="<p>x</p>", attachments=(attachment("a.pdf"),))
    assert compose(draft) == compose(draft)
    assert compose(draft) != compose(replace(draft, message_id="other@corp.example"))


@pytest.mark.parametrize(
    "filename",
    [
        "report.pdf",
        "报价单 2026.pdf",
        "故障截图二〇二六年八月三日下午三点打印机无法连接第三次.png",
        "a" * 100 + ".pdf",
        "=?utf-8?q?x?=.pdf",
    ],
)
def test_readers_of_both_kinds_find_the_file_name(filename: str) -> None:
    draft = replace(DRAFT, attachments=(attachment(filename, b"%PDF"),))
    wanted = clean_filename(filename)
    file = parts(draft)[1]
    assert file.get_filename() == wanted  # RFC 2231, or plain
    name = file.get_param("name")
    assert isinstance(name, str)
    assert shown(name) == wanted  # encoded words in Content-Type
    modern = email.message_from_bytes(compose(draft), policy=email.policy.default)
    assert [p.get_filename() for p in modern.iter_attachments()] == [wanted]


def test_an_attachment_comes_back_byte_for_byte() -> None:
    content = bytes(range(256)) * 1000
    files = parts(replace(DRAFT, attachments=(attachment("a.bin", content), attachment("empty.txt", b""))))[1:]
    payloads = [file.get_payload(decode=True) for file in files]
    assert payloads == [content, b""]


@pytest.mark.parametrize(
    ("claimed", "written"),
    [
        ("image/png", "image/png"),
        ("Text/CSV", "text/csv"),
        ("multipart/mixed", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("text/plain\r\nBcc: x@y", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_only_a_plain_content_type_is_repeated(claimed: str, written: str) -> None:
    file = parts(replace(DRAFT, attachments=(attachment("a", content_type=claimed),)))[1]
    assert file.get_content_type() == written


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "_._etc_passwd"),
        ("C:\\x\\y.exe", "C__x_y.exe"),
        ("..", "attachment"),
        ("", "attachment"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("a\r\nb.txt", "a b.txt"),
        ("x" * 300 + ".docx", "x" * 115 + ".docx"),
        ("x" * 300, "x" * 120),
        ("x." + "y" * 300, "x." + "y" * 118),
        (".htaccess", "htaccess"),
    ],
)
def test_file_names_are_safe_to_save(name: str, cleaned: str) -> None:
    assert clean_filename(name) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two   words ", "two words"),
        ("a\r\nBcc: x@y", "a Bcc: x@y"),
        ("a\u202eb\u200bc\ufeff", "abc"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("a\u2028b\x00c\ud800d", "a b c d"),
        ("长" * 300, "长" * 255),
    ],
)
def test_header_text_is_one_clean_line(text: str, cleaned: str) -> None:
    assert clean(text, 255) == cleaned


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("", "wang@corp.example"),
        ("Wang Fang", "Wang Fang <wang@corp.example>"),
        ('Fang "F" Wang, IT', '"Fang \\"F\\" Wang, IT" <wang@corp.example>'),
        ("boss@corp.example <evil@x.example>", '"boss@corp.example <evil@x.example>" <wang@corp.example>'),
    ],
)
def test_names_stand_as_atoms_or_quoted(name: str, written: str) -> None:
    assert read(replace(DRAFT, to=Address(name=name, address="wang@corp.example")))["To"] == written


@pytest.mark.parametrize(
    "address", ["a@b", "a.b+c@corp.example", '"john doe"@corp.example', "x..y@docomo.ne.jp", "a@[192.0.2.1]"]
)
def test_addresses_that_can_be_written(address: str) -> None:
    assert is_address(address)
    assert compose(replace(DRAFT, to=Address(address=address)))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "a@b\r\nBcc: c@d",
        "a b@c",
        "boss@x.example <evil@y.example>",
        "a@b,c@d",
        "用户@例子",
        '"a"b"@c',
        "a@" + "x" * 400,
    ],
)
def test_an_address_that_cannot_be_written_is_refused(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(PermanentError, match="address"):
        compose(replace(DRAFT, to=Address(address=address)))


def test_a_bad_message_id_or_header_name_is_refused() -> None:
    with pytest.raises(PermanentError, match="Message-ID"):
        compose(replace(DRAFT, message_id="a b"))
    with pytest.raises(PermanentError, match="header name"):
        compose(replace(DRAFT, headers=(("X: y\r\nBcc", "v"),)))


def test_long_plain_subjects_are_folded_and_read_back() -> None:
    subject = "the printer on the third floor jams " * 6
    wire = compose(replace(DRAFT, subject=subject))
    assert b"=?" not in wire.split(b"Subject:")[1].split(b"Date:")[0]
    value = email.message_from_bytes(wire)["Subject"]
    assert value.replace("\r\n", "") == subject.strip()
    assert max(map(len, value.split("\r\n"))) <= 78


def test_a_subject_of_one_endless_word_is_encoded() -> None:
    assert shown(read(replace(DRAFT, subject="x" * 200))["Subject"]) == "x" * 200


def test_headers_that_read_back_differently_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "unstructured", lambda text: "x\nBcc: v@x")
    with pytest.raises(PermanentError, match=r"not the ones intended|cannot be written"):
        compose(DRAFT)


@pytest.mark.parametrize(
    "smuggled", ["x\rBcc: v@x", "x\r\nBcc: v@x", "x\n\nA body", "x\r\rA body", "x\n: y", "x\n y\nz"]
)
def test_no_line_end_of_any_kind_gets_a_second_header_or_a_body_in(
    monkeypatch: pytest.MonkeyPatch, smuggled: str
) -> None:
    monkeypatch.setattr(composing, "unstructured", lambda text: smuggled)
    with pytest.raises(PermanentError, match="not the ones intended"):
        compose(DRAFT)


def test_headers_that_are_not_ascii_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "unstructured", str)
    with pytest.raises(PermanentError, match="cannot be written"):
        compose(DRAFT)


@pytest.mark.parametrize("answer", ["other", None])
def test_encoded_words_that_read_back_differently_are_refused(
    monkeypatch: pytest.MonkeyPatch, answer: str | None
) -> None:
    def decoded(value: str) -> list[tuple[str, None]]:
        if answer is None:
            raise ValueError(value)
        return [(answer, None)]

    monkeypatch.setattr(encode, "decode_header", decoded)
    with pytest.raises(PermanentError, match="read back"):
        compose(replace(DRAFT, subject="从没有见过的主题"))


def _hostile(chance: random.Random) -> str:
    inner = base64.b64encode(b"=?utf-8?q?x=0D=0ABcc:_victim@x.example?=").decode()
    controls = [
        "\r\n",
        "\n",
        "\r",
        "\x00",
        "\x0b",
        "\x0c",
        "\x85",
        "\u2028",
        "\u2029",
        "\ud800",
        "\t",
        "\u202e",
        "\u200b",
    ]
    private = ["\U000f0000", "\U0010ffff", "\ufffe"]
    headers = ["Bcc: victim@x.example", "\r\nBcc: victim@x.example\r\n\r\n", "=?utf-8?q?x=0D=0ABcc:_v@x.example?="]
    encoded = [f"=?utf-8?b?{inner}?=", "=?gb2312?b?zuTKv?=", "=?=", "?=", "=?x?q?", "%0d%0a", "utf-8''", "{{ x }}"]
    signs = [*'<>"\\,;:@()/名', "..", "[MD-1]", "a" * 90, " " * 30, "打印机", "Grüße", "👩\u200d💻"]
    pieces = [*controls, *private, *headers, *encoded, *signs]
    return "".join(chance.choice(pieces) for _ in range(chance.randint(0, 9)))


EXPECTED = [
    "From", "To", "Subject", "Date", "Message-ID", "X-Maildesk-Group", "MIME-Version", "Content-Type",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_no_subject_name_or_file_name_injects_a_header_or_fails(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(800):
        subject, name, filename, group = (_hostile(chance) for _ in range(4))
        wire = compose(
            replace(
                DRAFT,
                subject=subject,
                from_=Address(name=f"{name} (desk)", address="it@corp.example"),
                to=Address(name=name, address="wang@corp.example"),
                attachments=(attachment(filename, content_type=group),),
                headers=(("X-Maildesk-Group", group),),
                text=subject,
            )
        )
        message = email.message_from_bytes(wire)
        assert message.keys() == EXPECTED
        assert shown(message["Subject"]) == clean(subject, 255)
        _, _, file = message.walk()
        assert file.keys() == ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]
        assert file.get_filename() == clean_filename(filename)
        assert not message.defects
        assert not any(p.defects for p in message.walk())
