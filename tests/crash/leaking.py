"""A desk that is wrong on purpose: whatever it connects to leaves a descriptor, a thread and 2 MB behind."""

import os
import socket
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

from maildesk import daemon

KEPT: list[object] = []


class Leaking(socket.socket):
    """A connection of which something stays behind."""

    def connect(self, address: Any) -> None:
        super().connect(address)
        KEPT.append((os.dup(self.fileno()), b"x" * 2_000_000))
        Thread(target=Event().wait, daemon=True).start()


if __name__ == "__main__":
    socket.socket = Leaking  # type: ignore[misc]
    daemon.run(Path(sys.argv[1]))
