"""The index of likeness among many tickets: one look and one entry at the time of a mail, on both databases."""

import argparse
import statistics
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

import databases
from maildesk.desk.knowledge import similarity
from maildesk.mail.model import Address
from maildesk.store import database, likeness
from maildesk.store.tables import gram, gram_ticket
from maildesk.store.tables import likeness as profiles
from maildesk.store.tables import ticket as tickets
from show import figures

_THINGS = (
    "VPN 打印机 Outlook ERP 共享盘 WiFi 电话 投影仪 笔记本 显示器 CRM OA 邮箱 门禁 考勤 printer laptop mailbox monitor"
    " docking keyboard Teams Zoom Excel intranet scanner"
).split()
_ILLS = (
    (
        "连不上 打不开 很慢 报错 没声音 黑屏 登录失败 没有权限 卡纸 掉线|crashes|is slow|does not start|shows an error|"
        "cannot be opened|has no sound|denies access"
    )
    .replace(" ", "|")
    .split("|")
)
_LOOKS = 300
_AT_ONCE = 2_000


def measure(chosen: argparse.Namespace) -> None:
    """Print what a mail costs with so many tickets in the index."""
    with tempfile.TemporaryDirectory() as folder:
        _measured("SQLite", f"sqlite:///{Path(folder) / 'maildesk.db'}", chosen.tickets)
        with databases.postgres() as url:
            _measured("PostgreSQL", url, chosen.tickets)


def _text(number: int) -> tuple[str, str]:
    """A mail like many others, with words of its own."""
    thing, ill = _THINGS[number * 7 % len(_THINGS)], _ILLS[number * 11 % len(_ILLS)]
    own = f"room {number % 700}, device {thing[:2]}{number * 31 % 9_000}, user{number * 13 % 5_000}"
    return (
        f"{thing} {ill}",
        f"{thing} {ill} since {number % 24}:00, {own}. {chr(0x4E00 + number % 3_000)}部的同事也一样",
    )


def _filled(engine: database.Engine, count: int, now: datetime) -> None:
    begin, sums = 1_001, Counter[int]()
    for first in range(begin, begin + count, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, begin + count))
        with database.transaction(engine) as c:
            c.execute(insert(tickets), [_ticket(number, count, now) for number in numbers])
            entries = [_entry(number, count, now) for number in numbers]
            c.execute(insert(profiles), [likeness.row(entry) for entry in entries])
            postings = [(one, entry.ticket) for entry in entries for one in likeness.postings(entry.profile, {})]
            c.execute(insert(gram_ticket), [{"hash": one, "ticket": number} for one, number in postings])
            for entry in entries:
                sums.update(likeness.hashes(entry.profile))
    with database.transaction(engine) as c:
        c.execute(insert(gram), [{"hash": one, "tickets": many} for one, many in sums.items()])


def _at(number: int, count: int, now: datetime) -> datetime:
    return now - timedelta(days=730) * (1 - (number - 1_000) / count)


def _ticket(number: int, count: int, now: datetime) -> dict[str, object]:
    at = _at(number, count, now)
    text = {"status": "closed", "priority": "P3", "group": "l1", "assignee": "", "requester": "a@b.example"}
    return {"number": number, "version": 1, "opened_at": at, "updated_at": at, "state": "{}", **text}


def _entry(number: int, count: int, now: datetime) -> likeness.Entry:
    return likeness.Entry(
        ticket=number,
        at=_at(number, count, now),
        requester=Address(address=f"user{number % 2_000}@corp.example").address,
        service="",
        department="",
        profile=similarity.profile(*_text(number)),
    )


def _looks(engine: database.Engine, count: int, now: datetime, window: timedelta) -> Iterator[float]:
    for number in range(_LOOKS):
        profile = similarity.profile(*_text(900_000 + number * 17))
        begun = time.perf_counter()
        with database.reading(engine) as c:
            likeness.look(c, profile, since=now - window, recent=(now - timedelta(minutes=30), 100))
        yield time.perf_counter() - begun


def _entries(engine: database.Engine, count: int, now: datetime) -> Iterator[float]:
    for number in range(1_001 + count, 1_001 + count + _LOOKS):
        with database.transaction(engine) as c:
            c.execute(insert(tickets), [_ticket(number, count, now)])
            entry = _entry(number, count, now)
            begun = time.perf_counter()
            likeness.keep(c, entry)
            spent = time.perf_counter() - begun
        yield spent


def _measured(name: str, url: str, count: int) -> None:
    database.upgrade(url)
    engine = database.connect(url)
    now = datetime.now(UTC)
    _filled(engine, count, now)
    begun = time.perf_counter()
    for number in range(_LOOKS):
        similarity.profile(*_text(500_000 + number))
    profiled = (time.perf_counter() - begun) / _LOOKS
    tracemalloc.start()
    recent = sorted(_looks(engine, count, now, timedelta(days=3)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    recent = sorted(_looks(engine, count, now, timedelta(days=3)))
    ever = sorted(_looks(engine, count, now, timedelta(days=900)))
    kept = sorted(_entries(engine, count, now))
    figures(
        f"Likeness among {count} tickets, {name}",
        {
            "a profile": f"{1e3 * profiled:.2f} ms",
            "a look at the last three days": _spread(recent),
            "a look at everything": _spread(ever),
            "a new entry": _spread(kept),
            "memory of the looks, at most": f"{peak / 1e6:.1f} MB",
        },
    )
    engine.dispose()


def _spread(times: list[float]) -> str:
    return f"{1e3 * statistics.median(times):.1f} ms, one in a hundred {1e3 * times[int(len(times) * 0.99)]:.1f} ms"
