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

from fixtures.spoilt import mutated, seeds
from maildesk.mail.parse import Reading, parse, received

COUNT = 1_500
LONG_COUNT = 100_000
SECONDS = 1.0  # of CPU, for one mail
MEMORY = 400 << 20  # for the whole process, at any time


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
