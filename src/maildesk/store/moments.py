"""When the desk last did what it does seldom, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from maildesk.store.encoding import to_json
from maildesk.store.portable import insert_new
from maildesk.store.tables import moment

RESTORED = "restored"  # a backup was put back: what came before this may have been answered already
_GET = select(moment.c.at, moment.c.words).where(moment.c.name == bindparam("wanted"))

_BETWEEN = (
    select(moment.c.at, moment.c.words)
    .where(moment.c.name >= bindparam("first"), moment.c.name < bindparam("last"))
    .order_by(moment.c.name)
)
_FORGET = delete(moment).where(moment.c.name == bindparam("wanted"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something last happened, and what came of it as plain JSON."""

    at: datetime
    words: Mapping[str, Any]


def put(c: Connection, name: str, at: datetime, words: Mapping[str, Any] | None = None) -> None:
    """It happened now; the time before is forgotten."""
    values = {"at": at, "words": to_json(dict(words or {}))}
    if not insert_new(c, moment, [{"name": name, **values}]):
        c.execute(update(moment).where(moment.c.name == name).values(values))


def get(c: Connection, name: str) -> Moment | None:
    """When it last happened; None when it never did."""
    row = c.execute(_GET, {"wanted": name}).one_or_none()
    return Moment(at=row.at, words=json.loads(row.words)) if row else None


def beginning(c: Connection, prefix: str) -> list[Moment]:
    """Those whose names begin alike, by name."""
    found = c.execute(_BETWEEN, {"first": prefix, "last": prefix[:-1] + chr(ord(prefix[-1]) + 1)})
    return [Moment(at=row.at, words=json.loads(row.words)) for row in found]


def forget(c: Connection, name: str) -> bool:
    """As if it had never happened; False when it never did."""
    return c.execute(_FORGET, {"wanted": name}).rowcount == 1
