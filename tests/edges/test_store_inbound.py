"""The ledger: kept before parsed, claimed with a counted attempt, decided once (PROTOCOLS 1)."""

import os
import zlib
from dataclasses import replace

import pytest
from sqlalchemy import select

from fixtures.store_samples import NOW, later, mail, raw_mail
from maildesk.errors import PermanentError, TemporaryError
from maildesk.mail.model import Address, RawMail, Settled
from maildesk.store import inbound
from maildesk.store.database import Connection, Engine, reading, transaction
from maildesk.store.tables import raw_mail as raw_table

HERE = ("main", "INBOX")


def _keep(engine: Engine, *raws: RawMail, last_uid: int = 0) -> int:
    with transaction(engine) as c:
        return inbound.keep(c, raws, last_uid)


def _claim(engine: Engine, limit: int = 50) -> list[inbound.Waiting]:
    with transaction(engine) as c:
        return inbound.claim(c, limit)


def _done(c: Connection, waiting: inbound.Waiting, ticket: int | None = 1001) -> None:
    inbound.done(c, waiting.id, ticket=ticket, reason="a new ticket", mail=mail())


def test_a_folder_has_no_epoch_before_first_contact(engine: Engine) -> None:
    with transaction(engine) as c:
        assert inbound.epoch(c, *HERE) is None
        inbound.begin(c, *HERE, 7, 41)
        assert inbound.epoch(c, *HERE) == (7, 41)
        inbound.begin(c, *HERE, 8, 0)
        assert inbound.epoch(c, *HERE) == (8, 0)
        assert inbound.epoch(c, "main", "Junk") is None


def test_what_is_kept_is_known_whole_and_only_then_passed(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, *HERE, 7, 0)
    assert _keep(engine, raw_mail("1"), raw_mail("2"), last_uid=2) == 2
    with reading(engine) as c:
        assert inbound.epoch(c, *HERE) == (7, 2)
        assert inbound.missing(c, *HERE, 7, ["3", "2", "1", "0"]) == ["3", "0"]
        assert inbound.missing(c, *HERE, 8, ["1"]) == ["1"]
        assert inbound.missing(c, *HERE, 7, []) == []


def test_keeping_twice_keeps_once_and_never_goes_back(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, *HERE, 7, 0)
    raws = [raw_mail("1"), raw_mail("2")]
    _keep(engine, *raws, last_uid=2)
    assert _keep(engine, *raws, raw_mail("3"), last_uid=3) == 1
    assert _keep(engine, raws[0], last_uid=1) == 0
    assert _keep(engine) == 0
    with reading(engine) as c:
        assert inbound.epoch(c, *HERE) == (7, 3)
        assert inbound.backlog(c) == {"main": 3}


def test_the_last_uid_of_another_epoch_is_not_moved(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, *HERE, 8, 0)
    _keep(engine, raw_mail("9"), last_uid=9)
    with reading(engine) as c:
        assert inbound.epoch(c, *HERE) == (8, 0)


def test_many_uids_are_asked_in_portions(engine: Engine) -> None:
    _keep(engine, *(raw_mail(str(n)) for n in range(0, 1_200, 2)))
    with reading(engine) as c:
        assert inbound.missing(c, *HERE, 7, [str(n) for n in range(1_200)]) == [str(n) for n in range(1, 1_200, 2)]


def test_the_bytes_come_back_as_they_came(engine: Engine) -> None:
    bodies = [
        b"",
        b"\x00\xff\r\n",
        b"Subject: " + "打印机".encode("gbk"),
        os.urandom(3_000),
        b"a long line\r\n" * 5_000,
    ]
    _keep(engine, *(raw_mail(str(n), body, data=body, size=len(body)) for n, body in enumerate(bodies)))
    claimed = _claim(engine)
    assert [waiting.data for waiting in claimed] == bodies
    with reading(engine) as c:
        assert [inbound.raw(c, waiting.id) for waiting in claimed] == bodies
        compressed = c.execute(select(raw_table.c.bytes).where(raw_table.c.compressed)).scalars().all()
        assert [zlib.decompress(kept) for kept in compressed] == [bodies[4]]
        with pytest.raises(PermanentError, match="no mail 99"):
            inbound.raw(c, 99)


