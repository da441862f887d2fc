"""The starter: what `maildesk init` writes."""

import json
import shutil
from pathlib import Path

from maildesk.errors import ConfigError, Problem
from maildesk.settings.first import FIRST
from maildesk.settings.keys import key, write

_PACKAGE = Path(__file__).resolve().parents[1]


def starter() -> Path:
    """The folder with the shipped rules/ and templates/: in a wheel inside the package, in a checkout its top."""
    packed = _PACKAGE / "starter"
    return packed if packed.is_dir() else _PACKAGE.parents[1]


def _schemas(rules: Path) -> None:
    """What the first line of every rule file names, for editors."""
    from maildesk.rules import schema  # only here: nothing else needs it, and it takes its time

    for folder, found in ((rules, schema.rule_files()), (rules / "tests", schema.trial_files())):
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        write(folder / "schema.json", text.encode(), 0o644)


def init(directory: Path) -> list[Path]:
    """Write a working desk: maildesk.toml, rules/, templates/, secrets/, state/key. The files written.

    Raises ConfigError, before anything is written, when one of them is there already; OSError when the disk says no.
    """
    names = ("maildesk.toml", "rules", "templates", "knowledge", "secrets", "state")
    there = [directory / name for name in names if (directory / name).exists()]
    if there:
        raise ConfigError(
            Problem(file=str(path), line=0, key="", message="is there already; nothing was written") for path in there
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("rules", "templates", "knowledge"):
        shutil.copytree(starter() / name, directory / name)
    _schemas(directory / "rules")
    (directory / "secrets").mkdir(mode=0o700)
    for name in ("imap", "smtp"):
        write(directory / "secrets" / name, b"", 0o600)
    key(directory / "state")
    write(directory / "maildesk.toml", FIRST.encode(), 0o640)
    return sorted(path for path in directory.rglob("*") if path.is_file())
