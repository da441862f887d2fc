"""A full mailbox, the real daemon, and how long it takes until everybody has his acknowledgement."""

import argparse
import sqlite3
import time
from collections import Counter
from contextlib import closing, nullcontext
from datetime import UTC, datetime

import corpus
import databases
import ground
from show import figures

_PATIENCE = 120.0


def measure(chosen: argparse.Namespace) -> None:
    """Print the figures; ends the program when a mail got no ticket or no acknowledgement."""
    count: int = chosen.mails
    with (
        databases.postgres() if chosen.postgres else nullcontext("") as store,
        ground.ground(chosen.members, store) as g,
    ):
        raws = list(corpus.mails(count, datetime.now(UTC)))
        g.mailbox.deliver(*raws)
        with ground.daemon(g) as daemon:
            if not g.sink.until(count, _PATIENCE):
                raise SystemExit(f"not all acknowledged: {Counter(kind for _, kind in g.sink.taken())}")
            acknowledged = daemon.spent()
            _quiet(g.sink)
            spent = daemon.spent()
            memory = spent.peak
        taken = g.sink.taken()
        kinds = Counter(kind for _, kind in taken)
        acks = max(when for when, kind in taken if kind == "-") - daemon.ready_at
        whole = taken[-1][0] - daemon.ready_at
        if not store:
            _checked(g, count)
    figures(
        f"{count:,} mails waiting ({sum(map(len, raws)) / len(raws) / 1000:.1f} KB on average)",
        {
            "tickets and acknowledgements": f"{count / acks:.0f} mails/s ({acks:.2f} s)",
            "all mail sent": f"{count / whole:.0f} mails/s ({whole:.2f} s, {len(taken) / whole:.0f} sent/s)",
            "sent": ", ".join(f"{number} {'acknowledged' if kind == '-' else kind}" for kind, number in kinds.items()),
            "CPU a mail": f"{1000 * (spent.cpu - daemon.at_ready.cpu) / count:.2f} ms"
            f" ({1000 * (acknowledged.cpu - daemon.at_ready.cpu) / count:.2f} ms until the last acknowledgement)",
            "peak memory": f"{memory:.0f} MB ({daemon.at_ready.peak:.0f} MB at the start)",
            "ready after": f"{daemon.ready_after:.2f} s",
        },
    )


def _quiet(sink: ground.Sink) -> None:
    """Until nothing more leaves."""
    before = -1
    while (now := len(sink.taken())) != before:
        before = now
        time.sleep(1.0)


def _checked(g: ground.Ground, count: int) -> None:
    with closing(sqlite3.connect(g.home / "state" / "maildesk.db")) as database:
        tickets = database.execute("SELECT count(*) FROM ticket").fetchone()[0]
        unsent = database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone()[0]
    if (tickets, unsent) != (count, 0):
        raise SystemExit(f"{tickets} tickets of {count} mails, {unsent} mails not sent")
