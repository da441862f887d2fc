"""Escalation as people live it: more time, help asked in, working hours, one mail for many, and clocks that jump."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from fixtures.office import SARAH, kinds, last, orders, playing, reload
from fixtures.stage import SHANGHAI, Out, Stage, to
from maildesk.desk import events
from maildesk.runners import sla

PEOPLE = """
defaults: {impact: medium, urgency: medium, group: l1}
people:
  li: {name: Li Lei, addresses: [li@corp.example], language: en, manager: chen, calendar: office}
  chen: {name: Chen Gang, addresses: [chen@corp.example], language: zh, level: manager, calendar: office, manager: wei}
  wei: {name: Wei Ming, addresses: [wei@corp.example], language: en, level: manager, calendar: office}
  zhao: {name: Zhao Min, addresses: [zhao@corp.example], language: en, manager: chen}
groups:
  l1: {level: L1, members: [li], lead: li, escalates_to: l2}
  l2: {level: L2, members: [zhao], lead: zhao}
calendars:
  office: {timezone: Asia/Shanghai, week: {mon-fri: ["09:00-18:00"]}}
  day: {timezone: Asia/Shanghai, week: {mon-sun: ["08:00-22:00"]}}
"""
POLICY = """
sla:
  P3: {calendar: office, response: 2h, update: 3h, resolution: 8h, ladder: {response: mild, resolution: steep}}
  P3 group=l2: {calendar: day, resolution: 10h}
ladders:
  mild: [{at: 30m before, tell: [assignee]}, {at: 100%, tell: [lead]}]
  steep: [{at: 50%, tell: [assignee], ask_in: next}, {at: 100%, tell: [manager]}]
ola:
  l2: {calendar: office, time: 2h, ladder: handed}
pending: {remind: [1d, 3d], longest: 5d, then: close}
closing: {remind: [1d, 3d]}
progress: {tell: requester}
forecast: {at: ["09:00", "14:00"], to: [lead, manager]}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Stage]:
    policy = POLICY.replace("ola:", "  handed: [{at: 50%, tell: [lead]}]\nola:")
    with playing(tmp_path / "desk", rules={"10.yaml": PEOPLE, "20.yaml": policy}) as stage:
        stage.step()  # a desk that has looked before
        yield stage


def told(outs: list[Out]) -> Counter[tuple[str, str]]:
    """To whom, about what; the requester's mails do not say their event."""
    return Counter((out.to.partition("@")[0], out.event) for out in outs if out.event != "forecast")


def escalations(outs: list[Out]) -> list[Out]:
    return [out for out in outs if out.event != "forecast"]


def opened(stage: Stage) -> Out:
    stage.write(SARAH, "Printer jams", "It jams.")
    return to(escalations(stage.step()), "li@corp.example")


def answered(stage: Stage) -> Out:
    """A ticket of li's whose requester had an answer after ten minutes."""
    order = opened(stage)
    orders(stage, order, "I am looking at it.", minutes=10)
    return order


def test_a_warning_comes_so_long_before_the_target_as_the_ladder_says(desk: Stage) -> None:
    opened(desk)
    assert told(desk.step(minutes=89)) == Counter()
    (out,) = desk.step(minutes=1)
    assert (out.to, out.event) == ("li@corp.example", "sla-warned")
    assert "30 minutes left" in out.mail.subject
    assert told(desk.step(minutes=30)) == Counter({("li", "sla-breached"): 1})


def test_the_update_clock_runs_from_answer_to_answer_and_tells_the_requester_before(desk: Stage) -> None:
    order = answered(desk)
    assert told(desk.step(minutes=143)) == Counter()
    (out,) = desk.step(minutes=1)
    assert out.to == "sarah@corp.example"
    assert "still working on" in out.text
    assert desk.ticket().updated_at is not None
    assert "not solved yet" in out.mail.html
    assert desk.step(minutes=1) == []
    orders(desk, order, "The part is ordered.", minutes=5)
    assert told(desk.step(minutes=100)) == Counter({("li", "sla-warned"): 1, ("zhao", "asked-in"): 1})
    assert [out.to for out in escalations(desk.step(minutes=44))] == ["sarah@corp.example"]


def test_a_functional_rung_asks_the_next_level_in_with_a_summary(desk: Stage) -> None:
    answered(desk)
    outs = desk.step(minutes=3 * 60 + 50)
    asked = to(outs, "zhao@corp.example")
    assert asked.event == "asked-in"
    assert "Your help is wanted" in asked.mail.subject
    assert [event.data["asked"] for event in desk.events() if "asked" in event.data] == ["l2"]
    orders(desk, asked, "#take", sender="zhao@corp.example")
    assert desk.ticket().assignee == "zhao"


