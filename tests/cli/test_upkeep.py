"""`db backup`, `db restore`, `outbox release`, `outbox discard`: a desk put away and taken out again."""

from pathlib import Path

import pytest

from fixtures.commands import Commands
from fixtures.office import SARAH
from fixtures.stage import Stage


@pytest.fixture
def elsewhere(stage: Stage, maildesk: Commands, tmp_path: Path) -> Commands:
    """Command lines on a new place with the same configuration and no database yet."""
    home = tmp_path / "new"
    bare = Commands(maildesk.capsys, maildesk.monkeypatch)
    assert bare("init", str(home)).code == 0
    (home / "maildesk.toml").write_text((stage.home / "maildesk.toml").read_text())
    (home / "inbox").symlink_to(stage.home / "inbox")
    bare.config = home / "maildesk.toml"
    return bare


def test_a_backup_into_a_directory_gets_a_name_by_its_time(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    stage.write(SARAH, "Printer", "It jams.")
    stage.step()
    (tmp_path / "backups").mkdir()
    said = maildesk("db", "backup", str(tmp_path / "backups"))
    assert said.code == 0
    (file,) = (tmp_path / "backups").iterdir()
    assert file.name == "maildesk-20261109-011000.db"
    assert said.out.startswith(f"{file}: ")


def test_a_moved_desk_goes_on_where_it_stood(
    stage: Stage, maildesk: Commands, elsewhere: Commands, tmp_path: Path
) -> None:
    stage.write(SARAH, "Printer", "It jams.")
    stage.step()
    assert maildesk("db", "backup", str(tmp_path / "b")).code == 0
    said = elsewhere("db", "restore", "--moved", str(tmp_path / "b"))
    assert (said.code, said.out) == (0, "The desk of 2026-11-09 09:10 is back.\n")
    assert (tmp_path / "new" / "state" / "key").read_bytes() == (stage.home / "state" / "key").read_bytes()
    sent = len(stage.sink.mails)
    stage.write(SARAH, "Screen", "It is dark.")
    assert elsewhere("once").code == 0
    assert [row["number"] for row in elsewhere("ticket", "list", "--json").rows] == [1002, 1001]
    assert len(stage.sink.mails) > sent


def test_a_restored_desk_holds_what_may_have_been_sent(
    stage: Stage, maildesk: Commands, elsewhere: Commands, tmp_path: Path
) -> None:
    stage.write(SARAH, "Printer", "It jams.")
    stage.step()
    assert maildesk("db", "backup", str(tmp_path / "b")).code == 0
    stage.write(SARAH, "Screen", "It is dark.")
    stage.write(SARAH, "Re: [MD-1001] Printer", "It still jams.")
    stage.step()
    sent = len(stage.sink.mails)
    assert elsewhere("db", "restore", str(tmp_path / "b")).code == 0
    assert elsewhere("once").code == 0
    assert [row["number"] for row in elsewhere("ticket", "list", "--json").rows] == [2002, 1001]
    again = {mail.recipients[0] for mail in stage.sink.mails[sent:]}
    assert again
    assert "sarah@corp.example" not in again
    held = elsewhere("outbox", "list", "--state", "unknown", "--json").rows
    assert {row["ticket"] for row in held} == {1001, 2002}
    assert "held (maildesk outbox list" in elsewhere("status").out
    first, *rest = [str(row["id"]) for row in held]
    assert elsewhere("outbox", "release").code == 64
    assert elsewhere("outbox", "release", "--all", first).code == 64
    assert elsewhere("outbox", "release", "999").err == "maildesk: there is no held mail 999 in the outbox\n"
    assert elsewhere("outbox", "release", first).out == "Released: 1.\n"
    assert elsewhere("outbox", "discard", "--all").out == f"Given up: {len(rest)}.\n"
    assert elsewhere("status", "--json").rows[0]["outbox"]["held"] == 0
    before = len(stage.sink.mails)
    assert elsewhere("once").code == 0
    assert len(stage.sink.mails) == before + 1


def test_a_restore_says_what_is_wrong(maildesk: Commands, elsewhere: Commands, stage: Stage, tmp_path: Path) -> None:
    stage.write(SARAH, "Printer", "It jams.")
    stage.step()
    assert maildesk("db", "backup", str(tmp_path / "b")).code == 0
    said = maildesk("db", "backup", str(tmp_path / "b"))
    assert (said.code, said.err) == (1, f"maildesk: {tmp_path}/b is there already: nothing was written\n")
    said = maildesk("db", "restore", str(tmp_path / "b"))
    assert (said.code, said.err) == (
        1,
        "maildesk: the database is not empty: a backup is put back into an empty one\n",
    )
    assert elsewhere("db", "restore", str(tmp_path / "none")).code == 1


def test_a_restore_tells_what_to_move_back(elsewhere: Commands, maildesk: Commands, tmp_path: Path) -> None:
    assert maildesk("db", "backup", str(tmp_path / "b")).code == 0
    assert elsewhere.config is not None
    imap = 'host = "mx.corp.example"\nuser = "it@corp.example"\nsecret_env = "X"\ndone = "move:Processed"'
    text = elsewhere.config.read_text().replace('kind = "maildir"\npath = "inbox"', imap)
    elsewhere.config.write_text(text)
    elsewhere.monkeypatch.setenv("X", "x")
    said = elsewhere("db", "restore", str(tmp_path / "b"))
    assert said.code == 0
    assert "Mailbox main: move what came after the backup from Processed back into INBOX." in said.out
