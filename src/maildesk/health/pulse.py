"""Where each thread of the daemon says how it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from maildesk import clock

STUCK_AFTER = 1_500.0  # seconds; longer than the slowest exchange with a relay (body and final reply, 600 s each)


@dataclass(slots=True)
class _Beat:
    state: str = "starting"
    reason: str = ""
    since: datetime | None = None  # of this state
    last_ok: datetime | None = None
    heard: float = 0.0  # monotonic
    beats: int = 0  # times it was ok
    totals: dict[str, float] = field(default_factory=dict)


class Pulse:
    """Thread-safe. Names: `mailbox:<name>`, `intake`, `outbox`, `sla`, `reports`."""

    def __init__(self, *, now: clock.Clock = clock.now, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._now = now
        self._monotonic = monotonic
        self._lock = Lock()
        self._beats: dict[str, _Beat] = {}

    def starting(self, name: str) -> None:
        """A thread exists from now on: silence of it is noticed even before its first success."""
        self._hear(name, "starting", "")

    def ok(self, name: str, **numbers: float) -> None:
        """A turn of the thread went well. Each number is added to the total of that name since the start.

        Names that become metrics: `taken` of a mailbox; `opened` of the intake; `sent`, `deferred`, `dead` of the
        outbox; `seconds` (how long the tick took) of the sla.
        """
        self._hear(name, "ok", "", numbers)

    def failing(self, name: str, reason: str, **numbers: float) -> None:
        """A turn of the thread failed: it lives, and tries again."""
        self._hear(name, "failing", reason, numbers)

    def forget(self, name: str) -> None:
        """The thread ended because it is no longer wanted."""
        with self._lock:
            self._beats.pop(name, None)

    def _hear(self, name: str, state: str, reason: str, numbers: dict[str, float] | None = None) -> None:
        with self._lock:
            beat = self._beats.setdefault(name, _Beat())
            now = self._now()
            if beat.state != state or beat.since is None:
                beat.since = now
            beat.state, beat.reason, beat.heard = state, reason, self._monotonic()
            if state == "ok":
                beat.last_ok = now
                beat.beats += 1
            for key, number in (numbers or {}).items():
                beat.totals[key] = beat.totals.get(key, 0) + number

    def snapshot(self) -> dict[str, dict[str, Any]]:
        """Plain JSON, by thread: state, reason, since, last_ok, silent_seconds, beats, totals."""
        with self._lock:
            heard = self._monotonic()
            return {
                name: {
                    "state": beat.state,
                    "reason": beat.reason,
                    "since": _iso(beat.since),
                    "last_ok": _iso(beat.last_ok),
                    "silent_seconds": round(heard - beat.heard, 3),
                    "beats": beat.beats,
                    "totals": dict(beat.totals),
                }
                for name, beat in sorted(self._beats.items())
            }

    def stuck(self, limit_seconds: float = STUCK_AFTER) -> list[str]:
        """Threads not heard of for longer than the limit. While there is one, do not feed the watchdog."""
        with self._lock:
            heard = self._monotonic()
            return sorted(name for name, beat in self._beats.items() if heard - beat.heard > limit_seconds)

    def troubles(self) -> list[str]:
        """Why the desk is not healthy, one line a thread; empty when it is."""
        stuck = self.stuck()
        with self._lock:
            failing = [f"{name}: {beat.reason}" for name, beat in self._beats.items() if beat.state == "failing"]
        return sorted([*failing, *(f"{name}: nothing heard of it" for name in stuck)])


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
