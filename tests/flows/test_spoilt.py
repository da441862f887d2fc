"""Mails spoilt at random, all the way: each is kept as it came, decided soon, and none stops the desk."""

import hashlib
import signal
from random import Random
from types import FrameType

import pytest
from sqlalchemy import select, text

from fixtures.spoilt import mutated, seeds
from fixtures.stage import Stage
from maildesk import clock
from maildesk.runners import intake, mailbox
from maildesk.store import figures, inbound
from maildesk.store.database import reading, transaction
from maildesk.store.encoding import unpack
from maildesk.store.tables import raw_mail

SECONDS = 1.0  # of CPU, for one mail
PORTION = 100


class TooSlowError(BaseException):
    """Nothing that catches failures of a mail catches this one."""


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError


def take_in(stage: Stage, mails: list[bytes]) -> None:
    """Each mail alone, against the clock."""
    for raw in mails:
        stage.post(raw)
    source = mailbox.source(stage.desk.settings.mailboxes[0], stage.desk.engine, clock.fixed(stage.now))
    mailbox.run_once(stage.desk, source, stage.now)
    source.close()
    before = signal.signal(signal.SIGPROF, _too_slow)
    try:
        for _ in mails:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            assert intake.run_once(stage.desk, stage.now, limit=1).tried == 1
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def assert_whole(stage: Stage, digests: set[str]) -> None:
    """Every mail was decided, and its bytes are those that came."""
    with reading(stage.desk.engine) as connection:
        ever = figures.desk(connection, stage.now)["standing"]
        assert inbound.list_quarantine(connection) == []
        assert ever["taken"] == ever["decided"]
        rows = connection.execute(select(raw_mail))
        assert {hashlib.sha256(unpack(row.bytes, row.compressed)).hexdigest() for row in rows} == digests


@pytest.mark.parametrize("count", [300, pytest.param(100_000, marks=[pytest.mark.long, pytest.mark.timeout(10_800)])])
def test_every_spoilt_mail_is_kept_as_it_came_and_decided(stage: Stage, count: int) -> None:
    whole, chance = seeds(), Random(count)
    digests: set[str] = set()
    for _ in range(0, count, PORTION):
        mails = [raw for raw in (mutated(chance, whole) for _ in range(PORTION)) if raw.strip()]
        take_in(stage, mails)
        digests |= {hashlib.sha256(raw).hexdigest() for raw in mails}
    assert_whole(stage, digests)


def test_a_mail_that_is_not_kept_as_it_came_is_caught(stage: Stage) -> None:
    take_in(stage, [b"From: a@corp.example\r\nSubject: x\r\n\r\ny"])
    with transaction(stage.desk.engine) as connection:
        connection.execute(text("UPDATE raw_mail SET bytes = x'00'"))
    with pytest.raises(AssertionError):
        assert_whole(stage, {hashlib.sha256(b"From: a@corp.example\r\nSubject: x\r\n\r\ny").hexdigest()})
