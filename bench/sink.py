"""A relay that takes every mail and forgets it: `python sink.py FILE` prints its port, and notes each mail in FILE.

One line a mail: when its final dot was answered (CLOCK_MONOTONIC), and what event it tells ("-" for a requester's).
"""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import BinaryIO

_EVENT = re.compile(rb"^X-Maildesk-Event: (\S+)", re.MULTILINE)
_END = b"\r\n.\r\n"


class Reader(asyncio.Protocol):
    """One connection."""

    def __init__(self, notes: BinaryIO) -> None:
        self._notes = notes
        self._buffer = bytearray()
        self._in_mail = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while answer := self._mail() if self._in_mail else self._command():
            assert self._transport is not None
            self._transport.write(answer)
            if answer.startswith(b"221"):
                self._transport.close()

    def _mail(self) -> bytes:
        end = self._buffer.find(_END)
        if end < 0:
            return b""
        event = _EVENT.search(self._buffer, 0, self._buffer.find(b"\r\n\r\n", 0, end))
        self._notes.write(b"%.6f %s\n" % (time.monotonic(), event[1] if event else b"-"))
        del self._buffer[: end + len(_END)]
        self._in_mail = False
        return b"250 2.0.0 taken\r\n"

    def _command(self) -> bytes:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return b""
        verb = bytes(self._buffer[:4]).upper()
        del self._buffer[: end + 2]
        if verb == b"EHLO":
            return b"250-sink\r\n250-SIZE 50000000\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        if verb == b"DATA":
            self._in_mail = True
            return b"354 go on\r\n"
        return b"221 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n"


async def serve(file: Path) -> None:
    """Until killed."""
    with file.open("ab", buffering=0) as notes:
        server = await asyncio.get_running_loop().create_server(lambda: Reader(notes), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
