"""What a measurement stands on: a private Dovecot, a sink, a desk with the starter policy, and the real daemon."""

import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fixtures import certificates
from fixtures.dovecot import Dovecot, Server
from maildesk import settings

_TICKS = os.sysconf("SC_CLK_TCK")
_CONFIG = """\
[desk]
name = "IT Service Desk"
address = "it@corp.example"
owner = "ops@corp.example"
timezone = "Asia/Shanghai"

[[mailbox]]
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{user}"
secret_file = "{secret}"
start_from = "all"

[relay]
host = "127.0.0.1"
port = {smtp}
tls = "none"

[budget]
total_hour = 0
rule_hour = 0
"""


@dataclass(frozen=True, slots=True)
class Sink:
    """The relay's side of the story."""

    port: int
    notes: Path

    def taken(self) -> list[tuple[float, str]]:
        """(when, event) of every mail so far; the event of an acknowledgement is "-"."""
        lines = self.notes.read_text().splitlines()
        return [(float(when), event) for when, _, event in (line.partition(" ") for line in lines)]

    def until(self, count: int, seconds: float, event: str = "-") -> bool:
        """Wait until so many mails of an event are there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if Counter(kind for _, kind in self.taken())[event] >= count:
                return True
            time.sleep(0.1)
        return False


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a desk is measured."""

    home: Path
    mailbox: Dovecot
    sink: Sink

    @property
    def config(self) -> Path:
        return self.home / "maildesk.toml"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process has used so far."""

    cpu: float  # seconds, user and system
    peak: float  # MB, resident

    @classmethod
    def by(cls, pid: int) -> "Spent":
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return cls(cpu=(int(fields[11]) + int(fields[12])) / _TICKS, peak=int(status["VmHWM"].split()[0]) / 1000)


@dataclass(frozen=True, slots=True)
class Daemon:
    """`maildesk run`, ready."""

    process: subprocess.Popen[bytes]
    ready_after: float  # seconds from the start of the process to READY=1
    ready_at: float  # CLOCK_MONOTONIC
    at_ready: Spent

    def spent(self) -> Spent:
        return Spent.by(self.process.pid)


@contextmanager
def ground(members: int = 0, store: str = "") -> Iterator[Ground]:
    """A desk that was never started. `members` limits the members of each group, 0 leaves the starter's."""
    directory = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        (directory / "certificates").mkdir()
        (directory / "dovecot").mkdir()
        directory.chmod(0o755)
        server = Server(directory / "dovecot", certificates.issue(directory / "certificates"))
        server.start()
        try:
            mailbox = Dovecot(server, "it@corp.example", directory / "secret")
            with _sink(directory / "notes") as sink:
                home = directory / "desk"
                _desk(home, mailbox, directory / "secret", sink, members, store)
                yield Ground(home, mailbox, sink)
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _desk(home: Path, mailbox: Dovecot, secret: Path, sink: Sink, members: int, store: str) -> None:
    settings.init(home)
    text = _CONFIG.format(imap=mailbox.port, user=mailbox.user, secret=secret, smtp=sink.port)
    (home / "maildesk.toml").write_text(text + (f'\n[store]\nurl = "{store}"\n' if store else ""))
    if members == 1:
        people = home / "rules" / "10-people.yaml"
        people.write_text(people.read_text().replace("members: [li, han]", "members: [li]"))


@contextmanager
def _sink(notes: Path) -> Iterator[Sink]:
    notes.touch()
    script = Path(__file__).with_name("sink.py")
    process = subprocess.Popen([sys.executable, script, notes], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Sink(int(process.stdout.readline()), notes)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def daemon(where: Ground, seconds: float = 30) -> Iterator[Daemon]:
    """The real daemon, from its READY=1 to its SIGTERM."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear, (where.home / "log").open("ab") as log:
        ear.bind(str(where.home / "notify"))
        command = [sys.executable, "-m", "maildesk", "--config", str(where.config), "run"]
        environment = {**os.environ, "NOTIFY_SOCKET": str(where.home / "notify")}
        begun = time.monotonic()
        process = subprocess.Popen(command, stderr=log, env=environment)
        try:
            _await_ready(ear, begun + seconds, where)
            ready = time.monotonic()
            yield Daemon(process, ready - begun, ready, Spent.by(process.pid))
        finally:
            process.terminate()
            process.wait(15)
            (where.home / "notify").unlink()


def _await_ready(ear: socket.socket, deadline: float, where: Ground) -> None:
    while select.select([ear], [], [], max(0.0, deadline - time.monotonic()))[0]:
        if b"READY=1" in ear.recv(4096):
            return
    raise SystemExit(f"the daemon does not start:\n{(where.home / 'log').read_text()}")
