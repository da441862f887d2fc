"""IMAP against a real Dovecot."""

import imaplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fixtures.dovecot import Dovecot, Server
from fixtures.ledger import MemoryLedger, uids
from maildesk import clock
from maildesk.credentials import Login, Secret
from maildesk.errors import ConfigError, TemporaryError
from maildesk.mail.model import Settled
from maildesk.sources import imap
from maildesk.sources.base import EXCERPT
from maildesk.sources.imap_wire import Limits

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mail(number: int, size: int = 0) -> bytes:
    return f"Subject: mail {number}\r\nFrom: wang@corp.example\r\n\r\n你好\r\n".encode() + b"x" * size + b"\r\n"


@contextmanager
def opened(mailbox: imap.Mailbox, ledger: MemoryLedger, **limits: Any) -> Iterator[imap.ImapSource]:
    source = imap.open(mailbox, ledger, clock.now, Limits(**limits))
    yield source
    source.close()


def settled(*mails: Any, outcome: Any = "done") -> list[Settled]:
    return [Settled(uidvalidity=one.uidvalidity, uid=one.uid, outcome=outcome) for one in mails]


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_mail_is_taken_whole_and_nothing_is_marked(tls: str, dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2), arrived=NOON.timestamp())
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(tls=tls, port=port, name="desk"), ledger) as source:
        taken = ledger.take(source)
    assert [(one.uid, one.data, one.size) for one in taken] == [
        ("1", mail(1), len(mail(1))),
        ("2", mail(2), len(mail(2))),
    ]
    assert {(one.account, one.folder, one.arrived, one.historic) for one in taken} == {("desk", "INBOX", NOON, False)}
    assert ledger.epoch() == (dovecot.uidvalidity(), 2)
    assert [one.flags for one in dovecot.list()] == [(), ()]


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_access_token_logs_in(mechanism: str, dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(login=dovecot.oauth_login(mechanism)), ledger) as source:
        assert len(ledger.take(source)) == 1


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_access_token_that_has_expired_is_refused_in_plain_words(mechanism: str, dovecot: Dovecot) -> None:
    token = dovecot.token(life=-60)
    with opened(dovecot.mailbox(login=dovecot.oauth_login(mechanism, token)), MemoryLedger()) as source:
        with pytest.raises(TemporaryError, match="does not accept the access token") as error:
            list(source.fetch())
        assert token not in str(error.value)


def test_later_mail_is_taken_by_the_same_session_and_the_last_one_never_twice(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        assert uids(ledger.take(source)) == ["1"]
        assert ledger.take(source) == []
        dovecot.deliver(mail(2))
        assert uids(ledger.take(source)) == ["2"]


def test_first_contact_leaves_the_mail_alone_that_is_there(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(start_from="now"), ledger) as source:
        assert ledger.take(source) == []
        assert ledger.epoch() == (dovecot.uidvalidity(), 2)
        dovecot.deliver(mail(3))
        assert uids(ledger.take(source)) == ["3"]


def test_first_contact_can_start_from_a_moment(dovecot: Dovecot) -> None:
    for number, hours in enumerate((-40, -1, 1, -2, 50), 1):
        dovecot.deliver(mail(number), arrived=(NOON + timedelta(hours=hours)).timestamp())
        dovecot.list()  # gives the uid in this order
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(start_from=NOON), ledger) as source:
        assert uids(ledger.take(source)) == ["3", "5"]
        assert ledger.begun == [(dovecot.uidvalidity(), 2)]
        assert ledger.take(source) == []
        dovecot.deliver(mail(6))
        assert uids(ledger.take(source)) == ["6"]
    assert ledger.epoch() == (dovecot.uidvalidity(), 6)


def test_first_contact_from_a_moment_after_all_mail_takes_none(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), arrived=NOON.timestamp())
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(start_from=NOON + timedelta(hours=1)), ledger) as source:
        assert ledger.take(source) == []
    assert ledger.epoch() == (dovecot.uidvalidity(), 1)


