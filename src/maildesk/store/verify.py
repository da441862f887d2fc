"""Does everything fit together? The journal with the tickets, the ledger with the mails, the outbox with both.

Nothing is mended. Each finding is one line that names the row.
"""

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from pydantic import TypeAdapter
from sqlalchemy import Connection, func, select, text

from maildesk.desk import events
from maildesk.desk.model import Event, Ticket
from maildesk.mail.ids import fold_address, ours, ring
from maildesk.store import signature
from maildesk.store.encoding import indexable, unpack
from maildesk.store.portable import AnyRow
from maildesk.store.resting import DISCARDED
from maildesk.store.tables import attachment, blob, counter, event, inbound, outbox, raw_mail, ticket

_TICKETS = 500  # of which the journals are in memory at once
_BODIES = 20
_ADAPTER = TypeAdapter(Ticket)
_BREACH = ("sla-breached", "digest")
_COPIES = ("version", "status", "priority", "group", "assignee")  # columns that repeat what the state says


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not fit. `part` is database, journal, ledger or outbox."""

    part: str
    what: str  # such as "ticket 1042"
    text: str

    def __str__(self) -> str:
        return f"{self.part}: {self.what}: {self.text}"


def findings(c: Connection, key: bytes) -> Iterator[Finding]:
    """Everything that does not fit, in a transaction that sees one moment. `key` signed the outgoing mails."""
    yield from _database(c)
    yield from _journal(c)
    yield from _ledger(c)
    yield from _outbox(c, key)
    yield from _told(c)


def _database(c: Connection) -> Iterator[Finding]:
    """What SQLite knows of its own file; PostgreSQL guards itself."""
    if c.dialect.name != "sqlite":
        return
    for line in c.execute(text("PRAGMA integrity_check")).scalars():
        if line != "ok":
            yield Finding(part="database", what="file", text=line)
    for row in c.execute(text("PRAGMA foreign_key_check")):
        yield Finding(part="database", what=f"{row[0]} {row[1]}", text=f"belongs to a {row[2]} that does not exist")


def _journal(c: Connection) -> Iterator[Finding]:
    after = 0
    while rows := c.execute(
        select(ticket).where(ticket.c.number > after).order_by(ticket.c.number).limit(_TICKETS)
    ).all():
        journals = _journals(c, after, rows[-1].number)
        for row in rows:
            for words in _folded(row, journals[row.number]):
                yield Finding(part="journal", what=f"ticket {row.number}", text=words)
        after = rows[-1].number
    last = c.execute(select(func.max(ticket.c.number))).scalar_one() or 0
    following = c.execute(select(counter.c.next).where(counter.c.name == "ticket")).scalar_one_or_none()
    if following is None or following <= last:
        yield Finding(part="journal", what="counter", text=f"the next ticket would be {following}, but {last} exists")


def _journals(c: Connection, after: int, last: int) -> dict[int, list[AnyRow]]:
    found: defaultdict[int, list[AnyRow]] = defaultdict(list)
    wanted = select(event).where(event.c.ticket > after, event.c.ticket <= last)
    for row in c.execute(wanted.order_by(event.c.ticket, event.c.version)):
        found[row.ticket].append(row)
    return found


def _folded(row: AnyRow, journal: Sequence[AnyRow]) -> Iterator[str]:
    """What differs between a ticket and the fold of its journal."""
    if [entry.version for entry in journal] != list(range(1, row.version + 1)):
        yield f"its version is {row.version}, its journal has {len(journal)} entries"
        return
    try:
        state = _ADAPTER.validate_json(row.state)
        fold = events.replay(
            Event(at=e.at, kind=e.kind, actor=e.actor, cause=e.cause, data=json.loads(e.data)) for e in journal
        )
    except (ValueError, KeyError, TypeError) as error:
        yield f"cannot be read back: {type(error).__name__}: {str(error).splitlines()[0]}"
        return
    other = [field.name for field in fields(Ticket) if getattr(state, field.name) != getattr(fold, field.name)]
    if other:
        yield f"its state is not what its journal says: {', '.join(other)}"
    copies = {name: getattr(row, name) for name in (*_COPIES, "requester")}
    meant = {name: getattr(state, name) for name in _COPIES}
    meant["requester"] = indexable(fold_address(state.requester.address))
    if copies != meant:
        yield f"its columns are not what its state says: {', '.join(n for n in copies if copies[n] != meant[n])}"


def _ledger(c: Connection) -> Iterator[Finding]:
    lost = select(inbound.c.id, inbound.c.ticket).where(
        inbound.c.ticket.is_not(None), ~select(ticket).where(ticket.c.number == inbound.c.ticket).exists()
    )
    for row in c.execute(lost):
        yield Finding(part="ledger", what=f"mail {row.id}", text=f"became ticket {row.ticket}, which does not exist")
    empty = select(inbound.c.id, inbound.c.state).where(inbound.c.state != "done", inbound.c.sha256.is_(None))
    for id, state in c.execute(empty):
        yield Finding(part="ledger", what=f"mail {id}", text=f"is {state}, but no bytes of it are kept")
    states = {row.id: row.state for row in c.execute(select(inbound.c.id, inbound.c.state))}
    caused = select(event.c.ticket, event.c.version, event.c.cause).where(event.c.cause.like("inbound:%"))
    for number, version, cause in c.execute(caused):
        if states.get(int(cause.removeprefix("inbound:"))) != "done":
            words = f"entry {version} comes from {cause}, which was never decided"
            yield Finding(part="journal", what=f"ticket {number}", text=words)
    yield from _spoiled(c)


def _spoiled(c: Connection) -> Iterator[Finding]:
    """Bytes that are no longer those that came."""
    for part in c.execute(select(raw_mail), execution_options={"yield_per": _BODIES}).partitions():
        for row in part:
            try:
                good = hashlib.sha256(unpack(row.bytes, row.compressed)).hexdigest() == row.sha256
            except zlib.error:
                good = False
            if not good:
                numbers = c.execute(select(inbound.c.id).where(inbound.c.sha256 == row.sha256)).scalars().all()
                what = f"mail {', '.join(map(str, numbers))}" if numbers else f"mail {row.sha256}"
                yield Finding(part="ledger", what=what, text="its bytes are not those that came")
    for part in c.execute(select(blob), execution_options={"yield_per": _BODIES}).partitions():
        for row in part:
            if hashlib.sha256(row.bytes).hexdigest() != row.sha256:
                held = select(attachment.c.filename).where(attachment.c.sha256 == row.sha256).limit(1)
                name = c.execute(held).scalar_one_or_none() or row.sha256
                yield Finding(part="ledger", what=f"attachment {name}", text="its bytes are not those that came")


def _outbox(c: Connection, key: bytes) -> Iterator[Finding]:
    keys = ring(key) if signature.fits(c, key) else ()
    if not keys:
        yield Finding(part="database", what="state/key", text=signature.FOREIGN)
    unchecked = signature.given_up_at(c)
    known = set(c.execute(select(ticket.c.number)).scalars())
    told = {tuple(row) for row in c.execute(select(event.c.ticket, event.c.cause).where(event.c.kind == "undelivered"))}
    for part in c.execute(select(outbox), execution_options={"yield_per": _BODIES}).partitions():
        for row in part:
            unsaid = row.state == "dead" and not row.result.startswith(DISCARDED)
            if row.ticket is not None and row.ticket not in known:
                more = [f"is about ticket {row.ticket}, which does not exist"]
            elif row.ticket and unsaid and (row.ticket, f"outbox:{row.id}") not in told:
                more = [f"is dead, and the journal of ticket {row.ticket} does not say so"]
            else:
                more = []
            checked = keys if unchecked is None or row.created > unchecked else ()
            for words in (*_identity(row, checked), *_state(row), *more):
                yield Finding(part="outbox", what=f"mail {row.id}", text=words)


def _identity(row: AnyRow, keys: Sequence[bytes]) -> Iterator[str]:
    domain = row.message_id.rpartition("@")[2]
    ids = [ours(key, row.dedupe_key, row.ticket, domain) for key in keys]
    if ids and row.message_id not in ids and not row.dedupe_key.startswith("sha256:"):
        yield "its Message-ID was not made with these keys, or not for this ticket and person"
    if f"<{row.message_id}>".encode() not in bytes(row.bytes).partition(b"\r\n\r\n")[0]:
        yield "its bytes do not bear its Message-ID"


def _state(row: AnyRow) -> Iterator[str]:
    ended = row.state in ("sent", "dead")
    if ended != (row.finished is not None):
        yield f"is {row.state}, but its end is {row.finished or 'not noted'}"
    if ended and row.due is not None:
        yield f"is {row.state}, but due again"
    if row.state in ("ready", "deferred") and row.due is None:
        yield f"is {row.state}, but never due"
    if (row.state == "sending") != (row.owner is not None and row.lease_until is not None):
        yield f"is {row.state}, held by {row.owner or 'nobody'}"


def _told(c: Connection) -> Iterator[Finding]:
    """Whom the journal calls told of a breach, and no mail was ever written to: a breach is never switched off."""
    wanted = select(outbox.c.ticket, outbox.c.recipient_key, outbox.c.created).where(outbox.c.event.in_(_BREACH))
    written = {tuple(row) for row in c.execute(wanted)}
    breaches = select(event.c.ticket, event.c.version, event.c.at, event.c.data).where(event.c.kind == "escalated")
    for row in c.execute(breaches):
        said = json.loads(row.data)
        people = said.get("told", ()) if said.get("share", 0) >= 1 else ()
        for address in people:
            folded = indexable(fold_address(address))
            if not {(row.ticket, folded, row.at), (None, folded, row.at)} & written:
                words = f"entry {row.version} says that {address} was told, and the outbox has no such mail"
                yield Finding(part="journal", what=f"ticket {row.ticket}", text=words)
