"""An IMAP server that lies, stalls, floods or dies: every end is clean, bounded, and the next poll works."""

import base64
import imaplib
import ssl
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from fixtures.certificates import Certificate, issue
from fixtures.evil_imap import EvilServer, Exchange, Script, polite
from fixtures.ledger import MemoryLedger, uids
from maildesk import clock
from maildesk.credentials import Login, Secret
from maildesk.errors import TemporaryError
from maildesk.mail.model import Settled
from maildesk.sources import imap
from maildesk.sources.base import Count
from maildesk.sources.imap_errors import plain
from maildesk.sources.imap_wire import Limits

QUICK = Limits(connect=1.0, command=1.0, body=1.0, answer=256 * 1024)
GRACE = 5.0


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Callable[..., imap.Mailbox]:
    """Settings for a server on a port of this machine."""
    monkeypatch.setenv("EVIL_PASSWORD", "pass word")

    def settings(server: EvilServer, **changes: Any) -> imap.Mailbox:
        given = {"tls": "none", "start_from": "all", **changes}
        login = Login(user="it@corp.example", secret=Secret(env="EVIL_PASSWORD"))
        return imap.Mailbox(host="127.0.0.1", port=server.port, login=login, **given)

    return settings


def on(command: bytes, act: Callable[[Exchange], None]) -> Script:
    """A script that acts when a command begins so; then it hangs up, unless `act` answered in full."""

    def script(exchange: Exchange, line: bytes) -> bool:
        if not line.startswith(command):
            return False
        act(exchange)
        return True

    return script


def on_body(act: Callable[[Exchange], None]) -> Script:
    """A script that acts when bodies are asked for."""

    def script(exchange: Exchange, line: bytes) -> bool:
        if b"BODY.PEEK" not in line:
            return False
        act(exchange)
        return True

    return script


def hang_up(*before: bytes) -> Callable[[Exchange], None]:
    def act(exchange: Exchange) -> None:
        exchange.send(b"".join(before))
        exchange.connection.shutdown(2)

    return act


def say(*lines: bytes) -> Callable[[Exchange], None]:
    """Send as it is; TAG stands for the tag."""
    return lambda exchange: exchange.send(b"".join(lines).replace(b"TAG", exchange.tag))


def flood(line: bytes) -> Callable[[Exchange], None]:
    def act(exchange: Exchange) -> None:
        while True:
            exchange.send(line * 1000)

    return act


def trickle(data: bytes) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.trickle(data)


def ignore(exchange: Exchange) -> None:
    """No answer."""


LITERAL = b"* 1 FETCH (UID 1 BODY[] {20}\r\n"
LOSES_THE_SESSION = {
    "eof instead of a greeting": on(b"greeting", hang_up()),
    "bye instead of a greeting": on(b"greeting", hang_up(b"* BYE overloaded\r\n")),
    "another protocol": on(b"greeting", hang_up(b"220 mx.example ESMTP\r\n")),
    "a greeting that trickles": on(b"greeting", trickle(b"* OK " + b"x" * 500)),
    "a greeting that never comes": on(b"greeting", ignore),
    "a greeting without end": on(b"greeting", flood(b"x" * 100)),
    "eof after the login": on(b"LOGIN", hang_up()),
    "bad to the login": on(b"LOGIN", say(b"TAG BAD what\r\n")),
    "bye in select": on(b"SELECT", say(b"* BYE going down\r\nTAG OK done\r\n")),
    "select without uidvalidity": on(b"SELECT", say(b"* 3 EXISTS\r\nTAG OK done\r\n")),
    "a uidvalidity that is no number": on(b"SELECT", say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY x] a\r\nTAG OK done\r\n")),
    "a uidvalidity out of range": on(b"SELECT", say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 99999999999] a\r\nTAG OK d\r\n")),
    "no answer to search": on(b"UID SEARCH", ignore),
    "a search that trickles": on(b"UID SEARCH", trickle(b"* SEARCH 1 2 3" + b" 4" * 500)),
    "a flood of untagged lines": on(b"UID SEARCH", flood(b"* OK still here\r\n")),
    "a flood of answers to search": on(b"UID SEARCH", flood(b"* SEARCH 1 2 3\r\n")),
    "a tag of another command": on(b"UID SEARCH", say(b"XXXX9 OK done\r\n")),
    "a line that is no response": on(b"UID SEARCH", say(b"hello\r\n")),
    "a line without crlf": on(b"UID SEARCH", say(b"* SEARCH 1 2 3\nTAG OK done\r\n")),
    "a size that is nested too deep": on(b"UID FETCH", say(b"* 1 FETCH " + b"(" * 5000 + b"\r\nTAG OK done\r\n")),
    "eof in a literal": on_body(hang_up(LITERAL + b"Subject")),
    "a literal that trickles": on_body(trickle(LITERAL + b"x" * 500)),
    "a literal of 3 GB": on_body(say(b"* 1 FETCH (UID 1 BODY[] {3000000000}\r\n", b"x" * 1000)),
    "a literal larger than the mail": on_body(say(b"* 1 FETCH (UID 1 BODY[] {900000}\r\n", b"x" * 900_000)),
    "a negative literal": on_body(say(b"* 1 FETCH (UID 1 BODY[] {-5}\r\n)\r\nTAG OK done\r\n")),
    "a quote that never closes": on_body(say(b'* 1 FETCH (UID 1 BODY[] "abc)\r\nTAG OK done\r\n')),
    "a flood of literals": on_body(flood(b"* 1 FETCH (UID 1 BODY[] {10}\r\n0123456789)\r\n")),
    "bye in the middle of bodies": on_body(hang_up(b"* BYE shutting down\r\n")),
    "bad to a fetch": on_body(say(b"TAG BAD what\r\n")),
}


