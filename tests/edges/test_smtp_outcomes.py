"""Every end an SMTP exchange can have, and what becomes of the mail: PROTOCOLS 2."""

from collections import Counter
from random import Random
from threading import Thread
from time import monotonic
from typing import cast

import pytest

from fixtures.parcels import BODY, deliver, parcels
from fixtures.relay import Sink
from maildesk import smtp
from maildesk.mail.model import Delivery, Parcel, Refused, Sent, Unknown


def test_every_mail_is_sent_in_order_with_its_own_envelope(relay: Sink) -> None:
    outcomes = deliver(relay, parcels(3))
    assert outcomes == [Sent(id=n, response="250 2.0.0 kept") for n in (1, 2, 3)]
    assert [(mail.sender, mail.recipients) for mail in relay.mails] == [
        ("it@corp.example", (f"user{n}@corp.example",)) for n in (1, 2, 3)
    ]
    assert relay.connections == 1


def test_octets_arrive_as_they_were_frozen(relay: Sink) -> None:
    data = b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\n\xe6\x96\xad\xe7\xbd\x91\r\n"
    deliver(relay, parcels(data=data))
    assert relay.mails[0].data == data
    assert "BODY=8BITMIME" in relay.commands[1]


def test_lone_line_ends_cannot_smuggle_a_second_mail(relay: Sink) -> None:
    evil = b"Subject: x\r\n\r\nfirst\n.\r\nMAIL FROM:<evil@evil.example>\r\nlast\r.\rno end"
    assert isinstance(deliver(relay, parcels(data=evil))[0], Sent)
    assert len(relay.mails) == 1
    assert (
        relay.mails[0].data
        == b"Subject: x\r\n\r\nfirst\r\n.\r\nMAIL FROM:<evil@evil.example>\r\nlast\r\n.\r\nno end\r\n"
    )


def test_empty_sender_is_the_null_path(relay: Sink) -> None:
    deliver(relay, parcels(sender=""))
    assert relay.mails[0].sender == ""
    assert relay.commands[1].startswith("MAIL FROM:<>")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize(("code", "permanent"), [(451, False), (452, False), (550, True), (554, True)])
def test_refusal_at_a_verb_is_that_mails_and_the_others_go_on(
    relay: Sink, verb: str, code: int, permanent: bool
) -> None:
    relay.script(verb, f"{code} 5.1.1 not so", skip=1)
    outcomes = deliver(relay, parcels(3))
    assert outcomes[1] == Refused(id=2, code=code, text="5.1.1 not so", permanent=permanent, scope="mail")
    assert isinstance(outcomes[0], Sent)
    assert isinstance(outcomes[2], Sent)
    assert len(relay.mails) == 2
    assert relay.connections == (2 if verb == "." else 1)


def test_command_out_of_sequence_is_no_fault_of_the_mail(relay: Sink) -> None:
    relay.script("MAIL", "503 nested MAIL")
    outcomes = deliver(relay, parcels(2))
    assert outcomes[0] == Refused(id=1, code=503, text="nested MAIL", permanent=False)
    assert isinstance(outcomes[1], Sent)
    assert relay.connections == 2


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("how", ["eof", "silence"])
def test_connection_lost_before_the_dot_refuses_for_now(relay: Sink, verb: str, how: str) -> None:
    relay.script(verb, how)
    outcome, after = deliver(relay, parcels(2), timeout=1.0)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent, outcome.scope) == (0, False, "mail")
    assert ("closed the connection" if how == "eof" else "did not answer in time") in outcome.text
    assert isinstance(after, Sent)
    assert relay.connections == 2


@pytest.mark.parametrize("how", ["eof", "silence", "hello there", "354 go on", "777 luck", "250-" + "x" * 40_000])
def test_no_clear_reply_after_the_dot_is_unknown(relay: Sink, how: str) -> None:
    relay.script(after_dot=how, keep=True)
    outcome, after = deliver(relay, parcels(2), data_timeout=1.0)
    assert isinstance(outcome, Unknown)
    assert outcome.text.startswith("after the final dot: ")
    assert len(outcome.text) < 700
    assert isinstance(after, Sent)
    assert len(relay.mails) == 2


@pytest.mark.parametrize("reply", ["250 ok", "251 forwarded", "200 fine"])
def test_any_2xx_after_the_dot_is_sent(relay: Sink, reply: str) -> None:
    relay.script(after_dot=reply, keep=True)
    assert deliver(relay, parcels()) == [Sent(id=1, response=reply)]


