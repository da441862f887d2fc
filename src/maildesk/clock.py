"""The one file that reads the clock, waits and rolls dice."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def fixed(moment: datetime) -> Clock:
    """A clock that stands still, for `once --now` and tests."""
    return lambda: moment


def monotonic() -> float:
    """Seconds that never run backwards, for deadlines."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Block this thread. Loops wait on an event instead, so that a stop reaches them."""
    time.sleep(seconds)


def jitter(delay: timedelta, share: float = 0.2) -> timedelta:
    """`delay` moved by up to `share` of itself either way, so that retries of many do not march in step."""
    return delay * (1 + random.uniform(-share, share))
