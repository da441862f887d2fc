"""The command line, on the desk of the stage."""

import pytest

from fixtures.commands import Commands
from fixtures.stage import Stage


@pytest.fixture
def maildesk(stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Command lines on the stage's desk."""
    return Commands(capsys, monkeypatch, stage.home / "maildesk.toml")