def test_421_after_the_dot_is_a_clear_no(relay: Sink) -> None:
    relay.script(after_dot="421 shutting down")
    outcomes = deliver(relay, parcels(2))
    assert outcomes[0] == Refused(id=1, code=421, text="shutting down", permanent=False)
    assert isinstance(outcomes[1], Sent)
    assert relay.connections == 2


@pytest.mark.parametrize("how", ["eof", "silence"])
def test_small_mail_whose_dot_had_left_is_unknown(relay: Sink, how: str) -> None:
    relay.script("BODY", how)
    assert isinstance(deliver(relay, parcels(), data_timeout=1.0)[0], Unknown)


@pytest.mark.parametrize("how", ["eof", "silence"])
def test_large_mail_cut_before_the_dot_left_is_refused_for_now(relay: Sink, how: str) -> None:
    relay.script("BODY", how)
    large = b"Subject: large\r\n\r\n" + (b"x" * 900 + b"\r\n") * 25_000
    (outcome,) = deliver(relay, parcels(data=large), data_timeout=1.0)
    assert isinstance(outcome, Refused)
    assert not outcome.permanent
    assert relay.mails == []


def test_large_mail_arrives_whole(relay: Sink) -> None:
    large = b"Subject: large\r\n\r\n" + b"".join(b".%d" % n + b"y" * 70 + b"\r\n" for n in range(40_000))
    assert isinstance(deliver(relay, parcels(data=large))[0], Sent)
    assert relay.mails[0].data == large


def test_reply_that_asks_for_a_login_is_about_the_relay(relay: Sink) -> None:
    relay.script("MAIL", "530 5.7.0 Authentication required", times=9)
    outcomes = deliver(relay, parcels(3))
    assert [outcome.scope for outcome in outcomes if isinstance(outcome, Refused)] == ["relay"] * 3
    assert all("login refused" in outcome.text for outcome in outcomes if isinstance(outcome, Refused))
    assert sum(command.startswith("MAIL") for command in relay.commands) == 1


def test_reply_outside_the_protocol_refuses_for_now(relay: Sink) -> None:
    relay.script("RCPT", "299 perhaps")
    (outcome,) = deliver(relay, parcels())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.permanent) == (0, False)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (b"550 \xd3\xca\xcf\xe4\xb2\xbb\xb4\xe6\xd4\xda".decode("utf-8", "surrogateescape"), "邮箱不存在"),
        ("550 邮箱不存在", "邮箱不存在"),
        ("550-first\r\n550 second", "first second"),
        ("550 \x1b[2Jgone\u202e", "\ufffd[2Jgone\ufffd"),
    ],
)
def test_reply_is_shown_as_one_harmless_line(relay: Sink, reply: str, text: str) -> None:
    relay.script("RCPT", reply)
    (outcome,) = deliver(relay, parcels())
    assert isinstance(outcome, Refused)
    assert outcome.text == text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "boss@corp.example <evil@evil.example>",
        "a@b\r\nRCPT TO:<c@d>",
        "a b@corp.example",
        "nobody",
        "a@b>c",
        "@x",
        "\udcff@x",
    ],
)
def test_what_is_no_bare_address_never_reaches_the_wire(relay: Sink, address: str) -> None:
    good = Parcel(id=2, sender="it@corp.example", recipient='"o b"@corp.example', data=BODY)
    bad = Parcel(id=1, sender="it@corp.example", recipient=address, data=BODY)
    refused, sent = deliver(relay, [bad, good])
    assert isinstance(refused, Refused)
    assert (refused.code, refused.permanent, refused.scope) == (0, True, "mail")
    assert isinstance(sent, Sent)
    assert [command.split(" ")[0] for command in relay.commands[:5]] == ["EHLO", "MAIL", "RCPT", "DATA", "."]


def test_chinese_domain_becomes_its_a_labels(relay: Sink) -> None:
    deliver(relay, [Parcel(id=1, sender="", recipient="li@例子.cn", data=BODY)])
    assert relay.mails[0].recipients == ("li@xn--fsqu00a.cn",)


def test_impossible_domain_is_refused(relay: Sink) -> None:
    (outcome,) = deliver(relay, [Parcel(id=1, sender="", recipient="li@例..cn", data=BODY)])
    assert isinstance(outcome, Refused)
    assert outcome.permanent


