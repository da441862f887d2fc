"""What every runner works with, and the one way a decision becomes true."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from maildesk import settings
from maildesk.desk import escalation, events, notices, sla
from maildesk.desk.model import Decision, Event, Notice
from maildesk.errors import PermanentError
from maildesk.mail.model import OutgoingMail
from maildesk.runners.records import Records, open_records
from maildesk.settings import Settings
from maildesk.store import outbox, tickets
from maildesk.store.database import Connection

if TYPE_CHECKING:
    from maildesk.notify import Templates

log = structlog.get_logger("desk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk(Records):
    """A configured desk with its store. A reload makes a new one and swaps it in whole."""

    templates: "Templates"
    key: bytes


def open_desk(config: Settings, *, create: bool = False) -> Desk:
    """A desk on its store, as `open_records`, with its templates and its key. Raises ConfigError and TemporaryError."""
    records = open_records(config, create=create)
    return Desk(
        settings=config, engine=records.engine, templates=read_templates(config), key=settings.key(config.state)
    )


def read_templates(config: Settings) -> "Templates":
    """The shipped templates under the operator's own. Raises ConfigError."""
    from maildesk import notify  # the template engine is slow to come up, and who only looks does without

    return notify.load(settings.starter() / "templates", config.templates)


def apply(connection: Connection, decision: Decision, desk: Desk, now: datetime) -> None:
    """Write a decision: ticket, journal, conversation and outgoing mails, all in the caller's transaction.

    A mail that cannot be written is an event on the ticket, and its team hears of it: it takes nothing else down.
    """
    mails, refused = _written(decision.notices, desk, now)
    more: tuple[Notice, ...] = ()
    for notice, reason in refused:
        decision, told = _undelivered(decision, notice, reason, desk, now)
        more += told
    if decision.ticket is not None and (decision.events or decision.messages):
        ticket, policy = decision.ticket, desk.policy
        running = (clock.due_at for clock in sla.clocks(ticket, policy, now) if sla.ticks(clock))
        tickets.save(
            connection,
            decision,
            next_check=escalation.next_check(ticket, policy, now),
            due_at=min(running, default=None),
        )
    _queue(connection, mails, now)
    tell(connection, more, desk, now)


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
