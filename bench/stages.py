"""Where the time goes: the daemon's steps one after another in this process, with timers around its parts."""

import argparse
import cProfile
import functools
import pstats
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import corpus
import databases
import ground
from maildesk import clock, daemon, health, notify, settings, smtp
from maildesk.desk import thread, triage
from maildesk.notify import envelope
from maildesk.rules import engine
from maildesk.runners import intake, knowledge, likeness, mailbox, outbox
from maildesk.store import facts, inbound, tickets
from maildesk.store import outbox as outbox_store
from show import figures

_PARTS: tuple[tuple[str, ModuleType | type, str], ...] = (
    ("keep", inbound, "keep"),
    ("claim a batch", inbound, "claim"),
    ("parse", intake, "parse"),
    ("facts", facts, "gather"),
    ("thread", thread, "match"),
    ("likeness: look", likeness, "look"),
    ("likeness: told", likeness, "told"),
    ("likeness: keep", likeness, "keep"),
    ("known solutions", knowledge, "fits"),
    ("rules", engine, "classify"),
    ("decide", triage, "decide"),
    ("render", envelope, "render"),
    ("compose", envelope, "compose"),
    ("notices", notify, "mail"),
    ("save the ticket", tickets, "save"),
    ("queue the mails", outbox_store, "put"),
    ("done", inbound, "done"),
    ("outbox: claim", outbox_store, "claim"),
    ("outbox: send", smtp.Courier, "deliver"),
    ("outbox: mark", outbox_store, "mark"),
    ("settle on the server", mailbox, "settle"),
)


class Timers:
    """CPU seconds of the whole process by part; a part within another is not counted twice."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = time.process_time()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Count what happens inside to `name`."""
        self._book()
        self._open.append(name)
        try:
            yield
        finally:
            self._book()
            self._open.pop()

    def _book(self) -> None:
        now = time.process_time()
        if self._open:
            self.spent[self._open[-1]] += now - self._since
        self._since = now

    def around(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed."""

        @functools.wraps(part)
        def timed(*positional: Any, **named: Any) -> Any:
            with self.timed(name):
                return part(*positional, **named)

        return timed


def measure(chosen: argparse.Namespace) -> None:
    """Print the CPU of each part, in microseconds a mail that came in."""
    count: int = chosen.mails
    with (
        databases.postgres() if chosen.postgres else nullcontext("") as store,
        ground.ground(chosen.members, store) as g,
    ):
        g.mailbox.deliver(*corpus.mails(count, datetime.now(UTC)))
        timers = Timers()
        if not chosen.profile:
            for name, home, part in _PARTS:
                setattr(home, part, timers.around(name, getattr(home, part)))
        profile = cProfile.Profile()
        steps = _played(g, timers, profile if chosen.profile else nullcontext())
    if chosen.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(60)
        pstats.Stats(profile).sort_stats("cumtime").print_stats("maildesk|_execute_clause", 90)
        return
    spent = {name: f"{1e6 * seconds / count:7.0f} µs" for name, seconds in timers.spent.items()}
    whole = sum(timers.spent.values())
    figures(f"CPU a mail, {count:,} mails, {steps} mails sent", spent | {"in all": f"{1e6 * whole / count:7.0f} µs"})


def _played(g: ground.Ground, timers: Timers, watched: AbstractContextManager[Any]) -> int:
    """Everything the daemon does for the mails that wait; how many mails left."""
    sent = 0
    log = (g.home / "log").open("w")
    health.logs(log, human=False)
    desk = daemon.open_desk(settings.load(g.config), create=True)
    source = mailbox.source(desk.settings.mailboxes[0], desk.engine, clock.now)
    with smtp.courier(desk.settings.relay) as courier, watched:
        with timers.timed("fetch"):
            mailbox.run_once(desk, source, clock.now())
        with timers.timed("transactions and the rest"):
            while intake.run_once(desk, clock.now()).tried:
                pass
            limit = outbox.FEWEST
            while (done := outbox.run_once(desk, courier, clock.now(), limit=limit)).tried:
                sent += done.sent
                limit = outbox.larger(limit, done)
            while mailbox.settle(desk, source):
                pass
    source.close()
    log.close()
    desk.engine.dispose()
    return sent