@pytest.mark.parametrize("script", LOSES_THE_SESSION.values(), ids=LOSES_THE_SESSION.keys())
def test_session_is_given_up_within_its_limit_and_the_next_poll_takes_every_mail(
    script: Script, mailbox: Callable[..., imap.Mailbox]
) -> None:
    ledger = MemoryLedger()
    with EvilServer(script, polite) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        begun = time.monotonic()
        tracemalloc.start()
        with pytest.raises(TemporaryError) as error:
            ledger.take(source)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert time.monotonic() - begun < QUICK.command + GRACE
        assert peak < 64 * 1024 * 1024
        assert "127.0.0.1" in str(error.value)
        assert str(error.value).isprintable()
        assert "pass word" not in str(error.value)

        assert uids(ledger.take(source)) == ["1", "2", "3"]
        assert server.connections == 2
        source.close()
    assert ledger.epoch() == (7, 3)


def fetched(server: EvilServer, exchange: Exchange, command: bytes) -> bytes:
    """The honest answer for every mail."""
    return b"".join(exchange.fetch_answer(uid, command) for uid in server.mails)


WRONG_BODIES = {
    "no uid": lambda text: text.replace(b"UID 2 ", b""),
    "another uid": lambda text: text.replace(b"UID 2 ", b"UID 99 "),
    "no answer": lambda text: b"",
    "nil": lambda text: b"* 2 FETCH (UID 2 BODY[] NIL)\r\n" if b"UID 2 " in text else text,
}


@pytest.mark.parametrize("change", WRONG_BODIES.values(), ids=WRONG_BODIES.keys())
def test_mail_without_an_answer_of_its_own_is_asked_for_again_and_never_mixed_up(
    change: Callable[[bytes], bytes], mailbox: Callable[..., imap.Mailbox]
) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"BODY.PEEK" not in command:
            return False
        for uid in exchange._asked(command):
            answer = exchange.fetch_answer(uid, command)
            exchange.send(change(answer) if uid == 2 else answer)
        exchange.ok()
        return True

    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert [(mail.uid, mail.data) for mail in ledger.take(source)] == [
            ("1", server.mails[1]),
            ("3", server.mails[3]),
        ]
        assert ledger.epoch() == (7, 1), "the prefix that is kept without a gap"
        assert ledger.take(source) == []
        assert [(mail.uid, mail.state) for mail in ledger.take(source)] == [("2", "unreadable")]
        assert ledger.epoch() == (7, 3)
        assert ledger.take(source) == []
        source.close()


