"""What a decision is told about a mail (PROTOCOLS 3 and 6)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event as listen

from fixtures.store_samples import (
    KEY,
    NOW,
    POLICY,
    ZHANG,
    changing,
    event,
    later,
    mail,
    message,
    opening,
    outgoing,
    raw_mail,
)
from maildesk.desk.model import Facts, Known, Token
from maildesk.mail import ids
from maildesk.mail.model import Address, Attachment, Authentication, Bounce, Mail, OutgoingMail
from maildesk.store import inbound, outbox, tickets
from maildesk.store.database import Connection, Engine, connect, reading, transaction
from maildesk.store.facts import gather, work

LI = Address(name="李雷", address="li@corp.example")


def _gather(c: Connection, read: Mail, **changes: Any) -> Facts:
    given: dict[str, Any] = {"inbound": 99, "mailbox": "main", "arrived": NOW, "historic": False, "oversize": False}
    return gather(c, read, **(given | {"key": KEY, "policy": POLICY, "now": NOW} | changes))


def _open(c: Connection, number: int, **changes: Any) -> None:
    tickets.save(c, opening(number, **changes), next_check=None)


def _sent(c: Connection, key: str, **changes: Any) -> OutgoingMail:
    made = outgoing(key, **changes)
    assert outbox.put(c, [made], NOW) == 1
    return made


def _decided(c: Connection, read: Mail, ticket: int | None, uid: str = "1") -> int:
    inbound.keep(c, [raw_mail(uid)], 0)
    (waiting,) = inbound.claim(c, 1)
    inbound.done(c, waiting.id, ticket=ticket, reason="", mail=read)
    return waiting.id


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    listen.listen(engine, "before_cursor_execute", note)
    yield statements
    listen.remove(engine, "before_cursor_execute", note)


def test_a_mail_nobody_knows_costs_two_statements(engine: Engine) -> None:
    read = mail()
    with transaction(engine) as c, _counted(engine) as statements:
        facts = _gather(c, read, oversize=True)
    assert facts == Facts(mail=read, inbound=99, mailbox="main", arrived=NOW, oversize=True, next_number=1001)
    assert not facts.known_sender
    assert len(statements) == 2


def test_the_next_number_follows_the_tickets_and_is_not_reused(engine: Engine) -> None:
    with transaction(engine) as c:
        for number in (1001, 1002):
            assert _gather(c, mail()).next_number == number
            _open(c, number)
    with reading(engine) as c:
        assert _gather(c, mail()).next_number == 1003


def test_two_instances_never_get_the_same_number(postgres_url: str) -> None:
    one, two = connect(postgres_url), connect(postgres_url)
    with transaction(two) as c, transaction(one) as first:
        assert _gather(first, mail()).next_number == 1001
        c.exec_driver_sql("SET lock_timeout = 100")
        with pytest.raises(Exception, match="lock timeout"):
            _gather(c, mail())
        with reading(two) as looking:
            assert _gather(looking, mail()).next_number == 1001
    one.dispose()
    two.dispose()


def test_a_signed_id_is_a_token_with_what_its_row_says(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001)
        sent = _sent(c, "dispatched:1001:1:li@corp.example", person="li", audience="group")
        facts = _gather(c, mail("r@x.example", LI, in_reply_to=(sent.message_id,), references=(sent.message_id,)))
    token = Token(message_id=sent.message_id, ticket=1001, person="li", audience="group", recipient="li@corp.example")
    assert facts.tokens == (token,)
    assert list(facts.tickets) == [1001]


def test_tokens_come_in_the_order_of_the_mail_and_a_mail_about_no_ticket_is_ticket_zero(engine: Engine) -> None:
    with transaction(engine) as c:
        alarm = _sent(c, "alarm:0:1:ops@corp.example")
        other = _sent(c, "answered:1001:1:a@x.example")
        facts = _gather(c, mail(in_reply_to=(other.message_id,), references=("x@y", alarm.message_id)))
    assert [token.ticket for token in facts.tokens] == [1001, 0]
    assert facts.tickets == {}


def test_an_id_is_no_token_unless_signature_and_row_agree(engine: Engine) -> None:
    key = "answered:1001:1:zhang.san@corp.example"
    with transaction(engine) as c:
        _open(c, 1001)
        _open(c, 1002)
        never_sent = ids.ours(KEY, "answered:1001:2:a@x.example", 1001, "corp.example")
        foreign = ids.ours(b"another key", key, 1001, "corp.example")
        _sent(c, key, message_id=foreign)
        moved = _sent(c, "answered:1001:3:a@x.example", ticket=1002)
        root = ids.thread_root(KEY, 1001, "a@x.example", "corp.example")
        facts = _gather(c, mail(references=(never_sent, foreign, moved.message_id, root)))
    assert facts.tokens == ()
    assert facts.tickets == {}


def test_incoming_ids_lead_to_the_ticket_that_held_them_first(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001, messages=(message("m1@x.example"),))
        _open(c, 1002, messages=(message("m1@x.example"), message("m2@x.example"), message("")))
        _open(c, 1003, messages=(message("m3@x.example", direction="out"),))
        facts = _gather(c, mail("r@x", in_reply_to=("m2@x.example",), references=("m1@x.example", "m3@x.example")))
    assert facts.stored == {"m1@x.example": 1001, "m2@x.example": 1002}
    assert sorted(facts.tickets) == [1001, 1002]


def test_an_id_of_any_length_is_found_again(engine: Engine) -> None:
    long = "i" * 9_000
    with transaction(engine) as c:
        _open(c, 1001, messages=(message(long),))
        assert _gather(c, mail(references=(long,))).stored == {long: 1001}


def test_subject_numbers_count_only_when_there_is_such_a_ticket(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001)
        facts = _gather(c, mail(subject="回复: 【ＭＤ－１００１】 [MD-4711] [XY-1001] 打印机"))
    assert facts.referenced == (1001,)
    assert list(facts.tickets) == [1001]


def test_a_second_delivery_is_known_and_identical(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001)
        first = _decided(c, mail(), 1001)
        facts = _gather(c, mail())
        assert facts.known == Known(inbound=first, ticket=1001, identical=True)
        assert list(facts.tickets) == [1001]
        assert _gather(c, mail(), inbound=first).known is None


def test_another_content_under_a_used_id_is_known_but_not_identical(engine: Engine) -> None:
    with transaction(engine) as c:
        first = _decided(c, mail(), None)
        facts = _gather(c, mail(canonical_hash="d" * 64))
    assert facts.known == Known(inbound=first, ticket=None, identical=False)


def test_mails_without_an_id_are_mails_of_their_own_unless_they_were_found_again(engine: Engine) -> None:
    nameless = mail("")
    with transaction(engine) as c:
        first = _decided(c, nameless, 1001)
        assert _gather(c, nameless).known is None
        assert _gather(c, nameless, historic=True).known == Known(inbound=first, ticket=1001, identical=True)
        assert _gather(c, nameless, historic=True, arrived=later(seconds=1)).known is None
        assert _gather(c, mail("", canonical_hash=""), historic=True).known is None


def test_a_parked_mail_makes_nothing_known(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.keep(c, [raw_mail("1")], 0)
        inbound.quarantine(c, inbound.claim(c, 1)[0].id, "it killed the process", mail=mail())
        assert _gather(c, mail()).known is None


def test_a_bounce_names_the_mail_of_ours_it_is_about(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001)
        sent = _sent(c, "answered:1001:1:gone@x.example")
        facts = _gather(c, mail("b@mx", bounce=Bounce(original_message_id=sent.message_id)))
        assert facts.bounced is not None
        assert (facts.bounced.recipient, facts.bounced.ticket) == ("gone@x.example", 1001)
        assert list(facts.tickets) == [1001]
        assert facts.tokens == ()
        assert _gather(c, mail("b@mx", bounce=Bounce(original_message_id="other@x"))).bounced is None
        assert _gather(c, mail("b@mx", bounce=Bounce())).bounced is None


def test_a_sender_is_known_by_his_tickets_in_any_letter_case(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001)
        assert _gather(c, mail(sender=Address(address="zhang.SAN@corp.example"))).history == 1
        assert _gather(c, mail(sender=Address(address="zhang.san＠corp.example"))).history == 0
        unread = replace(mail(), authentication=Authentication())
        assert _gather(c, unread).known_sender
        assert _gather(c, replace(unread, sender=None)).history == 0


def test_a_sender_was_answered_once_a_mail_of_his_tickets_went_out(engine: Engine) -> None:
    with transaction(engine) as c:
        _open(c, 1001, messages=(message(),))
        assert _gather(c, mail()).answered is False
        _open(c, 1002, messages=(message("", direction="out"),))
        assert _gather(c, mail()).answered is True
        assert _gather(c, mail(sender=LI)).answered is False


def test_a_trusted_contact_form_speaks_for_its_reply_to(engine: Engine) -> None:
    form = mail(sender=Address(address="web@forms.example"), reply_to=(ZHANG,))
    trusting = replace(POLICY, trust_reply_to=("forms.example",))
    with transaction(engine) as c:
        _open(c, 1001)
        assert _gather(c, form, policy=trusting).history == 1
        assert _gather(c, form).history == 0


def test_acknowledgements_are_counted_by_hour_and_day_and_strangers_all_together(engine: Engine) -> None:
    stranger = Address(address="Eve@evil.example")
    queued = (
        ("acknowledged-stranger:1:1:eve@evil.example", later(minutes=-10)),
        ("acknowledged-stranger:2:1:EVE@evil.example", later(minutes=-61)),
        ("acknowledged:3:1:eve@evil.example", later(hours=-23)),
        ("acknowledged:4:1:eve@evil.example", later(hours=-25)),
        ("dispatched:5:1:eve@evil.example", later(minutes=-1)),
        ("acknowledged-stranger:6:1:mallory@evil.example", later(minutes=-1)),
    )
    with transaction(engine) as c:
        for key, at in queued:
            outbox.put(c, [outgoing(key)], at)
        facts = _gather(c, mail(sender=stranger))
    assert (facts.acknowledged_hour, facts.acknowledged_day, facts.unverified_hour) == (1, 3, 2)


def test_staff_who_answer_our_mail_may_hand_over_what_opened_the_ticket(engine: Engine) -> None:
    data = b"\x89PNG"
    digest = hashlib.sha256(data).hexdigest()
    picture = Attachment(filename="屏幕.png", content_type="image/png", size=4, sha256=digest, inline=False, data=data)
    request = message("m1@x.example", attachments=(picture,))
    with transaction(engine) as c:
        _open(c, 1001, messages=(request, message("m2@x.example")))
        sent = _sent(c, "dispatched:1001:1:li@corp.example", person="li")
        alarm = _sent(c, "alarm:0:1:li@corp.example", person="li")
        answer = mail("r@x", LI, in_reply_to=(sent.message_id, alarm.message_id))
        assert _gather(c, answer).requests == {1001: request}
        assert _gather(c, replace(answer, authentication=Authentication(address=ZHANG.address))).requests == {}
        han = Address(address="lilei@home.example")
        assert _gather(c, mail("r@x", han)).requests == {}


def test_many_mails_that_reuse_an_id_are_looked_up_in_the_index_alone(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with transaction(engine) as c:
        inbound.keep(c, [raw_mail(str(n), b"x") for n in range(3_000)], 0)
        c.exec_driver_sql("UPDATE inbound SET state = 'done', message_id = 'm1@corp.example', canonical_hash = 'e'")
        facts = _gather(c, mail())
        plan = c.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT min(id) FROM inbound WHERE message_id = 'x' AND id <> 1"
        ).all()
    assert facts.known == Known(inbound=1, ticket=None, identical=False)
    assert "USING COVERING INDEX ix_inbound_message_id" in plan[0][3]
    engine.dispose()


def test_the_work_of_the_staff_is_their_open_tickets_and_their_last_turns(engine: Engine) -> None:
    with transaction(engine) as c:
        for number, person, turn in ((1001, "li", 1.0), (1002, "han", 1.0), (1003, "li", 2.5), (1004, "", 0.0)):
            _open(c, number)
            before = tickets.get(c, number)
            assert before is not None
            if person:
                given = changing(before, event("assigned", assignee=person, why="round robin", turn=turn))
                tickets.save(c, given, next_check=None)
        solved = tickets.get(c, 1001)
        assert solved is not None
        tickets.save(c, changing(solved, event("resolved")), next_check=None)
    with reading(engine) as c:
        found = work(c)
    assert found.open == {"li": 1, "han": 1}
    assert found.latest == {"l1": ("li", "han", "li")}
    assert found.turns == {"l1": {"li": 2.5, "han": 1.0}}