def test_a_group_has_targets_and_a_clock_of_its_own(desk: Stage) -> None:
    order = answered(desk)
    orders(desk, order, "#assign l2")
    assert told(desk.step(minutes=59)) == Counter()
    assert told(desk.step(minutes=1)) == Counter({("zhao", "sla-warned"): 1})
    assert last(desk, "escalated").data["clock"] == "ola"


def test_more_time_with_a_reason_moves_the_resolution_and_a_stop_silences_the_ladder(desk: Stage) -> None:
    order = answered(desk)
    receipt = to(orders(desk, order, "#extend 2h the part comes at noon"), "li@corp.example")
    assert "2 hours" in receipt.text
    assert last(desk, "extended").data["reason"] == "the part comes at noon"
    assert desk.ticket().extended == 7200
    receipt = to(orders(desk, order, "＃延期 1小时 等配件"), "li@corp.example")
    assert desk.ticket().extended == 3 * 3600
    receipt = to(orders(desk, order, "#extend 2h"), "li@corp.example")
    assert "say why" in receipt.text
    orders(desk, order, "#ack")
    orders(desk, order, "#stop")
    assert desk.ticket().ladder_stopped == "li"
    desk.step(days=3)
    assert "escalated" not in kinds(desk)
    orders(desk, order, "#priority P2")
    assert desk.ticket().ladder_stopped == ""


def test_who_is_off_duty_hears_when_his_day_begins(desk: Stage) -> None:
    desk.now = datetime(2026, 11, 13, 17, 0, tzinfo=SHANGHAI)  # a Friday
    orders(desk, opened(desk), "#assign l2", minutes=0)
    desk.now = datetime(2026, 11, 14, 13, 0, tzinfo=SHANGHAI)  # ten hours of the calendar of l2
    assert not {out.to for out in desk.step()} & {"chen@corp.example"}
    waiting = [event.data["later"] for event in desk.events() if "later" in event.data]
    assert waiting == [{"chen@corp.example": "2026-11-16T01:00:00+00:00"}]
    desk.now = datetime(2026, 11, 16, 8, 59, tzinfo=SHANGHAI)
    assert told(desk.step()) == Counter()
    (out,) = escalations(desk.step(minutes=1))
    assert (out.to, out.event) == ("chen@corp.example", "sla-breached")
    assert "已超时 1 天 20 小时" in out.mail.subject  # as it is when he reads it


def test_a_p1_wakes_people_up(desk: Stage) -> None:
    desk.now = datetime(2026, 11, 13, 17, 0, tzinfo=SHANGHAI)
    order = opened(desk)
    (desk.home / "rules" / "20.yaml").write_text(
        "sla: {P1: {calendar: always, response: 1h, resolution: 9h, ladder: l}}\n"
        "ladders: {l: [{at: 100%, tell: [manager]}]}\n"
    )
    reload(desk)
    orders(desk, order, "#priority P1", minutes=0)
    assert told(desk.step(hours=1)) == Counter({("chen", "sla-breached"): 1})


def test_the_requester_is_chased_and_the_ticket_closed_with_a_way_back(desk: Stage) -> None:
    order = answered(desk)
    orders(desk, order, "Which printer is it?\n\n#pending")
    (first,) = desk.step(days=1)
    assert first.to == "sarah@corp.example"
    assert "without you" in first.text
    assert desk.step(hours=1) == []
    (second,) = desk.step(days=2)
    assert "your reply still reaches us afterwards" in second.text
    (closed,) = desk.step(days=2)
    assert "It is not solved: to come back to it, reply" in closed.text
    assert (desk.ticket().status, desk.ticket().pauses[-1].end) == ("closed", desk.ticket().closed_at)
    outs = orders(desk, closed, "Room 12.", sender=SARAH)
    assert told(outs) == Counter({("li", "reopened"): 1})


def test_who_is_asked_again_has_as_long_again_to_answer(desk: Stage) -> None:
    order = answered(desk)
    orders(desk, order, "Which printer is it?\n\n#pending")
    assert len(desk.step(days=1)) == 1
    asked = orders(desk, order, "Or which floor?\n\n#pending", days=1)
    assert [out.event for out in asked if out.to == "sarah@corp.example"] == [""]
    assert desk.step(hours=23) == []
    assert len(desk.step(hours=2)) == 1
    assert desk.ticket().status == "pending"


def test_nobody_is_chased_while_a_vendor_or_a_date_is_waited_for(desk: Stage) -> None:
    order = answered(desk)
    orders(desk, order, "#pending vendor sends the part")
    assert desk.step(days=4) == []
    assert told(desk.step(days=1)) == Counter({("li", "resumed"): 1})
    assert desk.ticket().status == "in progress"


