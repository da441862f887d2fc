"""Hostile subjects, names and file names on their way out: the header list that comes out is the one intended."""

import base64
import quopri
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses
from pathlib import Path

import pytest

from maildesk import notify
from maildesk.desk.model import Notice, Recipient, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address, Attachment

SHIPPED = Path(__file__).parents[2] / "templates"
NOW = datetime(2026, 8, 3, 6, 30, tzinfo=UTC)
POLICY = Policy(name="IT 服务台", address="it@corp.example", owner="ops@corp.example", timezone="Asia/Shanghai")
TICKET = Ticket(
    number=1042,
    opened_at=NOW - timedelta(hours=1),
    requester=Address(name="x", address="wang@corp.example"),
    origin_id="origin@client.example",
)
TO = "wang@corp.example"
NAMES = (
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "X-Maildesk-Loop", "MIME-Version",
    "Content-Type",
)  # fmt: skip

PIECES = (
    "\r\n", "\n", "\r", "\r\n ", "\n\t", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x7f", "\x1b[31m",
    "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\ud83d", "\udc00", "\udc80", "\ud83d\ude00",
    "\U000e0041",
    "Bcc: victim@far.example", "To: victim@far.example", "X-Evil: 1", "Content-Type: text/html", "\r\n\r\n<b>body</b>",
    ",", ";", ":", "<", ">", "(", ")", "@", "\\", '"', "'", "[", "]", "=?", "?=", "=?utf-8?q?", "=0D=0A", "=20",
    "%0d%0a",
    "<victim@far.example>", "victim@far.example,", "undisclosed: victim@far.example;", "[MD-1]", "[MD-1042]", "Re: ",
    "回复：", "转发:", "断网", "🖨", "é", "\u200f", "あ", "ｖｉｃｔｉｍ＠far.example",
    "{{ ticket }}", "{% raw %}", "../", "/etc/passwd",
    "C:\\x", "a" * 80, "字" * 90, " ", "  ", "\t", "\u3000", "\xa0", "$(id)", "`id`", "'; DROP TABLE ticket;--",
    "<img src=x>",
)  # fmt: skip


def _encoded(chance: random.Random, text: str) -> str:
    """The text in one or more layers of encoded words."""
    for _ in range(chance.randrange(1, 4)):
        octets = text.encode("utf-8", "surrogatepass")
        if chance.random() < 0.5:
            text = f"=?utf-8?b?{base64.b64encode(octets).decode()}?="
        else:
            text = f"=?utf-8?q?{quopri.encodestring(octets, header=True).decode().replace(chr(10), '')}?="
    return text


def hostile(seed: int, count: int) -> Iterator[str]:
    """So many strings that mean harm."""
    chance = random.Random(seed)
    for _ in range(count):
        text = "".join(chance.choices(PIECES, k=chance.randrange(1, 9)))
        if chance.random() < 0.3:
            text = _encoded(chance, text)
        if chance.random() < 0.3:
            text = chance.choice(("a", "字 ", ", ", "=?")) + text
        if chance.random() < 0.02:
            text = (text * 10_000)[:10_000]
        yield text


def header_lines(raw: bytes) -> list[tuple[str, str]]:
    """The header block by the letter of RFC 5322, by a reader of our own. Raises AssertionError for odd octets."""
    block = raw.partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in raw else raw.partition(b"\n\n")[0]
    assert block.isascii()
    lines = block.replace(b"\r\n", b"\n").split(b"\n")
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", block.replace(b"\r\n", b"\n"))
    assert max(map(len, lines)) <= 998
    found: list[tuple[str, str]] = []
    for line in lines:
        assert line.strip(), "an empty line would end the header"
        if line[:1] in (b" ", b"\t"):
            found[-1] = (found[-1][0], found[-1][1] + line.decode())
        else:
            name, _, value = line.partition(b":")
            found.append((name.decode(), value.decode().strip()))
    return found


def is_as_intended(raw: bytes) -> None:
    """Raises AssertionError unless the mail has our header lines, its one recipient, and one file with a safe name."""
    lines = header_lines(raw)
    assert [name for name, _ in lines] == list(NAMES)
    parsed = message_from_bytes(raw)
    assert parsed.keys() == list(NAMES)
    value = dict(lines)
    assert [address for _, address in getaddresses([value["To"]])] == [TO]
    assert [address for _, address in getaddresses([value["From"]])] == [POLICY.address]
    assert value["In-Reply-To"] == "<origin@client.example>"
    subject = str(make_header(decode_header(value["Subject"])))
    assert subject.startswith("Re: [MD-1042]")
    assert subject.count("[MD-1042]") == 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", subject)
    assert len(subject) <= 300
    kinds = [part.get_content_type() for part in parsed.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "application/octet-stream"]
    (name,) = [part.get_filename() for part in parsed.walk() if part.get_content_disposition() == "attachment"]
    assert name
    assert len(name) <= 120
    assert not re.search('[\x00-\x1f\x7f/\\\\:"<>\u2028-\u202e\u2066-\u2069]|\\.\\.', name)


def _mail(text: str, templates: notify.Templates, n: int) -> bytes:
    notice = Notice(
        event="answered",
        audience="requester",
        to=Recipient(address=TO, name=text, language="en"),
        n=str(n),
        ticket=replace(TICKET, subject=text, requester=Address(name=text, address=TO)),
        values={"by": text},
        text=text,
        attachments=(
            Attachment(
                filename=text,
                content_type="application/octet-stream",
                size=5,
                sha256="0" * 64,
                data=b"hello",
                inline=False,
            ),
        ),
        in_reply_to="origin@client.example",
    )
    mail = notify.mail(notice, templates, POLICY, b"k" * 32, NOW)
    assert mail is not None
    return mail.data


@pytest.mark.parametrize("count", [400, pytest.param(50_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_the_header_list_comes_out_as_intended(count: int) -> None:
    templates = notify.load(SHIPPED, None)
    for n, text in enumerate(hostile(count, count)):
        try:
            is_as_intended(_mail(text, templates, n))
        except AssertionError as error:
            raise AssertionError(f"{text[:500]!r}: {error}") from error


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\r\nDate:", b"\r\nBcc: victim@far.example\r\nDate:"),
        (b"To: ", b"To: victim@far.example, "),
        (b"\r\nDate:", b"\r\n\r\nDate:"),
        (b"\r\nDate:", b"\r\n \r\nDate:"),
        (b"Subject: ", b"Subject: \x00"),
        (b"[MD-1042]", b"[MD-1043]"),
    ],
)
def test_an_injection_would_be_seen(old: bytes, new: bytes) -> None:
    sound = _mail("plain", notify.load(SHIPPED, None), 1)
    is_as_intended(sound)
    assert old in sound
    with pytest.raises(AssertionError):
        is_as_intended(sound.replace(old, new, 1))
