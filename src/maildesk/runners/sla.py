"""The SLA tick: an index says which tickets are due, each is decided in a transaction of its own (PROTOCOLS 7)."""

from datetime import datetime

import structlog

from maildesk.desk import escalation
from maildesk.runners.desk import Desk, apply
from maildesk.store import tickets
from maildesk.store.database import reading, transaction

log = structlog.get_logger("sla")


def run_once(desk: Desk, now: datetime, limit: int = 500) -> int:
    """Decide about every ticket whose next check has come; how many."""
    with reading(desk.engine) as connection:
        due = tickets.due(connection, now, limit)
    for number in due:
        with transaction(desk.engine) as connection:
            ticket = tickets.get(connection, number)
            if ticket is None:
                continue
            decision = escalation.decide(ticket, desk.policy, now)
            if decision.events:
                apply(connection, decision, desk, now)
                log.info("ticked", ticket=number, reason=decision.reason)
            else:
                tickets.schedule(connection, number, escalation.next_check(ticket, desk.policy, now))
    return len(due)
