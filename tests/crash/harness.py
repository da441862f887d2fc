"""Feed a desk, kill it again and again at chosen wire events, let it finish, and compare."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from crash import desks
from crash.desks import Desk, Home
from crash.mails import Verdict, mails, verdict
from crash.wire import Wire, line
from fixtures.dovecot import Dovecot
from fixtures.relay import Sink, running
from maildesk import health
from maildesk.errors import TemporaryError

_STRIDE = 0.6180339887  # of the golden ratio: any number of kills lies evenly over the range
_PATIENCE = 8.0  # seconds for one life of a desk; then it is killed at rest
_QUIET = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a run."""

    verdict: Verdict
    kills: int
    on_the_wire: int  # kills that hit an event; the others found the desk at rest
    range: int  # wire events of one life without a crash
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One desk's surroundings: a mailbox, a relay that misbehaves now and then, and the wires to both."""

    wire: Wire
    dovecot: Dovecot
    sink: Sink
    home: Home

    def quiet(self, seconds: float = _QUIET, patience: float = 60.0) -> None:
        """Return once nothing has passed over the wire for some time."""
        until = time.monotonic() + patience
        seen, since = self.wire.events, time.monotonic()
        while time.monotonic() < until:
            time.sleep(0.05)
            if self.wire.events != seen:
                seen, since = self.wire.events, time.monotonic()
            elif seen and time.monotonic() - since > seconds:
                return
        raise AssertionError("the wire is never quiet")


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something. Raises AssertionError."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


def at_rest(where: World, taken: int, home: Home | None = None) -> bool:
    """Whether so many mails were taken in, and nothing waits to be decided or sent."""
    answer: dict[str, Any] | None = None
    with suppress(TemporaryError):
        answer = health.ask((home or where.home).folder / "state")
    if answer is None or not answer["mailboxes"]:
        return False
    ever, out = answer["standing"], answer["outbox"]
    return bool(ever["taken"] == taken == ever["decided"] and not out["ready"] + out["deferred"])


@contextmanager
def world(
    folder: Path, dovecot: Dovecot, poll: str = "5s", more: str = "", rules: str = desks.RULES
) -> Iterator[World]:
    """A desk's surroundings for the time of the block; the mailbox is empty."""
    wire = Wire()
    dovecot.deliver()
    with ExitStack() as stack:
        sink = stack.enter_context(running())
        imap = stack.enter_context(line(wire, dovecot.port))
        smtp = stack.enter_context(line(wire, sink.port))
        yield World(
            wire=wire, dovecot=dovecot, sink=sink, home=desks.home(folder, dovecot, imap, smtp, poll, more, rules)
        )


def misbehave(sink: Sink, mails: int) -> None:
    """Of every hundred mails five are put off with 451, and two are taken without saying so."""
    faults = ["451", "lost", "451", "451", "lost", "451", "451"]
    for number in range(mails * 7 // 100):
        skip = (13, 15)[number % 2]
        if faults[number % 7] == "lost":
            sink.script(after_dot="eof", keep=True, skip=skip)
        else:
            sink.script(after_dot="451 4.3.0 not now", skip=skip)


def run(where: World, desk: Desk, *, count: int, kills: int) -> Result:
    """`count` mails come in small portions while the desk is killed `kills` times, each time at another event."""
    begun = time.monotonic()
    fed = mails(count)
    misbehave(where.sink, count * 4)
    portion = -(-count // (kills + 1))
    span = _uncrashed(where, desk, fed[:portion])
    hit = 0
    for number in range(1, kills + 1):
        where.dovecot.deliver(*fed[number * portion : (number + 1) * portion])
        hit += _life(where, desk, at=1 + int(span * (number * _STRIDE % 1.0)))
    where.dovecot.deliver(*fed[(kills + 1) * portion :])
    where.wire.arm(0, lambda: None)
    desk.finish()
    return Result(
        verdict=verdict(fed, desk.subjects(), where.sink.mails),
        kills=kills,
        on_the_wire=hit,
        range=span,
        seconds=time.monotonic() - begun,
    )


def _uncrashed(where: World, desk: Desk, portion: list[bytes]) -> int:
    """How many events a life without a crash has that takes in one portion of mails."""
    where.dovecot.deliver(*portion)
    where.wire.arm(0, lambda: None)
    process = desk.start()
    try:
        where.quiet()
        return where.wire.events
    finally:
        desks.kill(process)


def _life(where: World, desk: Desk, at: int) -> bool:
    """Start the desk and kill it at an event; whether that event came."""
    victim: SimpleQueue[Callable[[], None]] = SimpleQueue()  # the event may come before `start` has returned
    where.wire.arm(at, lambda: victim.get(timeout=_PATIENCE)())
    process = desk.start()
    victim.put(lambda: desks.kill(process))
    hit = where.wire.reached.wait(_PATIENCE)
    if not hit:
        assert process.poll() is None, "the desk ended by itself"
        desks.kill(process)
    return hit