def test_byte_identical_mails_of_one_epoch_are_mails_of_their_own(engine: Engine) -> None:
    assert _keep(engine, raw_mail("1", b"the same"), raw_mail("2", b"the same")) == 2
    assert [waiting.uid for waiting in _claim(engine)] == ["1", "2"]


@pytest.mark.parametrize("uid", ["1772.M1P2.host", "caf\udce9", "new\0line", "=x:6162", "件", "u" * 5_000])
def test_any_name_of_a_maildir_file_is_a_uid(engine: Engine, uid: str) -> None:
    if "\0" in uid or len(uid) > 2_000:  # no file is called so, and a PostgreSQL index takes no more
        uid = uid.replace("\0", "")[:250]
    raw = raw_mail(uid, uidvalidity=0)
    assert _keep(engine, raw) == 1
    assert _keep(engine, raw) == 0
    with transaction(engine) as c:
        assert inbound.missing(c, *HERE, 0, [uid, "other"]) == ["other"]
        (waiting,) = inbound.claim(c, 1)
        assert waiting.uid == uid
        _done(c, waiting)
        assert inbound.find(c, waiting.id)[0].uid == uid
        assert inbound.unsettled(c, *HERE, 10) == [Settled(uidvalidity=0, uid=uid, outcome="done")]
        inbound.settled(c, *HERE, 0, [uid])
        assert inbound.unsettled(c, *HERE, 10) == []


def test_what_never_came_is_kept_as_done_and_never_parsed(engine: Engine) -> None:
    gone = raw_mail("1", data=b"", size=0, state="gone")
    unreadable = raw_mail("2", data=b"", size=9_000, state="unreadable")
    oversize = raw_mail("3", b"Subject: huge\r\n\r\n", size=90_000_000, state="oversize")
    assert _keep(engine, gone, unreadable, oversize) == 3
    (waiting,) = _claim(engine)
    assert (waiting.uid, waiting.state, waiting.size) == ("3", "oversize", 90_000_000)
    with reading(engine) as c:
        assert inbound.missing(c, *HERE, 7, ["1", "2", "3"]) == []
        assert inbound.unsettled(c, *HERE, 10) == []
        (kept,) = inbound.find(c, 2)
        assert (kept.kind, kept.state, kept.reason) == (
            "unreadable", "done", "the server could not give this mail",
        )  # fmt: skip
        with pytest.raises(PermanentError, match="its bytes never came"):
            inbound.raw(c, 2)


def test_mails_are_claimed_oldest_first_and_each_attempt_counts(engine: Engine) -> None:
    _keep(engine, *(raw_mail(str(n)) for n in range(5)))
    assert [(w.uid, w.attempts) for w in _claim(engine, 3)] == [("0", 1), ("1", 1), ("2", 1)]


def test_after_a_death_the_mails_that_were_tried_come_one_at_a_time_the_least_tried_first(engine: Engine) -> None:
    _keep(engine, *(raw_mail(str(n)) for n in range(4)))
    _claim(engine, 3)  # and the process dies
    seen = [[(w.uid, w.attempts) for w in _claim(engine)] for _ in range(4)]
    assert seen == [[("0", 2)], [("1", 2)], [("2", 2)], [("0", 3)]]


def test_a_mail_that_was_not_tried_after_all_keeps_its_attempts(engine: Engine) -> None:
    _keep(engine, raw_mail("1"), raw_mail("2"))
    ids = [waiting.id for waiting in _claim(engine)]
    with transaction(engine) as c:
        inbound.give_back(c, ids)
        inbound.give_back(c, ids)
        inbound.give_back(c, [])
    assert [(w.uid, w.attempts) for w in _claim(engine)] == [("1", 1), ("2", 1)]


