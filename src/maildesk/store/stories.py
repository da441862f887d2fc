"""The journals that a report is made of: of every ticket that was not over before a moment."""

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, bindparam, or_, select

from maildesk.desk.lifecycle import OPEN
from maildesk.desk.model import Event
from maildesk.store.tables import event, ticket

_READ = (
    select(event.c.ticket, event.c.at, event.c.kind, event.c.actor, event.c.cause, event.c.data)
    .join(ticket, ticket.c.number == event.c.ticket)
    .where(
        or_(ticket.c.updated_at >= bindparam("since"), ticket.c.status.in_(sorted(OPEN))),
        event.c.at < bindparam("until"),
    )
    .order_by(event.c.ticket, event.c.version)
)


def journals(c: Connection, since: datetime, until: datetime) -> Iterator[tuple[int, tuple[Event, ...]]]:
    """Each ticket's number and its journal up to a moment, of those that anything happened to since another."""
    rows = c.execution_options(yield_per=5_000).execute(_READ, {"since": since, "until": until})
    for number, found in groupby(rows, key=lambda row: row.ticket):
        yield (
            number,
            tuple(
                Event(kind=row.kind, at=row.at, actor=row.actor, cause=row.cause, data=json.loads(row.data))
                for row in found
            ),
        )
