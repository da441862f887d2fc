"""A mail of the desk comes back: tied to its ticket, told to the team when it is for good, never answered."""

import pytest

from fixtures.office import ask, kinds, last, orders, taken
from fixtures.reports import report
from fixtures.stage import Out, Stage, to


def bounced(stage: Stage, out: Out, **how: str) -> list[Out]:
    stage.post(report(out, **how))
    return stage.step(minutes=1)


def test_an_answer_that_bounces_is_on_the_ticket_and_the_assignee_hears_why(desk: Stage) -> None:
    answer = to(orders(desk, taken(desk), "On my way."), "sarah@corp.example")
    (out,) = bounced(desk, answer)
    assert (out.to, out.event) == ("li@corp.example", "undelivered")
    assert "550 no such user" in out.text
    event = last(desk, "bounced")
    assert event.data["permanent"]
    assert event.data["recipient"] == "sarah@corp.example"
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize(
    ("action", "status"),
    [("delayed", "4.4.1"), ("failed", "4.2.2"), ("delivered", "2.0.0"), ("relayed", "2.0.0")],
)
def test_a_delay_or_a_success_is_only_recorded(stage: Stage, action: str, status: str) -> None:
    answer = to(orders(stage, taken(stage), "On my way."), "sarah@corp.example")
    assert bounced(stage, answer, action=action, status=status) == []
    assert not last(stage, "bounced").data["permanent"]


def test_a_bounce_changes_no_state_and_reopens_nothing(stage: Stage) -> None:
    order = taken(stage)
    done = to(orders(stage, order, "#resolve The drum is new."), "sarah@corp.example")
    bounced(stage, done)
    assert stage.ticket().status == "resolved"
    stage.step(days=6)
    assert stage.ticket().status == "closed"
    stage.post(report(done, diagnostic="550 still no such user"))
    assert stage.step() == []
    assert stage.ticket().status == "closed"


def test_the_bounced_assignee_is_not_told_of_his_own_dead_address(stage: Stage) -> None:
    order = taken(stage)
    outs = bounced(stage, order)
    assert [(out.to, out.event) for out in outs] == [("chen@corp.example", "undelivered")]


def test_a_report_about_no_mail_of_ours_is_held_and_answered_by_nobody(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    forged = report(order).replace(
        order.mail.message_id.encode(), b"1001.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb@corp.example"
    )
    stage.post(forged)
    assert stage.step(minutes=1) == []
    assert "bounced" not in kinds(stage)
    assert stage.ticket(1002).held


def test_a_bounce_of_the_bounce_is_silent_too(stage: Stage) -> None:
    order = taken(stage)
    (told,) = bounced(stage, order)
    again = report(told).replace(b"dsn@relay.example", b"dsn2@relay.example")
    stage.post(again)
    outs = stage.step(minutes=1)
    assert all(out.event == "undelivered" and out.to != told.to for out in outs)
    assert len(outs) <= 1
