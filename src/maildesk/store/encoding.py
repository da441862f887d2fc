"""How values become columns: nothing a hostile mail holds may break an insert or an index."""

import hashlib
import json
import os
import zlib
from typing import Any

_INDEXED = 300  # characters; a PostgreSQL index entry holds 2,704 bytes
_COMPRESS_FROM = 256  # octets
_LEVEL = 1  # level 6 takes three times as long for a tenth less
_ODD_UID = "=x:"


def storable(text: str, most: int | None = None) -> str:
    """Text as both databases take it: without NUL and lone surrogates, cut to `most` characters."""
    cut = text if most is None else text[:most]
    return cut.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def indexable(text: str) -> str:
    """`storable`, and short enough for a unique index: what is longer is replaced by its hash."""
    clean = storable(text)
    return clean if len(clean) <= _INDEXED else "sha256:" + hashlib.sha256(clean.encode()).hexdigest()


def to_json(value: Any) -> str:
    """Plain JSON values as text in which Chinese stays readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode("utf-8")


def pack(raw: bytes) -> tuple[bytes, bool]:
    """Bytes for a column, and whether they are compressed (RFC 1950): only when that helps."""
    if len(raw) < _COMPRESS_FROM:
        return raw, False
    packed = zlib.compress(raw, _LEVEL)
    return (packed, True) if len(packed) < len(raw) else (raw, False)


def unpack(kept: bytes, compressed: bool) -> bytes:
    """The bytes that `pack` was given."""
    return zlib.decompress(kept) if compressed else bytes(kept)


def uid_to_column(uid: str) -> str:
    """A uid as text both databases take; a Maildir name need not be UTF-8 and comes with escaped bytes."""
    if uid == storable(uid) and not uid.startswith(_ODD_UID):
        return uid
    return _ODD_UID + os.fsencode(uid).hex()


def uid_from_column(column: str) -> str:
    """The uid that `uid_to_column` was given."""
    return os.fsdecode(bytes.fromhex(column[len(_ODD_UID) :])) if column.startswith(_ODD_UID) else column
