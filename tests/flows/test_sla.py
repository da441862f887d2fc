"""Clocks run out: a warning, the breach, the manager; each rung once, over restarts and after a stop."""

from fixtures.office import SARAH, ask, kinds, orders
from fixtures.stage import Out, Stage, to
from maildesk import daemon, settings

LOUD = "Network down for the whole company"


def told(outs: list[Out]) -> set[tuple[str, str]]:
    return {(out.to.partition("@")[0], out.event) for out in outs}


def restart(stage: Stage) -> None:
    """Another desk on the same store."""
    stage.desk.engine.dispose()
    stage.desk = daemon.open_desk(settings.load(stage.home / "maildesk.toml"))


def urgent(stage: Stage) -> Out:
    order = to(ask(stage, subject=LOUD, body="Nobody can work. Urgent!"), "wang@corp.example")
    assert stage.ticket().priority == "P1"
    return order


def test_the_ladder_climbs_rung_by_rung_each_once_over_restarts(desk: Stage) -> None:
    urgent(desk)
    assert desk.step(minutes=7) == []
    assert told(desk.step(minutes=1)) == {("wang", "sla-warned")}
    restart(desk)
    assert desk.step() == []
    assert told(desk.step(minutes=4)) == {("wang", "sla-warned"), ("zhao", "sla-warned")}
    restart(desk)
    assert told(desk.step(minutes=3)) == {("zhao", "sla-breached"), ("zhou", "sla-breached")}
    assert desk.step(minutes=10) == []
    restart(desk)
    assert told(desk.step(minutes=50)) == {("zhou", "sla-breached")}
    assert desk.step(minutes=5) == []


def test_after_a_stop_only_the_highest_rung_is_mailed_and_the_others_recorded(stage: Stage) -> None:
    urgent(stage)
    restart(stage)
    assert told(stage.step(minutes=40)) == {("zhao", "sla-breached"), ("zhou", "sla-breached")}
    assert kinds(stage).count("rung-skipped") == 2
    assert kinds(stage).count("escalated") == 1
    restart(stage)
    assert stage.step(minutes=1) == []


def test_a_warning_of_a_ladder_leaves_first_and_says_how_long_is_left(stage: Stage) -> None:
    urgent(stage)
    (out,) = stage.step(minutes=8)
    assert out.mail.subject == f"[MD-1001] 首次响应时限还剩 7 分钟：{LOUD}"
    assert list(out.mail.values("Importance")) == ["high"]


def test_an_answer_in_time_stops_the_response_ladder(stage: Stage) -> None:
    order = urgent(stage)
    orders(stage, order, "A switch lost power, I am on it.", sender="wang@corp.example", minutes=5)
    assert stage.step(hours=1) == []
    assert stage.ticket().responded_at is not None


def test_the_resolution_ladder_waits_while_pending_and_goes_on_afterwards(desk: Stage) -> None:
    order = urgent(desk)
    orders(
        desk, order, "Waiting for the part.\n\n#pending until 2026-11-10 09:00", sender="wang@corp.example", minutes=5
    )
    assert desk.step(hours=20) == []
    assert told(desk.step(hours=4)) == {("zhao", "forecast"), ("wang", "worklist")}
    assert desk.ticket().status == "in progress"
    # 5 minutes ran before the pause, half of 4 hours is 2 hours.
    assert desk.step(minutes=108) == []
    assert told(desk.step(minutes=3)) == {("wang", "sla-warned")}


def test_a_higher_priority_counts_from_the_opening(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    outs = orders(stage, order, "#priority P1", minutes=13)
    assert told(outs) == {("li", "receipt"), ("li", "sla-warned"), ("han", "sla-warned"), ("chen", "sla-warned")}


def test_a_resolution_ends_every_clock_and_an_objection_starts_it_again(stage: Stage) -> None:
    order = urgent(stage)
    done = to(orders(stage, order, "#resolve Switch replaced.", sender="wang@corp.example"), "sarah@corp.example")
    assert stage.step(hours=5) == []
    orders(stage, done, "not solved", sender=SARAH, minutes=1)
    assert told(stage.step(minutes=118)) == set()
    assert told(stage.step(minutes=2)) == {("wang", "sla-warned")}


def test_a_confirmed_resolution_is_silent_for_ever(stage: Stage) -> None:
    order = urgent(stage)
    done = to(orders(stage, order, "#resolve Switch replaced.", sender="wang@corp.example"), "sarah@corp.example")
    orders(stage, done, "Solved, thanks", sender=SARAH)
    assert stage.step(days=30) == []


def test_a_held_ticket_has_no_clocks(stage: Stage) -> None:
    ask(stage, "eve@elsewhere.example", LOUD, "Urgent!", X_Spam_Flag="YES")
    assert {out.event for out in stage.step(days=3)} <= {"worklist"}  # that somebody judges it
