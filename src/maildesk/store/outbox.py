"""Mails that go out (PROTOCOLS 2): one row is one mail to one person, with one identity and one state."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, case, func, null, select, update

from maildesk.mail.ids import fold_address
from maildesk.mail.model import Lane, OutgoingMail, Queued
from maildesk.store.encoding import indexable, storable
from maildesk.store.portable import AnyRow, findable, insert_new
from maildesk.store.resting import HOLD, discard, held, hold, retry
from maildesk.store.tables import UNSENT, outbox

__all__ = [
    "LANES",
    "Mark",
    "Posted",
    "State",
    "claim",
    "counts",
    "discard",
    "get",
    "held",
    "hold",
    "listing",
    "mark",
    "next_due",
    "owners",
    "put",
    "recover",
    "retry",
]

State = Literal["ready", "sending", "sent", "deferred", "unknown", "dead"]
LANES: tuple[Lane, ...] = ("urgent", "normal")
_CLAIM_OCTETS = 32 * 1024 * 1024  # of mail in memory at once; a single mail may be larger
_SHOWN = 1_000  # characters of a relay's answer
_IN_DOUBT = ("unknown", "sending")  # of a row that is due: a desk or a connection died over it
_REST = timedelta(minutes=5)  # of a mail over which the desk died twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of a claimed mail. `due` is its next try, for deferred and unknown; None is at once."""

    id: int
    owner: str
    state: Literal["sent", "deferred", "unknown", "dead"]
    due: datetime | None = None
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A row of the outbox; `data` is filled by `get` alone."""

    id: int
    dedupe_key: str
    message_id: str
    lane: Lane
    event: str
    audience: str
    ticket: int | None
    person: str
    recipient: str
    sender: str
    state: State
    attempts: int
    unknowns: int
    created: datetime
    due: datetime | None
    expires: datetime
    finished: datetime | None
    result: str
    data: bytes = field(default=b"", repr=False)


_POSTED = select(*(outbox.c[name] for name in Posted.__slots__ if name != "data"))
_DUE = (
    select(outbox.c.id, outbox.c.state, func.length(outbox.c.bytes).label("octets"))
    .where(outbox.c.lane == bindparam("lane"), outbox.c.due <= bindparam("now"))
    .order_by(outbox.c.due, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_IDS = outbox.c.id.in_(bindparam("ids", expanding=True))
_WAS_SENDING = case((outbox.c.state == "sending", 1), else_=0)
_TAKE = (
    update(outbox)
    .where(_IDS)
    .values(
        state="sending",
        attempts=outbox.c.attempts + 1,
        unknowns=outbox.c.unknowns + _WAS_SENDING,
        owner=bindparam("by"),
        lease_until=bindparam("until"),
        due=bindparam("until"),
    )
)
_LOAD = select(
    *(outbox.c[name] for name in ("id", "event", "ticket", "person", "recipient", "sender", "message_id")),
    *(outbox.c[name] for name in ("attempts", "unknowns", "created", "expires", "bytes")),
).where(_IDS)
_MARK = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.owner == bindparam("by"), outbox.c.state == "sending")
    .values(
        state=bindparam("new"),
        due=bindparam("next"),
        finished=bindparam("end"),
        result=bindparam("said"),
        unknowns=outbox.c.unknowns + bindparam("more"),
        owner=null(),
        lease_until=null(),
    )
)
_NEXT = select(
    *(
        select(func.min(outbox.c.due)).where(outbox.c.lane == lane, outbox.c.due.is_not(None)).scalar_subquery()
        for lane in LANES
    )
)


def put(c: Connection, mails: Sequence[OutgoingMail], now: datetime, *, because: str = "") -> int:
    """Queue mails, in the transaction of the decision that causes them; returns how many are new.

    One whose dedupe_key is there already is skipped: the same decision taken twice queues one mail. With `because`,
    a reason, they are held until somebody releases them.
    """
    return insert_new(c, outbox, [_row(mail, now) | ({**HOLD, "result": because} if because else {}) for mail in mails])


def _row(mail: OutgoingMail, now: datetime) -> dict[str, Any]:
    due = max(now, mail.not_before or now)
    return {
        "dedupe_key": indexable(mail.dedupe_key),
        "message_id": indexable(mail.message_id),
        "lane": mail.lane,
        "event": mail.event,
        "audience": mail.audience,
        "ticket": mail.ticket,
        "person": mail.person,
        "recipient": storable(mail.recipient),
        "recipient_key": indexable(fold_address(mail.recipient)),
        "sender": storable(mail.sender),
        "bytes": mail.data,
        "state": "ready",
        "attempts": 0,
        "unknowns": 0,
        "created": now,
        "due": due,
        "expires": due + timedelta(seconds=mail.expires_after),
        "result": "",
    }


def claim(
    c: Connection, now: datetime, limit: int, lease: timedelta, owner: str, lanes: Sequence[Lane] = LANES
) -> list[Queued]:
    """At most `limit` mails that are due, urgent ones first; the caller commits before sending.

    Each attempt is counted and the next try set to the end of the lease. One that was being sent when its lease ran
    out counts as unknown. A mail in doubt is taken alone: its outcome is written down before anything else is sent,
    so that hardly any crash makes another copy of it. On PostgreSQL rows that another instance is claiming are skipped.
    """
    asked = {"now": now, "most": limit}
    ids = _together([row for lane in lanes for row in c.execute(_DUE, asked | {"lane": lane}).all()][:limit])
    if not ids:
        return []
    c.execute(_TAKE, {"ids": ids, "by": owner, "until": now + lease})
    rows = {row.id: row for row in c.execute(_LOAD, {"ids": ids})}
    return [_queued(rows[id]) for id in ids]


def _together(rows: Sequence[AnyRow]) -> list[int]:
    """The first rows that can be sent together, one at least."""
    ids: list[int] = []
    octets = 0
    for row in rows:
        octets += row.octets
        if ids and (row.state in _IN_DOUBT or octets > _CLAIM_OCTETS):
            break
        ids.append(row.id)
        if row.state in _IN_DOUBT:
            break
    return ids


def _queued(row: AnyRow) -> Queued:
    return Queued(
        id=row.id,
        event=row.event,
        ticket=row.ticket,
        person=row.person,
        recipient=row.recipient,
        sender=row.sender,
        message_id=row.message_id,
        attempts=row.attempts,
        unknowns=row.unknowns,
        created=row.created,
        expires=row.expires,
        data=bytes(row.bytes),
    )


def mark(c: Connection, marks: Sequence[Mark], now: datetime) -> int:
    """Write down what became of claimed mails; returns how many rows were still their owner's to mark."""
    if not marks:
        return 0
    return c.execute(_MARK, [_marked(entry, now) for entry in marks]).rowcount


