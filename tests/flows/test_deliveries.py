"""The same mail again, another mail with the same name, and mails without a name (PROTOCOLS 1, Duplicates)."""

from fixtures.office import SARAH, ask, last
from fixtures.stage import Stage, letter, to

ALIAS = 'aliases = ["helpdesk@corp.example"]'


def test_a_second_delivery_is_linked_and_not_acknowledged_again(desk: Stage) -> None:
    raw, _ = letter(SARAH, "Printer jams", "It jams.", to="it@corp.example, helpdesk@corp.example")
    desk.post(b"Delivered-To: it@corp.example\n" + raw)
    assert len(desk.step()) == 3
    desk.post(b"Delivered-To: helpdesk@corp.example\nReceived: from elsewhere\n" + raw)
    assert desk.step(minutes=1) == []
    assert len(desk.tickets()) == 1


def test_both_copies_in_one_batch_are_one_ticket(stage: Stage) -> None:
    raw, _ = letter(SARAH, "Printer jams", "It jams.")
    stage.post(b"Received: one\n" + raw)
    stage.post(b"Received: two\n" + raw)
    assert len(stage.step()) == 3
    assert len(stage.tickets()) == 1


def test_the_same_message_id_with_other_content_is_a_ticket_of_its_own_and_flagged(desk: Stage) -> None:
    ask(desk, message_id="<same@client.example>")
    desk.write(SARAH, "Keyboard", "Keys are missing.", message_id="<same@client.example>")
    outs = desk.step(minutes=1)
    assert to(outs, "sarah@corp.example").mail.subject == "Re: [MD-1002] Keyboard"
    assert "reused-message-id" in desk.ticket(1002).tags
    assert "reused-message-id" not in desk.ticket(1001).tags


def test_mails_without_a_message_id_are_distinct_even_if_byte_identical(desk: Stage) -> None:
    raw, _ = letter(SARAH, "Printer jams", "It jams.", message_id="")
    desk.post(raw)
    desk.post(raw)
    outs = desk.step()
    assert len(desk.tickets()) == 2
    assert {out.mail.subject for out in outs if out.to == "sarah@corp.example"} == {
        "Re: [MD-1001] Printer jams",
        "Re: [MD-1002] Printer jams",
    }


def test_a_second_delivery_of_a_command_is_carried_out_once(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    raw, _ = letter("li@corp.example", "Re: it", "Hello Sarah.", answers=order)
    stage.post(b"Received: one\n" + raw)
    stage.post(b"Received: two\n" + raw)
    outs = stage.step(minutes=1)
    assert [out.to for out in outs].count("sarah@corp.example") == 1
    assert last(stage, "answered").actor == "li"


def test_very_long_and_odd_message_ids_thread_all_the_same(stage: Stage) -> None:
    name = f"<{'x' * 600}.ÄÖ @Client.Example>"
    raw, _ = letter(SARAH, "Printer jams", "It jams.", message_id="")
    stage.post(f"Message-ID: {name}\n".encode() + raw)
    stage.step()
    reply, _ = letter("sarah@corp.example", "Re: something else", "More words.", number=7)
    stage.post(f"In-Reply-To: {name}\n".encode() + reply)
    outs = stage.step(minutes=1)
    assert len(stage.tickets()) == 1
    assert {out.event for out in outs} == {"requester-replied"}