def test_a_claim_is_bounded_in_octets_but_takes_the_largest_mail_alone(engine: Engine) -> None:
    huge = 40 * 1024 * 1024
    _keep(engine, raw_mail("1", size=huge), raw_mail("2"), raw_mail("3", size=huge), raw_mail("4"))
    with transaction(engine) as c:
        first = inbound.claim(c, 50)
        _done(c, first[0])
        second = inbound.claim(c, 50)
    assert [[w.uid for w in claimed] for claimed in (first, second)] == [["1"], ["2"]]


def test_an_instance_claims_only_for_the_mailboxes_it_leads(engine: Engine) -> None:
    _keep(engine, raw_mail("1"))
    _keep(engine, raw_mail("1", account="hr"))
    with transaction(engine) as c:
        assert [w.account for w in inbound.claim(c, 50, accounts=["hr"])] == ["hr"]
        assert inbound.claim(c, 50, accounts=[]) == []
        assert inbound.backlog(c) == {"main": 1, "hr": 1}


def test_a_decided_mail_is_found_by_its_ids_and_told_to_its_source(engine: Engine) -> None:
    _keep(engine, raw_mail("5"))
    (waiting,) = _claim(engine)
    with transaction(engine) as c:
        _done(c, waiting)
        (kept,) = inbound.find(c, "<m1@CORP.example>")
        assert (kept.state, kept.ticket, kept.reason) == ("done", 1001, "a new ticket")
        assert (kept.sender, kept.subject) == ("Zhang.San@corp.example", "打印机坏了")
        assert inbound.find(c, str(waiting.id)) == [kept]
        assert inbound.find(c, "m2@corp.example") == []
        assert inbound.find(c, "9" * 30) == []
        assert inbound.unsettled(c, *HERE, 10) == [Settled(uidvalidity=7, uid="5", outcome="done")]
        inbound.settled(c, *HERE, 7, [])
        inbound.settled(c, *HERE, 7, ["5", "6"])
        assert inbound.unsettled(c, *HERE, 10) == []
    assert _claim(engine) == []


def test_a_mail_is_decided_once(engine: Engine) -> None:
    _keep(engine, raw_mail("5"))
    (waiting,) = _claim(engine)
    with transaction(engine) as c:
        _done(c, waiting)
    with pytest.raises(TemporaryError, match="no longer waiting"), transaction(engine) as c:
        _done(c, waiting)
    with pytest.raises(TemporaryError, match="no longer waiting"), transaction(engine) as c:
        inbound.failed(c, waiting.id, "late")


def test_hostile_words_of_a_mail_break_no_insert(engine: Engine) -> None:
    _keep(engine, raw_mail("5"))
    (waiting,) = _claim(engine)
    odd = mail("i" * 9_000, sender=Address(address="a\0\ud800" * 900), subject="\0\udcff" + "长" * 9_000)
    with transaction(engine) as c:
        inbound.done(c, waiting.id, ticket=None, reason="\0" + "r" * 9_000, mail=odd)
        (kept,) = inbound.find(c, waiting.id)
        assert len(kept.message_id) < 300
        assert kept.subject.startswith("?长")
        assert kept.ticket is None


def test_a_failed_mail_waits_with_the_reason_until_it_is_parked(engine: Engine) -> None:
    _keep(engine, raw_mail("5"))
    (waiting,) = _claim(engine)
    with transaction(engine) as c:
        inbound.failed(c, waiting.id, "RecursionError: too deep")
        assert inbound.find(c, waiting.id)[0].reason == "RecursionError: too deep"
        assert inbound.list_quarantine(c) == []
        inbound.quarantine(c, waiting.id, "failed three times", mail=mail(subject="嵌套"))
        (parked,) = inbound.list_quarantine(c)
        assert (parked.reason, parked.attempts, parked.subject) == ("failed three times", 1, "嵌套")
        assert inbound.claim(c, 10) == []
        assert inbound.unsettled(c, *HERE, 10) == [Settled(uidvalidity=7, uid="5", outcome="quarantined")]


