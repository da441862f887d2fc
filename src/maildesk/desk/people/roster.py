"""Who is at work: shifts, leave, and who stands in for whom."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maildesk.desk.clocks import hours
from maildesk.desk.policy import Leave, Person, Policy

SHORTLY = timedelta(minutes=30)  # how often the desk looks whether somebody has room again


def absent(person: Person, policy: Policy, now: datetime) -> str:
    """Why somebody gets nothing at `now`, in words; "" when he is there."""
    leave = on_leave(person, policy, now)
    if leave is not None:
        return f"on leave until {leave.last}"
    shift = policy.calendars.get(person.calendar)
    return "" if shift is None or hours.is_open(shift, now) else "off shift"


def on_leave(person: Person, policy: Policy, now: datetime) -> Leave | None:
    """The leave that somebody is on, by the date where he is."""
    today = _today(person, policy, now)
    return next((leave for leave in person.leave if leave.first <= today <= leave.last), None)


def deputy(person: Person, policy: Policy, now: datetime) -> Person | None:
    """Who stands in for somebody on leave, himself or through others, and is at work; None when nobody is."""
    seen = {person.key}
    current: Person | None = person
    while current is not None:
        leave = on_leave(current, policy, now)
        if leave is None:
            return current if not absent(current, policy, now) else None
        current = policy.people.get(leave.deputy or current.deputy)
        if current is None or current.key in seen:
            return None
        seen.add(current.key)
    return None


def returns(person: Person, policy: Policy, now: datetime) -> datetime:
    """When somebody who is absent may be there again: when his shift opens, or the day after his leave."""
    at = now
    leave = on_leave(person, policy, now)
    if leave is not None:
        zone = ZoneInfo(person.timezone or policy.timezone)
        at = datetime.combine(leave.last + timedelta(days=1), datetime.min.time(), zone)
    shift = policy.calendars.get(person.calendar)
    return max(hours.next_open(shift, at) if shift is not None else at, now + SHORTLY)


def _today(person: Person, policy: Policy, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person.timezone or policy.timezone)).date()
