"""Backups: everything of one moment in one file, and back into either kind of database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import delete, insert, select, update

from fixtures.store_samples import KEY, NOW, later, message, opening, outgoing, raw_mail
from maildesk.errors import ConfigError, PermanentError, TemporaryError
from maildesk.mail.model import Attachment
from maildesk.store import backup, inbound, moments, outbox, schema, tickets, verify
from maildesk.store.database import Engine, check_schema, connect, reading, transaction
from maildesk.store.tables import counter, metadata

Rows = dict[str, list[tuple[object, ...]]]


def rows(engine: Engine) -> Rows:
    with reading(engine) as c:
        return {
            table.name: sorted((tuple(row) for row in c.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.fixture
def worked(engine: Engine) -> Engine:
    """A database in which something of everything lies."""
    file = Attachment(
        filename="截图.png",
        content_type="image/png",
        size=3,
        sha256="a" * 64,
        data=b"\x00\xffx",
        inline=False,
        content_id="",
    )
    with transaction(engine) as c:
        inbound.begin(c, "main", "INBOX", 7, 0)
        inbound.keep(c, [raw_mail("1"), raw_mail("2", b"x" * 5_000), raw_mail("3", state="gone", size=0)], 3)
        inbound.claim(c, 1)
        tickets.save(c, opening(1001, messages=(message(attachments=(file,)),)), next_check=NOW, due_at=later(hours=4))
        outbox.put(c, [outgoing(), outgoing("dispatched:1001:1:li@corp.example")], NOW)
        outbox.claim(c, NOW, 1, timedelta(minutes=5), "desk")
    return engine


@pytest.fixture
def kept(worked: Engine, tmp_path: Path) -> Path:
    file = tmp_path / "desk.backup"
    backup.backup(worked, file, KEY, NOW)
    return file


def restored(url: str, file: Path, scratch: Path, *, moved: bool = False, skip: int = 1_000) -> Engine:
    backup.restore(url, None, file, scratch, later(days=1), moved=moved, skip=skip)
    return connect(url)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_moved_desk_has_every_row_in_either_kind_of_database(
    kind: str, worked: Engine, kept: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/new.db" if kind == "sqlite" else request.getfixturevalue("postgres_database")
    engine = restored(url, kept, tmp_path, moved=True)
    assert rows(engine) == rows(worked)
    with reading(engine) as there, reading(worked) as here:
        found = sorted(map(str, verify.findings(there, KEY)))
        assert found == sorted(map(str, verify.findings(here, KEY)))
        assert "ledger: attachment 截图.png: its bytes are not those that came" in found
    with transaction(engine) as c:
        inbound.keep(c, [raw_mail("4")], 4)
        outbox.put(c, [outgoing("taken:1001:1:li@corp.example")], NOW)
        tickets.save(c, opening(1002, messages=(message("m2@corp.example"),)), next_check=None)
    with reading(engine) as c:
        assert inbound.find(c, 4)[0].uid == "4"  # numbers go on behind the copied ones
    engine.dispose()


def test_what_was_on_its_way_is_held_and_numbers_are_left_out(kept: Path, tmp_path: Path) -> None:
    engine = restored(f"sqlite:///{tmp_path}/new.db", kept, tmp_path, skip=500)
    with transaction(engine) as c:
        assert {row.state for row in outbox.listing(c)} == {"unknown"}
        assert outbox.claim(c, later(days=2), 10, timedelta(minutes=5), "desk") == []
        assert outbox.recover(c, later(days=2)) == 0
        assert outbox.next_due(c) is None
        first, second = outbox.held(c)
        assert outbox.retry(c, first, later(days=2))
        assert outbox.discard(c, second, later(days=2), "ops")
        assert not outbox.discard(c, second, later(days=2), "ops")
        assert [queued.id for queued in outbox.claim(c, later(days=2), 10, timedelta(minutes=5), "desk")] == [first]
        assert moments.get(c, moments.RESTORED) == moments.Moment(at=later(days=1), words={})
    with pytest.raises(TemporaryError, match="1002 was taken"), transaction(engine) as c:
        tickets.save(c, opening(1002), next_check=None)
    with transaction(engine) as c:
        tickets.save(c, opening(1502), next_check=None)
    engine.dispose()


def test_a_backup_is_private_whole_and_one_file(kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in kept.parent.iterdir() if "backup" in path.name) == [kept.name]
    found = backup.look(kept)
    assert (found.taken_at, found.key) == (NOW, KEY)
    assert repr(KEY) not in repr(found)


def test_nothing_is_overwritten(worked: Engine, kept: Path) -> None:
    before = kept.read_bytes()
    with pytest.raises(PermanentError, match="is there already"):
        backup.backup(worked, kept, KEY, NOW)
    assert kept.read_bytes() == before


def test_a_database_in_use_is_not_restored_into(store_url: str, worked: Engine, kept: Path, tmp_path: Path) -> None:
    before = rows(worked)
    with pytest.raises(PermanentError, match="not empty"):
        restored(store_url, kept, tmp_path)
    assert rows(worked) == before


def test_a_backup_of_an_older_maildesk_is_brought_up(tmp_path: Path) -> None:
    old, file = connect(f"sqlite:///{tmp_path}/old.db"), tmp_path / "old.backup"
    with transaction(old) as c:
        config = schema._config()
        config.attributes["connection"] = c
        command.upgrade(config, "0001")
        c.execute(update(counter).values(next=1234))
    backup.backup(old, file, KEY, NOW)
    engine = restored(f"sqlite:///{tmp_path}/new.db", file, tmp_path, moved=True)
    check_schema(engine)
    with reading(engine) as c:
        assert c.execute(select(counter.c.next)).scalar_one() == 1234
    engine.dispose()
    old.dispose()


def test_a_backup_of_a_newer_maildesk_is_refused(kept: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(kept)) as made:
        made.executescript("UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(ConfigError, match="newer maildesk"):
        restored(f"sqlite:///{tmp_path}/new.db", kept, tmp_path)


def _text(file: Path) -> None:
    file.write_text("no database")


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _other(file: Path) -> None:
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE backup (taken_at, key)")


@pytest.mark.parametrize("write", [_text, _empty, _other])
def test_what_is_no_backup_is_said_to_be_none(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "file")
    with pytest.raises(PermanentError, match="is no backup of maildesk"):
        backup.look(tmp_path / "file")


def test_a_restore_that_fails_half_way_leaves_nothing(kept: Path, empty_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(kept)) as made:  # its last table cannot be read
        made.executescript("DROP TABLE attachment; CREATE TABLE attachment (message INTEGER)")
    with pytest.raises(TemporaryError):
        restored(empty_url, kept, tmp_path)
    engine = connect(empty_url)
    with reading(engine) as c:
        assert not engine.dialect.has_table(c, "ticket")
    engine.dispose()
    assert not list(tmp_path.glob("tmp*"))


def test_a_place_that_cannot_be_written_is_named(worked: Engine, tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="nowhere"):
        backup.backup(worked, tmp_path / "nowhere" / "desk.backup", KEY, NOW)


def test_a_backup_of_one_moment_has_nothing_that_came_later(worked: Engine, tmp_path: Path) -> None:
    """Writers go on while it is taken; nothing of theirs is seen in part."""
    with transaction(worked) as c:
        c.execute(delete(metadata.tables["alarm"]))
        c.execute(insert(metadata.tables["alarm"]), {"name": "a", "since": NOW, "reason": ""})
        backup.backup(worked, tmp_path / "now.backup", KEY, NOW)
    with closing(sqlite3.connect(tmp_path / "now.backup")) as made:
        assert made.execute("SELECT count(*) FROM alarm").fetchone() == (0,)
