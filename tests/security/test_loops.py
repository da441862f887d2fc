"""Machines that answer machines: each exchange falls silent, and own mail is never answered."""

import random
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from fixtures.office import LI, ask, kinds, orders, playing, whole
from fixtures.stage import Out, Stage, letter, to

ROBOT = "robot@corp.example"  # inside, so that it gets the full acknowledgement
HELP = "help@other.example"


def exchange(stage: Stage, answer: Callable[[Out], bytes], *, rounds: int, minutes: int) -> int:
    """The robot writes once and then answers whatever reaches it; how many mails reached it."""
    pending = [out for out in ask(stage, ROBOT, "Hello") if out.to == ROBOT]
    got = len(pending)
    for _ in range(rounds):
        for out in pending:
            stage.post(answer(out))
        pending = [out for out in stage.step(minutes=minutes) if out.to == ROBOT]
        got += len(pending)
    return got


def test_two_desks_that_answer_each_other_fall_silent_after_one_mail(tmp_path: Path) -> None:
    desk = f'address = "{HELP}"'
    with playing(tmp_path / "a") as ours, playing(tmp_path / "b", address=HELP) as theirs:
        assert desk in (tmp_path / "b" / "maildesk.toml").read_text()
        ours.write(HELP, "Hello", "Somebody wrote this in the name of the other desk.")
        crossed = []
        for _ in range(6):
            for out in [out for out in ours.step(minutes=1) if out.to == HELP]:
                crossed.append(out)
                theirs.post(out.received.data)
            for out in [out for out in theirs.step(minutes=1) if out.to == "it@corp.example"]:
                crossed.append(out)
                ours.post(out.received.data)
        assert [out.to for out in crossed] == [HELP]
        assert theirs.ticket().held


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
    ],
)
def test_a_vacation_responder_gets_one_mail(stage: Stage, headers: dict[str, str]) -> None:
    numbers = count(1)

    def away(out: Out) -> bytes:
        subject = f"Away: {out.mail.subject}"
        return letter(ROBOT, subject, "I am away.", answers=out, number=next(numbers), **headers)[0]

    assert exchange(stage, away, rounds=5, minutes=5) == 1
    assert len(stage.tickets()) == 1


def test_a_robot_that_keeps_the_thread_gets_one_mail(stage: Stage) -> None:
    numbers = count(1)

    def received(out: Out) -> bytes:
        return letter(ROBOT, out.mail.subject, "We got your mail.", number=next(numbers))[0]

    assert exchange(stage, received, rounds=5, minutes=5) == 1


@pytest.mark.parametrize("minutes", [1, 20, 90])
def test_a_robot_that_strips_everything_gets_six_mails_a_day_at_most(stage: Stage, minutes: int) -> None:
    numbers = count(1)

    def stripped(out: Out) -> bytes:
        return letter(ROBOT, f"Case {next(numbers)}", "We got your mail.", message_id="", number=next(numbers))[0]

    assert 1 <= exchange(stage, stripped, rounds=16, minutes=minutes) <= 6


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_thousand_rounds_with_a_robot_that_strips_everything_are_six_mails_a_day(stage: Stage) -> None:
    numbers = count(1)

    def stripped(out: Out) -> bytes:
        return letter(ROBOT, f"Case {next(numbers)}", "We got your mail.", message_id="", number=next(numbers))[0]

    got = exchange(stage, stripped, rounds=1, minutes=1)
    for n in range(999):
        stage.post(letter(ROBOT, f"Case {n}", "We got your mail.", message_id="", number=n)[0])
        got += len([out for out in stage.step(minutes=1) if out.to == ROBOT])
    assert got == 6


@pytest.mark.parametrize(
    ("strangers", "victims"),
    [(120, 30), pytest.param(4_000, 1_000, marks=[pytest.mark.long, pytest.mark.timeout(900)])],
)
def test_forged_senders_make_no_weapon_of_the_desk(tmp_path: Path, strangers: int, victims: int) -> None:
    with playing(tmp_path, more="[budget]\ntotal_hour = 0\nrule_hour = 0") as stage:
        senders = ["victim@far.example"] * victims + [f"x{n}@far{n % 97}.example" for n in range(strangers)]
        for n, sender in enumerate(random.Random(7).sample(senders, len(senders))):
            name = f"buy-gold-{n}"
            stage.write(f"{name} <{sender}>", f"buy-gold {n}", "buy-gold at http://evil.example", Cc="cc@far.example")
        outs = [out for out in stage.step() if not out.to.endswith("@corp.example")]
        assert len([out for out in outs if out.to == "victim@far.example"]) <= 1
        assert len(outs) == 60
        assert {out.to for out in outs} <= set(senders)
        assert "buy-gold" not in whole(outs)
        assert "evil.example" not in whole(outs)
        assert stage.tickets()[-1].number > 1000 + strangers


