"""The outbox: queued once, claimed with a lease, marked by its owner alone (PROTOCOLS 2)."""

from datetime import timedelta

import pytest

from fixtures.store_samples import NOW, later, outgoing
from maildesk.mail.model import Queued
from maildesk.store import outbox
from maildesk.store.database import Engine, connect, reading, transaction
from maildesk.store.outbox import Mark

LEASE = timedelta(minutes=20)


def _put(engine: Engine, *keys: str) -> None:
    with transaction(engine) as c:
        outbox.put(c, [outgoing(key) for key in keys], NOW)


def _claim(engine: Engine, now_minutes: float = 0, limit: int = 50, owner: str = "one") -> list[Queued]:
    with transaction(engine) as c:
        return outbox.claim(c, later(minutes=now_minutes), limit, LEASE, owner)


def test_a_queued_mail_is_claimed_with_everything_needed_to_send_it(engine: Engine) -> None:
    mail = outgoing("dispatched:1001:1:李@corp.example", person="li", data=b"\x00raw\r\n")
    with transaction(engine) as c:
        assert outbox.put(c, [mail], NOW) == 1
    (queued,) = _claim(engine)
    assert (queued.event, queued.ticket, queued.person, queued.recipient, queued.sender) == (
        "dispatched", 1001, "li", "李@corp.example", "",
    )  # fmt: skip
    assert (queued.message_id, queued.data) == (mail.message_id, b"\x00raw\r\n")
    assert (queued.attempts, queued.unknowns) == (1, 0)
    assert (queued.created, queued.expires) == (NOW, later(days=1))
    assert _claim(engine) == []


def test_the_same_decision_taken_twice_queues_one_mail(engine: Engine) -> None:
    first, second = outgoing(), outgoing("resolved:1001:5:zhang.san@corp.example")
    with transaction(engine) as c:
        assert outbox.put(c, [first, first], NOW) == 1
        assert outbox.put(c, [first, second], NOW) == 1
        assert outbox.put(c, [], NOW) == 0
    assert len(_claim(engine)) == 2


def test_urgent_mails_leave_first_then_those_due_longest(engine: Engine) -> None:
    with transaction(engine) as c:
        outbox.put(c, [outgoing("answered:1:1:a@x.example")], later(minutes=1))
        outbox.put(c, [outgoing("answered:2:1:a@x.example")], NOW)
        outbox.put(c, [outgoing("sla-breached:3:1:a@x.example", lane="urgent")], later(minutes=2))
        outbox.put(c, [outgoing("sla-breached:4:1:a@x.example", lane="urgent")], later(minutes=9))
    assert [queued.ticket for queued in _claim(engine, 3, limit=2)] == [3, 2]
    assert [queued.ticket for queued in _claim(engine, 3)] == [1]


def test_a_claim_is_bounded_in_octets(engine: Engine) -> None:
    large = b"x" * (20 * 1024 * 1024)
    with transaction(engine) as c:
        outbox.put(c, [outgoing(f"dispatched:{n}:1:a@x.example", data=large) for n in (1, 2)], NOW)
        outbox.put(c, [outgoing("sla-breached:3:1:a@x.example", lane="urgent", data=large)], NOW)
    assert [[queued.ticket for queued in _claim(engine)] for _ in range(3)] == [[3], [1], [2]]


