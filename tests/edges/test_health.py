"""The heartbeat to systemd, and the pulse of the threads."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from maildesk import health

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


# --- systemd


@pytest.fixture
def systemd(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0maildesk-test-{os.getpid()}")
        receiver.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@maildesk-test-{os.getpid()}")
        yield receiver


def test_states_reach_an_abstract_socket(systemd: socket.socket) -> None:
    assert health.sd_notify("STATUS=3 封邮件在等")
    assert systemd.recv(999).decode() == "STATUS=3 封邮件在等"


def test_reload_carries_the_monotonic_time(systemd: socket.socket) -> None:
    before = monotonic()
    health.sd_notify("RELOADING=1")
    state, _, micros = systemd.recv(999).decode().partition("\nMONOTONIC_USEC=")
    assert state == "RELOADING=1"
    assert before - 1 < int(micros) / 1e6 < monotonic() + 1


def test_states_reach_a_socket_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("notify")
        monkeypatch.setenv("NOTIFY_SOCKET", "/proc/self/cwd/notify")
        assert health.sd_notify("READY=1")
        assert receiver.recv(99) == b"READY=1"


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "/nonexistent/notify", "@nobody-listens-here"])
def test_nobody_listening_is_no_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not health.sd_notify("READY=1")


@pytest.mark.parametrize(
    ("micros", "pid", "interval"),
    [
        ("60000000", "own", 30.0),
        ("60000000", "", 30.0),
        ("60000000", "1", None),
        ("0", "own", None),
        ("soon", "own", None),
        ("", "own", None),
    ],
)
def test_watchdog_is_fed_twice_as_often_as_demanded(
    micros: str, pid: str, interval: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", micros)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if pid:
        monkeypatch.setenv("WATCHDOG_PID", pid if pid != "own" else str(os.getpid()))
    assert health.watchdog_interval() == interval


# --- pulse


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pulse(clock: Clock) -> health.Pulse:
    return health.Pulse(now=clock.now, monotonic=clock.monotonic)


def test_pulse_tells_state_reason_last_success_and_totals(clock: Clock, pulse: health.Pulse) -> None:
    pulse.starting("intake")
    pulse.ok("outbox", sent=3, dead=0)
    clock.seconds = 60
    pulse.ok("outbox", sent=2)
    clock.seconds = 90
    pulse.failing("outbox", "relay mx: login refused", deferred=4)
    clock.seconds = 100
    assert pulse.snapshot() == {
        "intake": {
            "state": "starting",
            "reason": "",
            "since": "2026-03-02T09:00:00+00:00",
            "last_ok": None,
            "silent_seconds": 100,
            "beats": 0,
            "totals": {},
        },
        "outbox": {
            "state": "failing",
            "reason": "relay mx: login refused",
            "since": "2026-03-02T09:01:30+00:00",
            "last_ok": "2026-03-02T09:01:00+00:00",
            "silent_seconds": 10,
            "beats": 2,
            "totals": {"sent": 5, "dead": 0, "deferred": 4},
        },
    }


def test_since_is_the_time_the_state_began(clock: Clock, pulse: health.Pulse) -> None:
    for clock.seconds in (0, 10, 20):
        pulse.failing("sla", "disk full")
    assert pulse.snapshot()["sla"]["since"] == "2026-03-02T09:00:00+00:00"


def test_silent_thread_is_stuck_and_a_failing_one_is_not(clock: Clock, pulse: health.Pulse) -> None:
    pulse.starting("never-began")
    pulse.ok("outbox")
    clock.seconds = 50
    pulse.failing("mailbox:main", "connection refused")
    clock.seconds = 100
    assert pulse.stuck(60) == ["never-began", "outbox"]
    assert pulse.stuck() == []
    assert pulse.troubles() == ["mailbox:main: connection refused"]
    clock.seconds = 99_999
    assert pulse.troubles() == [
        "mailbox:main: connection refused",
        "mailbox:main: nothing heard of it",
        "never-began: nothing heard of it",
        "outbox: nothing heard of it",
    ]


def test_forgotten_thread_is_missed_by_nobody(clock: Clock, pulse: health.Pulse) -> None:
    pulse.ok("mailbox:old")
    pulse.forget("mailbox:old")
    pulse.forget("mailbox:old")
    clock.seconds = 99_999
    assert pulse.stuck() == []
    assert pulse.snapshot() == {}


def test_beats_of_many_threads_all_count() -> None:
    pulse = health.Pulse()

    def beat(_thread: int) -> None:
        for _ in range(500):
            pulse.ok("outbox", sent=1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(beat, range(8)))
    assert pulse.snapshot()["outbox"]["totals"] == {"sent": 4_000}
