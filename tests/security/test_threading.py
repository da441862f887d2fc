"""A reference is an offer, taking part is the permission: who gets into a ticket, and into which."""

from pathlib import Path

from fixtures.office import FANG, LI, SARAH, STRANGER, ask, kinds, orders, playing, taken, whole, without_likeness
from fixtures.stage import Stage, letter, to


def test_a_stranger_with_the_number_gets_a_ticket_of_his_own_that_claims_it(stage: Stage) -> None:
    ask(stage, subject="Salaries", body="confidential-words")
    before = stage.events(1001)
    stage.write(STRANGER, "Re: [MD-1001] Salaries", "Please send me the details.")
    outs = stage.step(minutes=1)
    assert [(link.kind, link.number) for link in stage.ticket(1002).links] == [("claims", 1001)]
    assert "confidential" not in whole(outs)
    assert to(outs, "eve@elsewhere.example").mail.subject == "Re: [MD-1002] We have received your message"
    assert to(outs, "li@corp.example").mail.subject == "[MD-1002] Salaries"
    assert stage.events(1001) == before


def test_a_stranger_with_a_stolen_message_id_gets_no_further(stage: Stage) -> None:
    outs = ask(stage)
    for stolen in (to(outs, "sarah@corp.example"), to(outs, "li@corp.example")):
        orders(stage, stolen, "#close", sender=STRANGER)
    assert stage.ticket().status == "assigned"
    assert [ticket.number for ticket in stage.tickets()] == [1001, 1002, 1003]


def test_another_colleague_of_the_company_is_a_stranger_to_the_ticket(stage: Stage) -> None:
    ask(stage)
    stage.write(FANG, "答复: [MD-1001] Printer jams", "我也一样。")
    stage.step(minutes=1)
    assert stage.ticket(1002).requester.address == "wangfang@corp.example"
    assert "received" not in kinds(stage)


def test_an_invented_message_id_of_ours_is_no_token(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    number, nonce, mac = order.mail.message_id.partition("@")[0].split(".")
    for forged in (f"1001.{mac}.{nonce}", f"{number}.{nonce}.{'a' * 16}", f"1002.{nonce}.{mac}"):
        stage.write(LI, "Re: [MD-1001] it", "#close", In_Reply_To=f"<{forged}@corp.example>")
        assert [out.event for out in stage.step(minutes=1)] == ["unverified-command"]
    for root in order.mail.references:
        stage.write(LI, "Re: [MD-1001] it", "#close", In_Reply_To=f"<{root}>")
        assert [out.event for out in stage.step(minutes=1)] == ["unverified-command"]
    assert stage.ticket().status == "assigned"


def test_the_subject_alone_is_enough_for_the_requester_in_any_width_and_behind_any_mark(stage: Stage) -> None:
    ask(stage)
    for mark in ("Re: [md-1001]", "回复：【ＭＤ－１００１】", "AW: WG: [MD-1001]", "答复: 转发: [MD-1001]"):
        stage.write(SARAH, f"{mark} whatever", f"One more thing {mark}.")
        assert {out.event for out in stage.step(minutes=1)} == {"requester-replied"}
    assert len(stage.tickets()) == 1


def test_the_message_id_alone_is_enough_for_the_requester_under_any_subject(stage: Stage) -> None:
    acknowledged = to(ask(stage), "sarah@corp.example")
    stage.write(
        SARAH, "something else entirely", "More words.", In_Reply_To=f"<{acknowledged.mail.message_id.upper()}>"
    )
    stage.step(minutes=1)
    stage.write(SARAH, "something else entirely", "More words again.", In_Reply_To=f"<{acknowledged.mail.message_id}>")
    outs = stage.step(minutes=1)
    assert {out.event for out in outs} == {"requester-replied"}


def test_shared_references_of_a_forward_or_another_matter_glue_nothing(tmp_path: Path) -> None:
    with playing(tmp_path, rules=without_likeness()) as stage:
        first = stage.write(SARAH, "Printer jams", "It jams.")
        stage.step()
        for subject, body in (("Fw: Printer jams", "VPN 断网。"), ("Another matter", "My keyboard lacks a key.")):
            stage.write(SARAH, subject, body, References=f"<{first}> <other@client.example>")
            stage.step(minutes=1)
        assert [ticket.number for ticket in stage.tickets()] == [1001, 1002, 1003]
        stage.write(SARAH, "Re: Printer jams", "Still the same.", References=f"<{first}> <other@client.example>")
        stage.step(minutes=1)
        assert len(stage.tickets()) == 3


def test_a_reply_to_all_of_somebody_in_cc_joins_by_the_requesters_own_message_id(stage: Stage) -> None:
    first = stage.write(SARAH, "Printer jams", "It jams.", Cc="bob@partner.example")
    stage.step()
    stage.write("bob@partner.example", "Re: Printer jams", "Here too.", In_Reply_To=f"<{first}>")
    assert {out.event for out in stage.step(minutes=1)} == {"requester-replied"}
    stage.write(STRANGER, "Re: Printer jams", "Here too.", In_Reply_To=f"<{first}>")
    stage.step(minutes=1)
    assert len(stage.tickets()) == 2


def test_the_best_reference_wins_and_numbers_of_other_desks_mean_nothing(stage: Stage) -> None:
    ask(stage)
    second = to(ask(stage, subject="Keyboard"), "sarah@corp.example")
    stage.write(SARAH, "Re: [MD-1001] mixed up", "About the keyboard.", In_Reply_To=f"<{second.mail.message_id}>")
    stage.step(minutes=1)
    assert kinds(stage, 1002)[-1] == "received"
    stage.write(SARAH, "[XY-1001] [MD-9999] [MD-99999999999999999999] #1001", "New.")
    stage.step(minutes=1)
    assert [ticket.number for ticket in stage.tickets()] == [1001, 1002, 1003]


def test_all_mails_of_a_ticket_to_one_person_are_one_thread_and_to_two_are_two(stage: Stage) -> None:
    order = taken(stage)
    outs = orders(stage, order, "On my way.") + orders(stage, order, "#pending 1d part")
    outs += orders(stage, order, "#resolve done")
    by_person: dict[str, set[str]] = {}
    for out in stage.sink.mails:
        references = set(str(out.parsed["References"]).split())
        person = out.recipients[0]
        by_person[person] = by_person.get(person, references) & references
    assert outs
    assert all(by_person.values())
    assert not by_person["li@corp.example"] & by_person["sarah@corp.example"]


def test_message_ids_are_the_same_for_the_same_desk_and_mail(stage: Stage) -> None:
    stage.sink.script(after_dot="eof", keep=True)
    raw, _ = letter(SARAH, "Printer jams", "It jams.")
    stage.post(raw)
    stage.step()
    stage.step(minutes=2)
    copies = [mail.data for mail in stage.sink.mails if mail.recipients == ("sarah@corp.example",)]
    assert 1 <= len(copies) <= 2
    assert len(set(copies)) == 1
    assert len({mail.parsed["Message-ID"] for mail in stage.sink.mails}) == 3
