"""`once`, `status`, `outbox ...`, `quarantine ...`: the desk without a daemon, and what is left lying in it."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from fixtures.commands import Commands, on_a_terminal
from fixtures.office import SARAH
from fixtures.stage import MONDAY, Stage, letter
from maildesk.runners import intake
from maildesk.sources import stdin
from maildesk.store import inbound
from maildesk.store.database import transaction

OUTBOX = {"id", "event", "ticket", "recipient", "message_id", "state", "attempts", "due", "result"}
QUARANTINE = {"id", "arrived", "from", "subject", "reason", "attempts"}


def written(stage: Stage, subject: str = "Printer jams") -> None:
    stage.write(SARAH, subject, "It jams.")


def parked(stage: Stage) -> int:
    """A mail in quarantine; its number."""
    written(stage)
    stage.step()
    with transaction(stage.desk.engine) as connection:
        raw = letter(SARAH, "Poison \x1b[31m", "x")[0]
        inbound.keep(connection, [stdin.read(BytesIO(raw), uid="p", arrived=stage.now)], 0)
    with transaction(stage.desk.engine) as connection:
        (waiting,) = inbound.claim(connection, 1)
    with transaction(stage.desk.engine) as connection:
        inbound.quarantine(connection, waiting.id, "ValueError: \x1b[2J no")
    return waiting.id


def test_once_does_everything_at_the_time_one_says(stage: Stage, maildesk: Commands) -> None:
    written(stage)
    said = maildesk("once", "--now", "2026-11-09T09:30")
    assert (said.code, said.out, said.err) == (0, "", "")
    assert stage.sink.mails[0].recipients[0] == "sarah@corp.example"
    assert datetime.fromisoformat(maildesk("ticket", "list", "--json").rows[0]["opened_at"]) == MONDAY
    assert maildesk("once", "--now", "2026-11-12T09:30+08:00").code == 0
    assert any(event.kind == "escalated" for event in stage.events())


def test_once_at_no_time_is_usage(maildesk: Commands) -> None:
    assert maildesk("once", "--now", "tomorrow").code == 64


def test_once_names_what_it_cannot_reach_and_does_the_rest(stage: Stage, maildesk: Commands) -> None:
    written(stage)
    stage.sink.down()
    said = maildesk("once")
    assert said.code == 69
    assert said.err.startswith("maildesk: relay 127.0.0.1: ")
    assert len(stage.tickets()) == 1
    (row, *_) = maildesk("outbox", "list", "--json").rows
    assert set(row) == OUTBOX
    assert row["state"] == "deferred"
    assert datetime.fromisoformat(row["due"]).tzinfo
    assert maildesk("status", "--json").rows[0]["outbox"]["deferred"] >= 2
    stage.sink.up()
    maildesk.now += timedelta(minutes=5)
    assert maildesk("once").code == 0
    assert maildesk("outbox", "list").out == "The outbox is empty.\n"
    assert {row["state"] for row in maildesk("outbox", "list", "--state", "sent", "--json").rows} == {"sent"}


def test_the_outbox_is_shown_and_a_dead_mail_is_tried_again(stage: Stage, maildesk: Commands) -> None:
    stage.sink.script("RCPT", "550 5.1.1 no \x1b[31msuch user")
    written(stage)
    maildesk("once")
    (dead,) = maildesk("outbox", "list", "--state", "dead", "--json").rows
    number = str(dead["id"])
    listed = maildesk("outbox", "list", "--state", "dead").out
    assert "such user" in listed
    assert "\x1b" not in listed
    shown = maildesk("outbox", "show", number).out
    assert "dead, 1 attempt, 550" in shown
    assert "[MD-1001]" in shown
    assert f"Message-ID: <{dead['message_id'].strip('<>')}>" in maildesk("outbox", "show", number, "--raw").out
    assert maildesk("outbox", "retry", number).code == 0
    assert maildesk("once").code == 0
    assert maildesk("outbox", "list", "--state", "dead").out == "The outbox is empty.\n"


def test_the_quarantine_is_shown_tried_again_and_let_go(stage: Stage, maildesk: Commands) -> None:
    number = str(parked(stage))
    (row,) = maildesk("quarantine", "list", "--json").rows
    assert set(row) == QUARANTINE
    listed = maildesk("quarantine", "list").out
    assert "ValueError" in listed
    assert "\x1b" not in listed
    assert "Subject: " in maildesk("quarantine", "show", number).out
    assert maildesk("status").out.count("quarantine: 1") == 1
    assert maildesk("quarantine", "release", number, "seen", "to").code == 0
    assert "seen to" in maildesk("mail", "explain", number).out
    assert maildesk("quarantine", "list").out == "The quarantine is empty.\n"


def test_a_mail_tried_again_becomes_a_ticket(stage: Stage, maildesk: Commands) -> None:
    number = str(parked(stage))
    assert maildesk("quarantine", "retry", number).code == 0
    assert maildesk("once").code == 0
    assert len(stage.tickets()) == 2


@pytest.mark.parametrize("number", ["77", "-1", "9" * 30])
@pytest.mark.parametrize(
    "command",
    [
        ("outbox", "show"),
        ("outbox", "retry"),
        ("quarantine", "show"),
        ("quarantine", "retry"),
        ("quarantine", "release"),
    ],
)
def test_a_number_that_nothing_has_is_wanting(maildesk: Commands, command: tuple[str, str], number: str) -> None:
    said = maildesk(*command, "--", number)
    assert said.code == 1
    assert f"there is no mail {number}" in said.err


def test_status_without_a_daemon_shows_what_the_store_knows(stage: Stage, maildesk: Commands) -> None:
    written(stage)
    stage.step()
    (row,) = maildesk("status", "--json").rows
    assert (row["running"], row["leader"], row["tickets"]["open"]) == (False, False, 1)
    assert row["mailboxes"][0] | {"reason": ""} == {
        "name": "main", "state": "stopped", "reason": "", "last_poll": None, "waiting": 0,
        "server": 1, "ledger": 1, "counted_at": "2026-11-09T01:00:00+00:00",
    }  # fmt: skip
    assert row["standing"] == {"taken": 1, "decided": 1, "waiting": 0, "parked": 0, "sent": len(stage.sink.mails)}
    said = maildesk("status").out
    assert said.startswith("The desk is not running.\nmain\tstopped\t")
    assert "\t1 = 1 (2026-11-09 09:00)" in said
    assert "tickets: 1 open, 0 past a target" in said
    assert f"ever: 1 taken, 1 decided, 0 waiting, 0 parked, {len(stage.sink.mails)} sent" in said
    assert "next check: 2026-" in said


def test_long_work_shows_a_bar_on_a_terminal_only(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    files = []
    for number in range(5):
        (tmp_path / f"{number}.eml").write_bytes(letter(SARAH, f"Mail {number}", "x")[0])
        files.append(str(tmp_path / f"{number}.eml"))
    assert "mails" in on_a_terminal("--config", str(maildesk.config), "ingest", *files)
    assert len(stage.tickets()) == 5
    written(stage)
    assert "mails fetched" in on_a_terminal("--config", str(maildesk.config), "once")
    assert maildesk("ingest", *files).err == ""


def test_a_defect_is_told_in_a_line_and_not_as_a_traceback(maildesk: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("of our own making")

    monkeypatch.setattr("maildesk.settings.check", broken)
    said = maildesk("check")
    assert said.code == 70
    assert said.err.startswith(
        "maildesk: a defect of maildesk itself, please report it: RuntimeError: of our own making"
    )


def test_the_relay_of_a_desk_is_told_nothing_by_a_look_at_it(stage: Stage, maildesk: Commands) -> None:
    written(stage)
    for words in (["status"], ["ticket", "list"], ["outbox", "list"], ["quarantine", "list"], ["check"]):
        assert maildesk(*words).code == 0
    assert stage.sink.mails == []
    assert stage.tickets() == []
    assert intake.run_once(stage.desk, stage.now).tried == 0
