"""A group that goes by turns: one mail to one person, then to the next, at last to the lead."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.office import LI, SARAH, playing
from fixtures.stage import Out, Stage, to
from maildesk.cli.explaining import sentences

RULES = """
defaults: {group: l1}
people:
  li: {name: 李雷, addresses: li@corp.example, language: zh}
  han: {name: Han Mei, addresses: han@corp.example, language: en}
  wang: {name: 王强, addresses: wang@corp.example, language: zh}
  chen: {name: 陈静, addresses: chen@corp.example, language: zh}
groups:
  l1: {members: [li, han], lead: chen, escalates_to: l2, assign: round robin, accept_within: 30m}
  l2: {level: L2, members: [wang], lead: chen, assign: least load}
calendars: {office: {timezone: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}}
sla: {P4: {calendar: office, response: 4h, resolution: 3d}}
"""


@pytest.fixture
def turns(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "home", rules={"a.yaml": RULES}) as stage:
        yield stage


@pytest.fixture
def turns_on_either(tmp_path: Path, store_url: str) -> Iterator[Stage]:
    with playing(tmp_path / "home", more=f'[store]\nurl = "{store_url}"', rules={"a.yaml": RULES}) as stage:
        yield stage


def orders(outs: list[Out]) -> list[tuple[str, str]]:
    return [(out.to.partition("@")[0], out.event) for out in outs if out.event in ("dispatched", "unaccepted", "taken")]


def explained(stage: Stage) -> str:
    return "\n".join(sentences(stage.ticket(), stage.events(), stage.desk.policy))


def test_each_ticket_is_one_persons_by_turns(turns_on_either: Stage) -> None:
    turns = turns_on_either
    for number in range(4):
        turns.write(SARAH, f"Printer {number}", "It jams.")
    outs = turns.step()
    assert [ticket.assignee for ticket in turns.tickets()] == ["li", "han", "li", "han"]
    assert len(orders(outs)) == 4
    assert "round robin" in explained(turns)


def test_what_is_not_accepted_goes_on_to_each_once_then_to_the_next_group_and_the_lead_hears(turns: Stage) -> None:
    turns.write(SARAH, "Printer", "It jams.")
    assert orders(turns.step()) == [("li", "dispatched")]
    assert orders(turns.step(minutes=29)) == []
    assert sorted(orders(turns.step(minutes=2))) == [("han", "dispatched"), ("li", "taken")]
    outs = turns.step(minutes=31)
    assert sorted(orders(outs)) == [("chen", "unaccepted"), ("han", "taken"), ("wang", "dispatched")]
    assert "李雷、Han Mei" in to(outs, "wang@corp.example").text
    assert "l2" in to(outs, "chen@corp.example").text
    assert orders(turns.step(hours=2)) == []
    said = explained(turns)
    assert "li did not accept it within 30m" in said
    assert "not han: did not accept it before" in said


def test_who_accepts_keeps_it(turns: Stage) -> None:
    turns.write(SARAH, "Printer", "It jams.")
    order = to(turns.step(), "li@corp.example")
    turns.write(LI, "Re: it", "#take", answers=order)
    turns.step(minutes=5)
    assert orders(turns.step(hours=5)) == []
    assert turns.ticket().assignee == "li"


def test_the_window_is_working_time(turns: Stage) -> None:
    turns.write(SARAH, "Printer", "It jams.")
    turns.step(hours=8, minutes=50)  # 17:50
    assert turns.ticket().assignee == "li"
    assert orders(turns.step(hours=14)) == []
    assert ("han", "dispatched") in orders(turns.step(hours=1, minutes=31))


@pytest.mark.parametrize("command", ["#escalate needs a router expert", "#升级 需要网络专家"])
def test_an_engineer_escalates_with_a_word_about_it(turns: Stage, command: str) -> None:
    turns.write(SARAH, "Printer", "It jams.")
    order = to(turns.step(), "li@corp.example")
    turns.write(LI, "Re: it", command, answers=order)
    outs = turns.step(minutes=1)
    handed = to(outs, "wang@corp.example")
    assert command.partition(" ")[2] in handed.text
    assert "l1" in handed.text
    assert (turns.ticket().group, turns.ticket().assignee) == ("l2", "wang")


def test_the_last_group_escalates_to_nobody_and_says_so(turns: Stage) -> None:
    turns.write(SARAH, "Printer", "It jams.")
    order = to(turns.step(), "li@corp.example")
    turns.write(LI, "Re: it", "#escalate", answers=order)
    order = to(turns.step(minutes=1), "wang@corp.example")
    turns.write("王强 <wang@corp.example>", "Re: it", "#升级", answers=order)
    receipt = to(turns.step(minutes=1), "wang@corp.example")
    assert "本组没有上级支持组" in receipt.text
    assert turns.ticket().group == "l2"
