"""The memory of a process that runs for months. What concerns the C library happens where that is glibc."""

import ctypes
import gc
from contextlib import suppress

_ARENA_MAX = -8  # mallopt(3)
_YOUNG = 10_000  # objects between two collections: a mail makes thousands that die with it, and few cycles


def share() -> None:
    """One heap for all threads: else each gets its own, whose free memory no other one uses. Before they start."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def collect_less() -> None:
    """Cycles are looked for less often: that was a tenth of the processor's time for a mail."""
    gc.set_threshold(_YOUNG)


def give_back() -> None:
    """What an old configuration held is full of holes: the kernel gets back what is whole pages of them."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
