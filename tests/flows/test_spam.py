"""What the staff call spam, or none: what becomes of the ticket, and of the sender's next mails."""

from dataclasses import replace

import pytest

from fixtures.office import STRANGER, ask, last, orders
from fixtures.stage import Stage, to
from maildesk.cli.explaining import sentences
from maildesk.desk.staff.acting import Act
from maildesk.desk.staff.command import Order
from maildesk.runners import tickets as changing
from maildesk.store import senders, tickets
from maildesk.store.database import reading

EVE = "eve@elsewhere.example"


def remembered(stage: Stage) -> list[tuple[str, str]]:
    with reading(stage.desk.engine) as connection:
        return [(one.address, one.judgement.verdict) for one in senders.listing(connection, stage.now)]


def command(stage: Stage, number: int, word: str) -> None:
    """As the command line gives it: nobody was mailed of a held ticket."""
    changing.act(stage.desk, number, Act(actor="li", cause="cli", orders=(Order(word=word),)), stage.now)


@pytest.mark.parametrize("word", ["#spam", "＃垃圾", "#垃圾邮件"])
def test_spam_is_closed_without_a_mail_to_its_sender_and_the_next_one_is_held(desk: Stage, word: str) -> None:
    order = to(ask(desk, STRANGER, "Cheap toner", "Buy now."), "li@corp.example")
    outs = orders(desk, order, word)
    assert [out.to for out in outs] == ["li@corp.example"]
    assert (desk.ticket().status, bool(desk.ticket().held)) == ("closed", True)
    assert remembered(desk) == [(EVE, "spam")]
    assert ask(desk, STRANGER, "Cheap drums", "Buy more.") == []
    assert desk.ticket(1002).held == "spam: li called eve@elsewhere.example a spammer on MD-1001"
    with reading(desk.desk.engine) as connection:
        assert [held.number for held in tickets.held(connection)] == [1002]


def test_undo_of_spam_forgets_the_sender_as_well(desk: Stage) -> None:
    order = to(ask(desk, STRANGER, "Cheap toner", "Buy now."), "li@corp.example")
    orders(desk, order, "#spam")
    orders(desk, order, "#undo")
    assert (desk.ticket().status, desk.ticket().held) == ("assigned", "")
    assert remembered(desk) == []


def test_what_is_no_spam_is_acknowledged_and_dispatched_as_if_it_were_new(desk: Stage) -> None:
    assert ask(desk, STRANGER, "Our order", "It did not arrive.", X_Spam_Flag="YES") == []
    assert "spam" in desk.ticket().held
    command(desk, 1001, "ham")
    outs = desk.step(minutes=1)
    assert "MD-1001" in to(outs, EVE).mail.subject
    order = to(outs, "li@corp.example")
    assert "It did not arrive." in order.text
    assert not desk.ticket().held
    assert desk.ticket().status == "assigned"
    assert remembered(desk) == [(EVE, "ham")]
    again = ask(desk, STRANGER, "Another order", "That one neither.", X_Spam_Flag="YES")
    assert "li@corp.example" in [out.to for out in again]
    assert not desk.ticket(1002).held


def test_the_last_word_counts_and_a_mistake_is_mended(desk: Stage) -> None:
    order = to(ask(desk, STRANGER, "Our order", "It did not arrive."), "li@corp.example")
    orders(desk, order, "#spam")
    outs = orders(desk, order, "#ham sorry")
    assert desk.ticket().status != "closed"
    assert remembered(desk) == [(EVE, "ham")]
    assert EVE in [out.to for out in outs]


def test_a_sender_is_forgotten_after_his_time(stage: Stage) -> None:
    order = to(ask(stage, STRANGER, "Cheap toner", "Buy now."), "li@corp.example")
    orders(stage, order, "#spam")
    stage.step(days=366)
    assert remembered(stage) == []
    assert "li@corp.example" in [out.to for out in ask(stage, STRANGER, "Hello again", "It is me.")]


def test_nobody_of_our_own_domain_is_remembered_since_anybody_can_write_in_his_name(stage: Stage) -> None:
    order = to(ask(stage, "Sarah <sarah@corp.example>", "Win a prize", "Click."), "li@corp.example")
    orders(stage, order, "#spam")
    assert stage.ticket().status == "closed"
    assert remembered(stage) == []


def test_a_forged_good_sender_is_held_all_the_same(stage: Stage) -> None:
    ask(stage, STRANGER, "Our order", "It did not arrive.", X_Spam_Flag="YES")
    command(stage, 1001, "ham")
    stage.step(minutes=1)
    policy = replace(stage.desk.policy, authserv_id="mx.corp.example")
    stage.desk = replace(stage.desk, settings=replace(stage.desk.settings, policy=policy))
    forged = "mx.corp.example; dmarc=fail header.from=elsewhere.example"
    ask(stage, STRANGER, "Prize", "Click.", X_Spam_Flag="YES", Authentication_Results=forged)
    assert stage.ticket(1002).held


def test_who_was_answered_is_no_spammer_and_what_is_not_held_needs_no_release(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    orders(stage, order, "On my way.")
    assert "不能再当作垃圾邮件" in to(orders(stage, order, "#spam"), "li@corp.example").text
    assert "没有被扣住" in to(orders(stage, order, "#正常"), "li@corp.example").text


def test_the_journal_says_who_said_so_and_what_is_remembered(stage: Stage) -> None:
    order = to(ask(stage, STRANGER, "Cheap toner", "Buy now."), "li@corp.example")
    orders(stage, order, "#spam toner again")
    assert last(stage, "judged").actor == "li"
    told = "\n".join(sentences(stage.ticket(), stage.events(), stage.desk.policy))
    assert "li says that it is spam; eve@elsewhere.example is remembered until 2027-11-09: toner again" in told
    assert "closed: it is spam" in told
