"""The daemon's window and its metrics: always open, whoever stands before it."""

import json
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from maildesk import health
from maildesk.errors import TemporaryError
from maildesk.health import server

STATUS = {
    "running": True,
    "mailboxes": [{"name": "main", "server": 412, "ledger": 411}, {"name": "new", "server": None, "ledger": None}],
    "outbox": {"ready": 3, "deferred": 1, "dead": 0, "parked_since": None, "muted": 2},
    "quarantine": 2,
    "standing": {"taken": 500, "sent": 700},
    "tickets": {"open": 7},
}


def no_status() -> dict[str, Any]:
    raise RuntimeError("the database is gone")


@contextmanager
def window(
    state: Path, pulse: health.Pulse | None = None, status: Callable[[], dict[str, Any]] = lambda: STATUS, port: int = 0
) -> Iterator[health.Served]:
    served = health.serve(state, pulse or health.Pulse(), status, port)
    try:
        yield served
    finally:
        served.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.fixture
def pulse() -> health.Pulse:
    return health.Pulse()


# --- the window


def test_status_is_asked_over_the_socket(tmp_path: Path, pulse: health.Pulse) -> None:
    pulse.ok("sla")
    with window(tmp_path, pulse):
        answer = health.ask(tmp_path)
        assert answer is not None
        assert answer["quarantine"] == 2
        assert answer["threads"]["sla"]["state"] == "ok"
        assert stat.S_IMODE((tmp_path / "maildesk.sock").stat().st_mode) == 0o600


def test_no_daemon_is_none(tmp_path: Path) -> None:
    assert health.ask(tmp_path) is None
    assert health.ask(tmp_path / "absent") is None
    with window(tmp_path):
        pass
    assert health.ask(tmp_path) is None


def test_socket_left_by_a_dead_daemon_is_replaced(tmp_path: Path) -> None:
    for _ in range(2):
        with window(tmp_path):
            assert health.ask(tmp_path) is not None


def test_state_directory_with_a_long_path_has_a_socket_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("报" * 40)
    deep.mkdir(parents=True)
    with window(deep):
        assert health.ask(deep) is not None
    assert health.ask(deep) is None


def test_health_is_503_while_a_thread_fails(tmp_path: Path, pulse: health.Pulse) -> None:
    port = free_port()
    with window(tmp_path, pulse, port=port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            assert (answer.status, json.load(answer)) == (200, {"ok": True, "troubles": []})
        pulse.failing("outbox", "relay: 断网")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
        with caught.value as error:
            assert (error.code, json.load(error)) == (503, {"ok": False, "troubles": ["outbox: relay: 断网"]})
        assert health.ask(tmp_path, "/health") == {"ok": False, "troubles": ["outbox: relay: 断网"]}


def test_status_that_fails_is_503_and_the_window_stays_open(tmp_path: Path) -> None:
    with window(tmp_path, status=no_status):
        for _ in range(2):
            assert health.ask(tmp_path) == {"ok": False, "troubles": ["the status is not available"]}
        assert health.ask(tmp_path, "/health") == {"ok": True, "troubles": []}


def raw(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answer:
            return answer.read()


@pytest.mark.parametrize(
    "request_", [b"GET /etc/passwd HTTP/1.1\r\n\r\n", b"POST /status HTTP/1.1\r\n\r\n", b"\xff\r\n\r\n", b"GET\r\n\r\n"]
)
def test_anything_else_is_not_found(tmp_path: Path, request_: bytes) -> None:
    port = free_port()
    with window(tmp_path, port=port):
        assert raw(port, request_).startswith(b"HTTP/1.0 404 ")


def test_query_of_a_path_is_ignored(tmp_path: Path) -> None:
    port = free_port()
    with window(tmp_path, port=port):
        assert raw(port, b"GET /health?now HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.0 200 ")


def test_request_without_an_end_is_cut_off(tmp_path: Path) -> None:
    port = free_port()
    with window(tmp_path, port=port):
        assert raw(port, b"GET /status HTTP/1.1\r\nX: " + b"x" * 9_000).startswith(b"HTTP/1.0 200 ")


def test_silent_clients_hold_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_DEADLINE", 0.3)
    port = free_port()
    with window(tmp_path, port=port), ExitStack() as silent:
        for _ in range(20):
            silent.enter_context(socket.create_connection(("127.0.0.1", port)))
        sleep(2)
        monkeypatch.setattr(server, "_DEADLINE", 5.0)
        assert health.ask(tmp_path) is not None


def test_trickle_ends_at_the_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_DEADLINE", 0.3)
    port = free_port()
    with window(tmp_path, port=port), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(0.02)
        begun = monotonic()
        try:
            while monotonic() - begun < 5:
                connection.sendall(b"x")
                with suppress(TimeoutError):
                    if connection.recv(1) == b"":
                        break
        except ConnectionError:
            pass
        assert monotonic() - begun < 3


def test_status_that_hangs_piles_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_DEADLINE", 0.3)
    go_on = Event()

    def hanging() -> dict[str, Any]:
        go_on.wait(10)
        return STATUS

    port = free_port()
    with window(tmp_path, status=hanging, port=port), ExitStack() as held:
        for _ in range(8):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(b"GET /status HTTP/1.0\r\n\r\n")
        assert raw(port, b"") == b""
        go_on.set()
        sleep(0.2)
        assert health.ask(tmp_path, "/health") is not None


def test_client_that_is_gone_before_the_answer_is_no_error(tmp_path: Path) -> None:
    asked, go_on = Event(), Event()

    def slow() -> dict[str, Any]:
        asked.set()
        go_on.wait(5)
        return {"long": "x" * 3_000_000}

    port = free_port()
    with window(tmp_path, status=slow, port=port):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET /status HTTP/1.0\r\n\r\n")
            asked.wait(5)
        go_on.set()
        assert health.ask(tmp_path, "/health") == {"ok": True, "troubles": []}


def test_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(TemporaryError, match=rf"cannot listen on 127\.0\.0\.1:{port}: Address already in use"):
            health.serve(tmp_path, health.Pulse(), lambda: STATUS, port)


def test_state_directory_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match=r"cannot listen on .*maildesk\.sock: No such file"):
        health.serve(tmp_path / "absent", health.Pulse(), lambda: STATUS)


def test_file_in_the_place_of_the_socket_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "maildesk.sock").write_text("mine")
    with pytest.raises(TemporaryError):
        health.serve(tmp_path, health.Pulse(), lambda: STATUS)
    assert (tmp_path / "maildesk.sock").read_text() == "mine"