def _marked(entry: Mark, now: datetime) -> dict[str, Any]:
    final = entry.state in ("sent", "dead")
    return {
        "row": entry.id,
        "by": entry.owner,
        "new": entry.state,
        "next": None if final else entry.due or now,
        "end": now if final else None,
        "said": storable(entry.result, _SHOWN),
        "more": 1 if entry.state == "unknown" else 0,
    }


def recover(c: Connection, now: datetime, *, owner: str | None = None) -> int:
    """Mails a dead process was sending become unknown; returns how many.

    They are due at once; those it happens to again rest first: they may be what kills the desk, and others go on.
    Without `owner` all of them: right where the lock on the state directory proves that nobody else sends.
    """
    whose = () if owner is None else (outbox.c.owner == owner,)
    statement = update(outbox).where(outbox.c.due.is_not(None), outbox.c.state == "sending", *whose)
    due = case((outbox.c.unknowns == 0, now), else_=now + _REST)
    lost = {"state": "unknown", "unknowns": outbox.c.unknowns + 1, "due": due, "owner": None, "lease_until": None}
    return c.execute(statement.values(lost | {"result": "the process died while sending"})).rowcount


def owners(c: Connection) -> set[str]:
    """Who holds mails that are being sent."""
    statement = select(outbox.c.owner).where(outbox.c.due.is_not(None), outbox.c.state == "sending").distinct()
    return {owner for owner in c.execute(statement).scalars() if owner}


def listing(
    c: Connection, state: State | Collection[State] | None = None, *, ticket: int | None = None, limit: int = 1_000
) -> list[Posted]:
    """Rows without their bytes, newest first."""
    statement = _POSTED.order_by(outbox.c.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(outbox.c.state.in_((state,) if isinstance(state, str) else tuple(state)))
    if ticket is not None:
        statement = statement.where(outbox.c.ticket == findable(ticket))
    return [Posted(**row) for row in c.execute(statement).mappings()]


def get(c: Connection, id: int) -> Posted | None:
    """One row with its bytes."""
    row = (
        c.execute(_POSTED.add_columns(outbox.c.bytes.label("data")).where(outbox.c.id == findable(id)))
        .mappings()
        .one_or_none()
    )
    return Posted(**{**row, "data": bytes(row["data"])}) if row else None


def counts(c: Connection) -> dict[State, int]:
    """How many mails are in each state but sent; states without any are absent."""
    statement = select(outbox.c.state, func.count()).where(UNSENT).group_by(outbox.c.state)
    return dict(c.execute(statement).all())


def next_due(c: Connection) -> datetime | None:
    """When the next mail is due, the end of a lease included; None when nothing is left to do."""
    return min(filter(None, c.execute(_NEXT).one()), default=None)
