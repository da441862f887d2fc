"""What the desk writes is its own: no file is readable by others, whatever umask it was started with."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures.commands import Commands
from fixtures.relay import running
from fixtures.stage import Stage, build
from maildesk import health


@pytest.fixture
def careless() -> Iterator[None]:
    """Whoever starts the desk lets everybody read everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """Files and folders that somebody else could read, write or enter."""
    return sorted(
        f"{path.relative_to(folder)} {stat.S_IMODE(path.lstat().st_mode):04o}"
        for path in (folder, *folder.rglob("*"))
        if path.lstat().st_mode & 0o077 and not path.is_symlink()
    )


@pytest.mark.usefixtures("careless")
def test_state_secrets_and_backups_are_private_under_any_umask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "desk"
    with running() as sink:
        stage = Stage(desk=build(home, sink), sink=sink, home=home)
        stage.write("sarah@corp.example", "Printer", "It jams.")
        stage.step()
        with closing(health.serve(home / "state", health.Pulse(), dict)):
            assert (home / "state" / "maildesk.sock").is_socket()
            assert open_to_others(home / "state") == []
        stage.desk.engine.dispose()
    maildesk = Commands(capsys, monkeypatch, home / "maildesk.toml")
    assert maildesk("db", "backup", str(tmp_path / "desk.backup")).code == 0
    assert stat.S_IMODE((tmp_path / "desk.backup").stat().st_mode) == 0o600
    assert {path.name for path in (home / "state").iterdir()} >= {"key", "maildesk.db"}
    assert open_to_others(home / "state") == []
    assert open_to_others(home / "secrets") == []


@pytest.mark.usefixtures("careless")
def test_an_open_file_is_caught(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "key").write_bytes(b"x")
    assert open_to_others(tmp_path / "state") == ["key 0666"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_that_others_can_touch_is_refused(maildesk: Commands, stage: Stage, mode: int) -> None:
    secret = stage.home / "secrets" / "smtp"
    secret.write_text("canary")
    secret.chmod(mode)
    assert maildesk.config is not None
    text = maildesk.config.read_text().replace(
        'tls = "none"', 'tls = "none"\nuser = "it"\nsecret_file = "secrets/smtp"'
    )
    maildesk.config.write_text(text)
    said = maildesk("check")
    assert said.code == 78
    assert "chmod 600" in said.err
    assert "canary" not in said.out + said.err
