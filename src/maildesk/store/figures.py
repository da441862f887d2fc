"""The desk in numbers, as `maildesk status` and the metrics show it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from maildesk.desk.lifecycle import OPEN
from maildesk.store import inbound, outbox, tickets


def desk(c: Connection, now: datetime) -> dict[str, Any]:
    """Outbox, quarantine and tickets in numbers, and when the next check is due."""
    mails = outbox.counts(c)
    held = len(outbox.held(c))
    due = tickets.next_due(c)
    return {
        "outbox": {
            "ready": mails.get("ready", 0) + mails.get("sending", 0),
            "deferred": mails.get("deferred", 0) + mails.get("unknown", 0) - held,
            "held": held,
            "dead": mails.get("dead", 0),
        },
        "quarantine": len(inbound.list_quarantine(c)),
        "tickets": {
            "open": sum(count for status, count in tickets.counts(c).items() if status in OPEN),
            "breached": tickets.overdue(c, now),
        },
        "next_check": due.isoformat() if due else None,
    }


def waiting(c: Connection, account: str) -> int:
    """How many mails of a mailbox wait to be decided."""
    return inbound.backlog(c).get(account, 0)