def test_a_bounce_of_a_bounce_and_a_report_about_nothing_are_answered_by_nobody(stage: Stage) -> None:
    order = to(ask(stage), "sarah@corp.example")
    for sender, original in (
        ("MAILER-DAEMON@corp.example", order.mail.message_id),
        ("postmaster@far.example", "nothing@far.example"),
        ("it@corp.example", order.mail.message_id),
    ):
        stage.post(_report(sender, original))
        stage.post(_report(sender, original, inner="Auto-Submitted: auto-replied\r\nReturn-Path: <>"))
    outs = stage.step(minutes=1)
    assert not [out for out in outs if not out.to.startswith(("li@", "han@"))]
    assert stage.step(hours=30) == [] or all(out.event.startswith("sla") for out in stage.step())


def _report(sender: str, original: str, inner: str = "X-Nothing: 1") -> bytes:
    lines = (
        f"From: {sender}", "To: it@corp.example", "Subject: Undelivered Mail Returned to Sender", "MIME-Version: 1.0",
        f"Message-ID: <{abs(hash((sender, original, inner)))}@mx.example>", "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "", "--b", "",
        "It did not arrive.", "--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example", "",
        "Final-Recipient: rfc822; gone@far.example", "Action: failed", "Status: 5.1.1", "", "--b",
        "Content-Type: message/rfc822", "", f"Message-ID: <{original}>", inner, "Subject: x", "", "x", "--b--", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("sender", ["it@corp.example", "IT Desk <IT@corp.example>", "helpdesk@corp.example"])
def test_the_desks_own_addresses_are_never_mailed(tmp_path: Path, sender: str) -> None:
    with playing(tmp_path, desk='aliases = ["helpdesk@corp.example"]') as stage:
        assert ask(stage, sender) == []
        assert stage.tickets() == []


def test_a_mail_of_the_desk_that_comes_back_is_ignored(stage: Stage) -> None:
    for out in ask(stage):
        stage.post(out.received.data)
    assert stage.step(minutes=1) == []
    assert len(stage.tickets()) == 1


def test_the_desk_in_copy_or_as_reply_to_is_no_participant_and_no_requester(tmp_path: Path) -> None:
    with playing(tmp_path, desk='trust_reply_to = ["forms.example"]') as stage:
        stage.write("web@forms.example", "Hello", "Words.", Reply_To="it@corp.example", Cc="it@corp.example")
        outs = stage.step()
        assert "it@corp.example" not in [out.to for out in outs]
        assert stage.ticket().requester.address == "web@forms.example"
        assert stage.ticket().participants == ()


def test_a_trusted_form_cannot_make_the_desk_write_a_visitors_words_to_a_third_person(tmp_path: Path) -> None:
    with playing(tmp_path, desk='trust_reply_to = ["corp.example"]') as stage:
        stage.write("web@corp.example", "buy-gold", "Words.", Reply_To="victim@far.example")
        outs = stage.step()
        assert "buy-gold" not in to(outs, "victim@far.example").mail.subject


def test_a_list_is_not_answered(stage: Stage) -> None:
    outs = ask(stage, "all@corp.example", "Newsletter", List_Id="<all.corp.example>", Precedence="list")
    assert outs == []
    assert stage.ticket().held


def test_a_colleagues_vacation_notice_is_filed_and_never_an_answer(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    stage.write(LI, "Automatic reply: it", "Back on Friday. secret-phone", answers=order, Auto_Submitted="auto-replied")
    assert stage.step(minutes=1) == []
    assert kinds(stage)[-1] == "filed"
    assert stage.ticket().assignee == ""


def test_somebody_elses_bulk_mail_with_a_stolen_token_is_no_reply(stage: Stage) -> None:
    order = to(ask(stage), "sarah@corp.example")
    stage.write("list@far.example", "Re: it", "Words.", answers=order, List_Id="<far.example>")
    assert stage.step(minutes=1) == []
    assert "received" not in kinds(stage)


def test_a_receipt_is_answered_by_no_receipt(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    receipt = to([o for o in orders(stage, order, "#take") if o.event == "receipt"], "li@corp.example")
    stage.post(receipt.received.data)
    assert stage.step(minutes=1) == []
