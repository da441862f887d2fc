"""The same matter again: joined or linked, told to the engineer, hidden from other requesters, and taken back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.office import FANG, LI, SARAH, STRANGER, ask, kinds, last, orders, playing, whole
from fixtures.stage import Stage, to
from maildesk.cli import explaining

JAM = {"subject": "Printer jam on the 3rd floor", "body": "The printer on the 3rd floor has a paper jam again."}
AGAIN = {"subject": "3rd floor printer", "body": "Hello, paper jam in the printer on the 3rd floor, please help."}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A desk with all of the starter policy."""
    with playing(tmp_path / "home", whole=True) as stage:
        yield stage


def test_the_same_person_about_the_same_thing_joins_the_ticket_he_has(stage: Stage) -> None:
    ask(stage, **JAM)
    stage.now = stage.now.replace(hour=10)
    outs = ask(stage, **AGAIN)
    assert [ticket.number for ticket in stage.tickets()] == [1001]
    assert kinds(stage)[-2:] == ["received", "repeated"]
    told = to(outs, "li@corp.example")
    assert told.event == "requester-replied"
    assert "> 3rd floor printer" in told.text
    assert " % (相同的词：" in told.text
    assert "#拆分" in told.text
    receipt = to(outs, "sarah@corp.example")
    assert "[MD-1001]" in receipt.mail.subject
    assert "same matter as your ticket" in receipt.text


def test_a_joined_mail_is_split_off_again_by_one_word(stage: Stage) -> None:
    ask(stage, **JAM)
    outs = ask(stage, **AGAIN)
    orders(stage, to(outs, "li@corp.example"), "#拆分")
    assert [ticket.number for ticket in stage.tickets()] == [1001, 1002]
    assert stage.ticket(1002).requester.address == "sarah@corp.example"


def test_another_persons_like_mail_is_linked_and_only_the_staff_learn_of_it(stage: Stage) -> None:
    ask(stage, sender=FANG, subject="3楼打印机卡纸", body="3楼打印机卡纸，里面有我的工资条 TOPSECRET")
    outs = ask(stage, **JAM)
    assert [link.number for link in stage.ticket(1002).links] == [1001]
    assert [link.number for link in stage.ticket(1001).links] == [1002]
    work = to(outs, "li@corp.example")
    assert "MD-1001，相似度" in work.text
    assert "王芳" in work.text
    hers = [out for out in outs if out.to == "sarah@corp.example"]
    assert "TOPSECRET" not in whole(hers)
    assert "1001" not in whole(hers)
    why = last(stage, "linked", 1002)
    assert "% like it" in explaining._SENTENCES["linked"](why.data, why)


def test_one_word_takes_the_links_of_a_likeness_back(stage: Stage) -> None:
    ask(stage, sender=FANG, subject="3楼打印机卡纸", body="3楼打印机卡纸")
    work = to(ask(stage, **JAM), "li@corp.example")
    orders(stage, work, "#split")
    assert stage.ticket(1002).links == ()
    assert [ticket.number for ticket in stage.tickets()] == [1001, 1002]


@pytest.mark.parametrize(
    "second",
    [
        {"subject": "Printer jam on the 5th floor", "body": "The printer on the 5th floor has a paper jam."},
        {"subject": "Toner", "body": "The printer on the 3rd floor needs toner, the print is faded."},
        {"subject": "VPN", "body": "The VPN drops."},
    ],
)
def test_a_look_alike_is_a_ticket_of_its_own(stage: Stage, second: dict[str, str]) -> None:
    ask(stage, **JAM)
    ask(stage, **second)
    assert [(t.number, t.links) for t in stage.tickets()] == [(1001, ()), (1002, ())]


def test_a_resolved_ticket_takes_no_new_mail_in_by_likeness(stage: Stage) -> None:
    work = to(ask(stage, **JAM), "li@corp.example")
    orders(stage, work, "#resolve done", sender=LI)
    ask(stage, **AGAIN)
    assert [ticket.number for ticket in stage.tickets()] == [1001, 1002]


def test_too_long_after_it_is_a_ticket_of_its_own(stage: Stage) -> None:
    ask(stage, **JAM)
    stage.step(days=4)
    ask(stage, **AGAIN)
    assert stage.ticket(1002).links == ()


def test_a_stranger_joins_his_ticket_without_a_byte_of_it_coming_back(stage: Stage) -> None:
    ask(stage, sender=STRANGER, **JAM)
    outs = ask(stage, sender=STRANGER, **AGAIN)
    assert [ticket.number for ticket in stage.tickets()] == [1001]
    assert not [out for out in outs if out.to == "eve@elsewhere.example"]
    assert "suppressed" in kinds(stage)


def test_a_policy_that_only_links_or_does_nothing(tmp_path: Path) -> None:
    rules = {"10.yaml": "defaults: {type: incident}\nduplicates: {same_requester: link}\n"}
    with playing(tmp_path / "links", rules=rules) as stage:
        ask(stage, sender=SARAH, **JAM)
        ask(stage, sender=SARAH, **AGAIN)
        assert [link.kind for link in stage.ticket(1002).links] == ["duplicate"]
    with playing(tmp_path / "off", rules={"10.yaml": "defaults: {type: incident}\n"}) as stage:
        ask(stage, sender=SARAH, **JAM)
        ask(stage, sender=SARAH, **AGAIN)
        assert stage.ticket(1002).links == ()
