"""The lock on the state directory: one daemon a directory, and proof that a former holder is dead."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from maildesk.errors import TemporaryError


class Lock:
    """A held lock. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Let go. Repeatable."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "Lock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lock_state(directory: Path) -> Lock:
    """Take `directory`/lock (flock(2)) and write our pid into it; the directory is made when it is missing.

    Raises TemporaryError at once when another process holds it, naming its pid, or when the file cannot be had.
    """
    path = directory / "lock"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise TemporaryError(f"cannot open {path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise TemporaryError(f"another maildesk (pid {holder or 'unknown'}) holds {path}") from error
        raise TemporaryError(f"cannot lock {path}: {error.strerror}") from error
    return Lock(descriptor)
