"""What is open at the end of the period, how old it is, and what was finished."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.reports.story import Entry, Story

AGES: tuple[tuple[str, int | None], ...] = (
    ("up to 1 day", 1),
    ("1 to 3 days", 3),
    ("3 to 7 days", 7),
    ("7 to 30 days", 30),
    ("over 30 days", None),
)


def entries(stories: Iterable[Story], period: Period, policy: Policy) -> Iterator[tuple[str, Entry]]:
    """The tickets behind each figure."""
    for story in stories:
        ticket, done = story.ticket, story.done_at
        if done is not None and period.has(done):
            entry = story.entry(done, (done - ticket.opened_at).total_seconds())
            yield "resolved", entry
            yield f"resolved.group.{ticket.group or '-'}", entry
            yield f"resolved.engineer.{ticket.assignee or '-'}", entry
        if story.is_open:
            age = period.end - ticket.opened_at
            entry = story.entry(ticket.opened_at, age.total_seconds())
            yield "backlog", entry
            yield f"backlog.age.{_age(age)}", entry
            yield f"backlog.group.{ticket.group or '-'}", entry
            yield f"backlog.status.{ticket.status}", entry


def _age(age: timedelta) -> str:
    return next(name for name, days in AGES if days is None or age <= timedelta(days=days))
