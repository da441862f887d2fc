"""The memory of a process that runs for months, where the C library is glibc; elsewhere nothing happens."""

import ctypes
from contextlib import suppress

_ARENA_MAX = -8  # mallopt(3)


def share() -> None:
    """One heap for all threads: else each gets its own, whose free memory no other one uses. Before they start."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """What an old configuration held is full of holes: the kernel gets back what is whole pages of them."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
