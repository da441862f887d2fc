"""The tables, and how they come about."""

import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from fixtures.store_samples import NOW
from maildesk.errors import ConfigError, MaildeskError
from maildesk.store.database import Engine, check_schema, connect, is_empty, reading, transaction, upgrade
from maildesk.store.schema import NEWEST
from maildesk.store.tables import alarm, counter, metadata


def test_the_tables_and_the_migrations_agree(engine: Engine) -> None:
    with reading(engine) as c:
        context = MigrationContext.configure(c, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_index_on_a_condition_is_made_so(engine: Engine) -> None:
    catalogue = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes",
    }
    with reading(engine) as c:
        made = {name: sql or "" for name, sql in c.execute(text(catalogue[engine.dialect.name]))}
    for table in metadata.tables.values():
        for index in table.indexes:
            condition = index.dialect_options[engine.dialect.name]["where"]
            assert index.name in made
            assert ("WHERE" in made[str(index.name)]) == (condition is not None)


def test_an_empty_database_is_made_ready_by_an_upgrade_that_may_be_repeated(empty_url: str) -> None:
    engine = connect(empty_url)
    assert is_empty(engine)
    with pytest.raises(ConfigError, match="no tables yet: run `maildesk db upgrade`"):
        check_schema(engine)
    upgrade(empty_url)
    upgrade(empty_url)
    check_schema(engine)
    assert not is_empty(engine)
    with reading(engine) as c:
        assert c.execute(select(counter.c.next)).scalars().all() == [1001]
    engine.dispose()


def test_the_newest_migration_is_the_one_that_every_command_looks_for(engine: Engine) -> None:
    with reading(engine) as c:
        assert MigrationContext.configure(c).get_current_revision() == NEWEST
    check_schema(engine)


def test_tables_of_a_newer_maildesk_are_left_alone(store_url: str, engine: Engine) -> None:
    with transaction(engine) as c:
        c.execute(text("UPDATE alembic_version SET version_num = 'from-the-future'"))
    with pytest.raises(ConfigError, match="newer maildesk"):
        check_schema(engine)
    with pytest.raises(ConfigError, match="newer maildesk"):
        upgrade(store_url)


def test_a_database_that_failed_to_upgrade_is_as_before(empty_url: str) -> None:
    engine = connect(empty_url)
    with transaction(engine) as c:
        c.execute(text("CREATE TABLE outbox (id INTEGER)"))  # somebody else's table is in the way
    with pytest.raises(MaildeskError, match=r"outbox.* already exists"):
        upgrade(empty_url)
    assert is_empty(engine)
    with reading(engine) as c, pytest.raises(Exception, match="alarm"):
        c.execute(select(alarm))
    engine.dispose()


def test_a_moment_comes_back_aware_and_in_utc(engine: Engine) -> None:
    shanghai = timezone(timedelta(hours=8))
    with transaction(engine) as c:
        c.execute(insert(alarm), {"name": "a", "since": datetime(2026, 3, 2, 17, 30, tzinfo=shanghai), "reason": ""})
        back = c.execute(select(alarm.c.since)).scalar_one()
    assert (back, back.utcoffset()) == (NOW, timedelta(0))


def test_a_naive_moment_is_refused(engine: Engine) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"), transaction(engine) as c:
        c.execute(insert(alarm), {"name": "a", "since": naive, "reason": ""})


def test_instances_that_start_together_migrate_once(postgres_database: str) -> None:
    code = f"from maildesk.store.database import upgrade; upgrade({postgres_database!r})"
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
