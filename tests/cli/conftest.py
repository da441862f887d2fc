"""The command line, on the desk of the stage."""

import pytest

from fixtures.commands import Commands
from fixtures.stage import Stage


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Command lines without a configuration."""
    monkeypatch.delenv("MAILDESK_CONFIG", raising=False)
    return Commands(capsys, monkeypatch)


@pytest.fixture
def maildesk(bare: Commands, stage: Stage) -> Commands:
    """Command lines on the stage's desk."""
    bare.config = stage.home / "maildesk.toml"
    return bare
