"""Mails that are built to hurt (PROTOCOLS 5): each is taken in and decided in 2 s of CPU and 150 MB, or the kernel
ends it, and an ordinary mail behind it is decided too.

One process opens a desk and forks once for each bomb: what a bomb may use is counted from there.
"""

import json
import logging
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import structlog

from maildesk import clock, daemon, settings
from maildesk.runners import ingest
from maildesk.runners.desk import Desk
from maildesk.store import inbound
from maildesk.store.database import reading

CPU_SECONDS = 2.0
MEMORY = 150 << 20
TOML = """
[desk]
address = "it@corp.example"
owner = "ops@corp.example"
[[mailbox]]
kind = "maildir"
path = "inbox"
[relay]
host = "127.0.0.1"
tls = "none"
"""
HEAD = b"From: a@b.example\r\nTo: it@corp.example\r\nSubject: x\r\n"


def _typed(content_type: str, body: bytes) -> bytes:
    return HEAD + b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body


def _report(blocks: int) -> bytes:
    start = b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
    block = b"Final-Recipient: rfc822; x@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    return _typed("multipart/report; report-type=delivery-status; boundary=b", start + block * blocks + b"--b--")


def _nested(depth: int) -> bytes:
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(depth)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "encoded words in a subject": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 30_000 + b"\r\n" + HEAD + b"\r\nx",
    "quotes in To": lambda: b"To: " + b'"' * 50_000 + b"\r\n" + HEAD + b"\r\nx",
    "commas in To": lambda: b"To: " + b"," * 50_000 + b"\r\n" + HEAD + b"\r\nx",
    "brackets in To": lambda: b"To: " + b"(" * 500 + b"\r\n" + HEAD + b"\r\nx",
    "many short lines of quotes": lambda: (b"To: " + b'"' * 15_000 + b"\r\n") * 15 + HEAD + b"\r\nx",
    "many short lines of commas": lambda: (b"To: " + b"," * 15_000 + b"\r\n") * 15 + HEAD + b"\r\nx",
    "parts": lambda: _typed("multipart/mixed; boundary=b", b"--b\r\n\r\nx\r\n" * 100_000),
    "parts without end": lambda: _typed("multipart/mixed; boundary=b", b"--b\r\n" * 1_000_000),
    "nesting": lambda: _nested(1_000),
    "nesting as deep as is read": lambda: _nested(49) + b"\r\n" + b"x" * (20 << 20),
    "attached in attached": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 20_000 + b"x",
    "a line of 1 MB": lambda: b"X-Long: " + b"a" * (1 << 20) + b"\r\n" + HEAD + b"\r\nx",
    "header lines": lambda: HEAD + b"X: y\r\n" * 1_000_000 + b"\r\nx",
    "a header without end": lambda: HEAD + b" folded\r\n" * 1_000_000,
    "recipients": lambda: HEAD + b"Cc: " + b"a@b.example, " * 100_000 + b"\r\n\r\nx",
    "unclosed links": lambda: _typed("text/html", b"<a " * 300_000),
    "unclosed boxes": lambda: _typed("text/html", b"<div>" * 200_000),
    "tables in tables": lambda: _typed("text/html", b"<table><tr><td>" * 60_000),
    "quotes in quotes, HTML": lambda: _typed("text/html", b"<blockquote>" * 80_000),
    "comments": lambda: _typed("text/html", b"<!--" * 250_000),
    "entities": lambda: _typed("text/html", b"&" * 1_000_000),
    "quotes in quotes": lambda: _typed("text/plain", (b">" * 900 + b"\r\n") * 1_000),
    "quote marks on one line": lambda: _typed("text/plain", b"> " * 500_000),
    "reports": lambda: _report(100_000),
    "a report as long as is read": lambda: _report(499),
    "data in a page": lambda: _typed("text/html", b'<img src="data:image/png;base64,' * 300_000),
    "uuencoded files": lambda: _typed("text/plain", b"begin 644 x\r\n#86)C\r\n`\r\nend\r\n" * 40_000),
    "calendar entries": lambda: _typed("text/calendar", b"BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n" * 200_000),
    "a large text": lambda: _typed("text/plain; charset=gb2312", "打印机坏了".encode("gb18030") * (2 << 20)),
    "parameters": lambda: HEAD + b"Content-Type: text/plain" + b"; a*0*=x" * 2_000 + b"\r\n\r\nx",
    "zeros": lambda: HEAD + b"\r\n" + b"\0" * (24 << 20),
    "larger than what is taken": lambda: HEAD + b"\r\n" + b"x\r\n" * (9 << 20),
    "references": lambda: b"References:" + b"\r\n <a@b.example>" * 900 + b"\r\n" + HEAD + b"\r\nx",
    "one long reference": lambda: b"References: <" + b"a" * 15_000 + b"@b>\r\n" + HEAD + b"\r\nx",
    "ticket numbers in a subject": lambda: b"Subject: " + b"Re: [MD-1001] " * 1_000 + b"\r\n" + HEAD + b"\r\nx",
    "a subject without a space": lambda: b"Subject: " + "坏".encode() * 5_000 + b"\r\n" + HEAD + b"\r\nx",
    "hops": lambda: b"Received: from a by b; Mon, 3 Feb 2025 10:00:00 +0800\r\n" * 1_990 + HEAD + b"\r\nx",
    "verdicts": lambda: b"Authentication-Results: mx; dkim=pass (((( \r\n" * 1_990 + HEAD + b"\r\nx",
    "a date of digits": lambda: b"Date: " + b"9" * 15_000 + b"\r\n" + HEAD + b"\r\nx",
    "attributes": lambda: _typed("text/html", b"<a" + b" b=c" * 400_000 + b">x"),
    "styles": lambda: _typed("text/html", b"<style>" + b"a{b:c}" * 300_000),
    "hidden in hidden": lambda: _typed("text/html", b'<div style="display:none">' * 50_000),
    "lists in lists": lambda: _typed("text/html", b"<ul><li>" * 80_000),
    "numeric entities": lambda: _typed("text/html", b"&#x4e00;" * 250_000),
    "soft line breaks": lambda: HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=\r\n" * 400_000,
    "base64 that is none": lambda: HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!" * (2 << 20),
    "an empty boundary": lambda: _typed('multipart/mixed; boundary=""', b"--\r\n" * 300_000),
    "a boundary of 8 KB": lambda: _typed(f'multipart/mixed; boundary="{"b" * 8_000}"', b"--b\r\n" * 200_000),
    "shifts of ISO-2022": lambda: _typed("text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B" * 300_000),
    "shifts of UTF-7": lambda: _typed("text/plain; charset=utf-7", b"+AGE-" * 400_000),
    "signature marks": lambda: _typed("text/plain", b"-- \r\n" * 300_000),
    "attributions": lambda: _typed("text/plain", b"On Mon, 3 Feb 2025, a@b.example wrote:\r\n" * 40_000),
    "forwards": lambda: _typed("text/plain", b"-----Original Message-----\r\nFrom: a@b.example\r\n" * 30_000),
    "commands": lambda: _typed("text/plain", b"#take\r\n#close\r\n1001 take\r\n" * 60_000),
    "links": lambda: _typed("text/plain", b"http://x.example/a?b=c " * 100_000),
    "addresses in a text": lambda: _typed("text/plain", b"a.b@c.example, " * 120_000),
    "dates in a text": lambda: _typed("text/plain", b"from 2026-01-01 10:00 to 2026-01-02, " * 50_000),
    "lines of yEnc": lambda: _typed("text/plain", b"=ybegin line=128 size=9 name=a\r\nx\r\n=yend size=9\r\n" * 30_000),
    "an Outlook file of nothing": lambda: _typed("application/ms-tnef", b"\x78\x9f\x3e\x22" + b"\0" * (4 << 20)),
    "repeats in a calendar": lambda: _typed("text/calendar", b"BEGIN:VEVENT\r\n" + b"RRULE:FREQ=SECONDLY\r\n" * 90_000),
}


