"""The requester asks how far it is, or gives it up; by a word, in his language."""

import pytest

from fixtures.office import FANG, SARAH, ask, kinds, last, orders, taken
from fixtures.stage import Stage, to


@pytest.mark.parametrize("body", ["", "status?", "Any news?\n\n> [MD-1001] quoted\n"])
def test_an_empty_reply_or_a_word_gets_the_status_and_disturbs_nobody(stage: Stage, body: str) -> None:
    outs = ask(stage)
    own, order = to(outs, "sarah@corp.example"), to(outs, "li@corp.example")
    orders(stage, order, "#take")
    (told,) = orders(stage, own, body, sender=SARAH)
    assert told.to == "sarah@corp.example"
    assert told.mail.subject == "Re: [MD-1001] Printer jams"
    assert "李雷 is working on MD-1001" in told.text
    assert "Resolution: by" in told.text
    assert list(told.mail.values("Auto-Submitted")) == ["auto-replied"]
    assert stage.ticket().status == "in progress"
    assert last(stage, "status-told").data["to"] == "sarah@corp.example"


def test_the_status_is_in_his_language(stage: Stage) -> None:
    outs = ask(stage, FANG, "打印机卡纸", "卡纸了。")
    (told,) = orders(stage, to(outs, "wangfang@corp.example"), "进度？", sender=FANG)
    assert "已经交给工程师" in told.text
    assert "首次回复" in told.text


def test_a_ticket_that_waits_for_him_says_so_and_goes_on_waiting(stage: Stage) -> None:
    outs = ask(stage)
    own, order = to(outs, "sarah@corp.example"), to(outs, "li@corp.example")
    orders(stage, order, "Which printer?\n\n#pending")
    (told,) = orders(stage, own, "status", sender=SARAH)
    assert "waiting for your answer" in told.text
    assert stage.ticket().status == "pending"


def test_the_reason_of_a_pause_stays_inside(stage: Stage) -> None:
    outs = ask(stage)
    own, order = to(outs, "sarah@corp.example"), to(outs, "li@corp.example")
    orders(stage, order, "#pending 2d canary-of-the-pause")
    (told,) = orders(stage, own, "status", sender=SARAH)
    assert "canary-of-the-pause" not in told.text
    assert "is waiting until" in told.text


def test_an_empty_reply_does_not_reopen(stage: Stage) -> None:
    outs = ask(stage)
    own, order = to(outs, "sarah@corp.example"), to(outs, "li@corp.example")
    orders(stage, order, "#resolve New drum.")
    (told,) = orders(stage, own, "", sender=SARAH)
    assert "was resolved on" in told.text
    assert stage.ticket().status == "resolved"


def test_a_robot_that_asks_without_end_is_told_six_times_a_day(stage: Stage) -> None:
    own = to(ask(stage), "sarah@corp.example")
    heard = [len(orders(stage, own, "", sender=SARAH, minutes=5)) for _ in range(30)]
    assert sum(heard) == 6
    assert "suppressed" in kinds(stage)
    assert len(orders(stage, own, "", sender=SARAH, days=2)) >= 1


@pytest.mark.parametrize(("sender", "body"), [(SARAH, "Please cancel, thanks."), (FANG, "不用了，谢谢")])
def test_a_word_gives_it_up_and_whoever_works_on_it_hears(stage: Stage, sender: str, body: str) -> None:
    outs = ask(stage, sender) if sender == SARAH else ask(stage, sender, "打印机卡纸", "卡纸了。")
    address = sender.split("<")[1].strip(">")
    own, order = to(outs, address), to(outs, "li@corp.example")
    orders(stage, order, "#take")
    outs = orders(stage, own, body, sender=sender)
    assert stage.ticket().status == "closed"
    assert last(stage, "closed").data["why"] == "cancelled"
    assert "取消了" in to(outs, "li@corp.example").text
    closed = to(outs, address)
    assert ("withdrawn" if sender == SARAH else "已按您的意思取消") in closed.text


def test_a_colleague_in_copy_cannot_give_it_up(stage: Stage) -> None:
    order = to(ask(stage, Cc=FANG), "li@corp.example")
    copy = to(orders(stage, order, "On my way."), "wangfang@corp.example")
    orders(stage, copy, "不用了", sender=FANG)
    assert stage.ticket().status == "in progress"


def test_after_it_was_given_up_an_answer_opens_it_again(stage: Stage) -> None:
    taken(stage)
    stage.write(SARAH, "Re: [MD-1001] Printer jams", "please close")
    own = to(stage.step(minutes=1), "sarah@corp.example")
    orders(stage, own, "It jams again, worse than before.", sender=SARAH)
    assert stage.ticket().status == "in progress"
