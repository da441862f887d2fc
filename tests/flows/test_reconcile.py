"""The nightly count of a mailbox against the ledger."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from fixtures.commands import Commands
from fixtures.evil_imap import EvilServer, Exchange
from fixtures.office import SARAH
from fixtures.stage import MONDAY, Stage
from maildesk import clock
from maildesk.credentials import Login, Secret
from maildesk.runners import mailbox, reconcile
from maildesk.sources import imap
from maildesk.sources.base import Count
from maildesk.store import figures, tables
from maildesk.store.database import reading, transaction

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-09T12:00", True),
        ("2026-11-09T03:31", "2026-11-09T23:59", False),
        ("2026-11-09T03:31", "2026-11-10T03:29", False),
        ("2026-11-09T03:31", "2026-11-10T03:30", True),
        ("2026-11-09T03:29", "2026-11-09T03:30", True),
        ("2026-11-01T03:31", "2026-11-09T01:00", True),
        ("2026-11-08T12:00", "2026-11-09T01:00", False),
    ],
)
def test_a_count_is_due_once_a_night_by_the_desks_clock(last: str | None, now: str, due: bool) -> None:
    assert reconcile.is_due(at(last) if last else None, at(now), "Asia/Shanghai") == due


def lose(stage: Stage, uid: str) -> None:
    """A row of the ledger goes, by force."""
    with transaction(stage.desk.engine) as connection:
        connection.execute(delete(tables.inbound).where(tables.inbound.c.uid == uid))


def test_the_first_step_counts_and_the_next_one_does_so_on_the_next_night(stage: Stage) -> None:
    stage.write(SARAH, "Printer", "It jams.")
    stage.step()
    stage.write(SARAH, "Screen", "It is dark.")
    stage.step(minutes=5)

    def counted() -> dict[str, object]:
        with reading(stage.desk.engine) as connection:
            return figures.counted(connection, "main")

    assert counted() == {"server": 1, "ledger": 1, "counted_at": "2026-11-09T01:00:00+00:00"}
    stage.step(days=1)
    assert counted() == {"server": 2, "ledger": 2, "counted_at": "2026-11-10T01:05:00+00:00"}


def test_what_was_lost_from_the_ledger_is_found_and_taken_again(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    maildesk = Commands(capsys, monkeypatch, stage.home / "maildesk.toml")
    stage.write(SARAH, "Printer", "It jams.")
    stage.write(SARAH, "Screen", "It is dark.")
    stage.step()
    uid = f"{int(MONDAY.timestamp())}.3.test"
    lose(stage, uid)
    said = maildesk("db", "verify", "--connect")
    assert said.code == 1
    assert f"mailbox: main: server 2, ledger 1; not kept: {uid}" in said.lines
    source = mailbox.source(stage.desk.settings.mailboxes[0], stage.desk.engine, clock.fixed(stage.now))
    assert reconcile.run_once(stage.desk, source, stage.now) == Count(server=2, ledger=2)
    stage.step()
    said = maildesk("db", "verify", "--connect")
    assert "mailbox main: server 2 = ledger 2" in said.lines


def test_the_owner_hears_once_of_what_cannot_be_taken_and_when_it_is_well(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = b"UID FETCH 2 "

    def script(exchange: Exchange, command: bytes) -> bool:
        if not (refused and command.startswith(refused) and b"BODY" in command):
            return False
        exchange.no()
        return True

    monkeypatch.setenv("EVIL_PASSWORD", "pass word")
    with EvilServer(script) as server:
        login = Login(user="it@corp.example", secret=Secret(env="EVIL_PASSWORD"))
        box = imap.Mailbox(name="held", host="127.0.0.1", port=server.port, tls="none", login=login, start_from="all")
        source = mailbox.source(box, stage.desk.engine, clock.fixed(stage.now))
        honest, refused = refused, b""
        assert mailbox.run_once(stage.desk, source, stage.now) == 3
        lose(stage, "2")
        refused = honest
        for _ in range(2):
            assert reconcile.run_once(stage.desk, source, stage.now) == Count(server=3, ledger=2, missing=("2",))
        (mail,) = [out for out in stage.step() if out.event == "alarm"]
        assert "server 3, ledger 2: uid 2" in mail.text
        refused = b""
        assert reconcile.run_once(stage.desk, source, stage.now) == Count(server=3, ledger=3)
        source.close()
    assert "recovered" in [out.event for out in stage.step(minutes=1)]
