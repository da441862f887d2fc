"""The SLA tick among many open tickets: finding those that are due, deciding about them; and what a deadline costs."""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import insert

import databases
from maildesk import health, notify, settings
from maildesk.desk.clocks import hours
from maildesk.desk.model import Ticket
from maildesk.mail.model import Address
from maildesk.runners import sla
from maildesk.runners.desk import Desk
from maildesk.store import database, tickets
from maildesk.store.tables import ticket as table
from show import figures

_DUE = 1_000
_DEADLINES = 20_000
_AT_ONCE = 5_000
_STATE = TypeAdapter(Ticket)


def measure(chosen: argparse.Namespace) -> None:
    """Print how long both databases take, and a deadline."""
    _deadlines()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings.init(home / "desk")
        health.logs(sys.stderr, human=False, level="warning")
        _measured("SQLite", f"sqlite:///{home / 'maildesk.db'}", home / "desk", chosen.tickets)
        with databases.postgres() as url:
            _measured("PostgreSQL", url, home / "desk", chosen.tickets)


def _deadlines() -> None:
    """A deadline of eight hours from ever another moment of a year, in a calendar that is already loaded."""
    week = hours.parse_week({"mon-fri": ["09:00-12:00", "13:30-18:00"]})
    calendar, length = hours.Calendar(timezone="Asia/Shanghai", week=week, country="CN"), hours.parse_duration("8h")
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=26 * number) for number in range(_DEADLINES)]
    hours.add(calendar, starts[0], length)
    begun = time.perf_counter()
    for start in starts:
        hours.add(calendar, start, length)
    each = (time.perf_counter() - begun) / _DEADLINES
    figures("Deadlines in Chinese business hours", {"one, 8 hours on": f"{1e6 * each:.1f} microseconds"})


def _measured(name: str, url: str, home: Path, count: int) -> None:
    database.upgrade(url)
    engine = database.connect(url)
    now = datetime.now(UTC)
    _fill(engine, count, now)
    found = []
    for _ in range(50):
        with database.reading(engine) as connection:
            begun = time.perf_counter()
            due = tickets.due(connection, now, sla.MOST)
            found.append(time.perf_counter() - begun)
        if len(due) != _DUE:
            raise SystemExit(f"{len(due)} tickets are due, not {_DUE}")
    begun = time.perf_counter()
    handled = sla.run_once(_desk(home, engine), now)
    decided = time.perf_counter() - begun
    if handled != _DUE:
        raise SystemExit(f"{handled} tickets were decided, not {_DUE}")
    engine.dispose()
    figures(
        f"SLA tick, {count:,} open tickets, {_DUE:,} due, {name}",
        {
            "find them": f"{1000 * statistics.median(found):.1f} ms (the slowest of 50: {1000 * max(found):.1f} ms)",
            "decide, write and queue mail": f"{decided:.2f} s, {1000 * decided / _DUE:.1f} ms each",
        },
    )


def _desk(home: Path, engine: database.Engine) -> Desk:
    config = settings.load(home / "maildesk.toml")
    templates = notify.load(settings.starter() / "templates", config.templates)
    return Desk(settings=config, engine=engine, templates=templates, key=settings.key(config.state))


def _fill(engine: database.Engine, count: int, now: datetime) -> None:
    """Open tickets, one every 30 seconds, every so many of them due for its response target."""
    every = count // _DUE
    sample = Ticket(
        number=0,
        version=1,
        opened_at=now,
        subject="打印机卡纸 / printer jams",
        status="assigned",
        group="l1",
        requester=Address(name="王芳", address="wang@corp.example"),
    )
    for start in range(0, count, _AT_ONCE):
        rows = []
        for number in range(start, min(start + _AT_ONCE, count)):
            late = number % every == 0
            opened = now - timedelta(days=1 if late else 0, seconds=30 * (number % 1_000))
            check = now - timedelta(seconds=number % 60) if late else now + timedelta(seconds=60 + number)
            one = replace(sample, number=1_001 + number, opened_at=opened)
            rows.append(
                {
                    "number": one.number, "version": 1, "status": one.status, "priority": one.priority,
                    "group": one.group, "assignee": "", "requester": one.requester.address, "opened_at": opened,
                    "updated_at": opened, "next_check": check, "due_at": check, "state": _STATE.dump_json(one).decode(),
                }
            )  # fmt: skip
        with database.transaction(engine) as connection:
            connection.execute(insert(table), rows)
