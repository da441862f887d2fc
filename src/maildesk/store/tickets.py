"""Tickets: the folded state beside its journal, and what is asked of all of them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, bindparam, func, insert, select, update

from maildesk.desk import lifecycle
from maildesk.desk.model import Decision, Status, Ticket
from maildesk.errors import TemporaryError
from maildesk.mail.ids import fold_address
from maildesk.store import journal
from maildesk.store.encoding import indexable, to_json
from maildesk.store.messages import StoredMessage, add, file, messages, requests
from maildesk.store.portable import findable
from maildesk.store.tables import counter, ticket

__all__ = [
    "Schedule",
    "StoredMessage",
    "counts",
    "due",
    "due_before",
    "file",
    "get",
    "held",
    "history",
    "listing",
    "load",
    "load_readable",
    "messages",
    "next_due",
    "open_after",
    "overdue",
    "requests",
    "reschedule",
    "save",
    "schedule",
    "with_targets",
]

log = structlog.get_logger("store")

_ADAPTER = TypeAdapter(Ticket)
_INSERT = insert(ticket)
_COLUMNS = ("version", "status", "priority", "group", "assignee", "requester", "next_check", "due_at", "state")
_UPDATE = (
    update(ticket)
    .where(ticket.c.number == bindparam("row"), ticket.c.version == bindparam("before"))
    .values(
        {name: bindparam(name) for name in _COLUMNS}
        | {"updated_at": func.coalesce(bindparam("updated_at", type_=ticket.c.updated_at.type), ticket.c.updated_at)}
    )
)
_TAKE_NUMBER = (
    update(counter)
    .where(counter.c.name == "ticket", counter.c.next <= bindparam("number"))
    .values(next=bindparam("number", type_=counter.c.next.type) + 1)
)
_LOAD = select(ticket.c.state).where(ticket.c.number.in_(bindparam("numbers", expanding=True)))
_DUE = (
    select(ticket.c.number)
    .where(ticket.c.next_check <= bindparam("now"))
    .order_by(ticket.c.next_check, ticket.c.number)
    .limit(bindparam("most"))
)
_SCHEDULE = update(ticket).where(ticket.c.number == bindparam("row")).values(next_check=bindparam("next"))
_RESCHEDULE = (
    update(ticket)
    .where(ticket.c.number == bindparam("row"), ticket.c.version == bindparam("read"))
    .values(next_check=bindparam("next"), due_at=bindparam("due"))
)
_OVERDUE = select(func.count()).where(ticket.c.due_at <= bindparam("now"))
_NEXT = select(func.min(ticket.c.next_check)).where(ticket.c.next_check.is_not(None))
_HISTORY = select(func.count()).where(ticket.c.requester == bindparam("address"))


def save(c: Connection, decision: Decision, *, next_check: datetime | None, due_at: datetime | None = None) -> None:
    """Write what a decision changes: ticket, journal, conversation. A decision without a ticket writes nothing.

    Raises TemporaryError when the ticket, or the next number, is not what the decision was taken on.
    """
    after, before = decision.ticket, decision.before
    if after is None:
        return
    version = before.version if before else 0
    if after.version != version + len(decision.events):
        raise ValueError(f"ticket {after.number} is not the fold of its {len(decision.events)} new events")
    row = _row(after, decision) | {"next_check": next_check, "due_at": due_at}
    if before is None:
        if c.execute(_TAKE_NUMBER, {"number": after.number}).rowcount != 1:
            raise TemporaryError(f"ticket number {after.number} was taken meanwhile")
        c.execute(_INSERT, {"number": after.number, "opened_at": after.opened_at, **row})
    elif c.execute(_UPDATE, {"row": after.number, "before": version, **row}).rowcount != 1:
        raise TemporaryError(f"ticket {after.number} was changed meanwhile")
    journal.append(c, after.number, version, decision.events)
    add(c, after.number, decision.messages)


def _row(after: Ticket, decision: Decision) -> dict[str, Any]:
    return {
        "version": after.version,
        "status": after.status,
        "priority": after.priority,
        "group": after.group,
        "assignee": after.assignee,
        "requester": _address(after.requester.address),
        "updated_at": decision.events[-1].at if decision.events else None,
        "state": to_json(_ADAPTER.dump_python(after, mode="json")),
    }


def _readable(states: Iterable[str]) -> Iterator[Ticket]:
    """Those that can be read: a damaged one is its own trouble, and no other ticket's."""
    for state in states:
        try:
            yield _ADAPTER.validate_json(state)
        except ValidationError as error:
            log.error("a ticket cannot be read", ticket=state[:40], reason=str(error).splitlines()[0])


def _states(c: Connection, numbers: Iterable[int]) -> Iterable[str]:
    wanted = list(dict.fromkeys(map(findable, numbers)))
    return c.execute(_LOAD, {"numbers": wanted}).scalars() if wanted else ()


