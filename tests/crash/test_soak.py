"""The real daemon for a long time, with connections that break and reloads: it does not grow."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import linear_regression

import pytest

from crash import desks
from crash.desks import Desk
from crash.harness import World, at_rest, until, world
from crash.mails import mails
from fixtures.dovecot import Dovecot

MOST = 1.0  # MB after 5,000 mails
FEW = 2  # descriptors that come and go: a connection to the relay, the database's log
LARGE = b"\r\n".join([b"An attached log, line by line, as people paste them into a mail."] * 1_500)


@dataclass(frozen=True, slots=True)
class Look:
    """What a desk holds when it has nothing to do."""

    mails: int
    descriptors: int
    threads: int
    resident: float  # MB


def look(pid: int, mails: int) -> Look:
    """The kernel's word."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    held = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Look(mails, held, int(status["Threads"]), int(status["VmRSS"].split()[0]) / 1000)


def fed(count: int) -> Iterator[bytes]:
    """Mails, one in twenty with 100 KB of text."""
    for number, raw in enumerate(mails(count)):
        yield raw + LARGE if number % 20 == 11 else raw


def soak(where: World, desk: Desk, count: int, portion: int) -> list[Look]:
    """What the desk holds after each portion; behind each all its connections break, and it reads its rules anew."""
    looks: list[Look] = []
    sample = list(fed(count))
    with running(desk) as pid:
        for done in range(portion, count + 1, portion):
            where.dovecot.deliver(*sample[done - portion : done])
            until(lambda done=done: at_rest(where, done), 60 + portion, f"{done} mails are done")  # type: ignore[misc]
            looks.append(look(pid, done))
            where.sink.mails.clear()
            where.wire.cut()
            os.kill(pid, signal.SIGHUP)
    return looks


@contextmanager
def running(desk: Desk) -> Iterator[int]:
    """The pid of the desk, for the time of the block."""
    process = desk.start()
    try:
        yield process.pid
        assert process.poll() is None, "the desk ended by itself"
    finally:
        desks.kill(process)


def slope(looks: Sequence[Look]) -> float:
    """How many MB are held more after 5,000 mails."""
    return 5_000 * linear_regression([one.mails for one in looks], [one.resident for one in looks]).slope


def spread(numbers: Sequence[int]) -> int:
    return max(numbers) - min(numbers)


def test_six_hundred_mails_with_broken_connections_and_reloads_leave_nothing_open(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        looks = soak(where, desks.maildesk(where.home), 600, 75)
        assert spread([one.descriptors for one in looks[2:]]) <= FEW, looks
        assert spread([one.threads for one in looks[2:]]) <= 1, looks
        assert (where.home.folder / "log").read_text().count('"reloaded"') >= 6


def test_a_desk_that_leaks_is_caught(tmp_path: Path, dovecot: Dovecot) -> None:
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        command = (sys.executable, "-m", "crash.leaking", str(where.home.folder / "maildesk.toml"))
        looks = soak(where, replace(desks.maildesk(where.home), command=command), 60, 10)
        assert spread([one.descriptors for one in looks[2:]]) > FEW, looks
        assert spread([one.threads for one in looks[2:]]) > 1, looks
        assert slope(looks) > MOST, looks


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_twenty_thousand_mails_with_broken_connections_and_reloads_leave_memory_as_it_was(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    with world(tmp_path / "desk", dovecot, poll="1s", rules="") as where:
        looks = soak(where, desks.maildesk(where.home), 20_000, 250)
    settled = looks[len(looks) // 5 :]
    print(f"{slope(settled):.2f} MB more after 5,000 mails, at the end {slope(looks[-24:]):.2f};", looks[0], looks[-1])
    assert spread([one.descriptors for one in settled]) <= FEW + 2, looks
    assert spread([one.threads for one in settled]) <= 1, looks
    assert slope(settled) < MOST, looks
