"""Reports go out when the policy says, each once: the mails and the mark that they went are one transaction."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from maildesk.desk import reporting
from maildesk.desk.knowledge import known
from maildesk.desk.knowledge.known import Article
from maildesk.desk.model import Notice, Recipient
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Name, Period, Report
from maildesk.mail.ids import fold_address
from maildesk.mail.model import Attachment
from maildesk.reports import page, sheet
from maildesk.reports.figures import Figures, figures
from maildesk.runners.desk import Desk, tell
from maildesk.store import moments, stories
from maildesk.store.database import Connection, reading, transaction

if TYPE_CHECKING:
    from maildesk.runners.records import Records

log = structlog.get_logger("reports")


def run_once(desk: Desk, now: datetime) -> int:
    """Send each report whose moment has come since it last went out; how many. A new desk begins with the next one."""
    sent = 0
    for report in desk.policy.reports:
        at = reporting.due(report, now, desk.policy.timezone)
        with reading(desk.engine) as connection:
            last = moments.get(connection, _mark(report.name))
        if last is not None and last.at >= at:
            continue
        sent += _send(desk, report, at, now, first=last is None)
    return sent


def _mark(name: Name) -> str:
    return f"report:{name}"


def _send(desk: Desk, report: Report, at: datetime, now: datetime, *, first: bool) -> int:
    notices: tuple[Notice, ...] = ()
    if not first:
        span = reporting.period(report.name, at, desk.policy.timezone)
        notices = tuple(_notices(report, both(desk, span), desk.policy, _stale(desk, now)))
    with transaction(desk.engine) as connection:
        if not _still_due(connection, report.name, at):
            return 0
        moments.put(connection, _mark(report.name), now)
        tell(connection, notices, desk, now)
    log.info("report", name=report.name, mails=len(notices))
    return int(bool(notices))


def _still_due(connection: Connection, name: Name, at: datetime) -> bool:
    """Whether nobody sent it meanwhile."""
    last = moments.get(connection, _mark(name))
    return last is None or last.at < at


def both(desk: "Records", span: Period) -> tuple[Figures, Figures]:
    """The figures of a period, and of the one before it."""
    with reading(desk.engine) as connection:
        journals = stories.journals(connection, span.before.start, span.end)
        before, now = figures(journals, (span.before, span), desk.policy)
    return now, before


def _stale(desk: Desk, now: datetime) -> tuple[Article, ...]:
    """The known solutions that are valid no longer, those for the longest first."""
    today = now.astimezone(ZoneInfo(desk.policy.timezone)).date()
    with reading(desk.engine) as connection:
        found = [one for one in desk.shelves.of(connection).articles if known.stale(one, today)]
    return tuple(sorted(found, key=lambda one: (one.valid_until or today, one.key)))


def _notices(
    report: Report, found: tuple[Figures, Figures], policy: Policy, stale: tuple[Article, ...]
) -> Iterator[Notice]:
    people = {fold_address(to.address): to for role in report.to for to in readers(role, policy)}
    for to in people.values():
        yield notice(report.name, found, policy, to, stale)


def notice(
    name: Name, found: tuple[Figures, Figures], policy: Policy, to: Recipient, stale: tuple[Article, ...] = ()
) -> Notice:
    """A report for one reader, in his language; the same period is the same mail, however often it is asked for."""
    now, before = found
    data = sheet.sheet(now, before)
    span = f"{now.period.start:%Y-%m-%d}_{now.period.end:%Y-%m-%d}"
    return Notice(
        event="report",
        audience="manager",
        to=to,
        n=f"{name}-{span}",
        values=page.values(name, now, before, policy, "zh" if to.language == "zh" else "en", stale),
        attachments=(
            Attachment(
                filename=f"{name}-{span}.csv",
                content_type="text/csv",
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                inline=False,
                data=data,
            ),
        ),
    )


def readers(role: str, policy: Policy) -> tuple[Recipient, ...]:
    """Who is meant: the owner, all leads or managers that there are, or one person; the owner when it is nobody."""
    keys = {
        "lead": [group.lead for group in policy.groups.values()],
        "manager": [person.manager for person in policy.people.values()],
    }.get(role, [role])
    people = [policy.people[key] for key in dict.fromkeys(keys) if key in policy.people]
    return tuple(directory.recipient(person, policy) for person in people) or (directory.owner(policy),)


def shown(name: Name, found: tuple[Figures, Figures], desk: Desk, language: str, now: datetime) -> tuple[str, str]:
    """A report as its mail shows it in a language: text and HTML."""
    from maildesk import notify

    to = replace(directory.owner(desk.policy), language=language)
    done = notify.rendered(notice(name, found, desk.policy, to, _stale(desk, now)), desk.templates, desk.policy, now)
    return f"{done.subject}\n\n{done.text}", done.html
