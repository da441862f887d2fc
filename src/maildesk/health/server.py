"""The daemon's window: HTTP/1.0 GET on a unix socket, and on 127.0.0.1 where a port is configured.

/status is the status as JSON, /health 200 or 503 with the troubles, /metrics the text format of Prometheus. Eight
connections at a time, five seconds each: nobody outside can hold the daemon up.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Event, Thread
from typing import Any

import structlog

from maildesk import clock
from maildesk.errors import TemporaryError
from maildesk.health.metrics import Status, exposition
from maildesk.health.pulse import Pulse

_NAME = "maildesk.sock"
_DEADLINE = 5.0
_AT_ONCE = 8
_LONGEST_REQUEST = 8_192
_LONGEST_ANSWER = 4_000_000
_EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
_REASONS = {200: "OK", 404: "Not Found", 503: "Service Unavailable"}
_PATH_LIMIT = 100  # sun_path holds 108 octets on Linux, 104 elsewhere

_log = structlog.get_logger()


class Served:
    """A running window; close it to end it."""

    def __init__(self, listeners: list[socket.socket], pulse: Pulse, status: Status) -> None:
        self._listeners = listeners
        self._pulse = pulse
        self._status = status
        self._closed = Event()
        self._places = BoundedSemaphore(_AT_ONCE)
        self._threads = [Thread(target=self._accept, args=(one,), name="health", daemon=True) for one in listeners]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop listening. The socket file stays: the next start replaces it."""
        self._closed.set()
        for listener in self._listeners:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        for thread in self._threads:
            thread.join()
        for listener in self._listeners:
            listener.close()

    def _accept(self, listener: socket.socket) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:  # shut down, or no descriptor left: then not at full speed
                self._closed.wait(0.2)
                continue
            if self._places.acquire(timeout=_DEADLINE):
                Thread(target=self._serve, args=(connection,), name="health", daemon=True).start()
            else:
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                deadline = clock.monotonic() + _DEADLINE
                path = _requested(_receive(connection, deadline, _LONGEST_REQUEST, end=b"\r\n\r\n"))
                _send(connection, deadline, self._answer(path))
        except OSError:  # TimeoutError too: the other side is gone or slow
            return
        finally:
            self._places.release()

    def _answer(self, path: str) -> bytes:
        try:
            match path:
                case "/status":
                    return _response(200, _json(self._status() | {"threads": self._pulse.snapshot()}))
                case "/health":
                    troubles = self._pulse.troubles()
                    return _response(503 if troubles else 200, _json({"ok": not troubles, "troubles": troubles}))
                case "/metrics":
                    return _response(200, exposition(self._pulse, self._status), kind=_EXPOSITION)
        except Exception as error:  # a database that is gone must not end the window
            _log.warning("the status is not available", reason=f"{type(error).__name__}: {error}")
            return _response(503, _json({"ok": False, "troubles": ["the status is not available"]}))
        return _response(404, b"GET /status, /health or /metrics\n", kind="text/plain")


def serve(state_dir: Path, pulse: Pulse, status: Status, port: int = 0) -> Served:
    """Open the window: `maildesk.sock` (0600) in the state directory, and 127.0.0.1:`port` unless it is 0.

    `status` is called in a thread of its own for /status and /metrics. Raises TemporaryError when the socket or the
    port cannot be had. The caller holds the lock on the state directory: a socket file found there is a dead one.
    """
    listeners: list[socket.socket] = []
    try:
        listeners.append(_unix_listener(state_dir))
        if port:
            listeners.append(socket.create_server(("127.0.0.1", port)))
    except OSError as error:
        for listener in listeners:
            listener.close()
        place = f"127.0.0.1:{port}" if listeners else str(state_dir / _NAME)
        raise TemporaryError(f"cannot listen on {place}: {error.strerror or error}") from error
    return Served(listeners, pulse, status)


def ask(state_dir: Path, path: str = "/status") -> dict[str, Any] | None:
    """What the running daemon answers to /status or /health; None when none is running.

    Raises TemporaryError when there is one that cannot be asked: it hangs, or belongs to another user.
    """
    deadline = clock.monotonic() + _DEADLINE * 2
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection, _reachable(state_dir) as name:
            connection.settimeout(_DEADLINE)
            connection.connect(name)
            _send(connection, deadline, f"GET {path} HTTP/1.0\r\n\r\n".encode())
            answer = _receive(connection, deadline, _LONGEST_ANSWER)
        found = json.loads(answer.partition(b"\r\n\r\n")[2])
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except OSError as error:
        raise TemporaryError(f"the daemon cannot be asked: {error.strerror or error}") from error
    except ValueError as error:
        raise TemporaryError("the daemon gave no answer that can be read") from error
    return found if isinstance(found, dict) else None


def _unix_listener(state_dir: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path = state_dir / _NAME
        if path.is_socket():
            path.unlink()
        os.fchmod(listener.fileno(), 0o600)  # before bind: the file never is more open than this
        with _reachable(state_dir) as name:
            listener.bind(name)
        listener.listen(_AT_ONCE)
    except OSError:
        listener.close()
        raise
    return listener


@contextmanager
def _reachable(state_dir: Path) -> Iterator[str]:
    """A name of the socket that fits into sun_path: of a long path, by way of the open directory."""
    path = str(state_dir / _NAME)
    if len(os.fsencode(path)) <= _PATH_LIMIT:
        yield path
        return
    directory = os.open(state_dir, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{_NAME}"
    finally:
        os.close(directory)


def _receive(connection: socket.socket, deadline: float, limit: int, end: bytes = b"") -> bytes:
    """Octets up to `end`, or to the end of the stream, or to the limit. Raises TimeoutError."""
    got = bytearray()
    while len(got) < limit and not (end and end in got):
        connection.settimeout(_left(deadline))
        piece = connection.recv(65_536)
        if not piece:
            break
        got += piece
    return bytes(got)


def _send(connection: socket.socket, deadline: float, octets: bytes) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(octets)  # its timeout is for the whole


def _left(deadline: float) -> float:
    left = deadline - clock.monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


def _requested(request: bytes) -> str:
    """The path of a GET, "" for anything else."""
    method, _, rest = request.partition(b"\r\n")[0].partition(b" ")
    return rest.partition(b" ")[0].decode("latin-1").partition("?")[0] if method == b"GET" else ""


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _response(code: int, body: bytes, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.0 {code} {_REASONS[code]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
