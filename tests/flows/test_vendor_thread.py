"""A vendor in a thread of his own: his number, his clock, and not a word from one side to the other by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from fixtures.office import NOC, SARAH, kinds, last, orders, taken, whole
from fixtures.stage import Out, Stage, to
from maildesk.desk.clocks import sla
from maildesk.desk.clocks.hours import Duration
from maildesk.desk.policy import Ola


def asked(stage: Stage, body: str = "#vendor vendor-net\n\nCircuit 4711 is dark since 9:00.") -> tuple[Out, Out]:
    """A ticket that li has taken and asked the carrier about: li's order, the carrier's mail."""
    order = taken(stage, subject="Line is down canary-subject", body="No dial tone canary-body, call 555-canary.")
    return order, to(orders(stage, order, body), NOC)


@pytest.mark.parametrize(
    "body",
    [
        "#vendor vendor-net\n\nCircuit 4711 is dark since 9:00.",
        "#vendor vendor-net Circuit 4711 is dark since 9:00.",
        "#厂商 vendor-net，Circuit 4711 is dark since 9:00.",
        "#vendor\n\nCircuit 4711 is dark since 9:00.",  # the only one there is
    ],
)
def test_he_reads_what_the_engineer_wrote_for_him_and_nothing_else(desk: Stage, body: str) -> None:
    order = taken(desk, subject="Line is down canary-subject", body="No dial tone canary-body.")
    orders(desk, order, "#note canary-note about the contract")
    outs = orders(desk, order, body)
    out = to(outs, NOC)
    assert "Circuit 4711 is dark since 9:00." in out.text
    assert out.mail.subject == "[MD-1001] Circuit 4711 is dark since 9:00."
    read = whole([out])
    for canary in ("canary", "sarah", "li@corp.example", "P4", "l1"):
        assert canary not in read.lower().replace("sha256", ""), canary
    assert "sarah@corp.example" not in [one.to for one in outs]
    assert desk.ticket().responded_at is None


def test_his_answer_is_a_note_for_the_engineer_and_no_word_of_it_reaches_the_requester(desk: Stage) -> None:
    order, mail = asked(desk)
    outs = orders(desk, mail, "Splitter changed, secret-price 400 EUR.", sender=NOC)
    assert [out.to for out in outs] == ["li@corp.example"]
    heard = outs[0]
    assert heard.event == "vendor-replied"
    assert "secret-price" in heard.text
    answer = to(orders(desk, heard, "Your line works again."), "sarah@corp.example")
    assert "secret-price" not in whole([answer])
    assert "noc@" not in whole([answer])
    assert "MD-1001" in answer.mail.subject
    orders(desk, order, "#vendor Thank you.")


def test_what_the_engineer_answers_him_stays_in_his_thread(stage: Stage) -> None:
    order, mail = asked(stage)
    stage.write(
        NOC, f"Re: {mail.mail.subject} (SR-88123)", "We look.", answers=mail, message_id="<noc1@vendor.example>"
    )
    stage.step(minutes=5)
    again = to(orders(stage, order, "#vendor Any news?"), NOC)
    assert again.mail.subject == "Re: [MD-1001] SR-88123 Circuit 4711 is dark since 9:00."
    assert again.mail.in_reply_to == ("noc1@vendor.example",)
    assert again.mail.references[0] == mail.mail.references[0]
    assert "SR-88123" in again.text


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: [MD-1001] Circuit 4711 [SR-88123]", "SR-88123"),
        ("Case #00412233: Circuit", "00412233"),
        ("[MD-1001] Ticket INC0012345 has been created", "INC0012345"),
        ("回复：[MD-1001] 线路 4711，工单号：GD20261109001", "GD20261109001"),
        ("Re: [MD-1001] Circuit 4711 is dark since 9:00.", ""),
    ],
)
def test_his_number_is_learned_from_his_first_answer(stage: Stage, subject: str, number: str) -> None:
    _, mail = asked(stage)
    stage.write(NOC, subject, "We look.", answers=mail)
    stage.step(minutes=5)
    assert stage.ticket().vendor_ref == number


def test_his_trackers_receipt_says_his_number_and_is_only_filed(stage: Stage) -> None:
    _, mail = asked(stage)
    stage.write(NOC, "[SR-88123] received", "Automatic.", answers=mail, Auto_Submitted="auto-replied")
    assert stage.step(minutes=5) == []
    assert stage.ticket().vendor_ref == "SR-88123"
    assert stage.ticket().vendor_answered_at is None


def test_the_engineer_may_say_the_number(stage: Stage) -> None:
    order, _ = asked(stage)
    (receipt,) = orders(stage, order, "#厂商单号 RMA-77")
    assert "RMA-77" in receipt.text
    assert stage.ticket().vendor_ref == "RMA-77"


def test_a_pause_for_him_ends_with_his_answer(stage: Stage) -> None:
    _, mail = asked(stage, "#vendor\n#pending vendor\n\nCircuit 4711 is dark.")
    assert stage.ticket().status == "pending"
    orders(stage, mail, "It is mended.", sender=NOC)
    assert stage.ticket().status == "in progress"


def test_his_commands_are_text_and_his_words_move_no_status(stage: Stage) -> None:
    _, mail = asked(stage)
    orders(stage, mail, "#close\n#priority P1", sender=NOC)
    assert (stage.ticket().status, stage.ticket().priority) == ("in progress", "P4")
    assert last(stage, "vendor-answered").actor == NOC


def test_he_is_no_party_for_the_requesters_answers(stage: Stage) -> None:
    order, _ = asked(stage)
    outs = orders(stage, order, "We are on it.")
    assert [out.to for out in outs] == ["sarah@corp.example"]
    stage.write(SARAH, "Re: [MD-1001] Line", "And now? canary-two")
    assert [out.to for out in stage.step(minutes=1)] == ["li@corp.example"]


@pytest.mark.parametrize("wrong", ["#vendor nobody-net", "#vendor", "#vendor-ref"])
def test_without_words_nothing_goes_out(stage: Stage, wrong: str) -> None:
    order = taken(stage)
    outs = orders(stage, order, wrong)
    if wrong != "#vendor nobody-net":  # those are words for the only vendor there is
        assert [out.to for out in outs] == ["li@corp.example"]
        assert "vendor-asked" not in kinds(stage)


def test_his_own_clock_runs_from_the_question_to_the_answer(stage: Stage) -> None:
    olas = {"vendor-net": Ola(calendar="always", time=Duration(seconds=7200))}
    policy = replace(stage.desk.policy, olas=olas)
    stage.desk = replace(stage.desk, settings=replace(stage.desk.settings, policy=policy))
    _, mail = asked(stage, "#vendor\n#pending vendor\n\nCircuit 4711 is dark.")

    def clock() -> sla.Clock:
        return next(one for one in sla.clocks(stage.ticket(), policy, stage.now) if one.kind == "vendor")

    assert clock().state == "running"
    stage.step(hours=3)
    assert clock().state == "breached"
    orders(stage, mail, "Done.", sender=NOC)
    assert clock().state == "missed"
    assert clock().due_at - clock().started_at == timedelta(hours=2)