def test_chinese_local_part_needs_smtputf8(relay: Sink) -> None:
    mail = Parcel(id=1, sender="", recipient="李雷@corp.example", data=BODY)
    assert isinstance(deliver(relay, [mail])[0], Sent)
    assert relay.mails[0].recipients == ("李雷@corp.example",)
    relay.utf8 = False
    (outcome,) = deliver(relay, [mail])
    assert outcome == Refused(id=1, code=0, text="the relay takes no mail address outside ASCII", permanent=True)


def test_relay_of_old_that_knows_only_helo_is_served(relay: Sink) -> None:
    relay.script("EHLO", "502 what?")
    assert isinstance(deliver(relay, parcels())[0], Sent)
    assert [command.split(" ")[0] for command in relay.commands[:3]] == ["EHLO", "HELO", "MAIL"]


def test_stop_gives_mails_under_way_a_moment_and_tells_what_is_unknown(relay: Sink) -> None:
    relay.script(after_dot="silence", keep=True)
    relay.script("RCPT", "silence", skip=1)
    outcomes: list[Delivery] = []
    with smtp.courier(relay.settings(connections=2)) as courier:
        thread = Thread(target=lambda: outcomes.extend(courier.deliver(parcels(20))))
        thread.start()
        relay.wait_command(".")
        while sum(command.startswith("RCPT") for command in relay.commands) < 2:
            relay.wait_command("RCPT")
        begun = monotonic()
        courier.stop()
        thread.join(10)
        assert monotonic() - begun < 6
        assert courier.deliver(parcels(1)) == [
            Refused(id=1, code=0, text="not tried, as the desk stops", permanent=False, scope="relay")
        ]
    kinds = [type(outcome) for outcome in outcomes]
    assert len(outcomes) == 20
    assert kinds.count(Unknown) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [outcome.scope for outcome in refused].count("mail") == 1
    assert all(not outcome.permanent for outcome in refused)
    assert len(relay.mails) == 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_relay_does_the_outcome_tells_what_was_taken(relay: Sink, seed: int) -> None:
    """Sent was taken once, Refused never, Unknown once or never: on four connections, with faults everywhere."""
    chance = Random(seed)
    replies = ["eof", "421 busy", "450 later", "550 no", "nonsense", "250 early"]
    for _ in range(60):
        verb = chance.choice(["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY", "RSET"])
        relay.script(verb, chance.choice(replies[:-1] if verb == "BODY" else replies), skip=chance.randrange(20))
        after = chance.choice(["eof", "421 busy", "450 later", "550 no", "nonsense"])
        relay.script(
            after_dot=after, skip=chance.randrange(20), keep=after in ("eof", "nonsense") and chance.random() < 0.5
        )
    waiting = {parcel.id: parcel for parcel in parcels(150)}
    with smtp.courier(relay.settings(connections=4, timeout=5.0, data_timeout=5.0)) as courier:
        for _ in range(60):
            before = len(relay.mails)
            outcomes = courier.deliver(list(waiting.values()))
            assert [outcome.id for outcome in outcomes] == list(waiting)
            taken = Counter(mail.recipients[0] for mail in relay.mails[before:])
            for outcome in outcomes:
                times = taken[waiting[outcome.id].recipient]
                assert times in {Sent: (1,), Refused: (0,), Unknown: (0, 1)}[type(outcome)], outcome
                if not isinstance(outcome, Refused) or outcome.scope == "mail":
                    del waiting[outcome.id]
            if not waiting:
                return
    raise AssertionError(f"{len(waiting)} mails never got their turn")


def test_end_of_the_courier_ends_a_delivery_in_another_thread(relay: Sink) -> None:
    relay.script(after_dot="silence", keep=True)
    outcomes: list[Delivery] = []
    with smtp.courier(relay.settings(connections=1)) as courier:
        thread = Thread(target=lambda: outcomes.extend(courier.deliver(parcels(2))))
        thread.start()
        relay.wait_command(".")
    thread.join(5)
    assert [type(outcome) for outcome in outcomes] == [Unknown, Refused]


def test_nothing_to_deliver_connects_nowhere(relay: Sink) -> None:
    assert deliver(relay, []) == []
    assert relay.connections == 0


def test_fault_of_our_own_is_an_outcome_too(relay: Sink) -> None:
    odd = Parcel(id=1, sender="", recipient="user@corp.example", data=cast("bytes", "text"))
    outcome, after = deliver(relay, [odd, *parcels(1)])
    assert isinstance(outcome, Refused)
    assert (outcome.permanent, outcome.text.partition(":")[0]) == (False, "TypeError")
    assert isinstance(after, Sent)
