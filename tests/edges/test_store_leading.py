"""Who leads on a shared PostgreSQL, and that a former leader writes nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from fixtures.store_samples import NOW
from maildesk.errors import TemporaryError
from maildesk.store import leading
from maildesk.store.database import Engine, connect, reading, transaction
from maildesk.store.tables import alarm


@pytest.fixture
def two(postgres_url: str) -> Iterator[tuple[Engine, Engine]]:
    """Two instances on one database."""
    plain = connect(postgres_url), connect(postgres_url)
    yield leading.fenced(plain[0]), leading.fenced(plain[1])
    for engine in plain:
        engine.dispose()


def write(engine: Engine, name: str) -> None:
    with transaction(engine) as c:
        c.execute(insert(alarm), {"name": name, "since": NOW, "reason": ""})


def expire(engine: Engine) -> None:
    """The lease runs out: its holder was silent for too long."""
    with transaction(engine.execution_options(term=None)) as c:
        c.execute(text("UPDATE leader SET until = now() - interval '1 s'"))


def test_one_leads_and_the_other_writes_nothing(two: tuple[Engine, Engine]) -> None:
    one, other = two
    assert leading.take(one)
    assert not leading.take(other)
    assert leading.take(one), "it stays the leader"
    assert (leading.leads(one), leading.leads(other)) == (True, False)
    write(one, "a")
    with pytest.raises(TemporaryError, match="another instance leads now"):
        write(other, "b")
    term = leading.term_of(one)
    assert term is not None
    with reading(other) as c:
        assert leading.look(c) == leading.Leader(who=term.who, epoch=1)


def test_a_leader_whose_lease_ran_out_is_followed_and_fenced_off(two: tuple[Engine, Engine]) -> None:
    one, other = two
    assert leading.take(one)
    expire(one)
    assert leading.take(other)
    with pytest.raises(TemporaryError, match="another instance leads now"):
        write(one, "a")
    assert leading.leads(one), "it does not know yet"
    assert not leading.take(one)
    assert not leading.leads(one)
    write(other, "b")
    with reading(one) as c:
        assert c.execute(select(alarm.c.name)).scalars().all() == ["b"]


def test_a_leader_that_was_late_and_had_no_rival_goes_on(two: tuple[Engine, Engine]) -> None:
    one, other = two
    assert leading.take(one)
    expire(one)
    write(one, "a")
    assert leading.take(one)
    assert not leading.take(other)


def test_a_take_over_waits_for_what_the_former_leader_is_writing(two: tuple[Engine, Engine]) -> None:
    one, other = two
    assert leading.take(one)
    expire(one)
    taken: list[bool] = []
    with transaction(one) as c:
        thread = threading.Thread(target=lambda: taken.append(leading.take(other)))
        thread.start()
        thread.join(0.5)
        assert taken == []
        c.execute(insert(alarm), {"name": "a", "since": NOW, "reason": ""})
    thread.join(10)
    assert taken == [True]
    with reading(other) as c:
        assert c.execute(select(alarm.c.name)).scalars().all() == ["a"]


def test_who_resigns_is_followed_at_once(two: tuple[Engine, Engine]) -> None:
    one, other = two
    assert leading.take(one)
    leading.release(one)
    leading.release(one)
    assert not leading.leads(one)
    with reading(one) as c:
        assert leading.look(c) == leading.Leader(who="", epoch=1)
    assert leading.take(other)


def test_a_block_leads_or_names_who_does(two: tuple[Engine, Engine], postgres_url: str) -> None:
    one, other = two
    with leading.leading(one) as led:
        write(led, "a")
        with pytest.raises(TemporaryError, match=r"another instance leads: .+:"), leading.leading(other):
            raise AssertionError("two lead")
    with leading.leading(other) as led:
        write(led, "b")


def test_sqlite_needs_no_leader(sqlite_url: str, tmp_path: Path) -> None:
    engine = connect(sqlite_url)
    assert leading.fenced(engine) is engine
    assert leading.take(engine)
    assert leading.leads(engine)
    leading.release(engine)
    with leading.leading(engine) as led, reading(led) as c:
        assert leading.look(c) is None
    engine.dispose()
