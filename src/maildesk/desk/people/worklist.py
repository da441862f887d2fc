"""The morning mail of each member of the staff: his tickets by the time left, and what nobody has taken yet."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maildesk.desk.clocks import hours
from maildesk.desk.model import Notice, Ticket
from maildesk.desk.people import directory, roster
from maildesk.desk.policy import Person, Policy
from maildesk.desk.staff import questions

LATE = timedelta(minutes=20)  # after a stop: a mail says that it comes late
OVER = timedelta(hours=9)  # later than that the working day is over


def due(policy: Policy, last: datetime | None, now: datetime) -> tuple[tuple[Person, datetime], ...]:
    """Whose hour has come after `last` and up to `now`, on a day on which he works, and when it was."""
    if last is None or policy.worklist_at is None:
        return ()
    found = []
    for person in policy.people.values():
        zone = ZoneInfo(person.timezone or policy.timezone)
        today = now.astimezone(zone).date()
        moment = datetime.combine(today, policy.worklist_at, tzinfo=zone)
        calendar = policy.calendars.get(person.calendar) or _of_the_desk(policy)
        if last < moment <= now <= moment + OVER and hours.working_day(calendar, today):
            found.append((person, moment))
    return tuple(found)


def _of_the_desk(policy: Policy) -> hours.Calendar:
    """The working days of somebody who has no calendar of his own: those of an ordinary ticket's target."""
    target = policy.sla.get("P3")
    return policy.calendars.get(target.calendar, hours.ALWAYS) if target else hours.ALWAYS


def mails(
    board: Iterable[Ticket], people: Iterable[tuple[Person, datetime]], policy: Policy, now: datetime
) -> tuple[Notice, ...]:
    """One mail to each of some people who has anything to do; `board` is all open tickets."""
    tickets = tuple(board)
    there = [(person, at) for person, at in people if roster.on_leave(policy.people[person.key], policy, now) is None]
    return tuple(notice for person, at in there for notice in _mail(tickets, person, at, policy, now))


def _mail(board: tuple[Ticket, ...], person: Person, at: datetime, policy: Policy, now: datetime) -> tuple[Notice, ...]:
    to = directory.recipient(person, policy)
    groups = questions.my_groups(person, policy)
    parts = {
        "mine": [t for t in board if t.assignee == person.key and not t.held],
        "unassigned": [t for t in board if not t.assignee and t.group in groups and not t.held],
        "held": [t for t in board if t.held and groups and t.group in (*groups, "")],
    }
    sections = [
        questions.table(questions.title(kind, to.language), chosen, policy, now)
        for kind, chosen in parts.items()
        if chosen
    ]
    if not sections:
        return ()
    values = {
        "sections": sections,
        "count": sum(part["count"] for part in sections),
        "late_from": at if now > at + LATE else None,
    }
    return (Notice(event="worklist", audience="assignee", to=to, n=f"{at.timestamp():.0f}", values=values),)
