"""A mail of a monitoring system: each alert in it is decided and written by itself, all in the mail's transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.monitoring import alerts
from maildesk.desk.monitoring.alert import NOWHERE, Alert
from maildesk.desk.monitoring.alert_case import Around
from maildesk.desk.policy import Policy
from maildesk.desk.staff import merging
from maildesk.rules import engine
from maildesk.runners.desk import Desk, apply
from maildesk.store import alerts as stored
from maildesk.store import tickets
from maildesk.store.database import Connection


def decided(
    connection: Connection, desk: Desk, facts: Facts, found: Sequence[Alert], now: datetime, *, maybe_done: bool
) -> Decision:
    """What became of a mail with alerts, written already.

    What is said of the whole mail is the first decision that has a ticket, with the reasons of all.
    """
    policy = desk.policy
    classification = engine.classify(facts, desk.settings.rules, policy, reply=False)
    if classification.ignore:
        return Decision(reason=f"ignored: {classification.ignore}")
    number = facts.next_number
    decisions: list[Decision] = []
    for alert in found:
        around = _around(connection, alert, facts, policy)
        outcome = alerts.decide(alert, around, replace(facts, next_number=number), classification, policy, now)
        apply(connection, outcome.decision, desk, now, maybe_done=maybe_done)
        if outcome.standing is not None:
            stored.put(connection, outcome.standing, known=around.standing is not None)
        opened = outcome.decision.ticket if outcome.decision.before is None else None
        if opened is not None:
            number += 1
            if outcome.storm:
                stored.stormed(connection, opened.number, facts.arrived)
        decisions.append(outcome.decision)
    first = next((one for one in decisions if one.ticket is not None), decisions[0])
    return replace(first, reason="; ".join(_reasons(decisions)))


def concerns(connection: Connection, found: Sequence[Alert]) -> bool:
    """Whether a mail is one of alerts: a lone `OK: ...` without a host that nothing is known of may be any mail."""
    lone = len(found) == 1 and found[0].state == "ok" and found[0].host == NOWHERE
    return not lone or stored.get(connection, found[0].key) is not None


def _reasons(decisions: list[Decision]) -> Iterator[str]:
    yield from (one.reason for one in decisions[:5])
    if len(decisions) > 5:
        yield f"and {len(decisions) - 5} more alerts"


def _around(connection: Connection, alert: Alert, facts: Facts, policy: Policy) -> Around:
    wish, at, key = policy.alerting, facts.arrived, alert.key
    if alert.state == "noted" and alert.host == NOWHERE:  # as Zabbix writes that somebody there did something
        key = stored.of_check(connection, alert.check) or key
    standing = stored.get(connection, key)
    ticket = _ticket(connection, standing.ticket if standing else None)
    planned, ordered = wish.maintained(alert.host, at), stored.maintained(connection, alert.host)
    ends = [end for end in (planned, ordered) if end is not None and end > at]
    since = at - timedelta(seconds=wish.storm_within)
    begun = stored.begun(connection, since, but=key, most=wish.storm_keys) if alert.state == "firing" else 0
    storming = bool(wish.storm_keys) and begun >= wish.storm_keys
    firing = stored.firing(connection, _whole(connection, ticket), but=key) if ticket and alert.state == "ok" else 0
    storm = _ticket(connection, stored.storm(connection)) if storming else None
    lately = tickets.load(connection, stored.lately(connection, since, wish.storm_keys)) if storming else {}
    return Around(
        standing=standing,
        ticket=ticket,
        maintained=max(ends, default=None),
        begun=begun,
        lately=tuple(lately.values()),
        storm=storm,
        firing=firing,
    )


def _whole(connection: Connection, ticket: Ticket) -> list[int]:
    """A ticket and all that were merged into it: the keys of those still stand on them."""
    numbers, wanted = [ticket.number], [ticket]
    while wanted:
        merged = [link.number for one in wanted for link in one.links if link.kind == "absorbed"]
        new = [number for number in dict.fromkeys(merged) if number not in numbers]
        numbers += new
        wanted = list(tickets.load(connection, new).values()) if new else []
    return numbers


def _ticket(connection: Connection, number: int | None) -> Ticket | None:
    """A ticket, or the one that it was merged into."""
    if number is None:
        return None
    found = tickets.with_targets(connection, tickets.load(connection, [number]))
    return merging.final(found[number], found) if number in found else None
