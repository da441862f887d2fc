"""The staff open a ticket for somebody who called or came by, or pass on his mail."""

from dataclasses import replace

import pytest

from fixtures.office import HAN, SARAH, ask, last, orders, whole
from fixtures.stage import Stage, to

SMITH = "Alex Smith <smith@corp.example>"  # of another group than the one that gets it


@pytest.mark.parametrize(
    ("first", "channel"),
    [
        ("for: Sarah Miller <sarah@corp.example>\nchannel: phone", "phone"),
        ("#for: sarah@corp.example", "staff"),
        ("代：sarah@corp.example\n渠道：电话", "phone"),
        ("申请人：Sarah Miller <sarah@corp.example>\n来源：现场", "walk-in"),
    ],
)
def test_the_ticket_is_of_the_one_who_is_named_and_he_hears_its_number(stage: Stage, first: str, channel: str) -> None:
    outs = ask(stage, SMITH, "Printer jams", f"{first}\n\nThe printer on floor 3 jams.")
    ticket = stage.ticket()
    assert ticket.requester.address == "sarah@corp.example"
    assert ticket.fields["channel"] == channel
    told = to(outs, "sarah@corp.example")
    assert told.event == ""
    assert "Alex Smith has registered this request for you" in told.text or "Alex Smith 已经为您登记" in told.text
    assert "MD-1001" in told.mail.subject
    assert not told.mail.in_reply_to or told.mail.in_reply_to == told.mail.references[:1]
    order = to(outs, "li@corp.example")
    assert "The printer on floor 3 jams." in order.text
    assert "for: " not in order.text
    assert "代：" not in order.text
    assert last(stage, "opened").actor == "smith"


def test_who_opened_it_gets_a_mail_by_which_he_may_work_on_it(stage: Stage) -> None:
    outs = ask(stage, SMITH, "Printer jams", "for: sarah@corp.example\n\nIt jams.")
    registered = to(outs, "smith@corp.example")
    assert registered.event == "registered"
    orders(stage, registered, "#take", sender=SMITH)
    assert stage.ticket().assignee == "smith"
    answer = to(orders(stage, registered, "I am on my way.", sender=SMITH), "sarah@corp.example")
    assert "I am on my way." in answer.text


def test_who_gets_the_work_order_anyway_is_not_told_twice(stage: Stage) -> None:
    outs = ask(stage, HAN, "Printer jams", "for: sarah@corp.example\n\nIt jams.")
    assert [out.event for out in outs if out.to == "han@corp.example"] == ["dispatched"]


def test_the_requester_answers_as_usual(stage: Stage) -> None:
    own = to(ask(stage, SMITH, "Printer jams", "for: sarah@corp.example\n\nIt jams."), "sarah@corp.example")
    orders(stage, own, "Now it smokes.", sender=SARAH)
    assert last(stage, "received").data["from"] == "sarah@corp.example"
    assert len(stage.tickets()) == 1


def test_the_mail_that_a_colleague_of_the_staff_passes_on_is_the_writers(stage: Stage) -> None:
    body = (
        "see below\n\n-----Original Message-----\nFrom: Sarah Miller <sarah@corp.example>\n"
        "Sent: Monday, November 9, 2026 8:00 AM\nTo: Alex Smith\nSubject: Printer jams\n\nIt jams since today.\n"
    )
    ask(stage, SMITH, "FW: Printer jams", body)
    assert stage.ticket().requester.address == "sarah@corp.example"
    assert stage.ticket().fields["channel"] == "forwarded mail"


def test_only_the_staff_may_speak_for_others(stage: Stage) -> None:
    outs = ask(stage, SARAH, "Printer jams", "for: victim@corp.example\n\nIt jams.")
    assert stage.ticket().requester.address == "sarah@corp.example"
    assert "victim@corp.example" not in [out.to for out in outs]


@pytest.mark.parametrize("result", ["fail", "none"])
def test_a_forged_member_of_the_staff_opens_it_for_himself_alone(stage: Stage, result: str) -> None:
    policy = replace(stage.desk.policy, authserv_id="mx.corp.example")
    stage.desk = replace(stage.desk, settings=replace(stage.desk.settings, policy=policy))
    stage.write(
        SMITH,
        "Printer jams",
        "for: victim@elsewhere.example\n\nBuy this.",
        Authentication_Results=f"mx.corp.example; dmarc={result} header.from=corp.example",
    )
    outs = stage.step()
    assert "victim@elsewhere.example" not in [out.to for out in outs]
    assert "Buy this" not in whole([out for out in outs if out.to.endswith("elsewhere.example")])