def test_a_parked_mail_is_tried_afresh_or_released(engine: Engine) -> None:
    _keep(engine, raw_mail("1"), raw_mail("2"))
    with transaction(engine) as c:
        for waiting in inbound.claim(c, 10):
            inbound.quarantine(c, waiting.id, "it killed the process")
    with transaction(engine) as c:
        assert inbound.retry(c, 1)
        assert inbound.release(c, 2)
        assert not inbound.retry(c, 1)
        assert not inbound.release(c, 10**30)
        assert [(w.id, w.attempts) for w in inbound.claim(c, 10)] == [(1, 1)]
        assert inbound.find(c, 2)[0].state == "done"


def test_a_mail_that_waits_again_cannot_be_called_settled(engine: Engine) -> None:
    _keep(engine, raw_mail("1"))
    with transaction(engine) as c:
        inbound.quarantine(c, inbound.claim(c, 1)[0].id, "it killed the process")
        inbound.retry(c, 1)
        inbound.settled(c, *HERE, 7, ["1"])  # said of the quarantine, while it was retried
        _done(c, inbound.claim(c, 1)[0])
        assert inbound.unsettled(c, *HERE, 10) == [Settled(uidvalidity=7, uid="1", outcome="done")]


def test_mails_found_again_in_a_new_epoch_take_over_their_rows(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, *HERE, 7, 0)
    _keep(engine, raw_mail("1", b"one"), raw_mail("2", b"two"), raw_mail("3", b"two"), last_uid=3)
    with transaction(engine) as c:
        for waiting in inbound.claim(c, 2):
            _done(c, waiting)
        inbound.settled(c, *HERE, 7, ["1", "2"])
        inbound.begin(c, *HERE, 8, 0)
    again = [
        raw_mail(uid, body, uidvalidity=8, historic=True)
        for uid, body in (("11", b"two"), ("12", b"one"), ("13", b"two"), ("14", b"two"), ("15", b"new"))
    ]
    assert _keep(engine, *again, last_uid=15) == 2  # the third "two", and "new"
    assert _keep(engine, *again, last_uid=15) == 0
    with transaction(engine) as c:
        assert [kept.uid for id in (1, 2, 3) for kept in inbound.find(c, id)] == ["12", "11", "13"]
        assert inbound.missing(c, *HERE, 8, ["11", "12", "13", "14", "15"]) == []
        assert inbound.missing(c, *HERE, 7, ["1", "2", "3"]) == ["1", "2", "3"]
        assert {settled.uid for settled in inbound.unsettled(c, *HERE, 10)} == {"11", "12"}  # to be marked anew
        claimed = inbound.claim(c, 10)
        assert [(w.uid, w.historic) for w in claimed] == [("13", False), ("14", True), ("15", True)]


def test_a_mail_of_another_folder_is_not_taken_for_one_found_again(engine: Engine) -> None:
    _keep(engine, raw_mail("1", b"one", folder="Junk"))
    assert _keep(engine, raw_mail("1", b"one", uidvalidity=8, historic=True)) == 1


def test_the_source_is_not_told_of_an_epoch_that_is_over(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, *HERE, 7, 0)
    _keep(engine, raw_mail("1"))
    with transaction(engine) as c:
        _done(c, inbound.claim(c, 1)[0])
        inbound.begin(c, *HERE, 8, 0)
        assert inbound.unsettled(c, *HERE, 10) == []


def test_a_historic_mail_whose_bytes_never_came_is_kept_as_such(engine: Engine) -> None:
    assert _keep(engine, replace(raw_mail("1", historic=True, arrived=later(days=-9)), data=b"", state="gone")) == 1
    with reading(engine) as c:
        assert inbound.find(c, 1)[0].arrived == later(days=-9) < NOW
