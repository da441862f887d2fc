"""docs/configuration.md and docs/rules.md say what the code does."""

from pathlib import Path

import pytest

from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.merged import SECTIONS
from maildesk.settings import document, manual

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("name", "text"), [("configuration.md", manual.configuration()), ("rules.md", manual.rules())])
def test_the_page_is_current(name: str, text: str) -> None:
    assert (DOCS / name).read_text("utf-8") == text, "run `python -m maildesk.settings.manual docs`"


def test_every_condition_action_and_section_is_described() -> None:
    page = manual.rules()
    assert [name for name in (*CONDITIONS, *ACTIONS) if f"| `{name}` |" not in page] == []
    assert [name for name in SECTIONS if f"\n## {name}\n" not in page] == []
    assert [name for name in document.SECTIONS if f"[{name}]" not in manual.configuration()] == []


def test_no_key_is_without_a_word() -> None:
    assert "|  |  |" not in manual.rules() + manual.configuration()
    rows = [row for row in (manual.rules() + manual.configuration()).splitlines() if row.startswith("| `")]
    assert [row for row in rows if not row.split("|")[2].strip()] == []


def test_the_pages_are_written_by_one_command(tmp_path: Path) -> None:
    manual.main([str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["configuration.md", "rules.md"]
    assert (tmp_path / "rules.md").read_text("utf-8") == manual.rules()
