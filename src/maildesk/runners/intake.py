"""Stored mails become decisions: attempt counted, parsed, decided, applied (PROTOCOLS 1, steps 5 to 7)."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from maildesk import clock
from maildesk.desk import thread, triage
from maildesk.desk.model import Decision, Facts, Notice
from maildesk.desk.people import assignment, directory
from maildesk.desk.policy import Policy
from maildesk.errors import TemporaryError
from maildesk.mail.model import Mail
from maildesk.mail.parse import Reading, parse
from maildesk.rules import engine
from maildesk.runners import alerts, knowledge, likeness, restraint
from maildesk.runners.desk import Desk, apply, tell
from maildesk.store import facts, inbound, leaves, moments
from maildesk.store.database import Connection, reading, savepoint, transaction
from maildesk.store.inbound import Waiting

log = structlog.get_logger("intake")
BATCH = 50
ATTEMPTS = 3


@dataclass(slots=True, kw_only=True)
class Owed:
    """Attempts that could not be given back while the database was away."""

    ids: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one batch did. `tried` counts every claimed mail, also those that failed."""

    tried: int = 0
    opened: int = 0


def run_once(desk: Desk, now: datetime, owed: Owed | None = None, limit: int = BATCH) -> Batch:
    """Decide one batch of waiting mails. Raises TemporaryError: then nothing was decided."""
    owed = owed or Owed()
    with reading(desk.engine) as connection:
        if not owed.ids and not inbound.backlog(connection):
            return Batch()
    with transaction(desk.engine) as connection:
        if owed.ids:
            inbound.give_back(connection, owed.ids)
        waiting = inbound.claim(connection, limit)
    owed.ids.clear()
    try:
        opened = _decide_batch(desk, waiting, now)
    except BaseException as error:  # not the mails' fault: a shutdown, a full disk, a lost database
        if isinstance(error, Exception) and not isinstance(error, TemporaryError):
            raise
        owed.ids.extend(w.id for w in waiting)
        raise
    return Batch(tried=len(waiting), opened=opened)


def suspects(desk: Desk, now: clock.Clock) -> None:
    """At the start, before anything else runs: decide what a death left half done.

    Each is taken alone, so that a second death is that mail's own and costs no other one an attempt.
    """
    while run_once(desk, now(), limit=0).tried:
        pass


def _decide_batch(desk: Desk, waiting: Sequence[Waiting], now: datetime) -> int:
    doomed = [w for w in waiting if w.attempts > ATTEMPTS]
    tried = [w for w in waiting if w.attempts <= ATTEMPTS]
    failures: list[tuple[Waiting, Mail, str]] = [(w, Mail(), "the desk died while reading it") for w in doomed]
    parsed: list[tuple[Waiting, Mail]] = []
    for mail in tried:
        try:
            parsed.append((mail, _read(mail, desk)))
        except TemporaryError:
            raise
        except Exception as error:
            failures.append((mail, Mail(), _blame(error)))
    opened = 0
    with transaction(desk.engine) as connection:
        restored = moments.get(connection, moments.RESTORED)
        for waiting_mail, read in parsed:
            again = restored is not None and waiting_mail.arrived <= restored.at
            try:
                with savepoint(connection):
                    decision = decide(connection, desk, waiting_mail, read, now, maybe_done=again)
                opened += decision.before is None and decision.ticket is not None
            except TemporaryError:
                raise
            except Exception as error:
                failures.append((waiting_mail, read, _blame(error)))
        for waiting_mail, read, reason in failures:
            _failed(connection, desk, waiting_mail, read, reason, now)
    return opened


def _read(waiting: Waiting, desk: Desk) -> Mail:
    policy = desk.policy
    return parse(waiting.data, Reading(authserv_id=policy.authserv_id, loop=policy.address))


def decide(
    connection: Connection, desk: Desk, waiting: Waiting, mail: Mail, now: datetime, *, maybe_done: bool = False
) -> Decision:
    """One mail's way from facts to what is written. All or nothing: the caller holds a savepoint."""
    policy = leaves.added(connection, desk.policy)
    known = facts.gather(
        connection,
        mail,
        inbound=waiting.id,
        mailbox=waiting.account,
        arrived=min(waiting.arrived, now),
        historic=waiting.historic,
        oversize=waiting.state == "oversize",
        key=desk.key,
        policy=policy,
        now=now,
    )
    restraint.alive(connection, mail)
    where = thread.match(known, policy, now)
    if isinstance(where, thread.Monitored) and not alerts.concerns(connection, where.alerts):
        where = thread.New(reason="a monitoring system's address wrote, and it is about no alert that is known")
    if assignment.counts(policy) and not isinstance(where, thread.Ignore):
        known = replace(known, work=facts.work(connection))
    if isinstance(where, thread.Monitored):
        decision = alerts.decided(connection, desk, known, where.alerts, now, maybe_done=maybe_done)
    else:
        decision = _judged(connection, desk, policy, known, where, now, maybe_done=maybe_done)
    restraint.came_back(connection, decision, policy, now)
    number = decision.ticket.number if decision.ticket else None
    inbound.done(connection, waiting.id, ticket=number, reason=decision.reason, mail=mail)
    log.info("decided", inbound=waiting.id, ticket=number, reason=decision.reason)
    return decision


def _judged(
    connection: Connection,
    desk: Desk,
    policy: Policy,
    known: Facts,
    where: thread.Thread,
    now: datetime,
    *,
    maybe_done: bool,
) -> Decision:
    """What rules and triage say of a mail, written."""
    found = likeness.look(connection, known, policy) if isinstance(where, thread.New) else None
    if found is not None:
        known = likeness.told(connection, found, known, policy)
    classification = engine.classify(known, desk.settings.rules, policy, reply=isinstance(where, thread.Belongs))
    if found is not None:
        known = replace(known, solutions=knowledge.fits(connection, desk, known, classification.service, now))
    decision = triage.decide(known, where, classification, policy, now)
    apply(connection, decision, desk, now, maybe_done=maybe_done)
    likeness.keep(connection, decision, known, policy)
    return decision


def _blame(error: Exception) -> str:
    """What went wrong and where, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"[:500]


def _failed(connection: Connection, desk: Desk, waiting: Waiting, mail: Mail, reason: str, now: datetime) -> None:
    log.error("failed", inbound=waiting.id, attempt=waiting.attempts, reason=reason)
    if waiting.attempts < ATTEMPTS:
        inbound.failed(connection, waiting.id, reason)
        return
    inbound.quarantine(connection, waiting.id, reason, mail=mail)
    sender = mail.sender.address if mail.sender else ""
    notice = quarantined(desk, waiting.id, reason, waiting.attempts, now, sender=sender, subject=mail.subject)
    tell(connection, (notice,), desk, now)


def quarantined(
    desk: Desk, inbound_id: int, reason: str, attempts: int, now: datetime, *, sender: str = "", subject: str = ""
) -> Notice:
    """Tells the owner of a mail that the desk could not take in."""
    return Notice(
        event="quarantined",
        audience="owner",
        to=directory.owner(desk.policy),
        n=f"{inbound_id}-{now:%Y%m%d%H%M%S}",
        values={
            "inbound": inbound_id,
            "sender": sender,
            "subject": subject,
            "reason": reason,
            "attempts": min(attempts, ATTEMPTS),
        },
    )