def load_readable(c: Connection, numbers: Iterable[int]) -> dict[int, Ticket]:
    """The same for tickets that are looked at beside another one, but for those that are damaged."""
    return {entry.number: entry for entry in _readable(_states(c, numbers))}


def load(c: Connection, numbers: Iterable[int]) -> dict[int, Ticket]:
    """Those of `numbers` that are tickets."""
    return {entry.number: entry for entry in map(_ADAPTER.validate_json, _states(c, numbers))}


def with_targets(c: Connection, found: dict[int, Ticket]) -> dict[int, Ticket]:
    """Some tickets, and those that they were merged into."""
    while missing := {t.merged_into for t in found.values() if t.merged_into is not None} - found.keys():
        more = load(c, missing)
        if not more:
            break
        found = {**found, **more}
    return found


def get(c: Connection, number: int) -> Ticket | None:
    """One ticket."""
    return load(c, [number]).get(number)


def schedule(c: Connection, number: int, next_check: datetime | None) -> None:
    """Set when a ticket is next looked at, without a change to it."""
    c.execute(_SCHEDULE, {"row": number, "next": next_check})


def listing(
    c: Connection,
    *,
    status: Status | Collection[Status] | None = None,
    group: str | None = None,
    assignee: str | None = None,
    requester: str | None = None,
    limit: int = 1_000,
) -> list[Ticket]:
    """The newest tickets that fit, highest number first."""
    statement = select(ticket.c.state).order_by(ticket.c.number.desc()).limit(limit)
    if status is not None:
        statement = statement.where(ticket.c.status.in_((status,) if isinstance(status, str) else tuple(status)))
    if group is not None:
        statement = statement.where(ticket.c.group == group)
    if assignee is not None:
        statement = statement.where(ticket.c.assignee == assignee)
    if requester is not None:
        statement = statement.where(ticket.c.requester == _address(requester))
    return list(_readable(c.execute(statement).scalars()))


def held(c: Connection, limit: int = 100) -> list[Ticket]:
    """Open tickets that are neither acknowledged nor dispatched, the newest first: somebody should look at them."""
    statement = (
        select(ticket.c.state)
        .where(ticket.c.status.in_(sorted(lifecycle.OPEN)), ticket.c.state.not_like('%"held":""%'))
        .order_by(ticket.c.number.desc())
        .limit(limit)
    )
    return [one for one in _readable(c.execute(statement).scalars()) if one.held]


def due(c: Connection, now: datetime, limit: int) -> list[int]:
    """Numbers of tickets whose next check has come, longest due first. An index answers, never a scan."""
    return list(c.execute(_DUE, {"now": now, "most": limit}).scalars())


def overdue(c: Connection, now: datetime) -> int:
    """How many tickets have missed a target that still runs."""
    return c.execute(_OVERDUE, {"now": now}).scalar_one()


def next_due(c: Connection) -> datetime | None:
    """When the next ticket is to be checked; None when no clock runs."""
    moment: datetime | None = c.execute(_NEXT).scalar_one()
    return moment


def due_before(c: Connection, until: datetime, limit: int) -> list[Ticket]:
    """Tickets whose next deadline is before a moment, past ones included, the earliest first."""
    statement = select(ticket.c.state).where(ticket.c.due_at < until).order_by(ticket.c.due_at).limit(limit)
    return list(_readable(c.execute(statement).scalars()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a ticket is next looked at, and when the first of its targets is missed; None is never."""

    next_check: datetime | None
    due_at: datetime | None


def reschedule(c: Connection, fresh: Iterable[tuple[Ticket, Schedule]]) -> int:
    """Set the schedules of tickets that nobody has changed since they were read; how many."""
    rows = [
        {"row": one.number, "read": one.version, "next": schedule.next_check, "due": schedule.due_at}
        for one, schedule in fresh
    ]
    return c.execute(_RESCHEDULE, rows).rowcount if rows else 0


def open_after(c: Connection, number: int, limit: int) -> list[tuple[Ticket, Schedule]]:
    """Tickets that are not closed with a higher number, in order, with their schedules."""
    statement = (
        select(ticket.c.state, ticket.c.next_check, ticket.c.due_at)
        .where(ticket.c.number > number, ticket.c.status != "closed")
        .order_by(ticket.c.number)
        .limit(limit)
    )
    return [
        (one, Schedule(next_check=row.next_check, due_at=row.due_at))
        for row in c.execute(statement)
        for one in _readable([row.state])
    ]


def counts(c: Connection) -> dict[Status, int]:
    """How many tickets are in each status; statuses without any are absent."""
    statement = select(ticket.c.status, func.count()).group_by(ticket.c.status)
    return dict(c.execute(statement).all())


def history(c: Connection, requester: str) -> int:
    """How many tickets this address ever opened."""
    return c.execute(_HISTORY, {"address": _address(requester)}).scalar_one()


def _address(address: str) -> str:
    return indexable(fold_address(address))
