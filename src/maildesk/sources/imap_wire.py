"""imaplib and imapclient behind a guard: every command has a wall clock and an answer of bounded size.

The libraries' own timeout counts per read, so a slow trickle never ends; a literal is allocated as large as the server
claims; what was sent in the clear ahead of STARTTLS is read as if it were protected. All three are closed here, where
the octets come in.
"""

import imaplib
import logging
import socket
import ssl
from dataclasses import dataclass
from functools import partial
from typing import Any

from imapclient import IMAPClient

from maildesk.clock import monotonic
from maildesk.sources.base import LARGEST

# Both log what is said on the wire: mail, and at debug level passwords. The desk says in its own words what matters.
logging.getLogger("imapclient").setLevel(logging.CRITICAL)

_CHUNK = 256 * 1024
_PER_LINE = 256  # what one line costs in memory beyond its octets
_IDLE_LINE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how large an exchange may get. Seconds and octets; tests pass smaller ones."""

    connect: float = 15.0  # name, TCP, TLS and greeting, each
    command: float = 60.0
    body: float = 300.0
    answer: int = 16 * 1024 * 1024  # of a command that fetches no body: a search of a million uids fits
    largest: int = LARGEST


class Wire(imaplib.IMAP4):
    """imaplib's client, reading through a buffer of our own that knows a deadline and an allowance."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, limits: Limits) -> None:
        self._context = context
        self._buffer = bytearray()
        self._source: socket.socket | None = None
        self.allow(limits.connect, limits.answer)
        super().__init__(host, port, limits.connect)

    def allow(self, seconds: float, octets: int) -> None:
        """A new command: how long it may take in all, and how much the server may say."""
        self._seconds = seconds
        self._until = monotonic() + seconds
        self._allowance = octets
        self.verdict = ""  # of the command, once its tagged answer is here: OK or NO
        self.said = b""  # the text beside it

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        return self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain

    def _command_complete(self, name: str, tag: bytes) -> tuple[str, list[Any]]:
        answer: tuple[str, list[Any]] = super()._command_complete(name, tag)  # type: ignore[misc]
        self.verdict, self.said = answer[0], answer[1][-1]
        return answer

    def send(self, data: Any) -> None:
        """Send within the deadline. One line at most: no value may smuggle in a second command."""
        if any(octet in data.removesuffix(b"\r\n") for octet in b"\r\n\0"):
            raise self.error("a line break inside a command")
        self.sock.settimeout(self._remaining())
        super().send(data)

    def readline(self) -> bytes:
        """One line within the deadline and the allowance."""
        buffer = self._read_so_far()
        start = 0
        while (end := buffer.find(b"\n", start)) < 0:
            start = len(buffer)
            self._charge(start, 0)
            buffer += self._receive()
        self._charge(end + 1, end + 1 + _PER_LINE)
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        """A literal within the deadline and the allowance; nothing is allocated for a mere claim."""
        buffer = self._read_so_far()
        self._charge(size, size)
        while len(buffer) < size:
            buffer += self._receive()
        return self._take(size)

    def waiting(self, seconds: float) -> bool:
        """Whether a line is there, or comes within `seconds`. Raises imaplib's abort at the end of the stream."""
        buffer = self._read_so_far()
        if b"\n" in buffer:
            return True
        self.sock.settimeout(seconds)
        try:
            buffer += self._checked(self.sock.recv(_CHUNK))
        except TimeoutError:
            return False
        if len(buffer) > _IDLE_LINE and b"\n" not in buffer:
            raise self.abort("a line without an end")
        return b"\n" in buffer

    def _read_so_far(self) -> bytearray:
        if self._source is not self.sock:
            self._source = self.sock
            self._buffer.clear()  # what came in the clear ahead of TLS (CVE-2011-0411)
        return self._buffer

    def _take(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = view[:size].tobytes()
        del self._buffer[:size]
        return taken

    def _charge(self, needed: int, spent: int) -> None:
        if needed > self._allowance:
            raise self.abort("the server says more than was asked for")
        self._allowance -= spent

    def _remaining(self) -> float:
        left = self._until - monotonic()
        if left <= 0:
            raise TimeoutError(f"no complete answer within {self._seconds:g} seconds")
        return left

    def _receive(self) -> bytes:
        self.sock.settimeout(self._remaining())
        return self._checked(self.sock.recv(_CHUNK))

    def _checked(self, received: bytes) -> bytes:
        if not received:
            raise self.abort("the server closed the connection")
        return received


class Client(IMAPClient):  # type: ignore[misc]  # imapclient ships no types
    """imapclient on top of a Wire."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, limits: Limits) -> None:
        self._wire = partial(Wire, host, port, context, limits)
        super().__init__(host, port, ssl=context is not None, timeout=limits.connect)
        self.normalise_times = False  # else INTERNALDATE comes back naive, in local time
        self._imap.debug = 0  # else every line is formatted for a log

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - imapclient's name
        return self._wire()

    @property
    def wire(self) -> Wire:
        """The connection beneath."""
        wire: Wire = self._imap
        return wire
