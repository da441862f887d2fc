"""The circuit breaker of the outbox (PROTOCOLS 6): too many mails in an hour, and only what is urgent leaves."""

from datetime import datetime, timedelta
from typing import Any

from maildesk.desk.model import Notice
from maildesk.desk.people import directory
from maildesk.mail.model import Lane
from maildesk.runners.desk import Desk, tell
from maildesk.store import alarms, moments, outbox, restraint
from maildesk.store.database import Connection

PARKED = restraint.PARKED
_HOUR = timedelta(hours=1)


def lanes(connection: Connection, desk: Desk, now: datetime) -> tuple[Lane, ...]:
    """What may leave now: everything, or P1 and escalations alone while too much was queued within the hour.

    It parks the outbox with one alarm, and lets it go with one mail when half as much was queued within an hour.
    """
    most = desk.policy.budget.total_hour
    parked = next((alarm for alarm in alarms.standing(connection) if alarm.name == PARKED), None)
    resumed = moments.get(connection, restraint.RESUMED)
    since = max(now - _HOUR, resumed.at) if resumed else now - _HOUR
    if most and restraint.flooded(connection, most if parked is None else most // 2, since):
        reason = f"more than {most} mails were queued within an hour"
        if alarms.raise_(connection, PARKED, reason, now):
            advice = "maildesk outbox list; maildesk outbox resume"
            values = {"part": "outbox", "what": "", "reason": reason, "since": now, "advice": advice}
            tell(connection, (_notice("alarm", desk, now, values),), desk, now)
        return ("urgent",)
    since_when = alarms.clear(connection, PARKED) if parked is not None else None
    if since_when is not None:
        values = {"part": "outbox", "what": "", "waited": 0, "since": since_when}
        tell(connection, (_notice("recovered", desk, now, values),), desk, now)
    return outbox.LANES


def _notice(event: str, desk: Desk, now: datetime, values: dict[str, Any]) -> Notice:
    to = directory.owner(desk.policy)
    return Notice(event=event, audience="owner", to=to, n=f"{PARKED}-{now.timestamp():.0f}", values=values)
