"""Killed, out of space or out of disk at the n-th write to the database: every point recovers (PROTOCOLS 8)."""

import os
import shutil
import subprocess
from itertools import count
from pathlib import Path

import pytest

from crash import desks
from crash.harness import world
from crash.mails import mails, verdict
from fixtures.dovecot import Dovecot, Server

FAULTS = {
    "killed": "pwrite64:signal=SIGKILL",
    "no space": "pwrite64:error=ENOSPC",
    "a bad disk": "fsync,fdatasync:error=EIO",
}
POINTS = [
    *(("killed", at) for at in range(1, 61)),
    *(("no space", at) for at in range(1, 21)),
    *(("a bad disk", at) for at in range(1, 21)),
]
SAMPLE = {("killed", 3), ("killed", 40), ("no space", 15), ("a bad disk", 5)}
_users = count(1)


@pytest.mark.parametrize(
    ("fault", "at"),
    [pytest.param(*point, marks=() if point in SAMPLE else pytest.mark.long) for point in POINTS],
)
def test_a_fault_at_any_write_is_got_over(tmp_path: Path, dovecot_server: Server, fault: str, at: int) -> None:
    if not shutil.which("strace"):
        message = "strace is not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    fed = mails(2)
    dovecot = Dovecot(dovecot_server, f"writes{next(_users)}@corp.example", tmp_path / "secret")
    with world(tmp_path / "desk", dovecot) as where:
        dovecot.deliver(*fed)
        desk = desks.maildesk(where.home)
        calls, _, what = FAULTS[fault].partition(":")
        inject = f"inject={calls}:{what}:when={at}"
        strace = ("strace", "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", f"trace={calls}", "-e", inject)
        once = [*strace, *desk.command[:-1], "once"]
        done = subprocess.run(once, capture_output=True, text=True, timeout=100, check=False)
        traced = (tmp_path / "trace").read_text()
        assert "INJECTED" in traced or "killed by SIGKILL" in traced, "the fault never came"
        assert fault == "killed" or "Traceback" not in done.stderr, done.stderr
        desk.finish()
        outcome = verdict(fed, desk.subjects(), where.sink.mails)
        assert outcome.clean, outcome


@pytest.mark.long
def test_a_desk_that_flags_after_the_work_is_caught_at_its_first_write(tmp_path: Path, dovecot: Dovecot) -> None:
    fed = mails(2)
    with world(tmp_path / "desk", dovecot) as where:
        dovecot.deliver(*fed)
        desk = desks.wrong_desk("flag-last", where.home, where.quiet)
        strace = ("strace", "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", "trace=fsync")
        process = desk.start((*strace, "-e", "inject=fsync:signal=SIGKILL:when=1"))
        process.wait(60)
        desk.finish()
        assert verdict(fed, desk.subjects(), where.sink.mails).doubled
