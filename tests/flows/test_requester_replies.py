"""The requester writes again: to the team, out of pending, out of resolved, and back from closed."""

import pytest

from fixtures.office import SARAH, ask, kinds, last, orders, taken, whole
from fixtures.stage import Out, Stage, to


def resolved(stage: Stage) -> Out:
    """A resolved ticket; the mail that said so."""
    order = taken(stage)
    return to(orders(stage, order, "#resolve The drum is new."), "sarah@corp.example")


def replies(stage: Stage, out: Out, body: str, sender: str = SARAH, **later: float) -> list[Out]:
    return orders(stage, out, body, sender=sender, **later)


def test_a_reply_reaches_the_assignee_with_text_and_without_quotes(desk: Stage) -> None:
    outs = ask(desk)
    orders(desk, to(outs, "li@corp.example"), "#take")
    got = replies(desk, to(outs, "sarah@corp.example"), "It is worse now.\n\n> old-quote")
    out = to(got, "li@corp.example")
    assert len(got) == 1
    assert out.event == "requester-replied"
    assert "> It is worse now." in out.text
    assert "old-quote" not in whole(got)


def test_a_reply_to_an_untaken_ticket_reaches_the_whole_group(stage: Stage) -> None:
    outs = ask(stage)
    got = replies(stage, to(outs, "sarah@corp.example"), "It is worse now.")
    assert {(out.to, out.event) for out in got} == {
        ("li@corp.example", "requester-replied"),
        ("han@corp.example", "requester-replied"),
    }


def test_a_reply_lets_the_clocks_of_a_pending_ticket_run_again(desk: Stage) -> None:
    order = taken(desk)
    asked = to(orders(desk, order, "#pending\n\nWhich model is it?"), "sarah@corp.example")
    assert desk.ticket().status == "pending"
    replies(desk, asked, "A LaserJet 400.", minutes=30)
    ticket = desk.ticket()
    assert ticket.status == "in progress"
    (pause,) = ticket.pauses
    assert pause.end is not None
    assert (pause.end - pause.start).total_seconds() == 30 * 60


@pytest.mark.parametrize("words", ["Solved", "已解决，谢谢！", "Thanks, it works now."])
def test_one_word_confirms_and_closes(desk: Stage, words: str) -> None:
    got = replies(desk, resolved(desk), words)
    assert desk.ticket().status == "closed"
    assert last(desk, "closed").data["why"] == "confirmed"
    assert [out.to for out in got] == ["sarah@corp.example"]
    assert desk.step(days=10) == []


@pytest.mark.parametrize("words", ["Thank you so much!", "好的，谢谢", "辛苦了"])
def test_a_thank_you_adds_itself_and_changes_nothing(stage: Stage, words: str) -> None:
    assert replies(stage, resolved(stage), words) == []
    assert stage.ticket().status == "resolved"
    assert kinds(stage)[-1] == "received"


@pytest.mark.parametrize("words", ["not solved", "还是不行", "No, the red light blinks again since this morning."])
def test_an_objection_reopens_and_the_assignee_hears(stage: Stage, words: str) -> None:
    out = to(replies(stage, resolved(stage), words), "li@corp.example")
    assert out.event == "reopened"
    assert words in out.text
    assert (stage.ticket().status, stage.ticket().assignee) == ("in progress", "li")


def test_a_resolved_ticket_closes_by_itself_and_reopens_within_the_window(stage: Stage) -> None:
    done = resolved(stage)
    (closed,) = stage.step(days=5)
    assert stage.ticket().status == "closed"
    got = replies(stage, done, "It jams again.", days=13)
    assert ("li@corp.example", "reopened") in {(out.to, out.event) for out in got}
    assert stage.ticket().status == "in progress"
    assert closed.to == "sarah@corp.example"


def test_after_the_window_a_new_ticket_follows_the_old_one(desk: Stage) -> None:
    done = resolved(desk)
    desk.step(days=5)
    desk.step(days=15)
    got = replies(desk, done, "It jams again.")
    assert desk.ticket().status == "closed"
    assert [(link.kind, link.number) for link in desk.ticket(1002).links] == [("follows", 1001)]
    assert desk.ticket(1002).subject == "Printer jams"
    assert to(got, "sarah@corp.example").mail.subject == "Re: [MD-1002] Printer jams"


def test_late_thanks_open_nothing(stage: Stage) -> None:
    done = resolved(stage)
    stage.step(days=30)
    assert replies(stage, done, "Thanks!") == []
    assert len(stage.tickets()) == 1


def test_somebody_in_cc_may_write_and_does_not_confirm_for_the_requester(stage: Stage) -> None:
    order = taken(stage, Cc="Bob <bob@corp.example>")
    done = to(orders(stage, order, "#resolve The drum is new."), "sarah@corp.example")
    stage.write("bob@corp.example", f"Re: {done.mail.subject}", "Solved")
    assert stage.step(minutes=1) == []
    assert stage.ticket().status == "resolved"
    stage.write("bob@corp.example", f"Re: {done.mail.subject}", "For me it still jams on every page.")
    assert to(stage.step(minutes=1), "li@corp.example").event == "reopened"
    assert stage.ticket().requester.address == "sarah@corp.example"


def test_an_out_of_office_is_filed_and_changes_nothing(stage: Stage) -> None:
    order = taken(stage)
    asked = to(orders(stage, order, "#pending\n\nWhich model is it?"), "sarah@corp.example")
    before = stage.ticket()
    stage.write(SARAH, "Automatic reply: Printer jams", "I am away.", answers=asked, Auto_Submitted="auto-replied")
    assert stage.step(minutes=1) == []
    assert kinds(stage)[-1] == "filed"
    assert stage.ticket().status == before.status == "pending"
    assert stage.ticket().pauses == before.pauses
