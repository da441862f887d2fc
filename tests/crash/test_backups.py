"""The drill: a backup from the middle of the work, the desk dies later, another one goes on from the backup."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from crash import desks
from crash.desks import Home
from crash.harness import World, until, world
from crash.mails import Verdict, mails, verdict
from fixtures.dovecot import Dovecot

FED = mails(45)


@dataclass(frozen=True, slots=True)
class Drilled:
    """The desk that goes on, and what anybody could see when it had nothing left to do."""

    home: Home
    outcome: Verdict
    twice: Counter[str]  # requesters who got more acknowledgements than they wrote mails


def drill(where: World, folder: Path, *options: str) -> Drilled:
    """Two thirds come in, a backup is taken meanwhile, the rest comes in, the desk dies and another one takes over."""
    where.dovecot.deliver(*FED[:30])
    process = desks.maildesk(where.home).start()
    try:
        where.sink.wait_for(5, 30)
        said = desks.command(where.home, "db", "backup", str(folder / "desk.backup"))
        assert said.returncode == 0, said.stderr
        behind = len(where.sink.mails)
        where.dovecot.deliver(*FED[30:])
        until(lambda: len(where.sink.mails) > behind + 20, 30, "the desk goes on after the backup")
    finally:
        desks.kill(process)
    new = desks.home(folder / "elsewhere", where.dovecot, where.home.imap, where.home.smtp, "1s")
    assert desks.command(new, "db", "restore", str(folder / "desk.backup"), *options).returncode == 0
    desk = desks.maildesk(new)
    desk.finish()
    written = Counter(raw.split(b"<")[1].split(b">")[0].decode() for raw in FED)
    got = Counter(mail.recipients[0] for mail in where.sink.mails if not mail.recipients[0].startswith("li@"))
    return Drilled(new, verdict(FED, desk.subjects(), where.sink.mails), got - written)


def test_a_backup_from_the_middle_of_intake_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, dovecot: Dovecot
) -> None:
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        done = drill(where, tmp_path)
        assert (done.outcome.lost, done.outcome.doubled, done.outcome.most_copies) == ((), (), 1)
        assert not done.twice
        (status,) = desks.ask(done.home, "status")
        assert status["outbox"]["held"] > 0
        assert desks.command(done.home, "outbox", "release", "--all").returncode == 0
        desk = desks.maildesk(done.home)
        desk.finish()
        assert not verdict(FED, desk.subjects(), where.sink.mails).unacknowledged


@pytest.mark.long
def test_the_drill_catches_a_restore_that_goes_on_as_if_nothing_had_been_sent(tmp_path: Path, dovecot: Dovecot) -> None:
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        done = drill(where, tmp_path, "--moved")
        assert done.outcome.most_copies > 1
        assert done.twice
