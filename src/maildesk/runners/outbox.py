"""The outbox: claimed, sent, marked; every outcome has one next state (PROTOCOLS 2)."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from maildesk import clock
from maildesk.desk import events
from maildesk.desk.model import Decision, Event, Notice
from maildesk.desk.people import directory
from maildesk.errors import TemporaryError
from maildesk.mail.model import Delivery, Parcel, Queued, Refused, Sent
from maildesk.runners import parking, restraint
from maildesk.runners.desk import Desk, apply, tell
from maildesk.store import outbox, tickets
from maildesk.store.database import Connection, reading, transaction
from maildesk.store.outbox import Mark

log = structlog.get_logger("outbox")
BACK_OFF = (1, 2, 5, 15, 30, 60)  # minutes; the last for ever
UNKNOWNS = 3
FEWEST, MOST = 8, 100  # mails claimed at once
PAUSE = timedelta(minutes=1)
_ABOUT_THE_DESK = frozenset({"undelivered", "alarm", "recovered", "quarantined"})


class Courier(Protocol):
    """Hands parcels to the relay (smtp.courier)."""

    def deliver(self, parcels: Sequence[Parcel], heard: Callable[[Sequence[Delivery]], None] = ...) -> list[Delivery]:
        """One outcome a parcel, in order. `heard` gets each outcome as soon as it is known, some at a time."""
        ...


@dataclass(slots=True, kw_only=True)
class Owed:
    """Outcomes that could not be written down while the database was away: no mail is sent twice for that."""

    marks: list[tuple[Queued, Mark]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round did. `relay` is why the relay takes nothing now, "" when it does."""

    tried: int = 0
    sent: int = 0
    deferred: int = 0
    dead: int = 0
    relay: str = ""


def run_once(
    desk: Desk, courier: Courier, now: datetime, *, owner: str = "desk", limit: int = FEWEST, owed: Owed | None = None
) -> Round:
    """Send what is due. A refused relay puts everything back for a minute: the transport pauses, not row by row."""
    owed = owed or Owed()
    _write(desk, owed, now)
    with reading(desk.engine) as connection:
        due = outbox.next_due(connection)
        if due is None or due > now:
            return Round()
    lease = timedelta(seconds=2 * desk.settings.relay.data_timeout + 300)
    with transaction(desk.engine) as connection:
        queued = outbox.claim(connection, now, limit, lease, owner, parking.lanes(connection, desk, now))
    fresh = {q.id: q for q in queued if q.expires > now}
    states: Counter[str] = Counter()

    def ended(marks: Sequence[tuple[Queued, Mark]]) -> None:
        states.update(m.state for _, m in marks)
        owed.marks.extend(marks)
        with suppress(TemporaryError):  # with the next ones; the last of them raises
            _write(desk, owed, now)

    ended([(q, _expired(q, now, owner)) for q in queued if q.expires <= now])
    results = courier.deliver(
        [Parcel(id=q.id, sender=q.sender, recipient=q.recipient, data=q.data) for q in fresh.values()],
        lambda outcomes: ended([(fresh[o.id], mark(fresh[o.id], o, now, owner)) for o in outcomes]),
    )
    _write(desk, owed, now)
    return Round(
        tried=len(queued),
        sent=states["sent"],
        deferred=states["deferred"] + states["unknown"],
        dead=states["dead"],
        relay=next((r.text for r in results if isinstance(r, Refused) and r.scope == "relay"), ""),
    )


def larger(limit: int, done: Round) -> int:
    """How many to claim in the next round: a few more after one in which every mail was sent, else few again.

    A crash makes all that are claimed unknown: a desk that dies soon after each start must not use up their tries.
    """
    return min(limit + FEWEST, MOST) if done.tried == done.sent else FEWEST


def _write(desk: Desk, owed: Owed, now: datetime) -> None:
    """Outcomes into the store. Raises TemporaryError: then they are still owed."""
    if not owed.marks:
        return
    with transaction(desk.engine) as connection:
        outbox.mark(connection, [m for _, m in owed.marks], now)
        for queued, m in owed.marks:
            if m.state == "dead":
                _bury(connection, desk, queued, m.result, now)
                restraint.refused(connection, desk.policy, queued, m.result, now)
    for _, m in owed.marks:
        log.info("delivery", outbox=m.id, state=m.state, result=m.result)
    owed.marks.clear()


def recover(desk: Desk, now: datetime) -> int:
    """At the start, with the state directory locked: what was being sent by a dead desk is unknown, due at once."""
    with transaction(desk.engine) as connection:
        return outbox.recover(connection, now)


def mark(queued: Queued, result: Delivery, now: datetime, owner: str) -> Mark:
    """The next state of a mail after an outcome. A mail once accepted is never sent again."""
    if isinstance(result, Sent):
        return Mark(id=queued.id, owner=owner, state="sent", due=now, result=result.response)
    if isinstance(result, Refused):
        text = f"{result.code} {result.text}" if result.code else result.text
        if result.scope == "relay":
            return Mark(id=queued.id, owner=owner, state="deferred", due=now + PAUSE, result=text)
        if result.permanent:
            return Mark(id=queued.id, owner=owner, state="dead", due=now, result=text)
        return Mark(id=queued.id, owner=owner, state="deferred", due=next_try(queued, now), result=text)
    if queued.unknowns + 1 >= UNKNOWNS:
        text = f"{UNKNOWNS} times no answer after the whole mail was handed over: {result.text}"
        return Mark(id=queued.id, owner=owner, state="dead", due=now, result=text)
    return Mark(id=queued.id, owner=owner, state="unknown", due=next_try(queued, now), result=result.text)


def next_try(queued: Queued, now: datetime) -> datetime:
    """When a mail is tried again: 1, 2, 5, 15, 30, 60 minutes, then hourly, a fifth more or less."""
    minutes = BACK_OFF[min(queued.attempts, len(BACK_OFF)) - 1]
    return now + clock.jitter(timedelta(minutes=minutes))


def _expired(queued: Queued, now: datetime, owner: str) -> Mark:
    lived = queued.expires - queued.created
    text = f"given up after {lived.total_seconds() / 3600:.0f} hours"
    return Mark(id=queued.id, owner=owner, state="dead", due=now, result=text)


def _bury(connection: Connection, desk: Desk, queued: Queued, reason: str, now: datetime) -> None:
    """A dead mail puts an event on its ticket and tells the desk's owner, never about such a notice."""
    ticket = tickets.get(connection, queued.ticket) if queued.ticket else None
    if ticket is not None:
        event = Event(
            kind="undelivered",
            at=now,
            actor="desk",
            cause=f"outbox:{queued.id}",
            data={"event": queued.event, "recipient": queued.recipient, "reason": reason},
        )
        after = events.apply(ticket, event)
        decision = Decision(reason="a mail of ours is dead", before=ticket, ticket=after, events=(event,))
        apply(connection, decision, desk, now)
    if queued.event in _ABOUT_THE_DESK:
        return
    notice = Notice(
        event="undelivered",
        audience="owner",
        to=directory.owner(desk.policy),
        n=f"outbox{queued.id}",
        ticket=ticket,
        values={"recipient": queued.recipient, "reason": reason},
    )
    tell(connection, (notice,), desk, now)
