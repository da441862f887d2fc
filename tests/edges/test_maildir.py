"""A Maildir on a real file system."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fixtures.ledger import MemoryLedger, uids
from maildesk import clock
from maildesk.errors import TemporaryError
from maildesk.mail.model import Settled
from maildesk.sources import maildir
from maildesk.sources.base import EXCERPT, LARGEST, STRIKES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = b"Subject: hello\n\nnothing works\n"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def put(box: Path, name: str, data: bytes = MAIL, *, minutes: int = 0, place: str = "new") -> Path:
    """A mail that arrived some minutes after noon."""
    file = box / place / name
    file.write_bytes(data)
    moment = (NOON + timedelta(minutes=minutes)).timestamp()
    os.utime(file, (moment, moment))
    return file


def source(
    box: Path, ledger: MemoryLedger, now: datetime = NOON + timedelta(hours=1), **changes: Any
) -> maildir.MaildirSource:
    settings = maildir.Maildir(path=box, **{"start_from": "all", **changes})
    return maildir.open(settings, ledger, clock.fixed(now))


def done(*names: str, outcome: Any = "done") -> list[Settled]:
    return [Settled(uidvalidity=0, uid=name, outcome=outcome) for name in names]


def names(box: Path, place: str) -> list[str]:
    return sorted(path.name for path in (box / place).iterdir())


def test_mail_of_both_places_is_taken_oldest_first_and_once(box: Path) -> None:
    put(box, "b", minutes=2)
    put(box, "c:2,S", b"seen", minutes=1, place="cur")
    put(box, "a", minutes=3)
    ledger = MemoryLedger()
    desk = source(box, ledger, name="desk")
    taken = ledger.take(desk)
    assert [(one.uid, one.data, one.size) for one in taken] == [("c", b"seen", 4), ("b", MAIL, 30), ("a", MAIL, 30)]
    assert {(one.account, one.folder, one.uidvalidity, one.state, one.historic) for one in taken} == {
        ("desk", "INBOX", 0, "whole", False)
    }
    assert [one.arrived for one in taken] == [NOON + timedelta(minutes=minutes) for minutes in (1, 2, 3)]
    assert ledger.take(desk) == []
    (box / "new" / "b").rename(box / "cur" / "b:2,RS")
    assert ledger.take(desk) == [], "a mail that was renamed is the same mail"
    assert names(box, "new") == ["a"], "nothing is marked by fetching"


def test_same_base_name_in_both_places_is_one_mail(box: Path) -> None:
    put(box, "a")
    put(box, "a:2,", place="cur")
    assert len(MemoryLedger().take(source(box, MemoryLedger()))) == 1


def test_first_contact_leaves_older_mail_alone(box: Path) -> None:
    put(box, "old", minutes=-1)
    put(box, "new", minutes=1)
    ledger = MemoryLedger()
    assert uids(ledger.take(source(box, ledger, NOON, start_from="now"))) == ["new"]
    assert ledger.epoch() == (0, int(NOON.timestamp()))
    put(box, "later", minutes=2)
    assert uids(ledger.take(source(box, ledger, NOON + timedelta(days=1), start_from="now"))) == ["later"]


def test_first_contact_can_start_from_a_moment(box: Path) -> None:
    put(box, "old", minutes=-1)
    put(box, "new", minutes=1)
    ledger = MemoryLedger()
    assert uids(ledger.take(source(box, ledger, NOON + timedelta(days=9), start_from=NOON))) == ["new"]


def test_batches_are_bounded_and_kept_before_the_next_is_read(box: Path) -> None:
    for number in range(120):
        put(box, f"{number:03}")
    ledger = MemoryLedger()
    assert len(ledger.take(source(box, ledger), batches=1)) == 100
    assert len(ledger.take(source(box, ledger))) == 20


def test_oversize_mail_is_kept_in_part(box: Path) -> None:
    large = put(box, "large", b"Subject: large\n\n" + b"x" * 2 * EXCERPT)
    with large.open("ab") as file:
        file.truncate(LARGEST + 1)
    exact = put(box, "exact", b"Subject: exact\n\n", minutes=1)
    with exact.open("ab") as file:
        file.truncate(LARGEST)
    ledger = MemoryLedger()
    first, second = ledger.take(source(box, ledger))
    assert (first.uid, first.state, first.size) == ("large", "oversize", LARGEST + 1)
    assert first.data == b"Subject: large" + b"\n\n" + b"x" * (EXCERPT - 2)
    assert (second.state, second.size, len(second.data)) == ("whole", LARGEST, LARGEST)


def test_what_is_no_mail_file_is_passed_over(box: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    (box / "new" / "link").symlink_to(secret)
    (box / "new" / "directory").mkdir()
    (box / "new" / ".hidden").write_bytes(MAIL)
    os.mkfifo(box / "new" / "fifo")
    put(box, "mail")
    ledger = MemoryLedger()
    assert uids(ledger.take(source(box, ledger))) == ["mail"]


def test_place_that_is_a_link_elsewhere_is_not_followed(box: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (box / "cur").rmdir()
    (box / "cur").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TemporaryError, match=r"is no Maildir that can be read: cur/"):
        list(source(box, MemoryLedger()).fetch())


def test_file_that_becomes_a_link_while_it_is_read_is_not_followed(box: Path, tmp_path: Path) -> None:
    for number in range(101):
        put(box, f"{number:03}")
    ledger = MemoryLedger()
    desk = source(box, ledger)
    fetch = desk.fetch()
    next(fetch)
    (tmp_path / "secret").write_text("root:x:0:0")
    (box / "new" / "100").unlink()
    (box / "new" / "100").symlink_to(tmp_path / "secret")
    assert list(fetch) == []


def test_file_that_vanishes_is_skipped(box: Path) -> None:
    for number in range(102):
        put(box, f"{number:03}")
    fetch = source(box, MemoryLedger()).fetch()
    next(fetch)
    (box / "new" / "100").unlink()
    assert [uids(raws) for raws, _ in fetch] == [["101"]]


def test_file_that_cannot_be_read_is_given_up_after_three_polls(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(box, "bad", b"unreadable", minutes=-1)
    put(box, "good")
    plain = os.open

    def failing(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "bad":  # as a disk answers with a bad block
            raise OSError(5, "Input/output error")
        return plain(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", failing)
    ledger = MemoryLedger()
    desk = source(box, ledger)
    assert uids(ledger.take(desk)) == ["good"]
    for _ in range(STRIKES - 2):
        assert ledger.take(desk) == []
    assert [(one.uid, one.state, one.data, one.size) for one in ledger.take(desk)] == [("bad", "unreadable", b"", 10)]
    assert ledger.take(desk) == []


def test_odd_names_and_times_are_taken(box: Path) -> None:
    odd = os.fsdecode(b"\xff\xfe name, \xe4")
    put(box, odd)
    put(box, "邮件\n")
    far = put(box, "far")
    os.utime(far, (10**12, 10**12))
    ledger = MemoryLedger()
    desk = source(box, ledger, NOON + timedelta(days=1))
    taken = {one.uid: one for one in ledger.take(desk)}
    assert set(taken) == {"\\xff\\xfe name, \\xe4", "邮件\n", "far"}
    assert taken["far"].arrived == NOON + timedelta(days=1), "a time to come is now"
    desk.settle(done(*taken))
    assert names(box, "new") == []
    assert ledger.take(desk) == []


def test_done_mail_gets_the_seen_flag_and_quarantined_mail_is_flagged(box: Path) -> None:
    put(box, "a")
    put(box, "b:2,FR", place="cur")
    put(box, "c:1,x", place="cur")
    put(box, "d")
    desk = source(box, MemoryLedger())
    for _ in range(2):
        desk.settle([*done("a", "b", "c", "gone"), *done("d", outcome="quarantined")])
    assert names(box, "cur") == ["a:2,S", "b:2,FRS", "c:2,S", "d:2,F"]
    assert names(box, "new") == []


@pytest.mark.parametrize(
    ("folder", "place"), [("Processed", ".Processed"), ("已处理/2026", ".&XfJZBHQG-.2026"), ("../../etc", ".etc")]
)
def test_done_mail_moves_to_a_folder_that_is_made(folder: str, place: str, box: Path) -> None:
    put(box, "a")
    put(box, "b:2,R", place="cur")
    put(box, "c")
    desk = source(box, MemoryLedger(), done=f"move:{folder}")
    desk.settle(done("a"))
    desk.settle([*done("b"), *done("c", outcome="quarantined")])
    assert names(box / place, "cur") == ["a:2,S", "b:2,RS"]
    assert names(box, "cur") == ["c:2,F"]
    assert (box / place).stat().st_mode & 0o777 == 0o700
    assert names(box, place) == ["cur", "maildirfolder", "new", "tmp"]


def test_folder_that_is_a_link_elsewhere_gets_nothing(box: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (box / ".Processed").symlink_to(tmp_path / "elsewhere")
    put(box, "a")
    with pytest.raises(TemporaryError, match="cannot be changed"):
        source(box, MemoryLedger(), done="move:Processed").settle(done("a"))
    assert names(tmp_path, "elsewhere") == []
    assert names(box, "new") == ["a"]


def test_done_nothing_touches_nothing(box: Path) -> None:
    put(box, "a")
    source(box, MemoryLedger(), done="nothing").settle([*done("a"), *done("a", outcome="quarantined")])
    assert names(box, "new") == ["a"]


def test_missing_maildir_is_waited_for(tmp_path: Path) -> None:
    ledger = MemoryLedger()
    desk = source(tmp_path / "none", ledger)
    with pytest.raises(TemporaryError, match="none is no Maildir that can be read: new/: No such file"):
        list(desk.fetch())
    begun = time.monotonic()
    desk.wait(Event(), 1.2)
    assert time.monotonic() - begun >= 1.1
    desk.close()


def test_wait_ends_when_mail_comes(box: Path) -> None:
    ledger = MemoryLedger()
    desk = source(box, ledger)
    ledger.take(desk)
    timer = threading.Timer(0.2, put, (box, "a"))
    timer.start()
    begun = time.monotonic()
    desk.wait(Event(), 30)
    assert time.monotonic() - begun < 3
    timer.join()
    assert uids(ledger.take(desk)) == ["a"]


def test_wait_ends_after_its_time_and_at_a_stop(box: Path) -> None:
    ledger = MemoryLedger()
    desk = source(box, ledger)
    ledger.take(desk)
    begun = time.monotonic()
    desk.wait(Event(), 0.3)
    assert 0.25 <= time.monotonic() - begun < 2
    stop = Event()
    threading.Timer(0.2, stop.set).start()
    desk.wait(stop, 30)
    assert time.monotonic() - begun < 4


def test_probe_counts_what_is_there(box: Path) -> None:
    put(box, "a")
    put(box, "b:2,S", place="cur")
    assert maildir.probe(maildir.Maildir(path=box, name="desk")) == [f"desk: 2 messages in {box}"]
    with pytest.raises(TemporaryError, match="is no Maildir"):
        maildir.probe(maildir.Maildir(path=box / "none"))
