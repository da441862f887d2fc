"""Texts that are built to be slow: each reader is given a megabyte of each, in a process that may use little CPU.

All of it takes about four seconds; a reader that is quadratic would need hours, and the kernel ends it.
"""

import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from maildesk.mail import (
    absence,
    absence_end,
    authentication,
    dialects,
    forwarded,
    language,
    quoting,
    signature,
    subject,
    threads,
)
from maildesk.mail.model import Mail

SIZE = 1_000_000
CPU_SECONDS = 60
PIECES = (
    "> ",
    "a ",
    "- ",
    "\n",
    "--\n",
    "\n\n \n",
    "From: ",
    "发件人：a\n",
    "From: a@b.example\n",
    "On Mon, May 6, 2024 at 10:00 AM ",
    "On Mon, May 6, 2024 at 10:00 AM\n",
    "On Mon, May 6, 2024 at 10:00 AM <\n",
    "在 2024年5月6日，",
    "a@b.example ",
    "a@b.example\n",
    "a" * 60 + "@",
    "a.",
    "-----",
    "-----原始邮件-----\n",
    "&nbsp;",
    "Best regards\nLi Lei\n",
    "until 5月6日 ",
    "6 May ",
    "could not be delivered a@b.example\n",
    "Re: ",
    "[a] ",
    "[fwd: ",
    "wrote:",
    "wrote:\n",
    "感谢您的来信 ",
    "(",
    '"',
)


def read_all(piece: str) -> None:
    """Every reader, once each."""
    text = piece * (SIZE // len(piece))
    quoting.new_text(text)
    quoting.new_text(f"x\n{text}")
    signature.without(text.splitlines())
    absence.by_text(text)
    absence.by_subject(text)
    absence_end.read(text, date(2024, 5, 6))
    dialects.recipients(text, "it@corp.example", certain=True)
    dialects.anonymous(text, "it@corp.example", copied=True)
    forwarded.original_sender("Fwd: x", text, None)
    language.detect(text)
    subject.base(text)
    subject.thread_base(text)
    subject.references(text, "MD")
    raw = text.encode()
    authentication.judge([(b"From", raw), (b"Authentication-Results", raw)], "mx.example")
    authentication.judge([(b"From", b"a@b.example"), (b"Authentication-Results", b"mx.example;" + raw)], "mx.example")


def read_html() -> None:
    for piece in ("<blockquote>", "</blockquote>", "<div class=", "<div class=gmail_quote>", "<blockquote cite="):
        quoting.new_text_html(piece * (SIZE // len(piece)))


def read_threads() -> None:
    named = [tuple(f"{before}@x" for before in range(max(0, n - 50), n)) for n in range(5_000)]
    threads.threads([Mail(message_id=f"{n}@x", references=ids) for n, ids in enumerate(named)])


def bounded(call: str, seconds: int = CPU_SECONDS) -> int:
    """The exit code of a call in a process of little CPU."""
    return subprocess.run(
        [sys.executable, "-c", f"import test_worst_cases as t\n{call}"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)),
        env={"PYTHONPATH": ":".join((str(Path(__file__).parent), *sys.path))},
        check=False,
    ).returncode


@pytest.mark.parametrize("call", ["[t.read_all(piece) for piece in t.PIECES]", "t.read_html()", "t.read_threads()"])
def test_a_megabyte_of_anything_is_read_in_little_time(call: str) -> None:
    assert bounded(call) == 0


def test_what_uses_too_much_cpu_is_ended() -> None:
    assert bounded("while True: pass", seconds=1) < 0
