"""Answering without becoming a weapon (PROTOCOLS 6): what is decided and yet not mailed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from maildesk.desk import events
from maildesk.desk.model import Decision, Event, Notice
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.mail.ids import fold_address, same_address
from maildesk.mail.model import Mail, Queued
from maildesk.store import restraint
from maildesk.store.database import Connection

_HOUR = timedelta(hours=1)
_NO_SUCH_PLACE = re.compile(r"55[013]\b|5\d\d[ -]5\.[12]\.")  # RFC 5321 4.2.3, RFC 3463 3.2 and 3.3


def restrained(connection: Connection, decision: Decision, policy: Policy, now: datetime) -> Decision:
    """The decision without the mails that must not go out: each is an event on its ticket that says why."""
    ticket = decision.ticket
    if ticket is None or not decision.notices:
        return decision
    full, alarm = _by_rule(connection, decision, policy, now)
    reasons = list(_reasons(connection, decision, policy, now, full))
    if not any(reasons):
        return decision
    journal = decision.events
    for notice, reason in zip(decision.notices, reasons, strict=True):
        if reason:
            event = Event(
                kind="suppressed",
                at=now,
                actor="desk",
                cause=journal[0].cause if journal else "desk",
                data={"event": notice.event, "recipient": notice.to.address, "reason": reason},
            )
            ticket, journal = events.apply(ticket, event), (*journal, event)
    kept = tuple(notice for notice, reason in zip(decision.notices, reasons, strict=True) if not reason)
    return replace(decision, ticket=ticket, events=journal, notices=(*kept, *alarm))


def _reasons(connection: Connection, decision: Decision, policy: Policy, now: datetime, by_rule: str) -> Iterator[str]:
    """Why each mail of a decision is not sent, "" where it is."""
    from maildesk.notify import is_automatic, lane  # the template engine is slow to come up

    budget = policy.budget
    outside = [notice.to.address for notice in decision.notices if _is_outside(notice, policy)]
    muted = restraint.muted(connection, outside, now) if outside else {}
    for notice in decision.notices:
        address = fold_address(notice.to.address)
        if not is_automatic(notice):
            yield ""
        elif address in muted and _is_outside(notice, policy):
            entry = muted[address]
            yield f"a mail to it came back, none goes there before {entry.until:%Y-%m-%d %H:%M} UTC: {entry.reason}"
        elif lane(notice) == "urgent":
            yield ""
        elif by_rule:
            yield by_rule
        elif budget.thread_hour and decision.before is not None:
            had = restraint.in_thread(connection, decision.before.number, address, now - _HOUR)
            yield f"{had} mails about this ticket went there within the hour" if had >= budget.thread_hour else ""
        else:
            yield ""


def _is_outside(notice: Notice, policy: Policy) -> bool:
    """Whether a mail goes to somebody who is neither of the staff nor the owner: those are never muted."""
    return not notice.to.person and not same_address(notice.to.address, policy.owner)


def _by_rule(
    connection: Connection, decision: Decision, policy: Policy, now: datetime
) -> tuple[str, tuple[Notice, ...]]:
    """Why a new ticket is told to nobody: a rule opened too many. The owner hears of the first of them."""
    most = policy.budget.rule_hour
    if not most or decision.before is not None:
        return "", ()
    hits = [
        hit["rule"] for event in decision.events if event.kind == "classified" for hit in event.data.get("hits", ())
    ]
    opened = {rule: restraint.by_rule(connection, rule, now, now - _HOUR) for rule in dict.fromkeys(hits)}
    over = [
        (rule, f"rule {rule} opened more tickets within the hour than are told of ({most})")
        for rule, tickets in opened.items()
        if tickets > most
    ]
    alarms = tuple(_alarm(rule, why, policy, now) for rule, why in over if opened[rule] == most + 1)
    return (over[0][1] if over else ""), alarms


def _alarm(rule: str, why: str, policy: Policy, now: datetime) -> Notice:
    values = {"part": "rule", "what": rule, "reason": why, "since": now, "advice": "maildesk ticket list"}
    n = f"rule-{rule}-{now.timestamp():.0f}"
    return Notice(event="alarm", audience="owner", to=directory.owner(policy), n=n, values=values)


def alive(connection: Connection, mail: Mail) -> None:
    """An address that writes is there: it is written to again."""
    trust = mail.authentication
    if mail.origin.kind == "human" and trust.address and trust.result != "fail":
        restraint.unmute(connection, trust.address)


def came_back(connection: Connection, decision: Decision, policy: Policy, now: datetime) -> None:
    """Where a mail of ours came back for good, nothing goes for a while."""
    for event in decision.events:
        if event.kind == "bounced" and event.data.get("permanent"):
            why = " ".join(filter(None, (event.data.get("status", ""), event.data.get("diagnostic", ""))))
            mute(connection, policy, event.data["recipient"], why or "it came back", now)


def refused(connection: Connection, policy: Policy, queued: Queued, reason: str, now: datetime) -> None:
    """The relay refused a mail for good: if for want of such a mailbox, nothing goes there for a while."""
    if _NO_SUCH_PLACE.match(reason):
        mute(connection, policy, queued.recipient, reason, now)


def mute(connection: Connection, policy: Policy, address: str, reason: str, now: datetime) -> None:
    """No automatic mail to an address for as long as the budget says. Staff and owner are always written to."""
    days = policy.budget.mute_days
    known = directory.staff(address, policy) is not None or same_address(address, policy.owner)
    if days and not known:
        restraint.mute(connection, address, now + timedelta(days=days), reason, now)