def test_batches_are_bounded_in_count_and_octets(dovecot: Dovecot) -> None:
    dovecot.deliver(*(mail(number) for number in range(150)))
    dovecot.deliver(*(mail(number, size=3_000_000) for number in range(3)))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        sizes = []
        for raws, last_uid in source.fetch():
            ledger.keep(raws, last_uid)
            sizes.append(len(raws))
            assert ledger.epoch() == (raws[0].uidvalidity, last_uid)
            assert last_uid == int(raws[-1].uid)
    assert sizes == [100, 52, 1]


def test_oversize_mail_is_kept_in_part_and_disturbs_no_other(dovecot: Dovecot) -> None:
    large = mail(2, size=1_000_000)
    dovecot.deliver(mail(1), large, mail(3))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger, largest=900_000) as source:
        taken = ledger.take(source)
    header = large.index(b"\r\n\r\n")
    assert [(one.uid, one.state, one.size) for one in taken] == [
        ("1", "whole", len(mail(1))),
        ("2", "oversize", len(large)),
        ("3", "whole", len(mail(3))),
    ]
    assert taken[1].data == large[: header + EXCERPT]


def test_crash_between_batches_goes_on_behind_what_was_kept(dovecot: Dovecot) -> None:
    dovecot.deliver(*(mail(number) for number in range(250)))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        assert len(ledger.take(source, batches=1)) == 100
    with opened(dovecot.mailbox(), ledger) as source:
        assert uids(ledger.take(source)) == [str(uid) for uid in range(101, 251)]


def test_new_uidvalidity_gives_all_mail_as_historic_and_later_mail_as_new(dovecot: Dovecot) -> None:
    dovecot.deliver(*(mail(number) for number in range(150)))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        assert not any(one.historic for one in ledger.take(source))
    dovecot.reset_uidvalidity()
    with opened(dovecot.mailbox(), ledger) as source:
        again = ledger.take(source)
        assert len(again) == 150
        assert all(one.historic for one in again)
        assert {one.uidvalidity for one in again} == {dovecot.uidvalidity()}
        assert ledger.epoch() == (dovecot.uidvalidity(), 150)
        dovecot.deliver(mail(151))
        assert [(one.uid, one.historic) for one in ledger.take(source)] == [("151", False)]


def test_crash_in_the_middle_of_an_epoch_change_leaves_the_rest_historic(dovecot: Dovecot) -> None:
    dovecot.deliver(*(mail(number) for number in range(150)))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        ledger.take(source)
    dovecot.reset_uidvalidity()
    with opened(dovecot.mailbox(), ledger) as source:
        first = ledger.take(source, batches=1)
    with opened(dovecot.mailbox(), ledger) as source:
        rest = ledger.take(source)
    assert len(first) + len(rest) == 150
    assert all(one.historic for one in first + rest)


def test_new_uidvalidity_of_an_empty_folder_begins_at_once(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    ledger.begin(1, 7)
    with opened(dovecot.mailbox(), ledger) as source:
        dovecot.list()
        for file in dovecot.maildir.glob("*/*.test*"):
            file.unlink()
        assert ledger.take(source) == []
        assert ledger.epoch() == (dovecot.uidvalidity(), 1)


def test_done_mail_gets_a_keyword_and_quarantined_mail_another(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2), mail(3))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        one, two, _ = ledger.take(source)
        for _ in range(2):
            source.settle([*settled(one), *settled(two, outcome="quarantined")])
    flags = [stored.flags for stored in dovecot.list()]
    assert flags == [("$MaildeskDone", "\\Seen"), ("$MaildeskQuarantined",), ()]


def test_done_mail_moves_to_a_folder_that_is_made(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2), mail(3))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(done="move:已处理/2026"), ledger) as source:
        one, two, three = ledger.take(source)
        source.settle([*settled(one), *settled(two, outcome="quarantined")])
        source.settle(settled(one, three))
    assert [stored.uid for stored in dovecot.list()] == [2]
    assert dovecot.list()[0].flags == ("$MaildeskQuarantined",)
    assert [stored.data for stored in dovecot.list("&XfJZBHQG-.2026")] == [mail(1), mail(3)]


