"""The starter: what `maildesk init` writes, and the key of a desk."""

import json
import os
import secrets
import shutil
from pathlib import Path

from maildesk.errors import ConfigError, Problem
from maildesk.settings.first import FIRST

_KEY_BYTES = 32
_PACKAGE = Path(__file__).resolve().parents[1]


def starter() -> Path:
    """The folder with the shipped rules/ and templates/: in a wheel inside the package, in a checkout its top."""
    packed = _PACKAGE / "starter"
    return packed if packed.is_dir() else _PACKAGE.parents[1]


def key(state: Path) -> bytes:
    """The desk's 32-byte HMAC key, made at first use (mode 0600). Raises ConfigError when the file is not one."""
    file = state / "key"
    if not file.exists():
        _make_key(file)
    content = file.read_bytes()
    if len(content) != _KEY_BYTES:
        message = f"must hold {_KEY_BYTES} bytes: restore it; without it answers to older mails are not recognised"
        raise ConfigError([Problem(file=str(file), line=0, key="", message=message)])
    return content


def replace_key(state: Path, content: bytes) -> None:
    """The key that a restored database was signed with takes the place of any other."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = state / f"key.{secrets.token_hex(8)}"
    _write(draft, content, 0o600)
    draft.replace(state / "key")


def _make_key(file: Path) -> None:
    """Whole or not at all; of two that start at once, one wins."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"key.{secrets.token_hex(8)}")
    _write(draft, secrets.token_bytes(_KEY_BYTES), 0o600)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _write(file: Path, content: bytes, mode: int) -> None:
    """A new file, on the disk before this returns. Raises FileExistsError."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def _schemas(rules: Path) -> None:
    """What the first line of every rule file names, for editors."""
    from maildesk.rules import schema  # only here: nothing else needs it, and it takes its time

    for folder, found in ((rules, schema.rule_files()), (rules / "tests", schema.trial_files())):
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        _write(folder / "schema.json", text.encode(), 0o644)


def init(directory: Path) -> list[Path]:
    """Write a working desk: maildesk.toml, rules/, templates/, secrets/, state/key. The files written.

    Raises ConfigError, before anything is written, when one of them is there already; OSError when the disk says no.
    """
    names = ("maildesk.toml", "rules", "templates", "secrets", "state")
    there = [directory / name for name in names if (directory / name).exists()]
    if there:
        raise ConfigError(
            Problem(file=str(path), line=0, key="", message="is there already; nothing was written") for path in there
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name in ("rules", "templates"):
        shutil.copytree(starter() / name, directory / name)
    _schemas(directory / "rules")
    (directory / "secrets").mkdir(mode=0o700)
    for name in ("imap", "smtp"):
        _write(directory / "secrets" / name, b"", 0o600)
    key(directory / "state")
    _write(directory / "maildesk.toml", FIRST.encode(), 0o640)
    return sorted(path for path in directory.rglob("*") if path.is_file())