def test_the_requester_is_asked_twice_whether_it_is_solved_and_then_it_closes(desk: Stage) -> None:
    order = answered(desk)
    receipt = to(orders(desk, order, "#resolve New drum."), "li@corp.example")
    assert "#cause" in receipt.text
    assert "#solution" not in receipt.text.partition("There is")[0]
    assert ["Is MD-1001 solved for you?" in " ".join(out.text.split()) for out in desk.step(days=1)] == [True]
    assert len(desk.step(days=2)) == 1
    assert ["not heard from you" in out.text for out in desk.step(days=2)] == [True]
    assert kinds(desk).count("chased") == 2


def test_a_score_closes_and_is_kept_and_a_bad_one_is_told_to_the_team(desk: Stage) -> None:
    order = answered(desk)
    done = to(orders(desk, order, "#resolve New drum.\n#cause worn drum"), "sarah@corp.example")
    outs = orders(desk, done, "2分，等了三天", sender=SARAH)
    assert told(outs) == Counter({("li", "requester-replied"): 1})
    assert desk.ticket().status == "resolved"
    orders(desk, done, "5, thank you", sender=SARAH)
    assert desk.ticket().status == "closed"
    assert [(e.data["score"], e.data["comment"]) for e in desk.events() if e.kind == "rated"] == [
        (2, "等了三天"),
        (5, "thank you"),
    ]
    assert desk.ticket().fields["cause"] == "worn drum"


def test_one_word_closes_a_ticket_that_waited_and_solved_itself(desk: Stage) -> None:
    order = answered(desk)
    question = to(orders(desk, order, "Which printer?\n\n#pending"), "sarah@corp.example")
    orders(desk, question, "Solved, thanks", sender=SARAH)
    assert desk.ticket().status == "closed"


def test_the_forecast_comes_once_at_its_hour_and_says_why(desk: Stage) -> None:
    opened(desk)
    assert told(desk.step(hours=1)) == Counter()
    desk.now = datetime(2026, 11, 9, 13, 59, tzinfo=SHANGHAI)
    desk.step()
    outs = [out for out in desk.step(minutes=1) if out.event == "forecast"]
    assert {out.to for out in outs} == {"li@corp.example", "chen@corp.example"}
    assert "nobody has taken it" in to(outs, "li@corp.example").text
    assert "无人接单" in to(outs, "chen@corp.example").text
    assert [out for out in desk.step(minutes=1) if out.event == "forecast"] == []


def test_after_a_long_stop_many_escalations_are_one_mail_a_person(desk: Stage) -> None:
    for number in range(12):
        desk.write(SARAH, f"Broken {number}", "It is broken.")
    desk.step()
    desk.step(minutes=1)
    outs = desk.step(hours=72)
    assert Counter(out.event for out in outs if out.to != "sarah@corp.example")["digest"] == 2
    mine = next(out for out in outs if out.to == "chen@corp.example" and out.event == "digest")
    assert "没有运行" in mine.text
    assert "MD-1012" in mine.text
    assert all(kinds(desk, number).count("escalated") >= 1 for number in range(1001, 1013))
    assert [out for out in desk.step(minutes=1) if out.event == "digest"] == []


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 11, 9, 9, 0, tzinfo=SHANGHAI),
        datetime(2028, 2, 28, 9, 0, tzinfo=SHANGHAI),
        datetime(2026, 12, 31, 9, 0, tzinfo=SHANGHAI),
    ],
)
def test_a_clock_that_jumps_back_and_forth_passes_each_rung_once(desk: Stage, start: datetime) -> None:
    desk.now = start
    opened(desk)
    for hours in (1, -1, 2, -2, 24, -24, 3, 72, -72, 100, -1, 200):
        desk.step(hours=hours)
    rungs = Counter((e.data["clock"], e.data["at"]) for e in desk.events() if e.kind in ("escalated", "rung-skipped"))
    assert set(rungs) == {
        ("response", "30m before"),
        ("response", "100%"),
        ("resolution", "50%"),
        ("resolution", "100%"),
    }
    assert set(rungs.values()) == {1}
    assert events.replay(desk.events()) == desk.ticket()


def test_new_targets_count_for_the_tickets_that_there_are(desk: Stage) -> None:
    opened(desk)
    (desk.home / "rules" / "20.yaml").write_text(
        "sla: {P3: {calendar: always, response: 1h, resolution: 2h, ladder: l}}\n"
        "ladders: {l: [{at: 100%, tell: [lead]}]}\n"
    )
    reload(desk)
    assert sla.policy_changed(desk.desk, desk.now) == (1001, 1)
    assert sla.policy_changed(desk.desk, desk.now) == (1001, 0)
    assert sla.policy_changed(desk.desk, desk.now, 1001) == (0, 0)
    assert told(desk.step(minutes=60)) == Counter({("li", "sla-breached"): 1})
