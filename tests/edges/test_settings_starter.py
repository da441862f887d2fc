"""The starter that `init` writes, and the key of a desk."""

import stat
import sys
import threading
from pathlib import Path

import pytest

from maildesk import settings
from maildesk.errors import ConfigError
from maildesk.settings import first, toml
from maildesk.settings.document import SECTIONS


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_writes_a_desk_that_check_finds_right(tmp_path: Path) -> None:
    desk = tmp_path / "new" / "desk"
    written = settings.init(desk)
    assert {path.relative_to(desk).parts[0] for path in written} == {
        "knowledge",
        "maildesk.toml",
        "rules",
        "secrets",
        "state",
        "templates",
    }
    problems = settings.check(desk / "maildesk.toml", {})
    assert [problem for problem in problems if problem.level == "error"] == []
    loaded = settings.load(desk / "maildesk.toml", {})
    assert loaded.templates == desk / "templates"
    assert len(loaded.rules.rules) > 10
    assert set(loaded.policy.sla) == {"P1", "P2", "P3", "P4"}


def test_init_keeps_secrets_to_the_owner(tmp_path: Path) -> None:
    settings.init(tmp_path)
    assert mode(tmp_path / "secrets") == 0o700
    assert mode(tmp_path / "secrets" / "imap") == mode(tmp_path / "state" / "key") == 0o600


@pytest.mark.parametrize("there", ["maildesk.toml", "rules", "templates", "knowledge", "secrets", "state"])
def test_init_overwrites_nothing(tmp_path: Path, there: str) -> None:
    (tmp_path / there).mkdir()
    with pytest.raises(ConfigError) as refused:
        settings.init(tmp_path)
    assert str(refused.value) == f"{tmp_path / there}: is there already; nothing was written"
    assert list(tmp_path.iterdir()) == [tmp_path / there]


def test_the_shipped_toml_shows_every_section_and_nine_keys() -> None:
    written = toml.parse(first.FIRST, "f").plain()
    assert sum(len(section) for section in (written["desk"], written["mailbox"][0], written["relay"])) == 9
    assert list(written) == ["desk", "mailbox", "relay"]
    shown = toml.parse(first.FIRST.replace("\n# ", "\n").partition("[desk]")[2].join(("[desk]", "")), "f").plain()
    assert set(shown) == set(SECTIONS)


def test_what_the_shipped_toml_shows_behind_a_hash_is_right(tmp_path: Path) -> None:
    settings.init(tmp_path)
    head, desk, rest = first.FIRST.partition("[desk]")
    (tmp_path / "maildesk.toml").write_text(head + desk + rest.replace("\n# ", "\n"))
    password = tmp_path / "secrets" / "store"
    password.touch(0o600)
    password.write_text("pw")
    assert [p for p in settings.check(tmp_path / "maildesk.toml", {}) if p.level == "error"] == []


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    state = tmp_path / "state"
    key = settings.key(state)
    assert len(key) == 32
    assert settings.key(state) == key
    assert (mode(state), mode(state / "key")) == (0o700, 0o600)
    assert [path.name for path in state.iterdir()] == ["key"]


def test_many_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(settings.key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(ConfigError, match=r"key: must hold 32 bytes: restore it"):
        settings.key(tmp_path)
    assert (tmp_path / "key").read_bytes() == b"short"


def test_a_wheel_has_the_starter_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["maildesk.settings.starter"], "_PACKAGE", tmp_path)
    (tmp_path / "starter").mkdir()
    assert settings.starter() == tmp_path / "starter"
