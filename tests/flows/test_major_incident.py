"""A surge of like mails becomes a major incident: proposed, declared, one bulletin, one all-clear, a review sheet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixtures.office import LI, SARAH, ask, kinds, last, orders, playing, whole
from fixtures.stage import Out, Stage, to
from maildesk.cli import app, explaining
from maildesk.desk.clocks import sla

ZHAO = "赵敏 <zhao@corp.example>"  # leads l2-network
MAILS = (
    ("王芳 <fang@corp.example>", "VPN 连不上", "VPN 一直连接失败"),
    ("Tom <tom@corp.example>", "VPN down", "I cannot connect to the VPN"),
    ("刘涛 <tao@corp.example>", "vpn 拨不上", "在家 vpn 连不上，报错"),
    ("Ann <ann@corp.example>", "no VPN", "unable to connect to the VPN since ten"),
    ("陈晨 <chenchen@corp.example>", "VPN 无法连接", "VPN 连接不上，麻烦看看"),
)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A desk with all of the starter policy."""
    with playing(tmp_path / "home", whole=True) as stage:
        yield stage


def surge(stage: Stage, mails: int = 5) -> list[Out]:
    """So many like mails, a minute between two; what the last one brought about."""
    outs: list[Out] = []
    for sender, subject, body in MAILS[:mails]:
        stage.now += timedelta(minutes=1)
        stage.write(sender, subject, body)
        outs = stage.step()
    return outs


def declared(stage: Stage) -> Out:
    """The proposal that its lead has said yes to."""
    proposal = next(out for out in surge(stage) if out.event == "surge")
    orders(stage, proposal, "#重大", sender=ZHAO)
    return proposal


def test_five_like_mails_of_five_people_are_proposed_to_the_lead_once(stage: Stage) -> None:
    assert not [out for out in surge(stage, 4) if out.event == "surge"]
    stage.now += timedelta(minutes=1)
    stage.write(*MAILS[4])
    (proposal,) = [out for out in stage.step() if out.event == "surge"]
    assert proposal.to == "zhao@corp.example"
    assert "5 封同类来信" in proposal.mail.subject
    assert "MD-1001" in proposal.text
    assert stage.ticket(1005).wave == (1001, 1002, 1003, 1004)
    assert not [out for out in ask(stage, subject="VPN", body="cannot connect to the VPN") if out.event == "surge"]
    why = last(stage, "surged", 1005)
    assert "5th like mail of 5 people" in explaining._SENTENCES["surged"](why.data, why)


def test_one_person_writing_five_times_is_no_surge(tmp_path: Path) -> None:
    rules = {"10.yaml": "surge: {mails: 5, people: 3}\n"}
    with playing(tmp_path / "desk", rules=rules) as stage:
        for _, subject, body in MAILS:
            outs = ask(stage, sender=SARAH, subject=subject, body=body)
            assert not [out for out in outs if out.event == "surge"]


def test_the_leads_yes_attaches_the_others_and_tells_the_managers_at_once(stage: Stage) -> None:
    proposal = next(out for out in surge(stage) if out.event == "surge")
    outs = orders(stage, proposal, "#major", sender=ZHAO)
    ticket = stage.ticket(1005)
    assert (ticket.major, ticket.impact, ticket.priority) == (True, "major", "P1")
    assert {out.to for out in outs if out.event == "major"} == {"zhao@corp.example", "zhou@corp.example"}
    for number in range(1001, 1005):
        child = stage.ticket(number)
        assert (child.attached, child.priority) == (1005, "P1")
        assert sla.clocks(child, stage.desk.policy, stage.now) == ()
    assert len(sla.clocks(ticket, stage.desk.policy, stage.now)) == 2


def test_whoever_does_not_lead_cannot_declare_one(stage: Stage) -> None:
    work = to(ask(stage, subject="Toner", body="toner is empty"), "li@corp.example")
    (receipt,) = orders(stage, work, "#major", sender=LI)
    assert "只有组长或经理可以这样做" in receipt.text
    assert not stage.ticket().major


def test_a_further_like_mail_is_attached_and_answered_with_the_bulletin(stage: Stage) -> None:
    proposal = declared(stage)
    orders(stage, proposal, "#通报 专线中断，预计十一点恢复\n\nThe line is cut, back at eleven.", sender=ZHAO)
    outs = ask(stage, subject="VPN does not work", body="I cannot connect to the VPN")
    assert {out.to for out in outs} == {"sarah@corp.example"}
    text = outs[0].text
    assert "We know of this fault already" in text
    assert "The line is cut, back at eleven." in text
    assert "专线中断" not in text
    assert stage.ticket(1006).attached == 1005


