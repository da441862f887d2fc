"""A fair lock: writers to a SQLite file take turns, first come, first served, instead of polling it."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident

from maildesk.errors import TemporaryError


class Turns:
    """Whose turn it is to write."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._holder: int | None = None
        self._waiting: deque[tuple[int, Lock]] = deque()

    @contextmanager
    def turn(self, seconds: float) -> Iterator[None]:
        """Hold the turn. Raises TemporaryError when it does not come within `seconds`."""
        self._take(seconds)
        try:
            yield
        finally:
            with self._guard:
                self._pass_on()

    def _take(self, seconds: float) -> None:
        me = get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a transaction inside a transaction of the same thread")
            if self._holder is None:
                self._holder = me
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append((me, mine))
        if mine.acquire(timeout=seconds):
            return
        with self._guard:
            if self._holder != me:  # else it came between the timeout and here
                self._waiting.remove((me, mine))
                raise TemporaryError(f"the database was busy for {seconds:g} s")

    def _pass_on(self) -> None:
        if self._waiting:
            self._holder, following = self._waiting.popleft()
            following.release()
        else:
            self._holder = None
