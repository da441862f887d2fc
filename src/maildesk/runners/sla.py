"""The SLA tick: an index says which tickets are due, each is decided in a transaction of its own (PROTOCOLS 7).

Where many are due at once, as after a stop, they are decided together, so that nobody gets a mail for each.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from maildesk import __version__
from maildesk.desk import lifecycle
from maildesk.desk.clocks import digest, escalation
from maildesk.desk.model import Decision, Ticket
from maildesk.desk.people import acceptance, worklist
from maildesk.desk.policy import Policy
from maildesk.errors import TemporaryError
from maildesk.runners.desk import Desk, apply, scheduled, tell
from maildesk.store import facts, leading, leaves, messages, moments, tickets
from maildesk.store.database import Connection, reading, transaction

log = structlog.get_logger("sla")
LEFT = timedelta(hours=1)  # how long a ticket rests that cannot be decided
MOST = 2_000  # tickets of one tick
_SCHEDULED = "scheduled"  # a file there that names the policy by which the schedules were last set
_TIMED = (
    "calendars sla named_targets specials olas ladders groups pending closing progress precedence close_days".split()
)
_TICK = 3  # seconds, a little more than between two looks
_LOOKED = "ticked"  # a file in the state folder whose time is that of the last look


def run_once(desk: Desk, now: datetime, limit: int = MOST) -> int:
    """Decide about every ticket whose next check has come; how many."""
    last = _last_look(desk)
    with reading(desk.engine) as connection:
        due = tickets.due(connection, now, limit)
    alone = _together(desk, due, now, last) if len(due) > digest.MOST_MAILS else due
    for number in alone:
        try:
            _tick(desk, number, now)
        except TemporaryError:
            raise
        except Exception as error:  # this ticket's own fault: the others go on
            log.exception("ticket left for an hour", ticket=number, reason=str(error))
            with transaction(desk.engine) as connection:
                tickets.schedule(connection, number, now + LEFT)
    _forecast(desk, now, last)
    _worklists(desk, now, last)
    _looked(desk, now)
    return len(due)


def _tick(desk: Desk, number: int, now: datetime) -> None:
    with transaction(desk.engine) as connection:
        ticket = tickets.get(connection, number)
        if ticket is not None:
            _write(connection, _decide(connection, ticket, desk, now), desk, now)


def _decide(connection: Connection, ticket: Ticket, desk: Desk, now: datetime) -> Decision:
    """A dispatch that was not accepted goes on first; its clocks are looked at right after."""
    if not acceptance.is_due(ticket, desk.policy, now):
        return escalation.decide(ticket, desk.policy, now)
    policy = leaves.added(connection, desk.policy)
    request = messages.requests(connection, [ticket.number]).get(ticket.number)
    moved = acceptance.decide(ticket, policy, now, facts.work(connection), request)
    return moved if moved.events else escalation.decide(ticket, desk.policy, now)


def _write(connection: Connection, decision: Decision, desk: Desk, now: datetime) -> None:
    ticket = decision.ticket
    if ticket is None:
        return
    if decision.events:
        apply(connection, decision, desk, now)
        log.info("ticked", ticket=ticket.number, reason=decision.reason)
    else:
        tickets.schedule(connection, ticket.number, escalation.next_check(ticket, desk.policy, now))


def _together(desk: Desk, due: list[int], now: datetime, last: datetime | None) -> list[int]:
    """Decide about many tickets in one transaction, with a digest for whoever would get many mails.

    Those that must be decided by themselves are given back: one of them may be at fault.
    """
    left: list[int] = []
    try:
        with transaction(desk.engine) as connection:
            decisions: list[Decision] = []
            for number, ticket in tickets.load(connection, due).items():
                if acceptance.is_due(ticket, desk.policy, now):
                    left.append(number)
                    continue
                try:
                    decisions.append(escalation.decide(ticket, desk.policy, now))
                except Exception:  # decided again by itself, and told there
                    left.append(number)
            many, mails = digest.gathered(decisions, desk.policy, now, last)
            for decision in decisions:
                _write(connection, replace(decision, notices=digest.without(decision, many)), desk, now)
            tell(connection, mails, desk, now)
    except TemporaryError:
        raise
    except Exception as error:
        log.exception("many tickets are decided one by one", tickets=len(due), reason=str(error))
        return due
    return left


def _forecast(desk: Desk, now: datetime, last: datetime | None) -> None:
    at = digest.forecast_at(desk.policy, last, now)
    if at is None:
        return
    with transaction(desk.engine) as connection:
        found = tickets.due_before(connection, digest.day_ends(desk.policy, now), MOST)
        tell(connection, digest.forecast(found, desk.policy, at, now), desk, now)


def _worklists(desk: Desk, now: datetime, last: datetime | None) -> None:
    people = worklist.due(desk.policy, last, now)
    if people:
        with transaction(desk.engine) as connection:
            board = tickets.listing(connection, status=lifecycle.OPEN, limit=MOST)
            tell(connection, worklist.mails(board, people, leaves.added(connection, desk.policy), now), desk, now)


def _last_look(desk: Desk) -> datetime | None:
    """By the file, which costs no write to the database; another instance that led until now left none here."""
    looks: list[datetime] = []
    if leading.term_of(desk.engine):
        with reading(desk.engine) as connection:
            kept = moments.get(connection, _LOOKED)
        looks += [kept.at] if kept else []
    with suppress(OSError):
        looks.append(datetime.fromtimestamp(_mark(desk).stat().st_mtime, UTC))
    return max(looks, default=None)


def _looked(desk: Desk, now: datetime) -> None:
    """A full disk costs at most a wrong "was down" in a digest."""
    try:
        _mark(desk).touch(mode=0o600)
        os.utime(_mark(desk), (now.timestamp(), now.timestamp()))
    except OSError as error:
        log.warning("the time of the tick was not kept", reason=str(error))
    if leading.term_of(desk.engine) and now.second % 30 < _TICK:
        with transaction(desk.engine) as connection:
            moments.put(connection, _LOOKED, now)


def _mark(desk: Desk) -> Path:
    return desk.settings.state / _LOOKED


def catch_up(desk: Desk, now: datetime) -> None:
    """Set all schedules anew when the policy is another than that of the last time, as the daemon does at its start."""
    mark, policy = desk.settings.state / _SCHEDULED, _fingerprint(desk.policy)
    if mark.exists() and mark.read_text() == policy:
        return
    after, moved = policy_changed(desk, now)
    while after:
        after, more = policy_changed(desk, now, after)
        moved += more
    log.info("deadlines set anew", tickets=moved)
    try:
        mark.touch(mode=0o600)
        mark.write_text(policy)
    except OSError as error:  # a full disk costs at most the same work again
        log.warning("what the deadlines were set by was not kept", reason=str(error))


def _fingerprint(policy: Policy) -> str:
    """A hash of what schedules are computed from, the same on each run."""
    parts = {name: getattr(policy, name) for name in _TIMED}
    text = json.dumps(parts, default=_plain, sort_keys=True)
    return hashlib.sha256(f"{__version__} {text}".encode()).hexdigest()


def _plain(value: Any) -> Any:
    """What JSON has no word for: sets in one order, the rest by its fields or as a text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return sorted(map(str, value)) if isinstance(value, (set, frozenset)) else str(value)


def policy_changed(desk: Desk, now: datetime, after: int = 0, most: int = 500) -> tuple[int, int]:
    """Set the schedules of some open tickets anew after a start or reload: the last one's number, and how many moved.

    0 is that no ticket is left behind `after`. Few at a time, written in one short transaction, so that neither mail
    nor the tick waits; a ticket that cannot be computed, or that somebody changed meanwhile, keeps what it has.
    """
    with reading(desk.engine) as connection:
        found = tickets.open_after(connection, after, most)
    moved: list[tuple[Ticket, tickets.Schedule]] = []
    for ticket, old in found:
        try:
            fresh = scheduled(ticket, desk.policy, now)
        except OverflowError:
            continue
        if fresh != old:
            moved.append((ticket, fresh))
    if moved:
        with transaction(desk.engine) as connection:
            tickets.reschedule(connection, moved)
    return (found[-1][0].number if found else 0), len(moved)
