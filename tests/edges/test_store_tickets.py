"""Tickets, journal and conversation: one transaction, nobody's change lost."""

import hashlib
from dataclasses import replace

import pytest

from fixtures.store_samples import NOW, ZHANG, changing, event, later, message, opening, outgoing, raw_mail
from maildesk.desk import events
from maildesk.desk.model import Decision, Link, Pause, Ticket
from maildesk.errors import PermanentError, TemporaryError
from maildesk.mail.model import Address, Attachment
from maildesk.store import figures, inbound, journal, outbox, tickets
from maildesk.store.database import Engine, connect, reading, transaction


def _save(engine: Engine, *decisions: Decision) -> None:
    with transaction(engine) as c:
        for decision in decisions:
            tickets.save(c, decision, next_check=None)


def _get(engine: Engine, number: int) -> Ticket:
    with reading(engine) as c:
        found = tickets.get(c, number)
    assert found is not None
    return found


def _file(name: str, data: bytes) -> Attachment:
    digest = hashlib.sha256(data).hexdigest()
    return Attachment(filename=name, content_type="image/png", size=len(data), sha256=digest, inline=False, data=data)


def test_a_ticket_comes_back_as_it_was_saved(engine: Engine) -> None:
    decision = opening(1001)
    _save(engine, decision)
    assert _get(engine, 1001) == decision.ticket


def test_every_field_of_a_ticket_survives(engine: Engine) -> None:
    opened = opening(1001)
    assert opened.ticket
    full = replace(
        opened.ticket,
        pending_until=later(hours=2),
        participants=(Address(name="𝕏 \N{SNOWMAN}", address="x@y.example"),),
        fields={"位置": "三楼", "\0": "\0"},
        tags=("断网",),
        pauses=(Pause(start=NOW), Pause(start=NOW, end=later(minutes=3))),
        rungs=("response 80%",),
        links=(Link(kind="follows", number=7),),
        responded_at=later(seconds=0.000001),
    )
    _save(engine, replace(opened, ticket=full))
    assert _get(engine, 1001) == full


def test_the_journal_is_the_ticket(engine: Engine) -> None:
    _save(engine, opening(1001))
    before = _get(engine, 1001)
    _save(engine, changing(before, event("assigned", at=later(minutes=5), actor="li", assignee="li", note="接单 \0")))
    with reading(engine) as c:
        entries = journal.events(c, 1001)
        assert journal.events(c, 4711) == ()
    assert [entry.kind for entry in entries] == ["opened", "dispatched", "assigned"]
    assert (entries[2].at, entries[2].actor, entries[2].cause) == (later(minutes=5), "li", "inbound:1")
    assert entries[2].data == {"assignee": "li", "note": "接单 \0"}
    assert events.replay(entries) == _get(engine, 1001)


def test_a_change_on_an_old_state_is_refused_and_writes_nothing(engine: Engine) -> None:
    _save(engine, opening(1001))
    before = _get(engine, 1001)
    _save(engine, changing(before, event("assigned", assignee="li")))
    late = changing(before, event("assigned", assignee="han"), messages=(message("late@x.example"),))
    with pytest.raises(TemporaryError, match="ticket 1001 was changed meanwhile"):
        _save(engine, late)
    assert _get(engine, 1001).assignee == "li"
    with reading(engine) as c:
        assert len(journal.events(c, 1001)) == 3
        assert tickets.messages(c, 1001) == []


def test_a_number_is_never_used_twice(engine: Engine) -> None:
    _save(engine, opening(1001), opening(1005))
    for number in (1001, 1003, 1005):
        with pytest.raises(TemporaryError, match=f"number {number} was taken"):
            _save(engine, opening(number))
    _save(engine, opening(1006))


def test_a_decision_without_a_ticket_writes_nothing(engine: Engine) -> None:
    _save(engine, Decision(reason="a second delivery"))
    with reading(engine) as c:
        assert tickets.listing(c) == []


def test_a_ticket_that_is_not_the_fold_of_its_events_is_a_fault(engine: Engine) -> None:
    with pytest.raises(ValueError, match="not the fold"):
        _save(engine, replace(opening(1001), events=()))


def test_the_next_check_can_be_moved_without_an_event(engine: Engine) -> None:
    _save(engine, opening(1001))
    same = changing(_get(engine, 1001))
    with transaction(engine) as c:
        tickets.save(c, same, next_check=later(hours=1))
        assert tickets.due(c, later(hours=1), 10) == [1001]
        assert tickets.next_due(c) == later(hours=1)


def test_due_are_those_whose_check_has_come_longest_due_first(engine: Engine) -> None:
    with transaction(engine) as c:
        assert tickets.next_due(c) is None
        for number, check in ((1001, later(hours=2)), (1002, later(hours=1)), (1003, None), (1004, later(hours=3))):
            tickets.save(c, opening(number), next_check=check)
        assert tickets.due(c, later(hours=2), 10) == [1002, 1001]
        assert tickets.due(c, later(hours=2), 1) == [1002]
        assert tickets.due(c, NOW, 10) == []


def test_overdue_are_tickets_with_a_missed_target_that_still_runs(engine: Engine) -> None:
    with transaction(engine) as c:
        for number, due_at in ((1001, None), (1002, NOW), (1003, later(hours=1))):
            tickets.save(c, opening(number), next_check=None, due_at=due_at)
        assert tickets.overdue(c, later(minutes=1)) == 1
        tickets.save(c, changing(tickets.load(c, [1002])[1002], event("resolved")), next_check=None)
        assert tickets.overdue(c, later(minutes=1)) == 0


