"""More than one command a mail: other tickets, previews, undo; and mails of the staff that are about no ticket."""

from pathlib import Path
from typing import Any

import pytest

from fixtures.office import HAN, LI, SARAH, STRANGER, ask, kinds, last, orders, playing
from fixtures.stage import Out, Stage, to
from maildesk.desk import events

RELAY = "mx.corp.example"


def two(stage: Stage) -> Out:
    """Two tickets; li's dispatch of the first."""
    order = to(ask(stage), "li@corp.example")
    ask(stage, subject="Keyboard")
    return order


def receipt(outs: list[Out]) -> Out:
    (found,) = [out for out in outs if out.event == "receipt"]
    return found


@pytest.mark.parametrize(
    "body",
    ["#1002 take\n#1001 take", "1001 take\n1002 take", "MD-1001, MD-1002 接单", "＃1001 ＃1002 ＃接单"],
)
def test_one_mail_changes_several_tickets_and_one_receipt_says_so(stage: Stage, body: str) -> None:
    outs = orders(stage, two(stage), body)
    assert [stage.ticket(n).assignee for n in (1001, 1002)] == ["li", "li"]
    found = receipt(outs)
    assert "MD-1002 Keyboard" in found.text
    assert "撤销" in found.text
    assert not [out for out in outs if out.to == "sarah@corp.example"]


def test_what_is_wrong_with_one_ticket_leaves_all_as_they_were(stage: Stage) -> None:
    outs = orders(stage, two(stage), "1001 take\n1002 priority P9\n#9999 close")
    assert [stage.ticket(n).assignee for n in (1001, 1002)] == ["", ""]
    assert "MD-9999" in receipt(outs).text
    outs = orders(stage, receipt(outs), "1001 take\n1002 priority P9")
    assert "MD-1002 #优先级" in receipt(outs).text
    assert stage.ticket(1001).assignee == ""


def test_words_beside_commands_for_other_tickets_stay_inside(stage: Stage) -> None:
    outs = orders(stage, two(stage), "#1002 resolve Toner replaced.\n\nthe canary sings")
    assert stage.ticket(1002).status == "resolved"
    sent = to(outs, "sarah@corp.example")
    assert "Toner replaced." in sent.text
    assert not [out for out in outs if "canary" in out.text]
    assert last(stage, "noted", 1001).data["text"] == "the canary sings"


def test_prose_with_numbers_and_colons_is_an_answer(stage: Stage) -> None:
    order = two(stage)
    prose = "Note: the 1001 take is what we use.\nPriority: please call."
    body = f"Dear Sarah,\n\n{prose}\n\n2026-10-08 close of business.\nBye"
    outs = orders(stage, order, body)
    assert "close of business" in to(outs, "sarah@corp.example").text
    assert not [out for out in outs if out.event == "receipt"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("priority: P2", {"priority": "P2"}),
        ("优先级：P2\n\nHello.", {"priority": "P2"}),
        ("Hello.\n\nassign: han", {"assignee": "han"}),
        ("挂起：明天9点，等配件", {"status": "pending", "pending_reason": "等配件"}),
        ("pending: tomorrow 9am, parts", {"status": "pending", "pending_reason": "parts"}),
        ("resolve: toner", {"status": "resolved"}),
    ],
)
def test_a_command_needs_no_sign_at_the_top_or_in_a_last_block_of_its_own(
    stage: Stage, body: str, expected: dict[str, str]
) -> None:
    orders(stage, to(ask(stage), "li@corp.example"), body)
    assert {name: getattr(stage.ticket(), name) for name in expected} == expected


def test_a_note_without_its_sign_at_the_top_keeps_the_whole_mail_inside(stage: Stage) -> None:
    outs = orders(stage, to(ask(stage), "li@corp.example"), "备注：canary\n第二行也是")
    assert not [out for out in outs if out.to == "sarah@corp.example"]


@pytest.mark.parametrize("body", ["#?close", "?#关闭", "#close?", "＃关闭 ？", "#?\n#close", "#close\n\n#？"])
def test_a_preview_says_what_would_change_and_changes_nothing(stage: Stage, body: str) -> None:
    order = to(ask(stage), "li@corp.example")
    before = stage.events()
    found = receipt(orders(stage, order, body))
    assert found.mail.subject.startswith("[MD-1001] 预览")
    assert "已分派 → 已关闭" in found.text
    assert "Sarah Miller" in found.text
    assert stage.events() == before


