"""Mails spoilt at random: whatever is cut, doubled or mixed, a storable mail comes out, soon, in bounded memory."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import FrameType

import pytest

from maildesk.mail.parse import Reading, parse, received

SAMPLES = Path(__file__).parent / "samples"
HEAD = b"From: Wei <wei@corp.example>\r\nTo: it@corp.example\r\nSubject: printer\r\nMessage-ID: <1@corp.example>\r\n"
SEEDS = (
    HEAD + b"Date: Mon, 3 Feb 2025 10:00:00 +0800\r\nContent-Type: text/plain; format=flowed; delsp=yes\r\n\r\n"
    b"Hi \r\nyou\r\n",
    b"From: =?gb2312?B?zfXOsA==?= <w@corp.example>\r\nSubject: =?utf-8?q?=E6=89=93?= =?utf-8?b?5Y2w?=\r\n\r\n"
    + "打印机坏了".encode("gb18030"),
    HEAD + b"Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b'<meta charset=3D"gbk"><table><tr><td>=B4=F2=D3=A1<td><a href=3D"http://x.example">y</a></table>'
    b'<div style=3D"display:none">z</div><blockquote>old</blockquote>',
    HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: multipart/alternative; '
    b"boundary=c\r\n\r\n--c\r\n\r\nplain\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>page\r\n--c--\r\n--b\r\n"
    b"Content-Type: application/pdf; name*0*=utf-8''%E6%89; name*1*=%93.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    b"From: x@y.example\r\nSubject: inner\r\n\r\ninner text\r\n--b--\r\n",
    HEAD
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n"
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; "
    b"a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    b"Message-ID: <2@corp.example>\r\n--b--\r\n",
    HEAD + b"Auto-Submitted: auto-replied\r\nAuthentication-Results: mx.example; dkim=pass header.d=corp.example; "
    b"spf=pass\r\nReceived: from a by b; Mon, 3 Feb 2025 10:00:00 +0800\r\nReferences: <0@x> <1@x>\r\n\r\n"
    b"I am back on 2025-02-10.\r\n\r\nOn Mon, 3 Feb 2025, it@corp.example wrote:\r\n> hello\r\n-- \r\nWei\r\n",
    HEAD + b"\r\nlog:\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n=ybegin line=128 size=3 name=b.bin\r\n\x8b\x8c\x8d\r\n"
    b"=yend size=3\r\n",
    HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Meet\r\n"
    b"DTSTART;TZID=Asia/Shanghai:20250203T100000\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    HEAD + b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"eJ8+IgEAAgaQCAAEAAAAAAABAAEAAQeQBgAIAAAA5AQAAAAAAADoAAEIgAcAGAAAAElQTS5NaWNy\r\n",
    HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"MIIBAgYJKoZIhvcNAQcCoIH0MIHxAgEBMQAwCwYJKoZIhvcNAQcB\r\n",
)
TOKENS = (
    *(
        b"\r",
        b"\n",
        b"\r\n\r\n",
        b"\0",
        b"\xff",
        b"\x1b$B",
        b'"',
        b"(",
        b"<",
        b">",
        b"@",
        b",",
        b";",
        b"--b",
        b"=?",
        b"?=",
    ),
    *(b"charset=utf-16", b"charset=utf-7", b"charset=hz", b"Content-Transfer-Encoding: base64\r\n", b"begin 644 x\r\n"),
    *(b"Content-Type: message/rfc822\r\n\r\n", b"<!--", b"</", b"&#x", b"\xe6\x89", b"\xb4\xf2", b"\\'", b"{\\rtf1"),
)
COUNT = 1_500
LONG_COUNT = 100_000
SECONDS = 1.0  # of CPU, for one mail
MEMORY = 400 << 20  # for the whole process, at any time


def seeds() -> list[bytes]:
    """The mails that are spoilt."""
    return [*SEEDS, *(path.read_bytes() for path in sorted(SAMPLES.glob("*.eml")))]


def mutated(chance: Random, whole: list[bytes]) -> bytes:
    """One of the mails with a few things done to it."""
    raw = bytearray(chance.choice(whole))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(raw) + 1)
        to = min(len(raw), at + chance.choice((1, 4, 20, 200)))
        match chance.randrange(7):
            case 0:
                del raw[at:to]
            case 1:
                raw[at:at] = raw[at:to] * chance.choice((1, 2, 50))
            case 2:
                raw[at:at] = chance.choice(TOKENS)
            case 3:
                raw[at:to] = chance.choice(TOKENS)
            case 4:
                raw[at:to] = chance.randbytes(to - at)
            case 5:
                other = chance.choice(whole)
                start = chance.randrange(len(other))
                raw[at:at] = other[start : start + chance.choice((20, 200, 2_000))]
            case _:
                raw = raw.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\r\n"))) if chance.random() < 0.3 else raw
    return bytes(raw)


def texts(raw: bytes) -> Iterator[str]:
    """Every text that is read in a mail."""
    mail = parse(raw, Reading(authserv_id="mx.example", loop="it@corp.example"))
    yield from (mail.subject, mail.text, mail.new_text, mail.plain, mail.html, mail.message_id, mail.spam)
    yield from (text for pair in mail.headers for text in pair)
    yield from (
        text for person in (mail.sender, *mail.to, *mail.cc) if person for text in (person.name, person.address)
    )
    yield from (text for file in mail.attachments for text in (file.filename, file.content_type, file.content_id))
    yield from (*mail.defects, *mail.origin.reasons, *mail.references)
    yield from (hop.by for hop in received(raw))


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise AssertionError("too much CPU")


def run(count: int, seed: int) -> None:
    """Read so many spoilt mails; the first that is read wrongly ends it, with the mail on standard error."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, _too_slow)
    whole, chance = seeds(), Random(seed)
    for number in range(count):
        raw = mutated(chance, whole)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            for text in texts(raw):
                assert "\0" not in text
                text.encode("utf-8")
        except BaseException:
            sys.stderr.write(f"mail {number} of seed {seed}: {raw!r}\n")
            raise
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def told(call: str) -> str:
    """What a call in a process of its own writes on standard error: nothing when all is well."""
    return subprocess.run(
        [sys.executable, "-c", f"import test_parse_fuzz as fuzz\n{call}"],
        env=os.environ | {"PYTHONPATH": ":".join((str(Path(__file__).parent), *sys.path))},
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    ).stderr


def test_spoilt_mails_are_read() -> None:
    assert told(f"fuzz.run({COUNT}, 1)") == ""


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_spoilt_mails_are_read() -> None:
    assert told(f"fuzz.run({LONG_COUNT}, 2)") == ""


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("fuzz.texts = lambda raw: iter(['\\ud800'])\nfuzz.run(1, 1)", "surrogates"),
        ("fuzz.SECONDS = 0.1\nfuzz.texts = lambda raw: [x for x in iter(int, 1) if x]\nfuzz.run(1, 1)", "too much CPU"),
        ("fuzz.texts = lambda raw: [bytearray(1 << 30).hex()]\nfuzz.run(1, 1)", "MemoryError"),
    ],
)
def test_what_is_read_wrongly_is_told(call: str, said: str) -> None:
    assert said in told(call)
