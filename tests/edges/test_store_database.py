"""Opening, writing, reading, failing: what SQLite and PostgreSQL have in common and where each bites."""

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc, text

from fixtures.postgres import GUARDED
from fixtures.store_samples import NOW, opening
from maildesk.credentials import Secret
from maildesk.errors import ConfigError, TemporaryError
from maildesk.store import alarms, tickets
from maildesk.store.database import (
    Connection,
    Engine,
    connect,
    reading,
    savepoint,
    transaction,
)


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Engine]:
    opened = connect(sqlite_url)
    yield opened
    opened.dispose()


def _alarm_names(engine: Engine) -> list[str]:
    with reading(engine) as c:
        return sorted(alarm.name for alarm in alarms.standing(c))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "not a database URL"),
        ("mysql://desk@db/desk", "mysql is not supported"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
    ],
)
def test_a_url_that_cannot_serve_is_a_configuration_error(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        connect(url)
    assert caught.value.problems[0].key == "store.url"


def test_postgresql_without_its_driver_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install maildesk\[postgres\]"):
        connect("postgresql://desk@db/desk")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_every_way_to_write_postgresql_means_the_one_driver(scheme: str) -> None:
    assert connect(f"{scheme}://desk@db.example/desk").driver == "psycopg"


def _user(url: str, secret: Path) -> object:
    """Who the server says we are."""
    opened = connect(url, Secret(file=secret))
    try:
        with reading(opened) as c:
            return c.scalar(text("SELECT current_user"))
    finally:
        opened.dispose()


def test_the_password_of_postgresql_comes_from_its_file(postgres: str, tmp_path: Path) -> None:
    secret = tmp_path / "store"
    secret.touch(0o600)
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD 'right'".encode())
    try:
        secret.write_text("wrong\n")
        with pytest.raises(TemporaryError):
            _user(postgres.replace("//desk@", f"//{GUARDED}@"), secret)
        secret.write_text("right\n")
        assert _user(postgres.replace("//desk@", f"//{GUARDED}@"), secret) == GUARDED
    finally:
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(f"DROP ROLE {GUARDED}".encode())


def test_a_password_never_shows_in_the_error_of_a_server_that_is_not_there() -> None:
    engine = connect("postgresql://desk:geheim@127.0.0.1:1/desk")
    with pytest.raises(TemporaryError, match="does not serve now") as caught, reading(engine):
        pass
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_new_sqlite_file_is_private_and_safe_against_power_cuts(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/desk.db")
    with reading(engine) as c:
        assert c.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert c.execute(text("PRAGMA synchronous")).scalar() == 2
        assert c.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert c.execute(text("PRAGMA busy_timeout")).scalar() == 10_000
    engine.dispose()
    assert stat.S_IMODE((tmp_path / "desk.db").stat().st_mode) == 0o600


def test_a_sqlite_path_that_cannot_be_opened_is_temporary(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/missing/desk.db")
    with pytest.raises(TemporaryError, match="cannot be opened"), transaction(engine):
        pass


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"Received: from somewhere\r\n" * 100)
    engine = connect(f"sqlite:///{tmp_path}/desk.db")
    with pytest.raises(TemporaryError, match="none of SQLite"), reading(engine):
        pass


def _raise_then_fail(c: Connection, name: str) -> None:
    alarms.raise_(c, name, "", NOW)
    raise KeyError(name)


def test_an_exception_undoes_the_whole_transaction(engine: Engine) -> None:
    with pytest.raises(KeyError), transaction(engine) as c:
        _raise_then_fail(c, "mailbox")
    assert _alarm_names(engine) == []


def test_a_savepoint_that_fails_costs_its_neighbours_nothing(engine: Engine) -> None:
    with transaction(engine) as c:
        with savepoint(c):
            alarms.raise_(c, "one", "", NOW)
        with pytest.raises(KeyError), savepoint(c):
            _raise_then_fail(c, "two")
        with savepoint(c):
            alarms.raise_(c, "three", "", NOW)
    assert _alarm_names(engine) == ["one", "three"]


def test_a_broken_statement_inside_a_savepoint_costs_its_neighbours_nothing(engine: Engine) -> None:
    with transaction(engine) as c:
        with savepoint(c):
            alarms.raise_(c, "one", "", NOW)
        with pytest.raises(exc.IntegrityError), savepoint(c):
            c.execute(text("INSERT INTO counter (name, next) VALUES ('ticket', 1)"))
        with savepoint(c):
            alarms.raise_(c, "three", "", NOW)
    assert _alarm_names(engine) == ["one", "three"]


def test_savepoints_nest(engine: Engine) -> None:
    with transaction(engine) as c, savepoint(c):
        alarms.raise_(c, "outer", "", NOW)
        with pytest.raises(KeyError), savepoint(c):
            _raise_then_fail(c, "inner")
    assert _alarm_names(engine) == ["outer"]


def test_a_reader_sees_one_moment_and_is_not_held_up_by_a_writer(engine: Engine) -> None:
    with transaction(engine) as writer:
        alarms.raise_(writer, "late", "", NOW)
        with reading(engine) as c:
            assert alarms.standing(c) == []
    with reading(engine) as c:
        assert len(alarms.standing(c)) == 1
        with transaction(engine) as writer:
            alarms.raise_(writer, "later", "", NOW)
        assert len(alarms.standing(c)) == 1


def _look_as(c: Connection, role: str) -> None:
    c.execute(text(f"SET LOCAL ROLE {role}"))
    alarms.standing(c)


def test_a_right_that_is_missing_parks_no_mail(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with transaction(engine) as c:
        c.execute(text("CREATE ROLE clerk_without_rights"))
    with transaction(engine) as c, pytest.raises(TemporaryError, match="permission denied"), savepoint(c):
        _look_as(c, "clerk_without_rights")
    with transaction(engine) as c:
        c.execute(text("DROP ROLE clerk_without_rights"))
    engine.dispose()


def test_a_reader_cannot_write_on_postgresql(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with pytest.raises(TemporaryError, match="read-only"), reading(engine) as c:
        alarms.raise_(c, "mailbox", "", NOW)
    with transaction(engine) as c:  # the pool's connection writes again
        assert alarms.raise_(c, "mailbox", "", NOW)
    engine.dispose()


def test_no_update_is_lost_among_threads(engine: Engine) -> None:
    def count_up() -> None:
        for _ in range(20):
            with transaction(engine) as c:
                row = "SELECT next FROM counter WHERE name = 'ticket'"
                lock = "" if c.dialect.name == "sqlite" else " FOR UPDATE"
                value = c.execute(text(row + lock)).scalar_one()
                c.execute(text("UPDATE counter SET next = :n"), {"n": value + 1})

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as c:
        assert c.execute(text("SELECT next FROM counter")).scalar_one() == 1001 + 80


def test_tables_that_are_not_there_ask_for_an_upgrade(empty_url: str) -> None:
    engine = connect(empty_url)
    with pytest.raises(TemporaryError, match="run `maildesk db upgrade`"), transaction(engine) as c:
        alarms.standing(c)
    engine.dispose()


def _fill_the_disk(c: Connection) -> None:
    c.execute(text("PRAGMA max_page_count = 60"))
    alarms.raise_(c, "before", "", NOW)
    with savepoint(c):
        alarms.raise_(c, "big", "x" * 1_000_000, NOW)


def test_a_full_disk_is_temporary_and_leaves_nothing_behind(sqlite: Engine) -> None:
    with pytest.raises(TemporaryError, match="disk of the database is full"), transaction(sqlite) as c:
        _fill_the_disk(c)
    assert _alarm_names(sqlite) == []
    sqlite.dispose()  # max_page_count belongs to the connection
    with transaction(sqlite) as c:
        alarms.raise_(c, "after", "x" * 1_000_000, NOW)
    assert _alarm_names(sqlite) == ["after"]


def _lose_transaction(c: Connection) -> None:
    """What SQLite does by itself when a write fails at a full disk, and the error that follows."""
    driver = c.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.rollback()
    c.execute(text("ROLLBACK"))


def _go_on_regardless(c: Connection) -> None:
    with pytest.raises(TemporaryError, match="no transaction is active"), savepoint(c):
        _lose_transaction(c)
    with savepoint(c):  # a careless caller goes on with the next mail
        alarms.raise_(c, "half", "", NOW)


def test_after_sqlite_rolled_back_by_itself_nothing_more_is_written(sqlite: Engine) -> None:
    with pytest.raises(TemporaryError), transaction(sqlite) as c:
        _go_on_regardless(c)
    assert _alarm_names(sqlite) == []


def test_another_process_that_writes_is_waited_for_then_named_locked(sqlite: Engine, sqlite_url: str) -> None:
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with reading(sqlite) as c:
        c.execute(text("PRAGMA busy_timeout = 50"))
    with pytest.raises(TemporaryError, match="locked by another process"), transaction(sqlite):
        pass
    other.execute("ROLLBACK")
    other.close()
    with transaction(sqlite) as c:
        assert alarms.raise_(c, "mailbox", "", NOW)


def test_a_second_engine_lets_no_other_process_take_the_log_away(sqlite: Engine, sqlite_url: str) -> None:
    """A close(2) of the file drops every lock of this process on it; a command that ends would then delete the WAL."""
    with transaction(sqlite) as c:
        alarms.raise_(c, "first", "no", NOW)
    connect(sqlite_url).dispose()
    path = sqlite_url.removeprefix("sqlite:///")
    look = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM alarm').fetchall(); c.close()"
    )
    subprocess.run([sys.executable, "-c", look, path], check=True, timeout=30)
    assert Path(f"{path}-wal").exists()
    with transaction(sqlite) as c:
        alarms.raise_(c, "second", "no", NOW)
    assert _alarm_names(sqlite) == ["first", "second"]


def _lose_the_backend(c: Connection, admin: Engine) -> None:
    pid = c.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with transaction(admin) as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    alarms.raise_(c, "mailbox", "", NOW)


def test_a_terminated_backend_is_temporary_and_the_next_transaction_works(postgres_url: str) -> None:
    engine, admin = connect(postgres_url), connect(postgres_url)
    with pytest.raises(TemporaryError, match="does not serve now"), transaction(engine) as c, savepoint(c):
        _lose_the_backend(c, admin)
    with transaction(engine) as c:
        assert alarms.raise_(c, "mailbox", "", NOW)
    engine.dispose()
    admin.dispose()


def test_a_pool_that_is_used_up_is_temporary(sqlite: Engine) -> None:
    with pytest.raises(TemporaryError, match="gave no connection in time"):
        _exhaust(sqlite)


def _exhaust(engine: Engine) -> None:
    held = []
    engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    try:
        for _ in range(16):
            with reading(engine):
                held.append(engine.connect())
    finally:
        for connection in held:
            connection.close()


def test_two_processes_decide_the_same_ticket_and_one_of_them_learns_so(store_url: str) -> None:
    one, two = connect(store_url), connect(store_url)
    with transaction(one) as c:
        tickets.save(c, opening(1001), next_check=None)
    with pytest.raises(TemporaryError, match="1001 was taken meanwhile"), transaction(two) as c:
        tickets.save(c, opening(1001), next_check=None)
    one.dispose()
    two.dispose()


def test_sqlalchemy_is_not_needed_for_the_driver_of_the_other_database() -> None:
    code = "import sys; import maildesk.store.database; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
