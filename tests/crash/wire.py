"""The wires between a desk and its servers, seen from the middle: every chunk is an event, and one of them may kill."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread

_CHUNK = 65_536


class Wire:
    """Counts what passes over all lines together: each command of the desk and each answer of a server."""

    def __init__(self) -> None:
        self.events = 0
        self.reached = Event()
        self._lock = Lock()
        self._at = 0
        self._kill: Callable[[], object] = lambda: None
        self._open: set[socket.socket] = set()

    def arm(self, at: int, kill: Callable[[], object]) -> None:
        """Count from 0 again; at event `at` kill, and let that event get lost. 0 is never."""
        with self._lock:
            self.events, self._at, self._kill = 0, at, kill
            self.reached.clear()

    def connected(self, end: socket.socket) -> None:
        """A connection of the desk begins."""
        with self._lock:
            self._open.add(end)

    def ended(self, end: socket.socket) -> None:
        """It is over."""
        with self._lock:
            self._open.discard(end)

    def cut(self) -> None:
        """Every connection of the desk breaks."""
        with self._lock:
            for end in self._open:
                _shut(end)

    def passes(self) -> bool:
        """One event; False when it is the one at which the desk dies. Nothing else moves meanwhile."""
        with self._lock:
            self.events += 1
            if self.events != self._at:
                return True
            self._kill()
            self.reached.set()
            return False


@contextmanager
def line(wire: Wire, target: int) -> Iterator[int]:
    """A port that leads to the port `target`, with every chunk counted on `wire`."""
    listener = socket.create_server(("127.0.0.1", 0))
    connections: list[Thread] = []
    thread = Thread(target=_accept, args=(listener, wire, target, connections), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        _shut(listener)
        thread.join(10)
        listener.close()
        for connection in connections:
            connection.join(10)


def _accept(listener: socket.socket, wire: Wire, target: int, connections: list[Thread]) -> None:
    while True:
        try:
            desk, _ = listener.accept()
        except OSError:
            return
        connections.append(Thread(target=_connect, args=(desk, wire, target), daemon=True))
        connections[-1].start()


def _connect(desk: socket.socket, wire: Wire, target: int) -> None:
    """One connection to its end; a server that is not there closes it at once."""
    with desk, suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", target)) as server:
        for end in (desk, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.connected(desk)
        answers = Thread(target=_carry, args=(server, desk, wire), daemon=True)
        answers.start()
        _carry(desk, server, wire)
        answers.join(10)
        wire.ended(desk)


def _carry(one: socket.socket, other: socket.socket, wire: Wire) -> None:
    """One direction, until either ends. A chunk that may not pass is lost, and so is the connection."""
    with suppress(OSError):
        while (chunk := one.recv(_CHUNK)) and wire.passes():
            other.sendall(chunk)
    for end in (one, other):
        _shut(end)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
