"""The desk in numbers, as `maildesk status` and the metrics show it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from maildesk.desk.lifecycle import OPEN
from maildesk.store import alarms, inbound, moments, outbox, restraint, tables, tickets


def desk(c: Connection, now: datetime) -> dict[str, Any]:
    """Outbox, quarantine and tickets in numbers, and when the next check is due."""
    mails = outbox.counts(c)
    held = len(outbox.held(c))
    due = tickets.next_due(c)
    parked = len(inbound.list_quarantine(c))
    since = next((alarm.since for alarm in alarms.standing(c) if alarm.name == restraint.PARKED), None)
    return {
        "outbox": {
            "ready": mails.get("ready", 0) + mails.get("sending", 0),
            "deferred": mails.get("deferred", 0) + mails.get("unknown", 0) - held,
            "held": held,
            "dead": mails.get("dead", 0),
            "parked_since": since.isoformat() if since else None,
            "muted": len(restraint.all_muted(c, now)),
        },
        "quarantine": parked,
        "standing": _standing(c, parked),
        "tickets": {
            "open": sum(count for status, count in tickets.counts(c).items() if status in OPEN),
            "breached": tickets.overdue(c, now),
        },
        "next_check": due.isoformat() if due else None,
    }


def waiting(c: Connection, account: str) -> int:
    """How many mails of a mailbox wait to be decided."""
    return inbound.backlog(c).get(account, 0)


def _standing(c: Connection, parked: int) -> dict[str, int]:
    """What was ever taken, and where it is: taken = decided + waiting + parked."""
    taken = c.execute(select(func.count()).select_from(tables.inbound)).scalar_one()
    posted = c.execute(select(func.count()).select_from(tables.outbox)).scalar_one()
    waits = sum(inbound.backlog(c).values())
    return {
        "taken": taken,
        "decided": taken - waits - parked,
        "waiting": waits,
        "parked": parked,
        "sent": posted - sum(outbox.counts(c).values()),
    }


def count_name(account: str) -> str:
    """Under which name the last count of a mailbox is kept."""
    return f"count:{account}"


def counted(c: Connection, account: str) -> dict[str, Any]:
    """The last count of a mailbox against its ledger: server 412, ledger 412, and when."""
    found = moments.get(c, count_name(account))
    words = found.words if found else {}
    at = found.at.isoformat() if found else None
    return {"server": words.get("server"), "ledger": words.get("ledger"), "counted_at": at}