@contextmanager
def impostor(state: Path, answer: bytes | None) -> Iterator[None]:
    """Something that listens in the daemon's place, and answers so, or not at all."""
    over = Event()

    def speak() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(999)
            if answer is None:
                over.wait(10)
            else:
                connection.sendall(answer)

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(state / "maildesk.sock"))
        listener.listen()
        thread = Thread(target=speak)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.0 200 OK\r\n\r\nno json", b"\xff"])
def test_answer_that_cannot_be_read_is_temporary(tmp_path: Path, answer: bytes) -> None:
    with impostor(tmp_path, answer), pytest.raises(TemporaryError, match="no answer that can be read"):
        health.ask(tmp_path)


def test_answer_that_is_no_object_is_none(tmp_path: Path) -> None:
    with impostor(tmp_path, b"HTTP/1.0 200 OK\r\n\r\n[]"):
        assert health.ask(tmp_path) is None


def test_daemon_that_hangs_is_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_DEADLINE", 0.1)
    with impostor(tmp_path, None), pytest.raises(TemporaryError, match="cannot be asked"):
        health.ask(tmp_path)


# --- metrics


def test_metrics_tell_the_work_and_what_waits(tmp_path: Path) -> None:
    seconds = [0.0]
    pulse = health.Pulse(monotonic=lambda: seconds[-1])
    pulse.ok("mailbox:main", taken=5)
    pulse.ok("intake", opened=4)
    pulse.ok("outbox", sent=9, deferred=2, dead=1)
    pulse.ok("sla", seconds=0.25)
    pulse.ok("sla", seconds=0.25)
    pulse.failing("mailbox:main", "断网")
    seconds.append(42.0)
    port = free_port()
    with window(tmp_path, pulse, port=port):
        head, _, body = raw(port, b"GET /metrics HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")
    assert b"text/plain; version=0.0.4" in head
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
    assert samples == {
        ("maildesk_mails_taken_total", "main"): 5,
        ("maildesk_mailbox_silent_seconds", "main"): 42,
        ("maildesk_tickets_opened_total",): 4,
        ("maildesk_mails_sent_total",): 9,
        ("maildesk_mails_deferred_total",): 2,
        ("maildesk_mails_dead_total",): 1,
        ("maildesk_sla_tick_seconds_count",): 2,
        ("maildesk_sla_tick_seconds_sum",): 0.5,
        ("maildesk_thread_ok", "intake"): 1,
        ("maildesk_thread_ok", "mailbox:main"): 0,
        ("maildesk_thread_ok", "outbox"): 1,
        ("maildesk_thread_ok", "sla"): 1,
        ("maildesk_outbox_waiting", "ready"): 3,
        ("maildesk_outbox_waiting", "deferred"): 1,
        ("maildesk_outbox_waiting", "dead"): 0,
        ("maildesk_outbox_parked",): 0,
        ("maildesk_addresses_muted",): 2,
        ("maildesk_tickets", "open"): 7,
        ("maildesk_quarantine",): 2,
        ("maildesk_mails", "taken"): 500,
        ("maildesk_mails", "sent"): 700,
        ("maildesk_mailbox_mails", "server", "main"): 412,
        ("maildesk_mailbox_mails", "ledger", "main"): 411,
    }


def test_metrics_of_an_idle_desk_are_zero_not_absent(tmp_path: Path) -> None:
    port = free_port()
    with window(tmp_path, status=dict, port=port):
        body = raw(port, b"GET /metrics HTTP/1.0\r\n\r\n")
    assert b"maildesk_mails_sent_total 0.0" in body
    assert b"maildesk_quarantine" not in body