def test_a_bulletin_reaches_everybody_affected_in_his_language_and_stops_the_response_clock(stage: Stage) -> None:
    proposal = declared(stage)
    outs = orders(
        stage, proposal, "#bulletin\n\n专线中断，预计十一点恢复\n\nThe line is cut, back at eleven.", sender=ZHAO
    )
    hers, his = to(outs, "fang@corp.example"), to(outs, "tom@corp.example")
    assert "专线中断" in hers.text
    assert "The line is cut" not in hers.text
    assert "The line is cut" in his.text
    assert len([out for out in outs if "@corp.example" in out.to and out.to != "zhao@corp.example"]) == 5
    assert all(stage.ticket(number).responded_at for number in range(1001, 1006))
    assert "tom@corp.example" not in whole([hers])


@pytest.mark.parametrize("word", ["#all-clear", "#恢复"])
def test_the_all_clear_resolves_all_asks_each_and_sends_the_review(stage: Stage, word: str) -> None:
    proposal = declared(stage)
    orders(stage, proposal, "#bulletin we are on it", sender=ZHAO)
    outs = orders(stage, proposal, f"{word} The line is back.", sender=ZHAO, minutes=50)
    assert [stage.ticket(number).status for number in range(1001, 1006)] == ["resolved"] * 5
    mails = [out for out in outs if "The line is back." in out.text and not out.event]
    assert sorted(out.to.partition("@")[0] for out in mails) == ["ann", "chenchen", "fang", "tao", "tom"]
    review = next(out for out in outs if out.event == "major-review")
    assert review.to == "zhao@corp.example"
    for words in ("宣布为重大故障", "发出通报", "宣布恢复", "影响 5 张工单"):
        assert words in review.text


def test_a_major_incident_that_is_opened_again_takes_its_resolved_children_along(stage: Stage) -> None:
    proposal = declared(stage)
    orders(stage, proposal, "#all-clear it is back", sender=ZHAO)
    orders(stage, proposal, "#reopen it is down again", sender=ZHAO)
    found = [stage.ticket(number) for number in range(1001, 1006)]
    assert "resolved" not in {ticket.status for ticket in found}
    lead = next(ticket.number for ticket in found if ticket.major)
    assert {ticket.attached for ticket in found if not ticket.major} == {lead}


def test_a_requester_who_objects_gets_his_ticket_and_its_clocks_back(stage: Stage) -> None:
    proposal = declared(stage)
    outs = orders(stage, proposal, "#all-clear it is back", sender=ZHAO)
    orders(stage, to(outs, "tom@corp.example"), "It still does not work for me.", sender=MAILS[1][0])
    child = stage.ticket(1002)
    assert (child.status, child.attached) == ("assigned", 0)
    assert sla.clocks(child, stage.desk.policy, stage.now)


def test_by_policy_it_is_opened_without_a_question(tmp_path: Path) -> None:
    rules = {"10.yaml": "surge: {mails: 3, people: 3, then: open}\n"}
    with playing(tmp_path / "desk", rules=rules) as stage:
        surge(stage, 3)
        assert stage.ticket(1003).major
        assert [stage.ticket(number).attached for number in (1001, 1002)] == [1003, 1003]
        assert "alarmed" in kinds(stage, 1003)


def test_hostile_subjects_change_no_layout_of_the_proposal(stage: Stage) -> None:
    for number, (sender, subject, body) in enumerate(MAILS):
        stage.write(sender, f"<img src=x> {subject} [x](http://evil.example) {number}", body)
    proposal = next(out for out in stage.step() if out.event == "surge")
    assert "<img" not in proposal.mail.html
    assert 'href="http://evil' not in proposal.mail.html


def test_what_reached_everybody_cannot_be_undone_and_the_ticket_says_so(stage: Stage) -> None:
    proposal = declared(stage)
    for words in ("#bulletin we are on it", "#all-clear it is back"):
        orders(stage, proposal, words, sender=ZHAO)
        (receipt,) = [out for out in orders(stage, proposal, "#undo", sender=ZHAO) if out.to == "zhao@corp.example"]
        assert "不能撤销" in receipt.text
    assert [stage.ticket(number).status for number in range(1001, 1006)] == ["resolved"] * 5


def test_the_command_line_leads_a_major_incident_as_mails_do(stage: Stage) -> None:
    surge(stage)

    def ticket(*words: str) -> str:
        result = CliRunner().invoke(app("ticket"), ["--config", str(stage.home / "maildesk.toml"), "ticket", *words])
        assert result.exit_code == 0, result.output
        return result.output

    ticket("major", "1005", "the", "line", "is", "cut")
    ticket("bulletin", "1005", "Back", "at", "eleven.")
    ticket("all-clear", "1005", "The line is back.")
    assert [stage.ticket(number).status for number in range(1001, 1006)] == ["resolved"] * 5
    stage.now = datetime.now(UTC)  # the command line's time
    assert len([out for out in stage.step() if "The line is back." in out.text and not out.event]) == 5
