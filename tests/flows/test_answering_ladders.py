"""What people do about a clock that runs out: acknowledge it, write to the requester, give the ticket away."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.office import SARAH, orders, playing
from fixtures.stage import Out, Stage, to
from maildesk.cli import explaining, stating
from maildesk.desk import events

CHEN, WEI = "chen@corp.example", "wei@corp.example"
PEOPLE = """
defaults: {impact: medium, urgency: medium, group: l1}
people:
  li: {name: Li Lei, addresses: [li@corp.example], language: en}
  zhao: {name: Zhao Min, addresses: [zhao@corp.example], language: en}
  chen: {name: Chen Gang, addresses: [chen@corp.example], language: zh, level: manager}
  wei: {name: Wei Ming, addresses: [wei@corp.example], language: en, level: manager}
groups:
  l1: {level: L1, members: [li], lead: li}
  l2: {level: L2, members: [zhao], lead: zhao}
"""
POLICY = """
sla:
  P2: {calendar: always, response: 10h, resolution: 20h, ladder: {resolution: steep}}
  P3:
    {calendar: always, response: 10h, update: 200m, resolution: 20h,
     ladder: {resolution: steep, response: quick, update: mild}}
ladders:
  mild: [{at: 100%, tell: [li]}]
  quick: [{at: 50%, tell: [chen]}, {at: 100%, tell: [chen, wei]}]
  steep:
    - {at: 50%, tell: [chen, wei]}
    - {at: 80%, tell: [chen, wei]}
    - {at: 100%, tell: [chen, wei]}
    - {at: 100% + 2h, tell: [chen]}
    - {at: 100% + 4h, tell: [chen, wei]}
ola:
  l2: {calendar: always, time: 2h, priority: {P2: 1h}}
progress: {tell: assignee first}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "desk", rules={"10.yaml": PEOPLE, "20.yaml": POLICY}) as stage:
        stage.step()
        yield stage


def told(outs: list[Out]) -> Counter[tuple[str, str]]:
    return Counter((out.to.partition("@")[0], out.event) for out in outs)


def answered(stage: Stage) -> Out:
    """A ticket of li's whose requester had an answer at once, and nobody else hears of but by the ladders."""
    stage.write(SARAH, "Printer jams", "It jams.")
    order = to(stage.step(), "li@corp.example")
    orders(stage, order, "I am looking at it.", minutes=0)
    return order


def test_who_acknowledged_a_warning_is_not_warned_again_but_told_of_the_breach(desk: Stage) -> None:
    order = answered(desk)
    warned = to(desk.step(hours=10), CHEN)
    orders(desk, order, "Still at it.", minutes=0)
    receipt = to(orders(desk, warned, "#知悉", sender=CHEN, minutes=0), CHEN)
    assert "不再提醒您快到时限" in receipt.text
    assert "没有需要改动" not in receipt.text
    assert [to_ for to_, event in told(desk.step(hours=6)) if event == "sla-warned"] == ["wei"]
    assert [e.data["spared"] for e in desk.events() if "spared" in e.data] == [[CHEN]]
    said = "\n".join(explaining.sentences(desk.ticket(), desk.events(), desk.desk.policy))
    assert f"{CHEN} was not told again: he had acknowledged it" in said
    assert "chen acknowledged: resolution (is told of its breach, but not warned again)" in said
    assert told(desk.step(hours=4))["chen", "sla-breached"] == 1


def test_who_acknowledged_a_breach_hears_no_more_of_it_and_the_journal_has_every_rung(desk: Stage) -> None:
    answered(desk)
    breach = to(desk.step(hours=20), WEI)
    receipt = to(orders(desk, breach, "#ack", sender=WEI, minutes=0), WEI)
    assert "you are told no more that it is overdue" in receipt.text
    assert told(desk.step(hours=2)) == Counter({("chen", "sla-breached"): 1})
    assert told(desk.step(hours=2)) == Counter({("chen", "sla-breached"): 1})
    assert {e.data["at"] for e in desk.events() if e.data.get("clock") == "resolution"} == {
        "50%", "80%", "100%", "100% + 2h", "100% + 4h"
    }  # fmt: skip
    assert events.replay(desk.events()) == desk.ticket()