def test_sequence_number_is_never_taken_for_a_uid(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"BODY.PEEK" not in command:
            return False
        # Without UID, the number 2 of the second message looks like the uid 2 of the first one.
        exchange.send(b"* 2 FETCH (BODY[] {3}\r\nbad)\r\n" + exchange.fetch_answer(2, command))
        exchange.send(exchange.fetch_answer(5, command).replace(b"* 2 FETCH", b"* 3 FETCH"))
        exchange.ok()
        return True

    ledger = MemoryLedger()
    with EvilServer(script, mails={2: b"Subject: two\r\n\r\n", 5: b"Subject: five\r\n\r\n"}) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert [mail.data for mail in ledger.take(source)] == list(server.mails.values())
        source.close()


def test_uids_outside_the_protocol_are_dropped(mailbox: Callable[..., imap.Mailbox]) -> None:
    script = on(b"UID SEARCH", say(b"* SEARCH 0 1 2 -4 4294967296 9999999999999999999999 3 x\r\nTAG OK done\r\n"))
    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert uids(ledger.take(source)) == ["1", "2", "3"]
        source.close()


def test_size_that_is_only_estimated_is_believed_less_than_the_same_octets_twice(
    mailbox: Callable[..., imap.Mailbox],
) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"RFC822.SIZE" not in command:
            return False
        exchange.ok(*(b"%d FETCH (UID %d RFC822.SIZE 30)" % (uid, uid) for uid in exchange.server.mails))
        return True

    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        mails = ledger.take(source)
        assert [(mail.data, mail.size, mail.state) for mail in mails] == [
            (data, len(data), "whole") for data in server.mails.values()
        ]
        source.close()


def test_body_that_changes_each_time_is_not_taken(mailbox: Callable[..., imap.Mailbox]) -> None:
    answers = iter(range(1, 100))

    def script(exchange: Exchange, command: bytes) -> bool:
        if b"BODY.PEEK" not in command:
            return False
        exchange.send(exchange.fetch_answer(1, command, b"x" * next(answers)))
        exchange.ok()
        return True

    ledger = MemoryLedger()
    with EvilServer(script, mails={1: b"Subject: longer than all of the answers\r\n\r\n" * 9}) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert [ledger.take(source) for _ in range(2)] == [[], []]
        assert [mail.state for mail in ledger.take(source)] == ["unreadable"]
        source.close()


def refusing(*bad: int, when: bytes = b"BODY.PEEK", part: bytes = b"") -> Script:
    """NO to every FETCH that names one of these uids, after part of the answer."""

    def script(exchange: Exchange, command: bytes) -> bool:
        if when not in command or not set(bad) & set(exchange._asked(command)):
            return False
        exchange.send(part)
        exchange.no()
        return True

    return script


@pytest.mark.parametrize("when", [b"BODY.PEEK", b"RFC822.SIZE"])
def test_refused_mail_spoils_no_other_and_is_given_up_after_three_polls(
    when: bytes, mailbox: Callable[..., imap.Mailbox]
) -> None:
    ledger = MemoryLedger()
    with EvilServer(refusing(2, when=when)) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert uids(ledger.take(source)) == ["1", "3"]
        assert ledger.take(source) == []
        server.mails[4] = b"Subject: 4\r\n\r\n"
        assert [(mail.uid, mail.state) for mail in ledger.take(source)] == [("4", "whole"), ("2", "unreadable")]
        assert ledger.epoch() == (7, 4)
        assert server.connections == 1, "a NO keeps the session"
        source.close()


def test_no_after_the_body_leaves_nothing_behind_for_the_next_fetch(mailbox: Callable[..., imap.Mailbox]) -> None:
    part = b"* 1 FETCH (UID 1 BODY[] {5}\r\nwrong)\r\n"
    ledger = MemoryLedger()
    with EvilServer(refusing(2, part=part)) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert [mail.data for mail in ledger.take(source)] == [server.mails[1], server.mails[3]]
        source.close()


def test_server_that_refuses_every_mail_is_ill_and_no_mail_is_given_up(mailbox: Callable[..., imap.Mailbox]) -> None:
    ledger = MemoryLedger()
    with EvilServer(refusing(1, 2, 3)) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        for _ in range(5):
            with pytest.raises(TemporaryError, match="none of the 3 mails"):
                ledger.take(source)
        server._scripts = (polite,)
        source.close()
        assert [mail.state for mail in ledger.take(source)] == ["whole"] * 3
        source.close()


def test_mail_that_kills_every_session_is_asked_for_alone_and_last_and_given_up(
    mailbox: Callable[..., imap.Mailbox],
) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"BODY.PEEK" not in command or 2 not in exchange._asked(command):
            return False
        hang_up()(exchange)
        return True

    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        for _ in range(4):  # once in company, three times alone
            with pytest.raises(TemporaryError):
                ledger.take(source)
        assert uids(ledger.mails) == ["1", "3"], "the others come meanwhile"
        assert [(mail.uid, mail.state) for mail in ledger.take(source)] == [("2", "unreadable")]
        assert ledger.epoch() == (7, 3)
        source.close()


def test_expunged_mail_is_gone_and_counts_as_stored(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"BODY.PEEK" in command:
            exchange.server.mails.pop(3, None)
        return False

    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert [(mail.uid, mail.state) for mail in ledger.take(source)] == [
            ("1", "whole"),
            ("2", "whole"),
            ("3", "gone"),
        ]
        assert ledger.epoch() == (7, 3)
        source.close()


def test_mail_that_was_expunged_before_its_size_was_asked_for_is_gone(
    mailbox: Callable[..., imap.Mailbox],
) -> None:
    script = on(b"UID SEARCH UID 1:*", say(b"* SEARCH 1 2 3 4 5\r\nTAG OK done\r\n"))
    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        states = {mail.uid: mail.state for mail in ledger.take(source)}
        assert states == {"1": "whole", "2": "whole", "3": "whole", "4": "gone", "5": "gone"}
        assert ledger.epoch() == (7, 5)
        source.close()


def test_oversize_mail_that_was_expunged_is_gone(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"BODY.PEEK" in command:
            exchange.server.mails.clear()
        return False

    ledger = MemoryLedger()
    with EvilServer(script, mails={1: b"x" * 2000}) as server:
        source = imap.open(mailbox(server), ledger, clock.now, replace(QUICK, largest=1000))
        assert [(mail.state, mail.size) for mail in ledger.take(source)] == [("gone", 2000)]
        source.close()


def test_very_many_mails_are_taken_in_portions_and_a_failure_in_the_first_holds_the_last_uid(
    mailbox: Callable[..., imap.Mailbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_PORTION", 4)
    ledger = MemoryLedger()
    with EvilServer(refusing(3), mails={uid: b"Subject: %d\r\n\r\n" % uid for uid in range(1, 11)}) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert uids(ledger.take(source)) == ["1", "2", "4", "5", "6", "7", "8", "9", "10"]
        assert ledger.epoch() == (7, 2)
        assert ledger.take(source) == []
        assert uids(ledger.take(source)) == ["3"]
        server.mails[11] = b"Subject: 11\r\n\r\n"
        assert uids(ledger.take(source)) == ["11"]
        assert ledger.epoch() == (7, 11)
        source.close()


def test_interruption_closes_the_session(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer() as server:
        source = connected(mailbox(server))
        session = source._session
        assert session
        with pytest.raises(KeyboardInterrupt), session.command():
            raise KeyboardInterrupt
        assert not session.open
        source.close()


def test_command_whose_time_is_over_is_not_sent(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer() as server:
        source = connected(mailbox(server))
        session = source._session
        assert session
        sent = len(server.commands)
        with pytest.raises(TemporaryError, match="no complete answer within"), session.command(1e-9) as wire:
            wire.noop()
        assert len(server.commands) == sent
        source.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(101, "Network is unreachable"), "no connection to imap.example: Network is unreachable"),
        (ConnectionResetError(), "no connection to imap.example"),
        (TimeoutError(), "imap.example is too slow: no answer"),
        (ssl.SSLEOFError(8, "EOF occurred"), "no connection to imap.example: EOF occurred"),
        (imaplib.IMAP4.error(b"\x1b[31m\xff\nred"), "trouble with imap.example:  [31m\ufffd red"),
        (RecursionError(), "imap.example answers what cannot be understood (RecursionError)"),
    ],
)
def test_failures_are_told_in_plain_words(error: Exception, words: str) -> None:
    assert plain(error, "imap.example").startswith(words)


def test_folder_that_is_there_but_cannot_be_opened_has_no_nearest(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(on(b"EXAMINE", lambda exchange: exchange.no(b"no rights"))) as server:
        with pytest.raises(TemporaryError, match=r"no rights$"):
            imap.probe(mailbox(server, folder="inbox"), QUICK)
        with pytest.raises(TemporaryError, match="no rights; the nearest folder is 'Support'"):
            imap.probe(mailbox(server, folder="supprot"), QUICK)


def test_server_without_any_folder_has_no_nearest(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if command.startswith(b"LIST"):
            exchange.ok()
        elif command.startswith(b"EXAMINE"):
            exchange.no(b"none")
        else:
            return False
        return True

    with EvilServer(script) as server, pytest.raises(TemporaryError, match=r"none$"):
        imap.probe(mailbox(server), QUICK)


def test_starttls_that_is_not_offered_ends_before_the_password(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(polite) as server:
        source = imap.open(mailbox(server, tls="starttls"), MemoryLedger(), clock.now, QUICK)
        with pytest.raises(TemporaryError, match="STARTTLS"):
            list(source.fetch())
        assert not any(b"LOGIN" in command for command in server.commands)


@pytest.mark.parametrize("answer", [b"NO not now", b"BAD what", b"OK go ahead"])
def test_starttls_that_is_not_done_ends_before_the_password(
    answer: bytes, mailbox: Callable[..., imap.Mailbox]
) -> None:
    script = on(b"STARTTLS", say(b"TAG " + answer + b"\r\n", b"no TLS record\r\n" * 3))
    with EvilServer(script, capabilities=b"STARTTLS") as server:
        source = imap.open(mailbox(server, tls="starttls"), MemoryLedger(), clock.now, QUICK)
        with pytest.raises(TemporaryError):
            list(source.fetch())
        assert not any(b"LOGIN" in command for command in server.commands)


def test_preauth_cannot_talk_the_client_out_of_tls(mailbox: Callable[..., imap.Mailbox]) -> None:
    script = on(b"greeting", say(b"* PREAUTH welcome\r\n"))
    with EvilServer(script, capabilities=b"STARTTLS") as server:
        source = imap.open(mailbox(server, tls="starttls"), MemoryLedger(), clock.now, QUICK)
        with pytest.raises(TemporaryError):
            list(source.fetch())
        assert not any(b"LOGIN" in command or b"AUTHENTICATE" in command for command in server.commands)


def test_what_is_injected_ahead_of_tls_is_not_read(
    certificate: Certificate, mailbox: Callable[..., imap.Mailbox]
) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if command != b"STARTTLS":
            return False
        exchange.send(exchange.tag + b" OK go\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n* BYE injected\r\n")
        assert exchange.server.tls
        exchange.start_tls(exchange.server.tls)
        return True

    ledger = MemoryLedger()
    with EvilServer(script, capabilities=b"STARTTLS", certificate=certificate) as server:
        settings = mailbox(server, tls="starttls", ca_file=certificate.ca)
        source = imap.open(settings, ledger, clock.now, QUICK)
        assert uids(ledger.take(source)) == ["1", "2", "3"]
        source.close()


@pytest.mark.parametrize("names", ["DNS:other.example", "IP:127.0.0.2"])
def test_certificate_of_another_host_is_refused(
    names: str, tmp_path: Path, mailbox: Callable[..., imap.Mailbox]
) -> None:
    bad = issue(tmp_path, names)
    with EvilServer(certificate=bad) as server:
        source = imap.open(mailbox(server, tls="implicit", ca_file=bad.ca), MemoryLedger(), clock.now, QUICK)
        with pytest.raises(TemporaryError, match="is not trusted"):
            list(source.fetch())
        assert server.commands == []


def test_login_is_quoted_and_a_refusal_shows_no_password(mailbox: Callable[..., imap.Mailbox]) -> None:
    script = on(b"LOGIN", say(b"TAG NO [AUTHENTICATIONFAILED] not pass word\r\n"))
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), MemoryLedger(), clock.now, QUICK)
        with pytest.raises(TemporaryError, match=r"does not accept the user it@corp.example .*not \*\*\*"):
            list(source.fetch())
        assert server.commands[-1].endswith(b'LOGIN "it@corp.example" "pass word"')


def test_line_break_in_a_value_never_becomes_a_second_command(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer() as server:
        settings = mailbox(server)
        login = replace(settings.login, user='it"\r\nA1 DELETE INBOX\r\n')
        with pytest.raises(TemporaryError, match="a line break inside a command"):
            imap.probe(replace(settings, login=login), QUICK)
        assert not any(b"DELETE" in command for command in server.commands)


def test_login_that_is_refused_for_now_is_no_matter_of_the_password(mailbox: Callable[..., imap.Mailbox]) -> None:
    script = on(b"LOGIN", say(b"TAG NO [UNAVAILABLE] later\r\n"))
    with EvilServer(script) as server, pytest.raises(TemporaryError, match="takes no login now"):
        imap.probe(mailbox(server), QUICK)


def test_password_is_not_sent_where_the_server_forbids_it(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(capabilities=b"LOGINDISABLED STARTTLS") as server:
        source = imap.open(mailbox(server), MemoryLedger(), clock.now, QUICK)
        with pytest.raises(TemporaryError, match="set tls"):
            list(source.fetch())
        assert not any(b"LOGIN" in command for command in server.commands)


def test_password_that_is_not_ascii_goes_as_sasl_plain(
    mailbox: Callable[..., imap.Mailbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    def act(exchange: Exchange) -> None:
        exchange.send(b"+ \r\n")
        assert base64.b64decode(exchange.line()).decode() == "\0it@corp.example\0密码"
        exchange.ok()

    with EvilServer(on(b"AUTHENTICATE", act)) as server:
        settings = mailbox(server)
        monkeypatch.setenv("EVIL_PASSWORD", "密码")
        ledger = MemoryLedger()
        source = imap.open(settings, ledger, clock.now, QUICK)
        assert len(ledger.take(source)) == 3
        assert any(command.endswith(b"AUTHENTICATE PLAIN") for command in server.commands)
        source.close()


def test_client_says_who_it_is_where_the_server_asks(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(on(b"ID ", lambda exchange: exchange.no()), capabilities=b"ID") as server:
        ledger = MemoryLedger()
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert len(ledger.take(source)) == 3
        assert any(b'ID ("name" "maildesk")' in command for command in server.commands)
        source.close()


def idle_server(script: Script, **more: Any) -> EvilServer:
    return EvilServer(script, capabilities=b"IDLE", **more)


def idling(act: Callable[[Exchange], None]) -> Script:
    return on(b"IDLE", act)


def connected(mailbox: imap.Mailbox) -> imap.ImapSource:
    ledger = MemoryLedger()
    source = imap.open(mailbox, ledger, clock.now, QUICK)
    ledger.take(source)
    return source


def waited(source: imap.ImapSource, seconds: float) -> float:
    begun = time.monotonic()
    source.wait(Event(), seconds)
    return time.monotonic() - begun


def test_idle_that_always_ends_at_once_becomes_a_poll(mailbox: Callable[..., imap.Mailbox]) -> None:
    with idle_server(idling(hang_up(b"+ idling\r\n"))) as server:
        ledger = MemoryLedger()
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        begun = time.monotonic()
        for _ in range(4):
            ledger.take(source)
            source.wait(Event(), 0.5)
        assert time.monotonic() - begun > 1.4, "never a spinning core"
        assert len(ledger.mails) == 3
        source.close()


def test_idle_that_is_refused_becomes_a_poll(mailbox: Callable[..., imap.Mailbox]) -> None:
    with idle_server(idling(lambda exchange: exchange.no())) as server:
        source = connected(mailbox(server))
        assert waited(source, 0.4) < 0.3
        assert waited(source, 0.4) > 0.3
        assert server.connections == 1
        source.close()


def test_exists_ahead_of_the_continuation_wakes(mailbox: Callable[..., imap.Mailbox]) -> None:
    def act(exchange: Exchange) -> None:
        exchange.send(b"* 4 EXISTS\r\n+ idling\r\n")
        exchange.line()
        exchange.ok()

    with idle_server(idling(act)) as server:
        source = connected(mailbox(server))
        assert waited(source, 10) < 1
        source.close()


def test_exists_beside_an_expunge_wakes_though_the_number_is_the_same(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if command == b"NOOP":
            exchange.ok(b"2 EXPUNGE", b"3 EXISTS")
        return command == b"NOOP"

    with idle_server(script) as server:
        source = connected(mailbox(server))
        assert waited(source, 10) < 1
        source.close()


def test_server_without_idle_is_polled(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer() as server:
        source = connected(mailbox(server))
        assert waited(source, 0.3) >= 0.3
        assert not any(b"IDLE" in command for command in server.commands)
        source.close()


def test_exists_that_repeats_the_known_number_wakes_nobody(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if command == b"NOOP":
            exchange.ok(b"3 EXISTS")
        return command == b"NOOP"

    with idle_server(script) as server:
        source = connected(mailbox(server))
        assert waited(source, 0.5) >= 0.5
        source.close()


@pytest.mark.parametrize(
    "lines", [b"* BYE idle too long\r\n", b"x" * 100_000, b"* OK still here\r\n" * 5000], ids=["bye", "line", "flood"]
)
def test_idle_ends_when_the_server_misbehaves(lines: bytes, mailbox: Callable[..., imap.Mailbox]) -> None:
    with idle_server(idling(say(b"+ idling\r\n", lines))) as server:
        source = connected(mailbox(server))
        assert waited(source, 20) < QUICK.command + GRACE
        ledger = MemoryLedger()
        source._ledger = ledger
        assert len(ledger.take(source)) == 3
        source.close()


def test_stop_ends_idle_within_two_seconds_even_if_the_server_is_silent(
    mailbox: Callable[..., imap.Mailbox],
) -> None:
    stop = Event()
    stop.set()
    with idle_server(idling(say(b"+ idling\r\n"))) as server:
        source = connected(mailbox(server))
        begun = time.monotonic()
        source.wait(stop, 60)
        assert time.monotonic() - begun < 2
        source.close()


def settled(*numbers: int, outcome: Any = "done", uidvalidity: int = 7) -> list[Settled]:
    return [Settled(uidvalidity=uidvalidity, uid=str(number), outcome=outcome) for number in numbers]


def test_without_move_a_copy_and_a_delete_of_these_uids_alone(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer() as server:
        source = connected(mailbox(server, done="move:Processed"))
        source.settle(settled(1, 3))
        tail = [command.split(b" ", 1)[1] for command in server.commands[-3:]]
        assert tail == [
            b'UID COPY 1,3 "Processed"',
            b"UID STORE 1,3 +FLAGS.SILENT (\\Deleted)",
            b"UID EXPUNGE 1,3",
        ]
        source.close()


def test_without_uidplus_nothing_is_expunged(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(capabilities=b"") as server:
        source = connected(mailbox(server, done="move:Processed"))
        source.settle(settled(1))
        assert not any(b"EXPUNGE" in command for command in server.commands)
        source.close()


def test_keywords_the_server_would_lose_are_not_set(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(keywords=b"\\Flagged") as server:
        source = connected(mailbox(server))
        source.settle([*settled(1), *settled(2, outcome="quarantined")])
        tail = [command.split(b" ", 1)[1] for command in server.commands[-2:]]
        assert tail == [b"UID STORE 1 +FLAGS.SILENT (\\Seen)", b"UID STORE 2 +FLAGS.SILENT (\\Flagged)"]
        source.close()


def test_uids_of_another_epoch_are_not_touched(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer() as server:
        source = connected(mailbox(server))
        source.settle(settled(1, uidvalidity=6))
        assert not any(b"STORE" in command for command in server.commands)
        source.close()


def test_mark_that_is_refused_says_so_and_keeps_the_session(mailbox: Callable[..., imap.Mailbox]) -> None:
    with EvilServer(on(b"UID STORE", lambda exchange: exchange.no(b"[NOPERM] read only"))) as server:
        source = connected(mailbox(server))
        with pytest.raises(TemporaryError, match=r"NOPERM"):
            source.settle(settled(1))
        source.settle([])
        list(source.fetch())
        assert server.connections == 1
        source.close()


def test_mail_that_comes_to_light_late_under_a_passed_uid_is_found(mailbox: Callable[..., imap.Mailbox]) -> None:
    ledger = MemoryLedger()
    with EvilServer(mails={1: b"Subject: 1\r\n\r\n", 9: b"Subject: 9\r\n\r\n"}) as server:
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert uids(ledger.take(source)) == ["1", "9"]
        assert ledger.take(source) == []
        server.mails[5] = b"Subject: 5\r\n\r\n"
        assert ledger.take(source) == [], "not before the next full search"
        source._next_full_search = 0
        assert uids(ledger.take(source)) == ["5"]
        assert ledger.epoch() == (7, 9)
        source._next_full_search = 0
        assert ledger.take(source) == []
        source.close()


def test_server_that_does_not_say_the_next_uid_still_starts_from_now(mailbox: Callable[..., imap.Mailbox]) -> None:
    script = on(b"SELECT", say(b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] a\r\nTAG OK done\r\n"))
    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server, start_from="now"), ledger, clock.now, QUICK)
        assert ledger.take(source) == []
        assert ledger.epoch() == (7, 3)
        source.close()


def test_internaldate_that_cannot_be_read_is_now(mailbox: Callable[..., imap.Mailbox]) -> None:
    def script(exchange: Exchange, command: bytes) -> bool:
        if b"RFC822.SIZE" not in command:
            return False
        dates = iter([b'"99-Foo-0000 aa"', b'"31-Dec-9999 23:59:59 -1400"', b"NIL"])
        for uid, data in exchange.server.mails.items():
            exchange.send(b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE " % (uid, uid, len(data)))
            exchange.send(next(dates) + b")\r\n")
        exchange.ok()
        return True

    moment = clock.now()
    ledger = MemoryLedger()
    with EvilServer(script) as server:
        source = imap.open(mailbox(server), ledger, clock.fixed(moment), QUICK)
        assert [mail.arrived for mail in ledger.take(source)] == [moment] * 3
        source.close()


def test_count_finds_what_was_never_kept_and_the_next_fetch_takes_it(mailbox: Callable[..., imap.Mailbox]) -> None:
    ledger = MemoryLedger()
    with EvilServer() as server:
        server.mails = {uid: b"Subject: %d\r\n\r\n" % uid for uid in range(1, 7)}
        source = imap.open(mailbox(server), ledger, clock.now, QUICK)
        assert source.count() == Count(server=0, ledger=0), "before the first contact there is nothing to count"
        assert len(ledger.take(source)) == 6
        assert source.count() == Count(server=6, ledger=6)
        ledger.mails = [mail for mail in ledger.mails if mail.uid != "4"]  # lost by force
        server.mails[7] = b"Subject: 7\r\n\r\n"  # has just come
        del server.mails[2]  # moved away: that it was kept is enough
        assert source.count() == Count(server=5, ledger=4, missing=("4",))
        assert uids(ledger.take(source)) == ["4", "7"]
        assert source.count() == Count(server=6, ledger=6)
        source.close()


def test_count_leaves_alone_what_lay_there_before_or_is_not_wanted(mailbox: Callable[..., imap.Mailbox]) -> None:
    """1 to 3 arrived on 2026-07-01, the desk begins later."""
    ledger = MemoryLedger()
    with EvilServer() as server:
        source = imap.open(mailbox(server, start_from="now"), ledger, clock.now, QUICK)
        assert ledger.take(source) == []
        assert source.count() == Count(server=0, ledger=0)
        server.mails[4] = b"Subject: 4\r\n\r\n"
        assert uids(ledger.take(source)) == ["4"]
        assert source.count() == Count(server=1, ledger=1)
        assert ledger.take(source) == []
        late = imap.open(mailbox(server, start_from=datetime(2026, 8, 1, tzinfo=UTC)), ledger, clock.now, QUICK)
        ledger.mails = [replace(ledger.mails[0], uid="1")]
        assert late.count() == Count(server=1, ledger=1), "what is older than the start is not owed"
        source.close()
        late.close()
