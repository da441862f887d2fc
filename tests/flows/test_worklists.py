"""What each of the staff hears in the morning, and the leave that he says by mail."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from fixtures.office import HAN, LI, SARAH, playing
from fixtures.stage import MONDAY, Out, Stage, to

RULES = """
defaults: {group: l1}
people:
  li: {name: 李雷, addresses: li@corp.example, language: zh, calendar: office}
  han: {name: Han Mei, addresses: han@corp.example, language: en, timezone: Europe/Berlin, calendar: office}
  chen: {name: 陈静, addresses: chen@corp.example, language: zh, calendar: office}
groups:
  l1: {members: [li, han], lead: chen, assign: round robin}
calendars: {office: {timezone: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}}
sla: {P4: {calendar: office, response: 40h, resolution: 30d}}
worklist: {at: "08:30"}
"""


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "home", rules={"a.yaml": RULES}) as stage:
        yield stage


def ask(stage: Stage, subject: str) -> list[Out]:
    stage.write(SARAH, subject, "It jams.")
    return stage.step()


def at(day: int, hour: int, minute: int) -> datetime:
    return MONDAY.replace(day=day, hour=hour, minute=minute)


def until(stage: Stage, moment: datetime) -> list[Out]:
    return [out for out in stage.step(seconds=(moment - stage.now).total_seconds()) if out.event == "worklist"]


def test_each_hears_at_his_hour_of_his_working_days_what_waits_for_him(morning: Stage) -> None:
    ask(morning, "Printer")
    ask(morning, "Keyboard")
    assert until(morning, at(10, 8, 29)) == []
    (mine,) = until(morning, at(10, 8, 31))
    assert mine.to == "li@corp.example"
    assert "您的工单：1 张" in mine.text
    assert "MD-1001" in mine.text
    assert until(morning, at(10, 8, 40)) == []
    (his,) = until(morning, at(10, 15, 35))  # 08:35 in Berlin
    assert his.to == "han@corp.example"
    assert "Your tickets: 1" in his.text
    until(morning, at(13, 20, 0))
    assert until(morning, at(14, 8, 35)) == []  # a Saturday


def test_lines_of_a_worklist_are_answered(morning: Stage) -> None:
    ask(morning, "Printer")
    until(morning, at(10, 8, 29))
    (mine,) = until(morning, at(10, 8, 31))
    morning.write(LI, "Re: today", "1001 take\n\n李雷", answers=mine)
    outs = morning.step(minutes=1)
    assert morning.ticket().status == "in progress"
    assert [(out.to, out.event) for out in outs] == [("li@corp.example", "receipt")]
    morning.write(LI, "Re: today", "thanks", answers=mine)
    (told,) = morning.step(minutes=1)
    assert "没有命令" in told.text
    assert len(morning.tickets()) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("#leave 11-10 to 11-12 deputy @han", "Han Mei"),
        ("#请假 11-10 至 11-12 代理 Han Mei", "Han Mei"),
        ("#请假 明天到周四", "没有代理人"),
    ],
)
def test_leave_by_mail_holds_at_once_and_until_it_is_cancelled(morning: Stage, body: str, says: str) -> None:
    order = to([out for out in ask(morning, "Printer") if out.event == "dispatched"], "li@corp.example")
    morning.write(LI, "Re: leave", body, answers=order)
    (told,) = morning.step(minutes=1)
    assert told.event == "answer-to-staff"
    assert "2026-11-10 至 2026-11-12" in told.text
    assert says in told.text
    assert not [out for out in until(morning, at(10, 8, 31)) if out.to == "li@corp.example"]
    until(morning, at(10, 9, 30))
    for number in range(3):
        ask(morning, f"Keyboard {number}")
    assert {ticket.assignee for ticket in morning.tickets()[1:]} == {"han"}
    morning.write(LI, "Re: leave", "#请假 取消", answers=told)
    (told,) = morning.step(minutes=1)
    assert "已取消" in told.text
    ask(morning, "Mouse")
    ask(morning, "Mouse mat")
    assert "li" in {ticket.assignee for ticket in morning.tickets()[4:]}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("#leave", "say from when to when"),
        ("#leave 13-45", "say from when to when"),
        ("#leave 11-10 to 11-12 deputy nobody", "cannot stand in"),
        ("#leave 2026-11-01 to 2026-11-03", "is over"),
        ("#leave 11-10 to 11-12 or so", "say from when to when"),
    ],
)
def test_leave_that_cannot_be_read_is_refused(morning: Stage, body: str, says: str) -> None:
    ask(morning, "Printer")
    outs = [out for out in ask(morning, "Keyboard") if out.event == "dispatched"]
    morning.write(HAN, "Re: leave", body, answers=to(outs, "han@corp.example"))
    (told,) = morning.step(minutes=1)
    assert says in told.text


def test_a_worklist_that_was_missed_comes_late_the_same_day_and_says_so(morning: Stage) -> None:
    ask(morning, "Printer")
    until(morning, at(10, 8, 0))
    (late,) = [out for out in until(morning, at(10, 11, 0)) if out.to == "li@corp.example"]
    assert "这封清单来晚了" in late.text
    assert "08:30" in late.text
    assert not [out for out in until(morning, at(10, 11, 5)) if out.to == "li@corp.example"]


def test_a_worklist_of_a_day_that_is_over_does_not_come(morning: Stage) -> None:
    ask(morning, "Printer")
    until(morning, at(10, 8, 0))
    assert not [out for out in until(morning, at(10, 22, 0)) if out.to == "li@corp.example"]
