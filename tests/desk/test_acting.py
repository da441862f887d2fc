"""What staff do in one go: where the text goes, who becomes the assignee, who hears."""

from typing import Any

import pytest

from fixtures.desk_samples import HAN, LI, NOW, POLICY, TICKET, ZHAO, changed
from maildesk.desk.model import Decision, Ticket
from maildesk.desk.staff import acting, receipt
from maildesk.desk.staff.acting import Act
from maildesk.desk.staff.command import Order
from maildesk.mail.model import Attachment

FILE = Attachment(filename="a.txt", content_type="text/plain", size=1, sha256="x", inline=False, data=b"a")


def act(ticket: Ticket = TICKET, *orders: tuple[str, str], **fields: Any) -> Decision:
    """What comes of an act by li."""
    given: dict[str, Any] = {"actor": "li", "person": LI, "address": "li@corp.example"}
    what = Act(cause="inbound:7", orders=tuple(Order(word=w, argument=a) for w, a in orders), **{**given, **fields})
    result = acting.carry_out(ticket, what, POLICY, NOW)
    assert isinstance(result, Decision), result
    return result


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(notice.event, notice.to.address.partition("@")[0]) for notice in decision.notices]


def kinds(decision: Decision) -> list[str]:
    return [event.kind for event in decision.events]


def test_a_text_is_an_answer_and_the_first_of_the_group_takes_the_ticket() -> None:
    decision = act(text="Hello.", attachments=(FILE,))
    assert kinds(decision) == ["taken", "answered"]
    assert told(decision) == [("answered", "sarah"), ("taken", "han")]
    assert decision.notices[0].attachments == (FILE,)
    (message,) = decision.messages
    assert (message.direction, message.internal, message.text) == ("out", False, "Hello.")


def test_who_is_not_of_the_group_answers_without_taking() -> None:
    decision = act(text="Hello.", actor="zhao", person=ZHAO, address="zhao@corp.example")
    assert kinds(decision) == ["answered"]
    assert decision.ticket is not None
    assert (decision.ticket.assignee, decision.ticket.status) == ("", "in progress")


@pytest.mark.parametrize("ticket", [changed(assignee="han"), changed(status="closed", closed_at=NOW, resolved_at=NOW)])
def test_an_answer_takes_nothing_from_a_colleague_and_no_closed_ticket(ticket: Ticket) -> None:
    assert kinds(act(ticket, text="Hello.")) == ["answered"]


@pytest.mark.parametrize("orders", [[("note", "inside")], [("assign", "han")], [("note", ""), ("resolve", "Fixed.")]])
def test_beside_a_note_or_a_hand_over_the_text_and_the_files_stay_inside(orders: list[tuple[str, str]]) -> None:
    decision = act(TICKET, *orders, text="secret", attachments=(FILE,))
    for notice in decision.notices:
        if notice.audience == "requester":
            assert "secret" not in notice.text
            assert not notice.attachments
    assert [m.internal for m in decision.messages if "secret" in m.text] == [True]


def test_words_behind_a_command_that_takes_none_are_kept_inside() -> None:
    decision = act(TICKET, ("take", "finally"), ("close", "by telephone"), text="Bye.")
    inside = [m.text for m in decision.messages if m.internal]
    assert inside == ["finally\n\nby telephone"]
    assert [n.text for n in decision.notices if n.event == "answered"] == ["Bye."]


def test_a_resolution_is_one_mail_with_its_solution_and_no_answer_beside_it() -> None:
    decision = act(changed(assignee="li"), ("resolve", "New drum."), text="Please test.")
    assert kinds(decision) == ["resolved"]
    assert told(decision) == [("resolved", "sarah")]
    assert decision.notices[0].text == "New drum.\n\nPlease test."
    assert [m.text for m in decision.messages] == ["New drum.\n\nPlease test."]


def test_of_a_held_ticket_the_requester_hears_only_words() -> None:
    held = changed(held="spam", assignee="li")
    assert told(act(held, ("close", ""))) == []
    assert told(act(held, ("resolve", ""))) == []
    assert told(act(held, ("resolve", "Not spam after all."))) == [("resolved", "sarah")]


def test_who_had_the_ticket_hears_who_has_it_now_but_not_of_his_own_act() -> None:
    assert told(act(changed(assignee="han"), ("take", ""))) == [("taken", "han")]
    assert told(act(changed(assignee="li"), ("assign", "han"))) == [("dispatched", "han")]
    assert told(act(changed(assignee="han"), ("assign", "zhao"))) == [("dispatched", "zhao"), ("taken", "han")]
    assert told(act(TICKET, ("assign", "l2"))) == [("dispatched", "zhao"), ("taken", "han")]
    assert told(act(TICKET, ("assign", "li"))) == [("taken", "han")]
    assert told(act(changed(assignee="li"), ("take", ""))) == []


def test_one_error_and_nothing_at_all_happens() -> None:
    what = Act(actor="li", person=LI, cause="x", text="Hello.", orders=(Order(word="take"), Order(word="resume")))
    assert acting.carry_out(TICKET, what, POLICY, NOW) == ("#resume: the ticket is not pending but in progress",)


def test_an_empty_act_changes_nothing_and_says_so() -> None:
    decision = act()
    assert (decision.events, decision.messages, decision.notices) == ((), (), ())
    assert "nothing but quoted text" in decision.reason


def test_a_receipt_lists_what_changed_old_and_new() -> None:
    before = changed(assignee="han")
    after = act(before, ("take", ""), ("priority", "P1"), ("pending", "2h parts")).ticket
    assert after is not None
    assert [(line["what"], line["old"], line["new"]) for line in receipt.lines(before, after, POLICY)] == [
        ("status", "assigned", "pending"),
        ("assignee", HAN.name, LI.name),
        ("priority", "P3", "P1"),
        ("pending_reason", "", "parts"),
        ("pending_until", "", "2026-08-03T11:00:00+00:00"),
    ]