def test_another_clock_a_new_priority_and_a_reopened_ticket_are_told_of_again(desk: Stage) -> None:
    desk.write(SARAH, "Printer jams", "It jams.")
    order = to(desk.step(), "li@corp.example")
    orders(desk, to(desk.step(hours=5), CHEN), "#ack", sender=CHEN, minutes=0)
    assert desk.ticket().seen == ("chen response warned",)
    outs = desk.step(hours=5)
    assert told(outs) == Counter({("chen", "sla-breached"): 1, ("wei", "sla-breached"): 1})
    assert "Also due: resolution" in to(outs, WEI).text
    orders(desk, order, "#priority P2", minutes=0)
    assert desk.ticket().seen == ()


def test_before_anything_ran_out_there_is_nothing_to_acknowledge(desk: Stage) -> None:
    desk.write(SARAH, "Printer jams", "It jams.")
    order = to(desk.step(), "li@corp.example")
    receipt = to(orders(desk, order, "#ack"), "li@corp.example")
    assert "Nothing had run out so far" in receipt.text
    assert desk.ticket().seen == ()


def test_an_engineer_who_writes_after_the_reminder_spares_the_requester_the_automatic_mail(desk: Stage) -> None:
    order = answered(desk)
    (nudge,) = desk.step(minutes=160)
    assert (nudge.to, nudge.event) == ("li@corp.example", "progress")
    assert "If nobody has written by Mon 9 Nov, 12:10" in nudge.text
    orders(desk, order, "The part comes tomorrow.", minutes=5)
    assert desk.step(minutes=159) == []
    (again,) = desk.step(minutes=1)
    assert again.to == "li@corp.example"
    orders(desk, order, "#note I have nothing to say yet", minutes=5)
    (mail,) = desk.step(minutes=25)
    assert (mail.to, mail.event, "still working on" in mail.text) == ("sarah@corp.example", "", True)
    assert [e.data["to"] for e in desk.events() if e.kind == "progressed"] == ["assignee", "assignee", "requester"]


def test_a_desk_that_comes_late_still_keeps_its_word_to_the_requester(desk: Stage) -> None:
    answered(desk)
    assert told(desk.step(hours=4)) == Counter({("sarah", ""): 1, ("li", "sla-breached"): 1})
    assert [e.data["at"] for e in desk.events() if e.kind == "rung-skipped"] == ["nudge"]


def test_a_group_that_gives_a_ticket_away_leaves_its_verdict_behind(desk: Stage) -> None:
    order = answered(desk)
    orders(desk, order, "#assign l2", minutes=50)
    orders(desk, order, "#assign l1", minutes=70)
    orders(desk, order, "#priority P2\n#assign l2", minutes=10)
    orders(desk, order, "#assign li", minutes=61)
    orders(desk, order, "#assign l1", minutes=10)
    verdicts = [event.data for event in desk.events() if event.kind == "handed-over"]
    assert [(v["group"], v["to"], v["state"], v["seconds"], v["target"]) for v in verdicts] == [
        ("l2", "l1", "met", 70 * 60, "2h"),
        ("l2", "l1", "missed", 71 * 60, "1h"),
    ]
    shown = list(stating.handed_over_lines(desk.events(), desk.desk.policy))
    assert shown[0] == "  ola of l2: met, it had it for 1h10m of 2h, 2026-11-09 09:50 to 2026-11-09 11:00"
    said = "\n".join(explaining.sentences(desk.ticket(), desk.events(), desk.desk.policy))
    assert "group l2 gave it away: missed, it had it for 1h11m of 1h" in said


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("ack", "seen"),
        ("收到，谢谢", "seen"),
        ("stop", "ladder-stopped"),
        ("延期 2小时 等配件", "extended"),
        ("reassign zhao", "assigned"),
        ("停止升级\n\n陈刚\n信息部", "ladder-stopped"),
    ],
)
def test_a_bare_word_answers_an_escalation_and_never_reaches_the_requester(desk: Stage, words: str, kind: str) -> None:
    answered(desk)
    warned = to(desk.step(hours=10), CHEN)
    outs = orders(desk, warned, words, sender=CHEN)
    assert kind in [event.kind for event in desk.events()]
    assert [out.event for out in outs if out.to == CHEN] == ["receipt"]
    assert not [out for out in outs if out.to == "sarah@corp.example"]


def test_lengths_are_said_in_the_readers_language(desk: Stage) -> None:
    answered(desk)
    warned = to(desk.step(hours=10), CHEN)
    receipt = to(orders(desk, warned, "#延期 2小时 等配件", sender=CHEN), CHEN)
    assert "→ 2 小时" in receipt.text