def test_done_nothing_touches_nothing(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(done="nothing"), ledger) as source:
        one, two = ledger.take(source)
        source.settle([*settled(one), *settled(two, outcome="quarantined")])
    assert [stored.flags for stored in dovecot.list()] == [(), ()]


def test_settling_connects_anew_when_the_session_was_lost(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        taken = ledger.take(source)
        source.close()
        source.settle(settled(*taken))
    assert "$MaildeskDone" in dovecot.list()[0].flags


def wake(source: imap.ImapSource, act: Any, after: float = 0.3) -> float:
    """Seconds between what `act` does and the return of wait."""
    moments = []

    def later() -> None:
        moments.append(time.monotonic())
        act()

    timer = threading.Timer(after, later)
    timer.start()
    source.wait(Event(), 30)
    timer.join()
    return time.monotonic() - moments[0]


def test_idle_wakes_when_mail_comes(dovecot: Dovecot) -> None:
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        for number in range(3):
            ledger.take(source)
            assert wake(source, lambda: dovecot.deliver(mail(1))) < 5
            assert len(ledger.take(source)) == 1, number


def test_mail_between_search_and_idle_wakes_at_once(dovecot: Dovecot) -> None:
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        for number in range(4):
            ledger.take(source)
            dovecot.deliver(mail(number))
            begun = time.monotonic()
            source.wait(Event(), 30)
            assert time.monotonic() - begun < 2
            assert len(ledger.take(source)) == 1


@pytest.mark.parametrize("done", ["keyword", "move:Processed"])
@pytest.mark.parametrize("lost", [False, True])
def test_mail_between_search_and_settle_wakes_at_once(done: str, lost: bool, dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(done=done), ledger) as source:
        taken = ledger.take(source)
        dovecot.deliver(mail(2))
        if lost:
            source.close()
        source.settle(settled(*taken))
        begun = time.monotonic()
        source.wait(Event(), 30)
        assert time.monotonic() - begun < 2
        assert uids(ledger.take(source)) == ["2"]


def test_settling_alone_wakes_nobody(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(done="move:Processed"), ledger) as source:
        source.settle(settled(*ledger.take(source)))
        begun = time.monotonic()
        source.wait(Event(), 0.5)
        assert time.monotonic() - begun >= 0.45


def test_mail_after_a_move_wakes_though_the_count_is_the_same(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(done="move:Processed"), ledger) as source:
        source.settle(settled(*ledger.take(source)))
        assert wake(source, lambda: dovecot.deliver(mail(2))) < 5


def test_stop_ends_the_wait_within_two_seconds(dovecot: Dovecot) -> None:
    stop = Event()
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        ledger.take(source)
        threading.Timer(0.3, stop.set).start()
        begun = time.monotonic()
        source.wait(stop, 60)
        assert time.monotonic() - begun < 2.3
        assert ledger.take(source) == []


@pytest.mark.parametrize("idle", [True, False])
def test_wait_ends_after_its_time(idle: bool, dovecot: Dovecot) -> None:
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(idle=idle), ledger) as source:
        ledger.take(source)
        begun = time.monotonic()
        source.wait(Event(), 0.3)
        assert 0.25 < time.monotonic() - begun < 2


def test_wait_without_a_session_is_by_the_clock(dovecot: Dovecot) -> None:
    begun = time.monotonic()
    imap.open(dovecot.mailbox(), MemoryLedger(), clock.now).wait(Event(), 0.3)
    assert time.monotonic() - begun >= 0.3


