"""The journal of a ticket: written once, never changed."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select

from maildesk.desk.model import Event
from maildesk.store.encoding import storable, to_json
from maildesk.store.portable import findable
from maildesk.store.tables import event

_APPEND = insert(event)
_READ = (
    select(event.c.at, event.c.kind, event.c.actor, event.c.cause, event.c.data)
    .where(event.c.ticket == bindparam("number"))
    .order_by(event.c.version)
)


def append(c: Connection, number: int, version: int, events: Sequence[Event]) -> None:
    """Write events behind the `version` that a ticket has. Called by tickets.save, in its transaction."""
    rows = [
        {
            "ticket": number,
            "version": version + place,
            "at": entry.at,
            "kind": entry.kind,
            "actor": storable(entry.actor),
            "cause": storable(entry.cause),
            "data": to_json(dict(entry.data)),
        }
        for place, entry in enumerate(events, start=1)
    ]
    if rows:
        c.execute(_APPEND, rows)


def events(c: Connection, number: int) -> tuple[Event, ...]:
    """The whole journal of a ticket, oldest first; empty when there is no such ticket."""
    return tuple(
        Event(at=row.at, kind=row.kind, actor=row.actor, cause=row.cause, data=json.loads(row.data))
        for row in c.execute(_READ, {"number": findable(number)})
    )