def test_the_desk_in_numbers(engine: Engine) -> None:
    with transaction(engine) as c:
        tickets.save(c, opening(1001), next_check=later(hours=1), due_at=NOW)
        tickets.save(c, opening(1002), next_check=None)
        tickets.save(c, changing(tickets.load(c, [1002])[1002], event("resolved")), next_check=None)
        outbox.put(c, [outgoing()], NOW)
        inbound.keep(c, [raw_mail("1"), raw_mail("2")], 0)
        inbound.quarantine(c, inbound.claim(c, 1)[0].id, "it killed the process")
        numbers = figures.desk(c, NOW)
        assert (figures.waiting(c, "main"), figures.waiting(c, "hr")) == (1, 0)
    assert numbers == {
        "outbox": {"ready": 1, "deferred": 0, "held": 0, "dead": 0, "parked_since": None, "muted": 0},
        "quarantine": 1,
        "tickets": {"open": 1, "breached": 1},
        "next_check": later(hours=1).isoformat(),
        "standing": {"taken": 2, "decided": 0, "waiting": 1, "parked": 1, "sent": 0},
    }


def test_a_ticket_can_be_looked_at_later_without_a_change(engine: Engine) -> None:
    _save(engine, opening(1001))
    with transaction(engine) as c:
        tickets.schedule(c, 1001, NOW)
        assert tickets.due(c, NOW, 1) == [1001]
        tickets.schedule(c, 1001, None)
        assert tickets.due(c, NOW, 1) == []
    assert _get(engine, 1001).version == 2


def test_tickets_are_listed_newest_first_and_by_what_is_asked(engine: Engine) -> None:
    han = Address(address="HAN@corp.example")
    _save(engine, opening(1001), opening(1002, requester=han), opening(1003))
    _save(engine, changing(_get(engine, 1002), event("assigned", assignee="li", group="l2")))
    with reading(engine) as c:
        assert [t.number for t in tickets.listing(c)] == [1003, 1002, 1001]
        assert [t.number for t in tickets.listing(c, limit=1)] == [1003]
        assert [t.number for t in tickets.listing(c, group="l2")] == [1002]
        assert [t.number for t in tickets.listing(c, assignee="li", status="assigned")] == [1002]
        assert [t.number for t in tickets.listing(c, status=["new", "assigned"], group="l1")] == [1003, 1001]
        assert [t.number for t in tickets.listing(c, requester="zhang.SAN@corp.example")] == [1003, 1001]
        assert sum(tickets.counts(c).values()) == 3
        assert (tickets.history(c, "han@corp.example"), tickets.history(c, "nobody@corp.example")) == (1, 0)


def test_numbers_that_are_no_tickets_are_absent(engine: Engine) -> None:
    _save(engine, opening(1001))
    with reading(engine) as c:
        assert list(tickets.load(c, [1001, 1001, 4711, -1, 10**30])) == [1001]
        assert tickets.load(c, []) == {}
        assert tickets.get(c, 10**30) is None
        assert journal.events(c, 10**30) == ()
        assert tickets.messages(c, -(10**30)) == []


def test_the_conversation_keeps_its_order_and_its_files(engine: Engine) -> None:
    picture = _file("屏幕.png", b"\x89PNG\r\n\x00" * 9)
    same = replace(picture, filename="again.png", inline=True, content_id="c1")
    first = message("m1@x.example", attachments=(picture, same))
    second = message("", direction="out", sender=Address(address="it@corp.example"), internal=True, text="备注")
    _save(engine, opening(1001, messages=(first, second)))
    with reading(engine) as c:
        kept = tickets.messages(c, 1001)
        assert [entry.message for entry in kept] == [
            replace(first, attachments=(replace(picture, data=b""), replace(same, data=b""))),
            second,
        ]
        assert kept[0].id < kept[1].id
        assert tickets.file(c, picture.sha256) == picture.data
        with pytest.raises(PermanentError, match="no attachment"):
            tickets.file(c, "0" * 64)
        assert tickets.requests(c, [1001, 4711]) == {1001: first}
        assert tickets.requests(c, []) == {}
        assert tickets.messages(c, 4711) == []


def test_hostile_words_in_a_conversation_break_no_insert(engine: Engine) -> None:
    odd = "\0\ud800" + "名" * 9_000
    attachment = replace(_file(odd, b"x"), content_type=odd, content_id=odd)
    entry = message("i" * 9_000, text=odd, sender=Address(name=odd, address=odd), attachments=(attachment,))
    requester = Address(name="\udfff", address="a" * 9_000 + "@x.example")
    _save(engine, opening(1001, requester=requester, messages=(entry,)))
    with reading(engine) as c:
        (kept,) = tickets.messages(c, 1001)
        assert kept.message.text == "?" + "名" * 9_000
        assert len(kept.message.attachments[0].filename) <= 300
        assert tickets.history(c, requester.address) == 1


def test_of_two_instances_that_change_a_ticket_together_one_learns_so(postgres_url: str) -> None:
    one, two = connect(postgres_url), connect(postgres_url)
    _save(one, opening(1001))
    before = _get(one, 1001)
    with transaction(one) as c:
        tickets.save(c, changing(before, event("assigned", assignee="li")), next_check=None)
        with transaction(two) as other:
            assert tickets.get(other, 1001) == before
    with pytest.raises(TemporaryError, match="changed meanwhile"):
        _save(two, changing(before, event("assigned", assignee="han")))
    one.dispose()
    two.dispose()
    assert before.requester == ZHANG
