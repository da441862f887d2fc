"""Connections to the relay: kept, renewed, several at once; never more than was asked for."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic

import pytest

from fixtures.parcels import all_sent, deliver, parcels, refusal
from fixtures.relay import Sink
from maildesk import smtp
from maildesk.mail.model import Delivery, Refused, Sent

# --- kept connections


def test_connection_is_kept_between_calls(relay: Sink) -> None:
    with smtp.courier(relay.settings(connections=1)) as courier:
        for _ in range(3):
            assert all_sent(courier.deliver(parcels(2)))
    assert relay.connections == 1
    assert relay.commands[-1] == "QUIT"


def test_outcomes_of_few_mails_are_heard_one_by_one_and_of_many_in_portions(relay: Sink) -> None:
    told: list[list[int]] = []
    with smtp.courier(relay.settings(connections=1)) as courier:
        courier.deliver(parcels(3), lambda outcomes: told.append([outcome.id for outcome in outcomes]))
        assert told == [[1], [2], [3]]
        told.clear()
        courier.deliver(parcels(80), lambda outcomes: told.append([outcome.id for outcome in outcomes]))
    assert [one for group in told for one in group] == list(range(1, 81))
    assert len(told) < 80


def test_an_outcome_is_heard_soon_although_the_next_mail_hangs(relay: Sink) -> None:
    heard: list[int] = []
    with smtp.courier(relay.settings(connections=1, timeout=1.5)) as courier:
        relay.script("MAIL", "silence", skip=1)
        begun = monotonic()
        soon: list[float] = []

        def hear(outcomes: Sequence[Delivery]) -> None:
            heard.extend(outcome.id for outcome in outcomes)
            soon.append(monotonic() - begun)

        courier.deliver(parcels(40), hear)
    assert heard[0] == 1
    assert soon[0] < 1.0


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


@pytest.mark.parametrize("how", ["eof", "421 idle too long", "530 login expired", "silence"])
def test_kept_connection_that_fails_at_mail_is_replaced_once(relay: Sink, how: str) -> None:
    with smtp.courier(relay.settings(connections=1, timeout=1.0)) as courier:
        courier.deliver(parcels(1))
        relay.script("MAIL", how)
        assert all_sent(courier.deliver(parcels(1)))
    assert relay.connections == 2
    assert len(relay.mails) == 2


@pytest.mark.parametrize("how", ["eof", "421 idle too long", "silence"])
def test_kept_connection_that_fails_at_rset_is_replaced_once(relay: Sink, how: str) -> None:
    relay.script("RCPT", "550 no")
    relay.script("RSET", how)
    refused, sent = deliver(relay, 2, connections=1, timeout=1.0)
    assert isinstance(refused, Refused)
    assert refused.permanent
    assert isinstance(sent, Sent)
    assert relay.connections == 2


def test_421_on_the_new_connection_too_is_the_answer(relay: Sink) -> None:
    with smtp.courier(relay.settings(connections=1)) as courier:
        courier.deliver(parcels(1))
        relay.script("MAIL", "421 busy", times=2)
        outcome, after = courier.deliver(parcels(2))
    assert outcome == Refused(id=1, code=421, text="busy", permanent=False)
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
    assert [outcome.id for outcome in outcomes] == list(range(1, 51))
    assert relay.connections == 1


def test_nobody_listening_is_said_with_the_place(relay: Sink) -> None:
    relay.down()
    text = refusal(deliver(relay, 3)).text
    assert f"127.0.0.1:{relay.port}" in text
    relay.up()


@pytest.mark.parametrize("greeting", ["eof", "silence", "hello", "220-" + "x" * 40_000])
def test_bad_greeting_is_a_relay_that_cannot_be_used(relay: Sink, greeting: str) -> None:
    relay.script("CONNECT", greeting, times=9)
    assert refusal(deliver(relay, 2, timeout=1.0)).code == 0


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