def _may_use(cpu_seconds: float, memory: int) -> None:
    """From here on: the process is ended where it uses more CPU, and refused more memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    allowed = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)


def _outcome(bomb: Callable[[], object], cpu_seconds: float = CPU_SECONDS, memory: int = MEMORY) -> int:
    """The exit code of a fork that lets one bomb off; minus the signal that ended it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            _may_use(cpu_seconds, memory)
            bomb()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _decided(desk: Desk, raw: bytes) -> None:
    """A mail is taken in and becomes a ticket, or is filed; another one behind it as well."""
    for one in (raw, HEAD + b"\r\nIt is broken."):
        ingest.keep(desk, BytesIO(one), clock.now())
    ingest.decide_waiting(desk, clock.now)
    with reading(desk.engine) as connection:
        assert not inbound.list_quarantine(connection)


def _read(desk: Desk, bomb: Callable[[], bytes]) -> int:
    raw = bomb()
    return _outcome(lambda: _decided(desk, raw))


def outcomes(home: Path) -> None:
    """Print the exit code of each bomb: what the tests ask a fresh process for."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings.init(home)
    (home / "maildesk.toml").write_text(TOML)
    desk = daemon.open_desk(settings.load(home / "maildesk.toml"), create=True)
    _decided(desk, HEAD + b"\r\nx")
    desk.engine.dispose()  # an open database must not pass a fork
    harness = [
        _outcome(lambda: [None for _ in iter(int, 1)], cpu_seconds=0.2),
        _outcome(lambda: bytearray(MEMORY + (1 << 20))),
    ]
    print(json.dumps({"bombs": {name: _read(desk, bomb) for name, bomb in BOMBS.items()}, "harness": harness}))


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    home = tmp_path_factory.mktemp("bombs") / "desk"
    ran = subprocess.run(
        [sys.executable, "-c", f"import pathlib, test_bombs; test_bombs.outcomes(pathlib.Path({str(home)!r}))"],
        env={"PYTHONPATH": ":".join((str(Path(__file__).parent), *sys.path))},
        capture_output=True,
        check=True,
    )
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def test_each_bomb_is_read_within_its_limits(seen: dict[str, object]) -> None:
    assert seen["bombs"] == dict.fromkeys(BOMBS, 0)


def test_what_uses_too_much_is_ended(seen: dict[str, object]) -> None:
    assert seen["harness"] == [-signal.SIGPROF, 1]
