"""The SLA tick: an index says which tickets are due, each is decided in a transaction of its own (PROTOCOLS 7)."""

from datetime import datetime, timedelta

import structlog

from maildesk.desk import escalation
from maildesk.errors import TemporaryError
from maildesk.runners.desk import Desk, apply
from maildesk.store import tickets
from maildesk.store.database import reading, transaction

log = structlog.get_logger("sla")
LEFT = timedelta(hours=1)  # how long a ticket rests that cannot be decided


def run_once(desk: Desk, now: datetime, limit: int = 500) -> int:
    """Decide about every ticket whose next check has come; how many."""
    with reading(desk.engine) as connection:
        due = tickets.due(connection, now, limit)
    for number in due:
        try:
            _tick(desk, number, now)
        except TemporaryError:
            raise
        except Exception as error:  # this ticket's own fault: the others go on
            log.exception("ticket left for an hour", ticket=number, reason=str(error))
            with transaction(desk.engine) as connection:
                tickets.schedule(connection, number, now + LEFT)
    return len(due)


def _tick(desk: Desk, number: int, now: datetime) -> None:
    with transaction(desk.engine) as connection:
        ticket = tickets.get(connection, number)
        if ticket is None:
            return
        decision = escalation.decide(ticket, desk.policy, now)
        if decision.events:
            apply(connection, decision, desk, now)
            log.info("ticked", ticket=number, reason=decision.reason)
        else:
            tickets.schedule(connection, number, escalation.next_check(ticket, desk.policy, now))