def test_what_was_sent_or_died_is_never_claimed_again(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example", "answered:2:1:b@x.example")
    one, two = _claim(engine)
    with transaction(engine) as c:
        marks = [
            Mark(id=one.id, owner="one", state="sent", result="250 2.0.0 ok"),
            Mark(id=two.id, owner="one", state="dead", due=NOW, result="550 5.1.1 no such user"),
        ]
        assert outbox.mark(c, marks, later(seconds=5)) == 2
        assert outbox.next_due(c) is None
        rows = {row.id: row for row in outbox.listing(c)}
        assert (rows[one.id].state, rows[one.id].due, rows[one.id].finished) == ("sent", None, later(seconds=5))
        assert (rows[two.id].state, rows[two.id].result) == ("dead", "550 5.1.1 no such user")
        assert outbox.counts(c) == {"dead": 1}
    assert _claim(engine, 10_000) == []


def test_a_deferred_mail_comes_when_it_is_due_and_byte_identical(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example")
    (queued,) = _claim(engine)
    with transaction(engine) as c:
        outbox.mark(
            c, [Mark(id=queued.id, owner="one", state="deferred", due=later(minutes=5), result="451 later")], NOW
        )
        assert outbox.next_due(c) == later(minutes=5)
    assert _claim(engine, 4) == []
    (again,) = _claim(engine, 5)
    assert (again.attempts, again.unknowns, again.data) == (2, 0, queued.data)


def test_a_mail_without_a_reply_counts_as_unknown(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example")
    (queued,) = _claim(engine)
    with transaction(engine) as c:
        outbox.mark(c, [Mark(id=queued.id, owner="one", state="unknown", result="no reply after the final dot")], NOW)
    (again,) = _claim(engine)
    assert (again.attempts, again.unknowns) == (2, 1)


def test_a_lease_that_ran_out_counts_as_unknown_and_fences_its_former_owner(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example")
    (queued,) = _claim(engine, owner="one")
    assert _claim(engine, 19, owner="two") == []
    (taken,) = _claim(engine, 20, owner="two")
    assert (taken.attempts, taken.unknowns) == (2, 1)
    with transaction(engine) as c:
        assert outbox.owners(c) == {"two"}
        assert outbox.mark(c, [Mark(id=queued.id, owner="one", state="sent")], NOW) == 0
        assert outbox.mark(c, [Mark(id=queued.id, owner="two", state="sent")], NOW) == 1
        assert outbox.mark(c, [Mark(id=queued.id, owner="two", state="deferred")], NOW) == 0
        assert outbox.mark(c, [], NOW) == 0
        assert outbox.owners(c) == set()


def test_after_a_crash_what_was_being_sent_is_unknown_and_due_at_once(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example", "answered:2:1:a@x.example", "answered:3:1:a@x.example")
    _claim(engine, limit=1, owner="one")
    _claim(engine, limit=1, owner="two")
    with transaction(engine) as c:
        assert outbox.recover(c, NOW, owner="two") == 1
        assert outbox.recover(c, NOW) == 1
        assert outbox.recover(c, NOW) == 0
        assert outbox.counts(c) == {"unknown": 2, "ready": 1}
    again = [_claim(engine) for _ in range(3)]
    assert [[(queued.ticket, queued.attempts, queued.unknowns) for queued in claim] for claim in again] == [
        [(1, 2, 1)], [(2, 2, 1)], [(3, 1, 0)],
    ]  # fmt: skip


def test_a_mail_in_doubt_is_claimed_alone_and_holds_up_nobody_before_it(engine: Engine) -> None:
    _put(engine, *(f"answered:{ticket}:1:a@x.example" for ticket in (1, 2, 3)))
    (doubtful,) = _claim(engine, limit=1)
    with transaction(engine) as c:
        assert outbox.recover(c, later(minutes=1)) == 1
    assert [[queued.ticket for queued in _claim(engine, 2)] for _ in range(2)] == [[2, 3], [doubtful.ticket]]


def test_a_mail_over_which_the_desk_dies_twice_rests_before_its_next_try(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example")
    for _ in range(2):
        assert len(_claim(engine)) == 1
        with transaction(engine) as c:
            assert outbox.recover(c, NOW) == 1
    assert _claim(engine) == []
    assert len(_claim(engine, 5)) == 1


def test_a_dead_mail_is_given_its_whole_life_again_on_request(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example")
    (queued,) = _claim(engine)
    with transaction(engine) as c:
        assert not outbox.retry(c, queued.id, NOW)
        outbox.mark(c, [Mark(id=queued.id, owner="one", state="dead")], NOW)
        assert outbox.retry(c, queued.id, later(days=30))
        assert not outbox.retry(c, 10**30, NOW)
    (again,) = _claim(engine, 30 * 24 * 60)
    assert (again.expires, again.unknowns) == (later(days=31), 0)


def test_rows_are_listed_newest_first_without_their_bytes(engine: Engine) -> None:
    _put(engine, "answered:1:1:a@x.example", "answered:2:1:a@x.example", "answered:3:1:a@x.example")
    _claim(engine, limit=1)
    with reading(engine) as c:
        assert [row.ticket for row in outbox.listing(c)] == [3, 2, 1]
        assert [row.ticket for row in outbox.listing(c, "ready")] == [3, 2]
        assert [row.ticket for row in outbox.listing(c, ["ready", "sending"], limit=1)] == [3]
        assert [row.ticket for row in outbox.listing(c, ticket=2)] == [2]
        assert {row.data for row in outbox.listing(c)} == {b""}
        row = outbox.get(c, 1)
        assert row is not None
        assert row.data == outgoing("answered:1:1:a@x.example").data
        assert outbox.get(c, 99) is None
        assert outbox.get(c, 10**30) is None
        assert outbox.listing(c, ticket=10**30) == []


def test_no_length_breaks_the_queue(engine: Engine) -> None:
    recipient = "长" * 5_000 + "@x.example"
    with transaction(engine) as c:
        assert outbox.put(c, [outgoing(f"answered:1:1:{recipient}", message_id="i" * 9_000)], NOW) == 1
        assert outbox.put(c, [outgoing(f"answered:1:1:{recipient}", message_id="i" * 9_000)], NOW) == 0
    (queued,) = _claim(engine)
    assert queued.recipient == recipient
    with transaction(engine) as c:
        assert outbox.mark(c, [Mark(id=queued.id, owner="one", state="sent", result="\0" + "r" * 9_000)], NOW) == 1


def test_instances_that_claim_together_share_the_work_on_postgresql(postgres_url: str) -> None:
    one, two = connect(postgres_url), connect(postgres_url)
    _put(one, *(f"answered:{n}:1:a@x.example" for n in range(1, 5)))
    with transaction(one) as first, transaction(two) as second:
        mine = outbox.claim(first, NOW, 2, LEASE, "one")
        theirs = outbox.claim(second, NOW, 50, LEASE, "two")
    assert [queued.ticket for queued in (*mine, *theirs)] == [1, 2, 3, 4]
    one.dispose()
    two.dispose()


@pytest.mark.parametrize("state", ["deferred", "unknown"])
def test_a_mark_without_a_time_is_due_at_once(engine: Engine, state: str) -> None:
    _put(engine, "answered:1:1:a@x.example")
    (queued,) = _claim(engine)
    with transaction(engine) as c:
        outbox.mark(c, [Mark(id=queued.id, owner="one", state=state)], later(minutes=3))  # type: ignore[arg-type]
        assert outbox.next_due(c) == later(minutes=3)
