"""The keys by which the desk knows its own mails again: 32 bytes each, the newest first, one after the other in a file.

The newest signs; all of them are believed until they are retired (docs/decisions/0014-trust.md).
"""

import os
import secrets
from pathlib import Path

from maildesk.errors import ConfigError, PermanentError, Problem
from maildesk.mail.ids import KEY_BYTES, ring


def key(state: Path) -> bytes:
    """The desk's keys, one made at first use (mode 0600). Raises ConfigError when the file holds no whole keys."""
    file = state / "key"
    if not file.exists():
        _make(file)
    content = file.read_bytes()
    if not content or len(content) % KEY_BYTES:
        message = f"must hold {KEY_BYTES} bytes: restore it; without it answers to older mails are not recognised"
        if len(content) > KEY_BYTES:
            message = f"must hold {KEY_BYTES} bytes for each key, and holds {len(content)}: restore it"
        raise ConfigError([Problem(file=str(file), line=0, key="", message=message)])
    return content


def rotate_key(state: Path) -> bytes:
    """A new key signs from now on, the older ones are still believed; all of them."""
    keys = secrets.token_bytes(KEY_BYTES) + key(state)
    replace_key(state, keys)
    return keys


def retire_key(state: Path) -> bytes:
    """The oldest key is believed no more; those that are left. Raises PermanentError for the only one."""
    keys = key(state)
    if len(ring(keys)) == 1:
        raise PermanentError("there is one key only: `maildesk keys rotate` makes another one first")
    replace_key(state, keys[:-KEY_BYTES])
    return keys[:-KEY_BYTES]


def replace_key(state: Path, content: bytes) -> None:
    """These keys take the place of any other, whole or not at all."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = state / f"key.{secrets.token_hex(8)}"
    write(draft, content, 0o600)
    draft.replace(state / "key")


def _make(file: Path) -> None:
    """Whole or not at all; of two that start at once, one wins."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"key.{secrets.token_hex(8)}")
    write(draft, secrets.token_bytes(KEY_BYTES), 0o600)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def write(file: Path, content: bytes, mode: int) -> None:
    """A new file, on the disk before this returns. Raises FileExistsError."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
