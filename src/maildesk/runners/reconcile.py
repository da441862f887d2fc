"""Every night the mailbox is counted against the ledger: what lies there and was never kept is taken after all."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from maildesk.runners import alarms, mailbox
from maildesk.runners.desk import Desk
from maildesk.sources.base import Count, Source
from maildesk.store import figures, moments
from maildesk.store.database import reading, transaction

log = structlog.get_logger("reconcile")
AT = time(3, 30)  # by the desk's wall clock


def is_due(last: datetime | None, now: datetime, timezone: str) -> bool:
    """Whether half past three has come by since the last count; at first contact there is none yet."""
    if last is None:
        return True
    local = now.astimezone(ZoneInfo(timezone))
    night = local.replace(hour=AT.hour, minute=AT.minute, second=0, microsecond=0)
    return last < (night if night <= local else night - timedelta(days=1))


def nightly(desk: Desk, source: Source, now: datetime) -> None:
    """Count when the night has come."""
    with reading(desk.engine) as connection:
        last = moments.get(connection, figures.count_name(source.account))
    if is_due(last.at if last else None, now, desk.policy.timezone):
        run_once(desk, source, now)


def run_once(desk: Desk, source: Source, now: datetime) -> Count:
    """Count, take what is missing, count again; the owner hears of what is missing even then, and when it is well."""
    count = source.count()
    if count.missing:
        log.warning("not kept", mailbox=source.account, missing=len(count.missing), uids=list(count.missing[:20]))
        mailbox.run_once(desk, source, now)
        count = source.count()
    words = {"server": count.server, "ledger": count.ledger}
    log.info("counted", mailbox=source.account, **words)
    with transaction(desk.engine) as connection:
        moments.put(connection, figures.count_name(source.account), now, words)
    name = f"count:{source.account}"
    if count.missing:
        reason = f"server {count.server}, ledger {count.ledger}: uid {', '.join(count.missing[:20])}"
        advice = "maildesk db verify --connect"
        alarms.raised(desk, name, now, part="mailbox", what=source.account, reason=reason, advice=advice)
    else:
        alarms.cleared(desk, name, now, part="mailbox", what=source.account)
    return count