def test_undo_takes_the_last_mail_back_and_names_what_has_left(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    before = stage.ticket()
    orders(stage, order, "#priority P1\n#resolve Toner replaced.")
    found = receipt(orders(stage, order, "#撤销"))
    after = stage.ticket()
    assert (after.status, after.priority, after.assignee) == ("in progress", before.priority, "")
    assert after.responded_at is not None  # the requester did read it
    assert found.mail.subject.startswith("[MD-1001] 已撤销")
    assert "Sarah Miller" in found.text or "sarah@corp.example" in found.text
    assert events.replay(stage.events()) == after
    again = receipt(orders(stage, order, "#undo"))
    assert "没有可以撤销" in again.text


def test_undo_is_refused_late_and_after_others(stage: Stage) -> None:
    order = two(stage)
    hers = [out for out in stage.step() if out.to == "han@corp.example"]
    assert not hers
    orders(stage, order, "#priority P1")
    assert "30 分钟" in receipt(orders(stage, order, "#undo", minutes=31)).text
    orders(stage, order, "#priority P2")
    stage.write(SARAH, "Re: Printer jams", "and now it smokes", answers=order)
    stage.write("sarah@corp.example", "Re: [MD-1001] Printer jams", "it smokes")
    stage.step(minutes=1)
    text = receipt(orders(stage, order, "#undo")).text
    assert "又动过" in text
    assert stage.ticket().priority == "P2"


def test_the_history_names_the_staff_and_tells_times_on_the_desks_clock(stage: Stage) -> None:
    order = two(stage)
    orders(stage, order, "#pending 11-12 14:00 parts")
    orders(stage, order, "#tke")
    (found,) = orders(stage, order, "#history")
    assert "2026-11-12 14:00" in found.text
    assert "+00:00" not in found.text
    assert "李雷，备注" in found.text


def test_questions_are_answered_by_one_mail_whose_lines_can_be_answered(stage: Stage) -> None:
    order = two(stage)
    before = kinds(stage)
    (found,) = orders(stage, order, "#list unassigned\n#why\n#show 1002\n#history\n#find keyboard\n#report\n#help")
    assert (found.to, found.event) == ("li@corp.example", "answer-to-staff")
    for words in ("无人接单的工单：2 张", "MD-1002", "It jams.", "开单", "#撤销", "未解决"):
        assert words in found.text
    assert kinds(stage) == before
    orders(stage, found, "1002 take")
    assert stage.ticket(1002).assignee == "li"


def test_a_fresh_question_needs_proof_and_gets_no_internal_word_without(tmp_path: Path) -> None:
    with playing(tmp_path, more=f'[trust]\nauthserv_id = "{RELAY}"') as stage:
        ask(stage)
        for verdict in ("", f"{RELAY}; dmarc=fail header.from=corp.example"):
            more: dict[str, Any] = {"Authentication_Results": verdict} if verdict else {}
            stage.write(LI, "hello", "#list mine\n#show 1001", **more)
            (out,) = stage.step(minutes=1)
            assert (out.to, out.event) == ("li@corp.example", "unverified-command")
            assert "It jams" not in out.text
        passed = f"{RELAY}; dmarc=pass header.from=corp.example"
        stage.write(LI, "hello", "#列表 本组", Authentication_Results=passed)
        (out,) = stage.step(minutes=1)
        assert out.event == "answer-to-staff"
        assert "MD-1001" in out.text
        stage.write(LI, "hello", "#1001 take", Authentication_Results=passed)
        stage.step(minutes=1)
        assert stage.ticket().assignee == "li"
        assert len(stage.tickets()) == 1


def test_a_strangers_question_is_a_ticket_and_a_colleagues_token_proves_nobody(stage: Stage) -> None:
    order = two(stage)
    stage.write(STRANGER, "hello", "#list mine\n#1001 close")
    outs = stage.step(minutes=1)
    assert not [out for out in outs if out.event == "answer-to-staff"]
    assert stage.ticket(1001).status == "assigned"
    stage.write(HAN, "hello", "#1002 close", answers=order)
    stage.step(minutes=1)
    assert stage.ticket(1002).status == "assigned"


@pytest.mark.parametrize("yes", ["YES", "是", "yes, that was me", "确认"])
def test_commands_without_a_token_wait_for_a_yes_to_the_mail_that_asks(stage: Stage, yes: str) -> None:
    ask(stage)
    stage.write(LI, "Re: [MD-1001] Printer jams", "#priority P1\n#close")
    question = to(stage.step(minutes=1), "li@corp.example")
    assert "#priority P1" in question.text
    assert stage.ticket().status == "assigned"
    stage.write(LI, "Re: [MD-1001] Printer jams", yes)
    stage.step(minutes=1)
    assert stage.ticket().status == "assigned"  # a YES without the token is worth nothing either
    outs = orders(stage, question, yes)
    assert (stage.ticket().status, stage.ticket().priority) == ("closed", "P1")
    assert receipt(outs).mail.subject.startswith("[MD-1001] 已执行")
    again = orders(stage, question, yes)
    assert "没有等您确认" in receipt(again).text
    assert events.replay(stage.events()) == stage.ticket()


def test_a_yes_after_a_day_does_nothing(stage: Stage) -> None:
    ask(stage)
    stage.write(LI, "Re: [MD-1001] Printer jams", "#close")
    question = to(stage.step(minutes=1), "li@corp.example")
    outs = orders(stage, question, "YES", hours=25)
    assert "24" in receipt(outs).text
    assert stage.ticket().status != "closed"
