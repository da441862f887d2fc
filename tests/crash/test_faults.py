"""The real daemon while things break around it: nothing is lost, and it comes back by itself (PROTOCOLS 8)."""

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crash import desks
from crash.harness import World, until, world
from crash.mails import mails, verdict
from fixtures.dovecot import Dovecot

DONE = "$MaildeskDone"


@contextmanager
def daemon(where: World) -> Iterator[subprocess.Popen[bytes]]:
    """The running desk; killed at the end if it still runs."""
    process = desks.maildesk(where.home).start()
    try:
        yield process
    finally:
        desks.kill(process)


def log(where: World) -> str:
    """What the desk wrote to standard error."""
    return (where.home.folder / "log").read_text()


def stops(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM: gone within ten seconds, without complaint."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def assert_clean(where: World, fed: list[bytes]) -> None:
    """After what was left has been done, the world is as if nothing had happened."""
    desk = desks.maildesk(where.home)
    desk.finish()
    outcome = verdict(fed, desk.subjects(), where.sink.mails)
    assert outcome.clean, outcome


def test_sigterm_while_mails_come_in_ends_the_desk_and_loses_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    fed = mails(120)
    with world(tmp_path / "desk", dovecot) as where:
        dovecot.deliver(*fed)
        with daemon(where) as process:
            until(lambda: '"kept"' in log(where), 30, "mails are kept")
            stops(process)
        assert_clean(where, fed)


@pytest.mark.parametrize("silent", ["before the final dot", "after the final dot"])
def test_sigterm_while_a_mail_is_handed_over_ends_the_desk_and_sends_it_again(
    tmp_path: Path, dovecot: Dovecot, silent: str
) -> None:
    fed = mails(2)
    with world(tmp_path / "desk", dovecot) as where:
        if silent == "before the final dot":
            where.sink.script("BODY", "silence", times=4)
        else:
            where.sink.script(after_dot="silence", keep=True, times=4)
        dovecot.deliver(*fed)
        with daemon(where) as process:
            where.sink.wait_command("DATA" if silent == "before the final dot" else ".", 30)
            stops(process)
        where.sink.hang_up()
        assert_clean(where, fed)


def test_sighup_with_a_broken_rule_file_names_the_line_and_keeps_the_old_rules(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    fed = mails(2)
    with world(tmp_path / "desk", dovecot, poll="1s") as where, daemon(where) as process:
        dovecot.deliver(fed[0])
        where.sink.wait_for(2, 30)
        rules = where.home.folder / "rules" / "all.yaml"
        good = rules.read_text()
        rules.write_text(good.replace("matrix:", "matrux:"))
        process.send_signal(signal.SIGHUP)
        line = good[: good.index("matrix:")].count("\n") + 1
        until(lambda: f"all.yaml:{line}" in log(where), 10, "the refusal is logged with file and line")
        dovecot.deliver(fed[1])
        where.sink.wait_for(4, 30)
        rules.write_text(good)
        process.send_signal(signal.SIGHUP)
        until(lambda: '"reloaded"' in log(where), 10, "the good rules are taken")
        assert process.poll() is None


def test_a_mail_server_that_restarts_is_found_again(tmp_path: Path, dovecot: Dovecot) -> None:
    fed = mails(6)
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        with daemon(where) as process:
            dovecot.deliver(*fed[:3])
            where.sink.wait_for(6, 30)
            dovecot.server.stop()
            try:
                dovecot.deliver(*fed[3:])
                until(lambda: '"failing"' in log(where), 30, "the desk notices")
            finally:
                dovecot.server.start()
            where.sink.wait_for(12, 60)
            stops(process)
        assert_clean(where, fed)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_relay_that_went_away_and_came_back_gets_every_mail_once(tmp_path: Path, dovecot: Dovecot) -> None:
    fed = mails(6)
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        with daemon(where) as process:
            dovecot.deliver(*fed[:3])
            where.sink.wait_for(6, 30)
            where.sink.down()
            dovecot.deliver(*fed[3:])
            until(lambda: '"failing"' in log(where), 30, "the desk notices")
            where.sink.up()
            assert len(where.sink.wait_for(12, 120)) == 12
            stops(process)
        assert_clean(where, fed)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until nothing goes any more."""
    with file.open("wb", buffering=0) as end:
        try:
            while end.write(b"\0" * 4096):
                pass
        except OSError:
            return


@pytest.mark.timeout(200)
def test_a_full_disk_marks_nothing_on_the_server_and_is_got_over_within_a_minute(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    fed = mails(8)
    with world(tmp_path / "desk", dovecot, poll="1s") as where, small_disk(where.home.folder / "state", 16):
        filler = where.home.folder / "state" / "filler"
        with daemon(where) as process:
            dovecot.deliver(*fed[:3])
            where.sink.wait_for(6, 30)
            until(lambda: all(DONE in mail.flags for mail in dovecot.list()), 20, "the first mails are marked")
            fill(filler)
            dovecot.deliver(*(raw + os.urandom(50_000).hex().encode() for raw in fed[3:]))
            until(lambda: '"failing"' in log(where), 30, "the desk notices")
            time.sleep(3)
            assert process.poll() is None
            assert [DONE in mail.flags for mail in dovecot.list()] == [True] * 3 + [False] * 5
            filler.unlink()
            where.sink.wait_for(16, 60)
            stops(process)
        assert_clean(where, fed)


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_database_that_another_program_holds_is_waited_for(tmp_path: Path, dovecot: Dovecot) -> None:
    """Longer than any busy timeout of ours: a backup program, or somebody with a shell."""
    fed = mails(8)
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        with daemon(where) as process:
            dovecot.deliver(*fed[:3])
            where.sink.wait_for(6, 30)
            until(lambda: all(DONE in mail.flags for mail in dovecot.list()), 20, "the first mails are marked")
            with closing(sqlite3.connect(where.home.folder / "state" / "maildesk.db")) as other:
                other.execute("BEGIN IMMEDIATE")
                dovecot.deliver(*fed[3:])
                until(lambda: "locked by another process" in log(where), 60, "the desk says what it waits for")
                assert [DONE in mail.flags for mail in dovecot.list()] == [True] * 3 + [False] * 5
                assert process.poll() is None
                other.rollback()
            where.sink.wait_for(16, 60)
            stops(process)
        assert_clean(where, fed)


@pytest.mark.parametrize(
    ("old", "times"), [(200, 1), pytest.param(1000, 3, marks=[pytest.mark.long, pytest.mark.timeout(900)])]
)
def test_a_mailbox_that_numbers_its_mails_anew_gives_tickets_for_the_new_ones_and_no_answer(
    tmp_path: Path, dovecot: Dovecot, old: int, times: int
) -> None:
    fed = [raw for raw in mails(old + 10 * times) if b"\r\nMessage-ID: " in raw]
    old = len(fed) - 10 * times
    with world(tmp_path / "desk", dovecot) as where:
        desk = desks.maildesk(where.home)
        dovecot.deliver(*fed[:old], arrived=time.time() - 3 * 86_400)
        desk.finish()
        for number in range(times):
            tickets, sent = len(desk.subjects()), len(where.sink.mails)
            before = dovecot.uidvalidity()
            dovecot.reset_uidvalidity()
            dovecot.deliver(*fed[old + 10 * number : old + 10 * (number + 1)])
            assert dovecot.uidvalidity() != before
            desk.finish()
            assert len(desk.subjects()) - tickets == 10
            assert {name for mail in where.sink.mails[sent:] for name in mail.recipients} <= {"li@corp.example"}


@pytest.mark.long
def test_a_desk_that_forgot_which_mails_it_had_is_caught_opening_them_again(tmp_path: Path, dovecot: Dovecot) -> None:
    fed = mails(5)
    with world(tmp_path / "desk", dovecot) as where:
        desk = desks.maildesk(where.home)
        desk.finish()  # the first contact: what lay there before is none of its business
        dovecot.deliver(*fed)
        desk.finish()
        with closing(sqlite3.connect(where.home.folder / "state" / "maildesk.db")) as other:
            other.execute("DELETE FROM inbound")
            other.commit()
        dovecot.reset_uidvalidity()
        with pytest.raises(AssertionError):
            desk.finish()
        assert verdict(fed, desk.subjects(), where.sink.mails).doubled
