"""Many escalations for one person at once become one mail, and the forecast of what will run out today."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maildesk.desk import lifecycle
from maildesk.desk.clocks import sla
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.model import Decision, Notice, Recipient, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.mail.ids import fold_address

MOST_MAILS = 5  # of escalations for one person in a tick
MOST_ROWS = 100  # of a mail
_LONG_DOWN = timedelta(minutes=10)
_TOGETHER = frozenset({"sla-warned", "sla-breached", "progress", "resumed", "asked-in"})
_ORDER = {"P1": 0, "P2": 1, "P3": 2, "P4": 3}


def _key(notice: Notice) -> str:
    return fold_address(notice.to.address)


def _joinable(notice: Notice) -> bool:
    return notice.event in _TOGETHER and notice.audience != "requester" and notice.ticket is not None


def gathered(
    decisions: Sequence[Decision], policy: Policy, now: datetime, last: datetime | None
) -> tuple[set[str], tuple[Notice, ...]]:
    """Who gets one mail in place of more than MOST_MAILS, by folded address, and those mails.

    `last` is when the desk last looked: a long gap was a stop.
    """
    notices = [notice for decision in decisions for notice in decision.notices if _joinable(notice)]
    counts = Counter(map(_key, notices))
    many = {address for address, count in counts.items() if count > MOST_MAILS}
    down = last is not None and now - last > _LONG_DOWN
    mails = []
    for address in sorted(many):
        own = [notice for notice in notices if _key(notice) == address]
        mails.append(
            Notice(
                event="digest",
                audience="manager",
                to=own[0].to,
                n=f"{now.timestamp():.6f}",
                values={
                    **_page(sorted((_of(notice, policy) for notice in own), key=_urgency)),
                    "down_from": last if down else None,
                    "down_to": now if down else None,
                },
                not_before=own[0].not_before if all(notice.not_before for notice in own) else None,
            )
        )
    return many, tuple(mails)


def without(decision: Decision, many: Iterable[str]) -> tuple[Notice, ...]:
    """The notices of a decision that are mails of their own."""
    return tuple(notice for notice in decision.notices if not (_joinable(notice) and _key(notice) in many))


def _page(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One row a ticket, the first of it: somebody has to look at it once, however many of its clocks run out."""
    first: dict[str, dict[str, Any]] = {}
    for entry in rows:
        first.setdefault(entry["reference"], entry)
    return {
        "rows": list(first.values())[:MOST_ROWS],
        "count": len(first),
        "left_off": max(0, len(first) - MOST_ROWS),
    }


def _urgency(row: Mapping[str, Any]) -> tuple[int, int]:
    return _ORDER[row["priority"]], -row["overdue"]


def _of(notice: Notice, policy: Policy) -> dict[str, Any]:
    """A notice as a row of the digest."""
    ticket, values = notice.ticket, notice.values
    if ticket is None:
        raise ValueError("a digest is of notices about tickets")
    return row(ticket, policy) | {
        "clock": values.get("clock", "update"),
        "due_at": values.get("due_at"),
        "overdue": values.get("overdue", 0),
        "remaining": values.get("remaining", 0),
    }


def row(ticket: Ticket, policy: Policy) -> dict[str, Any]:
    """What a list of tickets says of one."""
    person = policy.people.get(ticket.assignee)
    return {
        "reference": f"{policy.reference}-{ticket.number}",
        "subject": ticket.subject,
        "priority": ticket.priority,
        "owner": person.name if person else "",
        "why": "untaken" if not ticket.assignee else "" if ticket.responded_at else "unanswered",
    }


def forecast_at(policy: Policy, last: datetime | None, now: datetime) -> datetime | None:
    """The latest set time of the forecast after `last` and up to `now`; None when there is none, or no `last`."""
    if last is None or not policy.forecast.at:
        return None
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    moments = [datetime.combine(today, at, tzinfo=zone) for at in policy.forecast.at]
    return max((moment for moment in moments if last < moment <= now), default=None)


def day_ends(policy: Policy, now: datetime) -> datetime:
    """The end of the desk's day."""
    zone = ZoneInfo(policy.timezone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=zone)


def forecast(tickets: Iterable[Ticket], policy: Policy, at: datetime, now: datetime) -> tuple[Notice, ...]:
    """One mail to each person behind the forecast's roles whose tickets will run out before the day ends."""
    until = day_ends(policy, now)
    pages: dict[str, _Page] = {}
    for ticket in tickets:
        if ticket.status not in lifecycle.OPEN:
            continue
        coming, late = _outlook(ticket, policy, now, until)
        told = [to for role in policy.forecast.to for to in directory.recipients(role, ticket, policy)]
        people = {fold_address(to.address): to for to in told}
        for address, to in people.items():
            page = pages.setdefault(address, _Page(to=to))
            page.rows.extend(coming)
            page.late += bool(late and not coming)
    return tuple(
        Notice(
            event="forecast",
            audience="manager",
            to=page.to,
            n=f"{at.timestamp():.0f}",
            values={**_page(sorted(page.rows, key=_soonest)), "until": until, "late": page.late},
        )
        for page in pages.values()
        if page.rows
    )


@dataclass(slots=True)
class _Page:
    to: Recipient
    rows: list[dict[str, Any]] = field(default_factory=list)
    late: int = 0


def _soonest(entry: Mapping[str, Any]) -> tuple[datetime, int]:
    return entry["due_at"], _ORDER[entry["priority"]]


def _outlook(ticket: Ticket, policy: Policy, now: datetime, until: datetime) -> tuple[list[dict[str, Any]], int]:
    """The rows of the clocks that will run out, and how many have."""
    running: Iterator[Clock] = filter(sla.ticks, sla.clocks(ticket, policy, now))
    coming, late = [], 0
    for clock in running:
        if clock.due_at <= now:
            late += 1
        elif clock.due_at < until:
            left = (clock.due_at - now) // timedelta(seconds=1)
            own = {"clock": clock.kind, "due_at": clock.due_at, "overdue": 0, "remaining": left}
            coming.append(row(ticket, policy) | own)
    return coming, late
