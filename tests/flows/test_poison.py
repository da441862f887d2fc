"""A mail that cannot be taken in is parked after three tries, its neighbours are unharmed, it can be retried."""

import pytest
from sqlalchemy import text

from fixtures.office import FANG, SARAH, ask, kinds, last, orders
from fixtures.stage import Out, Stage, letter, to
from maildesk import clock
from maildesk.runners import mailbox
from maildesk.store import inbound
from maildesk.store.database import reading, transaction


def sql(stage: Stage, statement: str) -> None:
    """Damage from outside: what a bad disk or a careless hand does."""
    with transaction(stage.desk.engine) as connection:
        connection.execute(text(statement))


def parked(stage: Stage) -> list[inbound.Kept]:
    with reading(stage.desk.engine) as connection:
        return inbound.list_quarantine(connection)


def test_spoiled_bytes_are_parked_after_three_tries_and_the_owner_hears(desk: Stage) -> None:
    desk.post(letter(SARAH, "Printer jams", "It jams again. " * 200)[0])
    source = mailbox.source(desk.desk.settings.mailboxes[0], desk.desk.engine, clock.fixed(desk.now))
    mailbox.run_once(desk.desk, source, desk.now)
    source.close()
    sql(desk, "UPDATE raw_mail SET bytes = substr(bytes, 20)")
    desk.write(FANG, "打印机", "卡纸了")
    outs = desk.step()
    assert to(outs, "wangfang@corp.example").mail.subject.startswith("Re: [MD-1001]")
    assert to(outs, "ops@corp.example").event == "quarantined"
    (mail,) = parked(desk)
    assert mail.attempts == 3
    assert "Error" in mail.reason or "error" in mail.reason


@pytest.mark.parametrize(("poison", "good"), [(3, 60), pytest.param(25, 500, marks=pytest.mark.long)])
def test_poison_among_good_mails_is_parked_and_every_good_one_is_a_ticket(desk: Stage, poison: int, good: int) -> None:
    for number in range(poison + good):
        desk.write(f"user{number}@corp.example", f"Broken {number}", f"Number {number} is broken. " * 100)
    source = mailbox.source(desk.desk.settings.mailboxes[0], desk.desk.engine, clock.fixed(desk.now))
    mailbox.run_once(desk.desk, source, desk.now)
    source.close()
    sql(
        desk,
        "UPDATE raw_mail SET bytes = substr(bytes, 20) WHERE sha256 IN (SELECT sha256 FROM inbound WHERE id % 21 = 1)",
    )
    desk.step()
    assert [(mail.attempts, bool(mail.reason)) for mail in parked(desk)] == [(3, True)] * poison
    with reading(desk.desk.engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM ticket")).scalar_one() == good


def stuck(stage: Stage) -> list[Out]:
    """A reply to a ticket whose row is damaged, beside a good mail."""
    acknowledged = to(ask(stage), "sarah@corp.example")
    sql(stage, "UPDATE ticket SET state = '{' || state WHERE number = 1001")
    stage.write(SARAH, "Re: more-words", "It is worse.", answers=acknowledged)
    stage.write(FANG, "打印机", "卡纸了")
    return stage.step(minutes=1)


def test_a_reply_to_a_damaged_ticket_waits_in_quarantine_and_harms_no_neighbour(desk: Stage) -> None:
    outs = stuck(desk)
    assert to(outs, "wangfang@corp.example").mail.subject.startswith("Re: [MD-1002]")
    notice = to(outs, "ops@corp.example")
    assert notice.event == "quarantined"
    assert "sarah@corp.example" in notice.text
    assert "more-words" in notice.text
    (mail,) = parked(desk)
    assert (mail.sender, mail.subject, mail.attempts) == ("sarah@corp.example", "Re: more-words", 3)


def test_after_the_cure_a_parked_mail_is_tried_again_and_nothing_is_lost(desk: Stage) -> None:
    stuck(desk)
    sql(desk, "UPDATE ticket SET state = substr(state, 2) WHERE number = 1001")
    (mail,) = parked(desk)
    with transaction(desk.desk.engine) as connection:
        assert inbound.retry(connection, mail.id)
    outs = desk.step(minutes=1)
    assert {out.event for out in outs} == {"requester-replied"}
    assert parked(desk) == []
    assert kinds(desk)[-1] == "received"


def test_a_damaged_ticket_stops_no_other_tickets_clock(stage: Stage) -> None:
    ask(stage, subject="Network down for the whole company", body="Urgent!")
    ask(stage, subject="Network down in the whole company again", body="Urgent!")
    sql(stage, "UPDATE ticket SET state = '{' || state WHERE number = 1001")
    (out,) = stage.step(minutes=8)
    assert "MD-1002" in out.mail.subject


def test_a_requester_who_cannot_be_written_to_takes_no_answer_down(stage: Stage) -> None:
    stage.post("From: 张三 <张三@corp.example>\r\nTo: it@corp.example\r\nSubject: help\r\n\r\nbody\r\n".encode())
    order = to(stage.step(), "li@corp.example")
    outs = orders(stage, order, "On my way.")
    assert to(outs, "li@corp.example").event == "undelivered"
    assert last(stage, "undelivered").data["recipient"] == "张三@corp.example"
    assert stage.ticket().assignee == "li"
    orders(stage, order, "#resolve done")
    stage.step(days=6)
    assert stage.ticket().status == "closed"
    assert parked(stage) == []