def test_restart_of_the_server_is_survived(dovecot_server: Server, dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        ledger.take(source)
        dovecot_server.stop()
        try:
            with pytest.raises(TemporaryError, match=r"127\.0\.0\.1"):
                ledger.take(source)
            dovecot.deliver(mail(2))
        finally:
            dovecot_server.start()
        assert uids(ledger.take(source)) == ["2"]


def test_probe_says_in_plain_words_what_is_there(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    said = "\n".join(imap.probe(dovecot.mailbox(start_from="now")))
    assert f"logged in to 127.0.0.1 as {dovecot.user}, TLS implicit" in said
    assert "2 messages in INBOX, next uid 3" in said
    assert "from uid 3 on, the 2 that are there are left alone" in said
    assert "IDLE yes, MOVE yes" in said
    assert "all 2 messages are taken" in "\n".join(imap.probe(dovecot.mailbox()))
    assert "arrived since 2026-03-01" in "\n".join(imap.probe(dovecot.mailbox(start_from=NOON)))
    assert [stored.flags for stored in dovecot.list()] == [(), ()]


WRONG: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "host": ({"host": "imap.invalid"}, TemporaryError, "the host imap.invalid is unknown"),
    "port": ({"port": 1}, TemporaryError, "refuses the connection: check the port"),
    "certificate": ({"ca_file": None}, TemporaryError, "the certificate of 127.0.0.1 is not trusted"),
    "folder": ({"folder": "Suport"}, TemporaryError, "folder 'Suport' cannot be opened: .* folder is 'Support'"),
    "chinese folder": ({"folder": "支持"}, TemporaryError, "folder '支持' cannot be opened"),
    "ca_file": ({"ca_file": Path("/nowhere/ca.pem")}, ConfigError, "ca_file /nowhere/ca.pem is no readable file"),
    "clear text": ({"host": "imap.corp.example", "tls": "none"}, ConfigError, "for this machine alone"),
    "no password": ({"login": Login(user="it", secret=Secret(env="NOT_SET"))}, ConfigError, "variable NOT_SET"),
}


@pytest.mark.parametrize(("change", "kind", "words"), WRONG.values(), ids=WRONG.keys())
def test_probe_says_in_plain_words_what_is_wrong(
    change: dict[str, Any], kind: type[Exception], words: str, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail(1), folder="Support")
    with pytest.raises(kind, match=words):
        imap.probe(dovecot.mailbox(**change))


def test_probe_tells_a_clear_port_from_a_tls_port(dovecot: Dovecot) -> None:
    with pytest.raises(TemporaryError, match="does not speak TLS as expected"):
        imap.probe(dovecot.mailbox(port=dovecot.port))


def test_wrong_password_names_the_user_and_no_secret(dovecot: Dovecot, tmp_path: Path) -> None:
    secret = tmp_path / "wrong"
    secret.write_text("a wrong one")
    secret.chmod(0o600)
    login = Login(user=dovecot.user, secret=Secret(file=secret))
    with pytest.raises(ConfigError, match=r"does not accept the user .* with this password") as error:
        imap.probe(dovecot.mailbox(login=login))
    assert "a wrong one" not in str(error.value)
    source = imap.open(dovecot.mailbox(login=login), MemoryLedger(), clock.now)
    with pytest.raises(TemporaryError, match="with this password"):
        list(source.fetch())


@pytest.mark.parametrize("password", ['with "quotes" and \\ strokes', "密码 ü", "percent %s {0}"])
def test_odd_passwords_reach_the_server_as_they_are(
    password: str, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD", password)
    # The server knows another password: it must refuse this one as a login, not as a broken command.
    with pytest.raises(ConfigError, match="AUTHENTICATIONFAILED"):
        imap.probe(dovecot.mailbox(login=Login(user=dovecot.user, secret=Secret(env="ODD"))))


def test_mail_can_be_read_by_another_program_at_the_same_time(dovecot: Dovecot) -> None:
    dovecot.deliver(mail(1), mail(2))
    ledger = MemoryLedger()
    with opened(dovecot.mailbox(), ledger) as source:
        fetch = source.fetch()
        with imaplib.IMAP4(dovecot.host, dovecot.port, 30) as other:
            other.login(dovecot.user, dovecot.password)
            other.select("INBOX")
            other.uid("STORE", "1", "+FLAGS", "(\\Seen \\Deleted)")
            other.expunge()
            raws, last_uid = next(fetch)
        ledger.keep(raws, last_uid)
        assert [one.uid for one in raws] == ["2"]
        assert list(fetch) == []
