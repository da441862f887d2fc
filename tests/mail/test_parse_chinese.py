"""Chinese mails in every charset dress: what is written, under which name, how it is sent."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote_from_bytes

import pytest

from maildesk.mail.parse import parse

SIMPLIFIED = {
    "name": "欧阳喆",
    "subject": "三楼会议室的打印机坏了，请派人来看一下",
    "text": "您好：\n\n三楼会议室的打印机坏了，指示灯是红色的，请尽快处理。\n\n欧阳喆\n信息中心",
    "file": "故障照片（打印机）.png",
}
TRADITIONAL = {
    "name": "陳志明",
    "subject": "會議室的投影機壞了，請派人來看一下",
    "text": "您好：\n\n三樓會議室的投影機壞了，畫面是紅色的，請儘快處理。\n\n陳志明\n資訊中心",
    "file": "故障照片（投影機）.png",
}
SHORT = {"name": "王伟", "subject": "打印", "text": "你好", "file": "截图.png"}
MIXED = {
    "name": "李雷 Lei Li",
    "subject": "Re: VPN 连不上 (Win11)",
    "text": "Hi all,\n\nVPN 从今天早上开始连不上，error 809。\n\nThanks,\nLei",
    "file": "VPN error 截图 1.png",
}

# what is written, under which names
LABELS = {
    "utf-8": ["utf-8", "UTF8", "", "gb2312", "us-ascii", "iso-8859-1", "big5", "x-unknown"],
    "gb18030": ["gb18030", "gbk", "gb2312", "GB2312", "x-gbk", "cp936", "", "us-ascii", "iso-8859-1", "utf-8", "big5"],
    "big5": ["big5", "Big5-HKSCS", "cp950", "x-x-big5", "", "us-ascii", "iso-8859-1", "utf-8", "gb2312"],
}
WORDS = {"utf-8": "utf-8", "gb18030": "gb2312", "big5": "big5"}  # what programs call it in a header


@dataclass(frozen=True)
class Dress:
    """One way of sending a Chinese mail."""

    written: str
    label: str
    transfer: str
    header: str
    name: str
    kind: str

    def __str__(self) -> str:
        return f"{self.written} as {self.label or 'nothing'}, {self.transfer}, {self.header}, {self.name}, {self.kind}"


def quoted(octets: bytes, underscore: bool = False) -> bytes:
    """Octets in quoted-printable, without line breaks."""
    plain = b"=_?" if underscore else b"="
    return b"".join(bytes((o,)) if 32 < o < 127 and o not in plain else b"=%02X" % o for o in octets)


def word(octets: bytes, label: str, kind: str) -> bytes:
    """One encoded word."""
    body = b64encode(octets) if kind == "B" else quoted(octets, underscore=True)
    return b"=?%s?%s?%s?=" % (label.encode(), kind.encode(), body)


def header(octets: bytes, label: str, form: str) -> bytes:
    """A header value as programs write it; "cut" has words of 20 octets, which end inside characters."""
    if form == "raw":
        return octets
    if form == "cut":
        return b"\r\n ".join(word(octets[at : at + 20 - 1], label, "B") for at in range(0, len(octets), 19))
    return word(octets, label, form)


def file_name(octets: bytes, label: str, form: str) -> bytes:
    """The parameters that name a file."""
    if form == "words":
        return b'filename="%s"' % word(octets, label, "B")
    if form == "2231":
        return b"filename*=%s''%s" % (label.encode(), quote_from_bytes(octets).encode())
    if form == "pieces":
        half = len(octets) // 2 | 1
        first, second = (quote_from_bytes(piece).encode() for piece in (octets[:half], octets[half:]))
        return b"filename*0*=%s''%s;\r\n filename*1*=%s" % (label.encode(), first, second)
    return b'filename="%s"' % octets


def sent(octets: bytes, transfer: str) -> bytes:
    """A body in its transfer encoding."""
    if transfer == "base64":
        return b64encode(octets)
    if transfer == "quoted-printable":
        return b"=\r\n".join(quoted(octets[at : at + 20]) for at in range(0, len(octets), 20))
    return octets


def write(text: dict[str, str], dress: Dress) -> bytes:
    """The mail."""
    label = WORDS[dress.written]
    octets = {key: value.encode(dress.written) for key, value in text.items()}
    body = text["text"].replace("\n", "\r\n")
    charset = f"; charset={dress.label}" if dress.label else ""
    if dress.kind == "html":
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={dress.label}">' if dress.label else ""
        body = f"<html><head>{meta}</head><body><p>{body.replace(chr(10), '<br>')}</p></body></html>"
        charset = ""
    lines = [
        b"From: " + header(octets["name"], label, dress.header) + b" <wang@corp.example>",
        b"To: it@corp.example",
        b"Subject: " + header(octets["subject"], label, dress.header),
        b"MIME-Version: 1.0",
        b"Content-Type: multipart/mixed; boundary=part",
        b"",
        b"--part",
        f"Content-Type: text/{dress.kind}{charset}".encode(),
        f"Content-Transfer-Encoding: {dress.transfer}".encode(),
        b"",
        sent(body.encode(dress.written), dress.transfer),
        b"--part",
        b"Content-Type: image/png",
        b"Content-Disposition: attachment;\r\n " + file_name(octets["file"], label, dress.name),
        b"",
        b"picture",
        b"--part--",
        b"",
    ]
    return b"\r\n".join(lines)


def dresses(written: str, label: str) -> Iterator[Dress]:
    """Every way of sending with this charset under this name."""
    for parts in product(
        ("8bit", "base64", "quoted-printable"),
        ("raw", "B", "Q", "cut"),
        ("raw", "words", "2231", "pieces"),
        ("plain", "html"),
    ):
        yield Dress(written, label, *parts)


def wrong(text: dict[str, str], dress: Dress) -> list[str]:
    """The parts of a mail that were not read as they were written."""
    mail = parse(write(text, dress))
    read = {
        "name": mail.sender.name if mail.sender else "",
        "subject": mail.subject,
        "text": "\n".join(line for line in mail.text.split("\n") if line.strip()),
        "file": mail.attachments[0].filename if mail.attachments else "",
    }
    wanted = text | {"text": "\n".join(line for line in text["text"].split("\n") if line.strip())}
    return [f"{dress}: {key}: {read[key]!r}" for key in wanted if read[key] != wanted[key]]


@pytest.mark.parametrize(("written", "label"), [(written, label) for written in LABELS for label in LABELS[written]])
def test_a_chinese_mail_is_read_in_every_dress(written: str, label: str) -> None:
    texts = [TRADITIONAL] if written == "big5" else [SIMPLIFIED, SHORT, MIXED, TRADITIONAL]
    failures = [failure for text in texts for dress in dresses(written, label) for failure in wrong(text, dress)]
    assert failures == []


@pytest.mark.parametrize("label", ["", "us-ascii", "iso-8859-1", "gb2312", "big5"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_thank_you_in_gbk_that_is_utf_8_too_is_chinese(label: str, kind: str) -> None:
    assert "谢谢".encode("gbk").decode("utf-8") == "лл"
    assert wrong(SHORT | {"text": "谢谢"}, Dress("gb18030", label, "8bit", "raw", "raw", kind)) == []


def test_the_table_sees_a_wrong_reading() -> None:
    dress = Dress("gb18030", "gb2312", "8bit", "raw", "raw", "plain")
    assert wrong(SIMPLIFIED | {"subject": "別的"}, dress) == []
    assert wrong(SIMPLIFIED | {"file": "a/b.png"}, dress) == [f"{dress}: file: 'b.png'"]
