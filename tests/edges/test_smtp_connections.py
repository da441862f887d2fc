"""Connections to the relay: kept, renewed, encrypted, logged in; never more of any of it than was asked for."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from fixtures.relay import Sink, TlsKind, running
from maildesk import smtp
from maildesk.credentials import Login, OAuth, Secret
from maildesk.errors import ConfigError, TemporaryError
from maildesk.mail.model import Delivery, Parcel, Refused, Sent

BODY = b"From: it@corp.example\r\nSubject: printer\r\n\r\nIt prints again.\r\n"
USER = "it@corp.example"


def parcels(count: int) -> list[Parcel]:
    return [Parcel(id=n, sender=USER, recipient=f"user{n}@corp.example", data=BODY) for n in range(count)]


def deliver(relay: Sink, count: int = 1, **settings: Any) -> list[Delivery]:
    with smtp.courier(relay.settings(**settings)) as courier:
        return courier.deliver(parcels(count))


def refusal(outcomes: list[Delivery]) -> Refused:
    """The one reason for which nothing at all was tried."""
    assert all(isinstance(outcome, Refused) for outcome in outcomes)
    first = outcomes[0]
    assert isinstance(first, Refused)
    assert (first.permanent, first.scope) == (False, "relay")
    return first


def all_sent(outcomes: list[Delivery]) -> bool:
    return all(isinstance(outcome, Sent) for outcome in outcomes)


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Login:
    monkeypatch.setenv("RELAY_SECRET", "pässword")
    return Login(user=USER, secret=Secret(env="RELAY_SECRET"))


# --- kept connections


def test_connection_is_kept_between_calls(relay: Sink) -> None:
    with smtp.courier(relay.settings(connections=1)) as courier:
        for _ in range(3):
            assert all_sent(courier.deliver(parcels(2)))
    assert relay.connections == 1
    assert relay.commands[-1] == "QUIT"


def test_connection_is_renewed_after_a_hundred_mails(relay: Sink) -> None:
    assert all_sent(deliver(relay, 150, connections=1))
    assert [sum(mail.connection == n for mail in relay.mails) for n in (1, 2)] == [100, 50]


def test_unused_connection_is_closed_politely(relay: Sink) -> None:
    with smtp.courier(relay.settings(idle=0.05)) as courier:
        courier.deliver(parcels(1))
        relay.wait_command("QUIT")
        assert all_sent(courier.deliver(parcels(1)))
    assert relay.connections == 2


def test_relay_that_hung_up_meanwhile_costs_nothing(relay: Sink) -> None:
    with smtp.courier(relay.settings(connections=2)) as courier:
        courier.deliver(parcels(10))
        relay.hang_up()
        assert all_sent(courier.deliver(parcels(10)))
    assert len(relay.mails) == 20


@pytest.mark.parametrize("how", ["eof", "421 idle too long", "silence"])
def test_kept_connection_that_fails_at_mail_is_replaced_once(relay: Sink, how: str) -> None:
    with smtp.courier(relay.settings(connections=1, timeout=0.4)) as courier:
        courier.deliver(parcels(1))
        relay.script("MAIL", how)
        assert all_sent(courier.deliver(parcels(1)))
    assert relay.connections == 2
    assert len(relay.mails) == 2


@pytest.mark.parametrize("how", ["eof", "421 idle too long", "silence"])
def test_kept_connection_that_fails_at_rset_is_replaced_once(relay: Sink, how: str) -> None:
    relay.script("RCPT", "550 no")
    relay.script("RSET", how)
    refused, sent = deliver(relay, 2, connections=1, timeout=0.4)
    assert isinstance(refused, Refused)
    assert refused.permanent
    assert isinstance(sent, Sent)
    assert relay.connections == 2


def test_421_on_the_new_connection_too_is_the_answer(relay: Sink) -> None:
    with smtp.courier(relay.settings(connections=1)) as courier:
        courier.deliver(parcels(1))
        relay.script("MAIL", "421 busy", times=2)
        outcome, after = courier.deliver(parcels(2))
    assert outcome == Refused(id=0, code=421, text="busy", permanent=False)
    assert isinstance(after, Sent)


def test_mail_is_put_back_when_the_relay_is_gone_at_the_second_try(relay: Sink) -> None:
    with smtp.courier(relay.settings(connections=1)) as courier:
        courier.deliver(parcels(1))
        relay.down()
        assert refusal(courier.deliver(parcels(3))).code == 0
        relay.up()
        assert all_sent(courier.deliver(parcels(3)))
    assert len(relay.mails) == 4


# --- several connections


def test_mails_are_spread_and_each_goes_once(relay: Sink) -> None:
    assert all_sent(deliver(relay, 200, connections=4))
    assert sorted(mail.recipients[0] for mail in relay.mails) == sorted(p.recipient for p in parcels(200))
    assert 2 <= relay.connections <= 4


def test_relay_that_allows_one_connection_gets_all_on_it(relay: Sink) -> None:
    relay.script("CONNECT", "421 too many connections", skip=1, times=99)
    assert all_sent(deliver(relay, 30, connections=4))
    assert {mail.connection for mail in relay.mails} == {1}


def test_relay_that_allows_one_connection_gets_more_than_it_may_carry(relay: Sink) -> None:
    relay.script("CONNECT", "421 too many connections", skip=1)
    assert all_sent(deliver(relay, 150, connections=2))
    assert {mail.connection for mail in relay.mails} == {1, 3}


def test_second_connection_that_hangs_holds_nothing_up(relay: Sink) -> None:
    relay.script("CONNECT", "silence", skip=1)
    begun = monotonic()
    assert all_sent(deliver(relay, 10, connections=4))
    assert monotonic() - begun < 5


def test_relay_that_is_gone_is_tried_once_not_once_a_mail(relay: Sink) -> None:
    relay.script("CONNECT", "554 no service here", times=99)
    outcomes = deliver(relay, 50, connections=4)
    assert refusal(outcomes).code == 554
    assert "no service here" in refusal(outcomes).text
    assert [outcome.id for outcome in outcomes] == list(range(50))
    assert relay.connections == 1


def test_nobody_listening_is_said_with_the_place(relay: Sink) -> None:
    relay.down()
    text = refusal(deliver(relay, 3)).text
    assert f"127.0.0.1:{relay.port}" in text
    relay.up()


@pytest.mark.parametrize("greeting", ["eof", "silence", "hello", "220-" + "x" * 40_000])
def test_bad_greeting_is_a_relay_that_cannot_be_used(relay: Sink, greeting: str) -> None:
    relay.script("CONNECT", greeting, times=9)
    assert refusal(deliver(relay, 2, timeout=0.4)).code == 0


def test_refused_ehlo_is_a_relay_that_cannot_be_used(relay: Sink) -> None:
    relay.script("EHLO", "554 go away", times=9)
    assert refusal(deliver(relay, 2)).code == 554


@contextmanager
def trickling() -> Iterator[int]:
    """A server that sends its greeting one octet at a time and never ends it."""
    over = Event()

    def speak() -> None:
        connection, _ = listener.accept()
        with connection:
            while not over.wait(0.05):
                connection.sendall(b"2")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=speak)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_trickle_ends_at_the_deadline() -> None:
    begun = monotonic()
    with trickling() as port:
        relay = smtp.Relay(host="127.0.0.1", port=port, tls="none", timeout=0.5)
        with smtp.courier(relay) as courier:
            assert "did not answer within 0.5 s" in refusal(courier.deliver(parcels(2))).text
        assert monotonic() - begun < 3


# --- TLS


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_goes_encrypted(tls: TlsKind) -> None:
    with running(tls=tls) as relay:
        assert all_sent(deliver(relay, 3, connections=2))
        assert ("STARTTLS" in relay.commands) == (tls == "starttls")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_unknown_authority_is_refused_in_plain_words(tls: TlsKind) -> None:
    with running(tls=tls) as relay:
        text = refusal(deliver(relay, 2, ca_file=None)).text
        assert f"the certificate of 127.0.0.1:{relay.port} is not trusted" in text
        assert relay.mails == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_certificate_for_another_name_is_refused(tls: TlsKind) -> None:
    with running(tls=tls, host="127.0.0.2") as relay:
        assert "127.0.0.2" in refusal(deliver(relay)).text
        assert relay.mails == []


def test_stripped_starttls_never_falls_back(relay: Sink) -> None:
    text = refusal(deliver(relay, tls="starttls")).text
    assert 'offers no STARTTLS, which tls = "starttls" demands' in text
    assert [command.split(" ")[0] for command in relay.commands] == ["EHLO"]


@pytest.mark.parametrize("how", ["454 not now", "eof", "silence"])
def test_starttls_that_fails_never_falls_back(how: str) -> None:
    with running(tls="starttls") as relay:
        relay.script("STARTTLS", how)
        assert refusal(deliver(relay, timeout=0.5)).code == (454 if how[0] == "4" else 0)
        assert [command.split(" ")[0] for command in relay.commands] == ["EHLO", "STARTTLS"]


def test_tls_spoken_to_a_plain_port_is_said(relay: Sink) -> None:
    assert "TLS with" in refusal(deliver(relay, tls="implicit", ca_file=None)).text


def test_unreadable_ca_file_is_said(relay: Sink, tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    assert f"cannot read the certificates in {missing}" in refusal(deliver(relay, tls="starttls", ca_file=missing)).text
    missing.write_text("no certificate")
    assert str(missing) in refusal(deliver(relay, tls="starttls", ca_file=missing)).text


def test_port_follows_from_the_kind_of_tls() -> None:
    kinds: list[TlsKind] = ["implicit", "starttls", "none"]
    assert [smtp.Relay(host="relay", tls=tls).place for tls in kinds] == ["relay:465", "relay:587", "relay:25"]


# --- login


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_password_is_given_by_what_the_relay_offers(mechanism: str, login: Login) -> None:
    with running(tls="starttls", logins={USER: "pässword"}, mechanisms=(mechanism,)) as relay:
        assert all_sent(deliver(relay, login=login))
        assert any(command.startswith(f"AUTH {mechanism}") for command in relay.commands)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_token_is_given_as_the_mechanism_says(mechanism: str) -> None:
    login = Login(user=USER, oauth=OAuth(token_command=("printf", "token-1"), mechanism=mechanism))
    with running(tls="implicit", logins={USER: "token-1"}) as relay:
        assert all_sent(deliver(relay, login=login))
        assert any(command.startswith(f"AUTH {mechanism}") for command in relay.commands)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_refused_token_is_a_refused_login(mechanism: str) -> None:
    login = Login(user=USER, oauth=OAuth(token_command=("printf", "token-1"), mechanism=mechanism))
    with running(logins={USER: "token-2"}) as relay:
        refused = refusal(deliver(relay, login=login))
    assert refused.code == 535
    assert f"login refused for {USER}: 535" in refused.text
    assert "token-1" not in refused.text


def test_wrong_password_is_tried_once_for_all_mails(login: Login) -> None:
    with running(logins={USER: "another"}) as relay:
        refused = refusal(deliver(relay, 40, connections=4, login=login))
        assert sum(command.startswith("AUTH") for command in relay.commands) == 1
    assert refused.code == 535
    assert f"login refused for {USER}" in refused.text
    assert "pässword" not in refused.text


def test_login_that_cannot_be_checked_now_keeps_its_code(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "454 4.7.0 Temporary authentication failure", times=9)
        assert refusal(deliver(relay, 2, login=login)).code == 454


def test_mechanism_that_is_offered_but_not_known_is_passed_over(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "504 5.5.4 Unrecognized authentication type")
        assert all_sent(deliver(relay, login=login))


def test_mechanism_refused_as_unknown_at_last_is_a_refused_login(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "504 5.5.4 Unrecognized authentication type", times=9)
        assert refusal(deliver(relay, login=login)).code == 504


@pytest.mark.parametrize("offered", [("XOAUTH2",), ()])
def test_relay_without_a_fitting_mechanism_says_what_it_offers(offered: tuple[str, ...], login: Login) -> None:
    with running(logins={USER: "x"} if offered else {}, mechanisms=offered) as relay:
        text = refusal(deliver(relay, login=login)).text
        assert f"takes no login by a password: it offers {' '.join(offered) or 'none'}" in text
        token = Login(user=USER, oauth=OAuth(token_command=("printf", "x"), mechanism="OAUTHBEARER"))
        assert "takes no login by OAUTHBEARER" in refusal(deliver(relay, login=token)).text


def test_missing_secret_is_a_refusal_not_a_crash(relay: Sink, tmp_path: Path) -> None:
    gone = Login(user=USER, secret=Secret(file=tmp_path / "gone"))
    with running(logins={USER: "x"}) as relay:
        assert f"no secret for {USER}" in refusal(deliver(relay, 2, login=gone)).text


def test_lost_login_hides_no_mail(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "eof")
        assert "closed the connection" in refusal(deliver(relay, 2, login=login)).text


# --- probe


def test_probe_says_what_works(login: Login) -> None:
    with running(tls="starttls", logins={USER: "pässword"}) as relay:
        found = smtp.probe(relay.settings(login=login))
        assert relay.mails == []
        assert relay.commands[-1] == "QUIT"
    assert found[0] == f"connected to 127.0.0.1:{relay.port}"
    assert found[1].startswith("TLSv1.3, certificate valid until ")
    assert found[2:4] == [f"logged in as {USER}", "takes mails of up to 50 MB"]
    assert "takes the empty envelope sender" in found[4]


def test_probe_of_a_plain_relay_says_so_and_warns_of_the_null_sender(relay: Sink) -> None:
    relay.script("MAIL", "501 mail from must equal authorized user")
    found = smtp.probe(relay.settings())
    assert found[1:3] == ["not encrypted", "no login is configured"]
    assert "refuses the empty envelope sender (mail from must equal authorized user)" in found[-1]


def test_probe_names_the_setting_that_must_change(relay: Sink, login: Login, tmp_path: Path) -> None:
    with running(tls="implicit", logins={USER: "another"}) as strict:
        cases = {
            "relay.tls": relay.settings(tls="starttls"),
            "relay.ca_file": strict.settings(ca_file=None),
            "relay.user": strict.settings(login=login),
        }
        for key, settings in cases.items():
            with pytest.raises(ConfigError) as caught:
                smtp.probe(settings)
            assert [problem.key for problem in caught.value.problems] == [key]


def test_probe_of_a_relay_that_is_not_there_is_temporary(relay: Sink) -> None:
    relay.down()
    with pytest.raises(TemporaryError, match=r"cannot connect to 127\.0\.0\.1"):
        smtp.probe(relay.settings())
    relay.up()
