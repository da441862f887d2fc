"""What every runner works with, and the one way a decision becomes true."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from maildesk import settings
from maildesk.desk import events, notices
from maildesk.desk.clocks import escalation, sla
from maildesk.desk.model import Decision, Event, Notice, Ticket
from maildesk.desk.policy import Policy
from maildesk.errors import PermanentError
from maildesk.mail.model import OutgoingMail
from maildesk.runners import majors
from maildesk.runners.knowledge import Shelves, publish, read_shelves
from maildesk.runners.recalling import recalled
from maildesk.runners.records import Records, open_records
from maildesk.runners.restraint import restrained
from maildesk.runners.signing import must_fit
from maildesk.settings import Settings
from maildesk.store import alerts, leaves, outbox, resting, senders, tickets
from maildesk.store.database import Connection

if TYPE_CHECKING:
    from maildesk.notify import Templates

log = structlog.get_logger("desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Records):
    """A configured desk with its store. A reload makes a new one and swaps it in whole."""

    templates: "Templates"
    shelves: Shelves = field(default_factory=Shelves)
    key: bytes  # all of them, the newest first (mail.ids.ring)


def open_desk(config: Settings, *, create: bool = False) -> Desk:
    """A desk on its store, as `open_records`, with its templates and its key. Raises ConfigError and TemporaryError."""
    records = open_records(config, create=create)
    try:
        keys = settings.key(config.state)
        must_fit(records, keys)
        return Desk(
            settings=config,
            engine=records.engine,
            templates=read_templates(config),
            shelves=read_shelves(config),
            key=keys,
        )
    except BaseException:
        records.engine.dispose()
        raise


def read_templates(config: Settings) -> "Templates":
    """The shipped templates under the operator's own. Raises ConfigError."""
    from maildesk import notify  # the template engine is slow to come up, and who only looks does without

    return notify.load(settings.starter() / "templates", config.templates)


def apply(connection: Connection, decision: Decision, desk: Desk, now: datetime, *, maybe_done: bool = False) -> None:
    """Write a decision: tickets, journal, conversation and outgoing mails, all in the caller's transaction.

    A mail that cannot be written is an event on the ticket, and its team hears of it: it takes nothing else down.
    `maybe_done`: another desk may have taken this decision before a restore (docs/decisions/0009-backups.md).
    """
    decision = restrained(connection, decision, desk.policy, now)
    mails, refused = _written(recalled(connection, decision.notices, desk.policy), desk, now)
    more: tuple[Notice, ...] = ()
    for notice, reason in refused:
        decision, told = _undelivered(decision, notice, reason, desk, now)
        more += told
    if decision.ticket is not None and (decision.events or decision.messages):
        schedule = scheduled(decision.ticket, desk.policy, now)
        tickets.save(connection, decision, next_check=schedule.next_check, due_at=schedule.due_at)
        senders.learn(connection, decision.ticket.number, decision.events)
    for event in decision.events:
        if event.kind == "maintenance":
            alerts.maintain(connection, event.data["hosts"], datetime.fromisoformat(event.data["until"]))
    for word in decision.leave:
        leaves.save(connection, word)
    held = [mail for mail in mails if maybe_done and (decision.before or mail.audience == "requester")]
    publish(connection, decision)
    more += majors.after(connection, decision, desk.policy)
    _queue(connection, [mail for mail in mails if mail not in held], now)
    outbox.put(connection, held, now, because=resting.RESTORED)
    tell(connection, more, desk, now)
    for other in decision.also:
        apply(connection, other, desk, now, maybe_done=maybe_done)


def scheduled(ticket: Ticket, policy: Policy, now: datetime) -> tickets.Schedule:
    """When a ticket is next to be looked at, and when the first of its targets is missed."""
    running = (clock.due_at for clock in sla.clocks(ticket, policy, now) if sla.ticks(clock))
    return tickets.Schedule(
        next_check=escalation.next_check(ticket, policy, now),
        due_at=min(running, default=None),
    )


def _undelivered(
    decision: Decision, notice: Notice, reason: str, desk: Desk, now: datetime
) -> tuple[Decision, tuple[Notice, ...]]:
    recipient = notice.to.address
    log.error("not written", notice=notice.event, reason=reason)
    if decision.ticket is None:
        raise PermanentError(reason)
    event = Event(
        kind="undelivered",
        at=now,
        actor="desk",
        cause=decision.events[0].cause if decision.events else "desk",
        data={"event": notice.event, "recipient": recipient, "reason": reason},
    )
    after = events.apply(decision.ticket, event)
    told = notices.undelivered(after, recipient, reason, desk.policy)
    return replace(decision, ticket=after, events=(*decision.events, event)), told


def tell(connection: Connection, notices: tuple[Notice, ...], desk: Desk, now: datetime) -> None:
    """Put the mails of some notices into the outbox. Raises PermanentError for one that cannot be written."""
    mails, refused = _written(notices, desk, now)
    if refused:
        raise PermanentError(refused[0][1])
    _queue(connection, mails, now)


def _written(
    notices: tuple[Notice, ...], desk: Desk, now: datetime
) -> tuple[list[OutgoingMail], list[tuple[Notice, str]]]:
    """The mails of some notices, none where the template is switched off, and what cannot be written, with why."""
    from maildesk import notify

    mails: list[OutgoingMail] = []
    refused: list[tuple[Notice, str]] = []
    for notice in notices:
        try:
            mail = notify.mail(notice, desk.templates, desk.policy, desk.key, now)
        except PermanentError as error:
            refused.append((notice, str(error)))
            continue
        if mail is not None:
            mails.append(mail)
    return mails, refused


def _queue(connection: Connection, mails: list[OutgoingMail], now: datetime) -> None:
    if mails:
        outbox.put(connection, mails, now)
