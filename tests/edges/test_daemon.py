"""The daemon as its operator sees it: `maildesk run` between a real Dovecot and a real relay."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fixtures.commands import program
from fixtures.dovecot import PASSWORD, Dovecot
from fixtures.relay import Received, Sink
from fixtures.stage import letter
from maildesk import settings
from maildesk.mail.parse import parse

TOML = """\
[desk]
address = "it@corp.example"
owner = "ops@corp.example"
[[mailbox]]
host = "127.0.0.1"
port = {port}
tls = "none"
user = "{user}"
secret_file = "secrets/imap"
start_from = "all"
poll = "{poll}"
[relay]
host = "127.0.0.1"
port = {relay}
tls = "none"
[health]
port = {health}
"""
FANG = "王芳 <wangfang@corp.example>"


@dataclass(slots=True)
class Daemon:
    """A desk in a folder of its own, and the process that runs it."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    health: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> str:
        return str(self.home / "maildesk.toml")

    def start(self) -> None:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "maildesk", "--config", self.config, "run"],
                stdin=subprocess.DEVNULL,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        self.until(lambda: self.logged("running"))

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self) -> float:
        """End it as systemd does; how many seconds that took. Raises AssertionError when it ended badly."""
        assert self.process
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        assert self.process.wait(20) == 0
        self.process = None
        return time.monotonic() - begun

    def log(self) -> list[dict[str, Any]]:
        """Every whole line of the log. Raises ValueError for one that is not JSON."""
        text = (self.home / "log").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["event"] == event]

    def status(self) -> dict[str, Any]:
        said = program("--config", self.config, "status", "--json")
        assert said.code == 0, said.err
        found: dict[str, Any] = said.rows[0]
        return found

    def until(self, what: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait for something to become true. Raises AssertionError with the log."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, (self.home / "log").read_text("utf-8")[-5000:]
            time.sleep(0.05)


@pytest.fixture
def daemon(tmp_path: Path, dovecot: Dovecot, relay: Sink) -> Iterator[Daemon]:
    """A desk between the two servers, ready to start."""
    home = tmp_path / "desk"
    settings.init(home)
    (home / "secrets" / "imap").write_text(PASSWORD)
    with socket.create_server(("127.0.0.1", 0)) as free:
        health = free.getsockname()[1]
    made = Daemon(home, health=health)
    dovecot.deliver()
    text = TOML.format(port=dovecot.port, user=dovecot.user, poll="60s", relay=relay.port, health=health)
    (home / "maildesk.toml").write_text(text)
    yield made
    if made.process is not None:
        made.process.kill()
        made.process.wait(10)


def mails_to(sink: Sink, address: str) -> list[Received]:
    return [mail for mail in list(sink.mails) if address in mail.recipients]


def subjects(sink: Sink, address: str) -> list[str]:
    return [parse(mail.data).subject for mail in mails_to(sink, address)]


def idle(daemon: Daemon) -> bool:
    """Whether the mailbox was looked at; it waits in IDLE then."""
    return bool(daemon.status()["mailboxes"][0]["last_poll"])


def test_a_mail_is_a_ticket_and_an_acknowledgement_within_five_seconds(
    daemon: Daemon, dovecot: Dovecot, relay: Sink
) -> None:
    daemon.start()
    daemon.until(lambda: idle(daemon))
    time.sleep(1)
    begun = time.monotonic()
    dovecot.deliver(letter(FANG, "打印机卡纸", "三楼的打印机卡纸了。密码是 hunter2")[0])
    daemon.until(lambda: mails_to(relay, "wangfang@corp.example"))
    took = time.monotonic() - begun
    assert took < 5, took
    rows = program("--config", daemon.config, "ticket", "list", "--json").rows
    assert [row["subject"] for row in rows] == ["打印机卡纸"]
    assert daemon.stop() < 10
    log = (daemon.home / "log").read_text("utf-8")
    for private in ("hunter2", PASSWORD, "卡纸了"):
        assert private not in log
    assert all({"event", "level", "at"} <= set(line) for line in daemon.log())
    assert daemon.log()[-1]["event"] == "stopped"


def test_systemd_hears_that_it_is_ready_lives_and_stops(daemon: Daemon, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(20)
        daemon.environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
        daemon.start()
        said = [listener.recv(4096).decode() for _ in range(3)]
        daemon.signal(signal.SIGHUP)
        while said[-1] == "WATCHDOG=1":
            said.append(listener.recv(4096).decode())
        said.append(listener.recv(4096).decode())
        daemon.stop()
        listener.settimeout(0.2)
        with suppress(TimeoutError):
            while True:
                said.append(listener.recv(4096).decode())
    assert said[:3] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    reloading = next(place for place, state in enumerate(said) if state.startswith("RELOADING=1\nMONOTONIC_USEC="))
    assert said[reloading + 1] == "READY=1"
    assert said[-1] == "STOPPING=1"


def test_a_reload_takes_good_rules_and_templates_and_refuses_bad_ones_whole(
    daemon: Daemon, dovecot: Dovecot, relay: Sink
) -> None:
    rules = daemon.home / "rules" / "90-coffee.yaml"
    good = "rules:\n  - name: coffee\n    when: {words: [coffee]}\n    then: {category: coffee}\n"
    daemon.start()
    rules.write_text(good)
    template = daemon.home / "templates" / "acknowledged" / "requester.en.md"
    template.write_text("Subject: {{ ticket.subject }}\n\nYour coffee is our concern.\n")
    daemon.signal(signal.SIGHUP)
    daemon.until(lambda: daemon.logged("reloaded"))
    rules.write_text(good.replace("category", "catgory"))
    daemon.signal(signal.SIGHUP)
    daemon.until(lambda: daemon.logged("reload refused"))
    (refused,) = daemon.logged("reload refused")
    assert f"{rules}:4" in refused["problem"]
    assert "category" in refused["problem"]
    daemon.until(lambda: mails_to(relay, "ops@corp.example"))
    rules.touch()
    daemon.until(lambda: len(daemon.logged("reload refused")) == 2)
    daemon.until(lambda: not daemon.logged("failing"))
    assert len(mails_to(relay, "ops@corp.example")) == 1, "he is told once"
    dovecot.deliver(letter("Sarah <sarah@corp.example>", "No coffee", "The machine is dead.")[0])
    daemon.until(lambda: mails_to(relay, "sarah@corp.example"))
    rules.write_text(good)  # the command line reads the files as they are
    (ticket,) = program("--config", daemon.config, "ticket", "list", "--json").rows
    assert ticket["category"] == "coffee"
    assert "Your coffee is our concern." in parse(mails_to(relay, "sarah@corp.example")[0].data).plain
    daemon.stop()


def test_the_owner_hears_once_of_a_failing_mailbox_and_once_of_its_recovery(
    daemon: Daemon, dovecot: Dovecot, relay: Sink
) -> None:
    secret = daemon.home / "secrets" / "imap"
    secret.write_text("wrong")
    daemon.start()
    daemon.until(lambda: mails_to(relay, "ops@corp.example"))
    assert daemon.status()["mailboxes"][0]["state"] == "failing"
    shown = program("--config", daemon.config, "status").out
    assert "does not accept" in shown
    dovecot.deliver(letter(FANG, "断网", "一直上不了网")[0])
    secret.write_text(PASSWORD)
    daemon.until(lambda: len(mails_to(relay, "ops@corp.example")) == 2, 40)
    daemon.until(lambda: mails_to(relay, "wangfang@corp.example"))
    events = [next(parse(m.data).values("X-Maildesk-Event")) for m in mails_to(relay, "ops@corp.example")]
    assert events == ["alarm", "recovered"]
    daemon.stop()


def test_a_second_desk_on_the_same_state_ends_at_once_and_names_the_first(daemon: Daemon) -> None:
    daemon.start()
    assert daemon.process
    begun = time.monotonic()
    program("--version")  # how long the interpreter's own start takes on this machine, now
    start_up = time.monotonic() - begun
    begun = time.monotonic()
    second = program("--config", daemon.config, "run")
    took = time.monotonic() - begun
    assert second.code == 75
    assert f"pid {daemon.process.pid}" in second.err
    assert took < 2 + 2 * start_up
    assert program("--config", daemon.config, "once").code == 75
    daemon.stop()


def test_ingest_beside_a_running_desk_is_decided_by_it(daemon: Daemon, relay: Sink) -> None:
    daemon.start()
    said = program("--config", daemon.config, "ingest", "-", stdin=letter(FANG, "断网", "上不了网")[0])
    assert (said.code, said.out, said.err) == (0, "", "")
    daemon.until(lambda: mails_to(relay, "wangfang@corp.example"))
    assert daemon.status()["tickets"]["open"] == 1
    daemon.stop()


def test_status_and_the_window_show_a_running_desk(daemon: Daemon) -> None:
    daemon.start()
    daemon.until(lambda: idle(daemon))
    status = daemon.status()
    assert {"running", "leader", "mailboxes", "outbox", "quarantine", "tickets", "next_check"} <= set(status)
    assert status["running"] is True
    assert set(status["mailboxes"][0]) >= {"name", "state", "last_poll", "waiting"}
    assert set(status["outbox"]) == {"ready", "deferred", "held", "dead", "parked_since", "muted"}
    assert set(status["tickets"]) == {"open", "breached"}
    for path in ("health", "metrics", "status"):
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.health}/{path}", timeout=5) as answer:
            assert answer.status == 200
    said = program("--config", daemon.config, "status").out
    assert said.startswith("The desk is running.\nmain\tok\t")
    daemon.stop()
    assert daemon.status()["running"] is False
    assert program("--config", daemon.config, "status").out.startswith("The desk is not running.\n")


def test_a_stop_while_the_relay_is_silent_takes_under_ten_seconds(
    daemon: Daemon, dovecot: Dovecot, relay: Sink
) -> None:
    relay.script("BODY", "silence", times=9)
    dovecot.deliver(letter(FANG, "断网", "上不了网")[0])
    daemon.start()
    relay.wait_command("DATA")
    assert daemon.stop() < 10
