"""The clocks against a brute-force count, five minutes at a time, that shares no code with them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maildesk.desk.clocks import sla
from maildesk.desk.clocks.hours import Calendar, Duration
from maildesk.desk.model import Pause, Ticket
from maildesk.desk.policy import Policy, Rung, Target
from maildesk.mail.model import Address

STEP = timedelta(minutes=5)
HORIZON = 12 * 24 * 30  # steps
# No span begins or ends in the small hours in which clocks change: what counts there has tests of its own.
SPANS = (
    (),
    ((540, 1080),),
    ((540, 720), (810, 1080)),
    ((480, 1440),),
    ((0, 1440),),
    ((1320, 1800),),
    ((0, 300), (1200, 1440)),
)
ZONES = (
    "UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Pacific/Chatham", "America/St_Johns", "Africa/Cairo", "Asia/Beirut", "Africa/Casablanca", "Antarctica/Troll",
)  # fmt: skip
# Around the changes of clocks in both halves of the world, a leap day, a year's end, and any time.
BEGINS = (
    "2026-03-06",
    "2026-03-27",
    "2026-04-03",
    "2026-04-22",
    "2026-09-25",
    "2026-10-23",
    "2026-10-28",
    "2026-10-30",
    "2028-02-27",
    "2026-12-29",
)


@dataclass(frozen=True)
class Case:
    """A calendar, a target in steps, and pauses as (first step, length); a length of 0 has no end."""

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    off: frozenset[date]
    start: datetime
    target: int
    pauses: tuple[tuple[int, int], ...]
    now: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    begin = datetime.fromisoformat(draw(st.sampled_from(BEGINS))).replace(tzinfo=UTC)
    start = begin + draw(st.integers(0, 4 * 288)) * STEP
    week = draw(st.tuples(*[st.sampled_from(SPANS)] * 7).filter(lambda days: sum(map(bool, days)) > 2))
    pauses = draw(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 900)), max_size=4))
    now = draw(st.integers(0, 3000))
    return Case(
        zone=draw(st.sampled_from(ZONES)),
        week=week,
        off=frozenset(start.date() + timedelta(days=n) for n in draw(st.sets(st.integers(0, 9), max_size=4))),
        start=start,
        target=2 * draw(st.integers(1, 72)),
        # Those that have begun; the last of them may still be open.
        pauses=tuple((at, length if at + length <= now else 0) for at, length in pauses if at < now),
        now=now,
    )


@lru_cache(maxsize=1_000_000)
def shown(zone: str, at: datetime) -> tuple[date, int]:
    """What clocks show at a moment: the day, and the minutes since its midnight."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date(), local.hour * 60 + local.minute


def works(case: Case, at: datetime) -> bool:
    """Whether it is working time: by a span of the day, or by one of the day before that runs past midnight."""
    day, minute = shown(case.zone, at)
    before = day - timedelta(days=1)
    return any(
        begin <= passed < end
        for own, passed in ((day, minute), (before, minute + 1440))
        if own not in case.off
        for begin, end in case.week[own.weekday()]
    )


def counted(case: Case, wanted: int) -> tuple[datetime | None, int]:
    """When so many steps were worked, and how many were until now."""
    until_now = done = 0
    reached = None
    for number in range(HORIZON):
        if reached is not None and number >= case.now:
            break
        # A pause that has no end yet is as if it ended now.
        paused = any(at <= number < (at + length if length else case.now) for at, length in case.pauses)
        if paused or not works(case, case.start + number * STEP):
            continue
        done += 1
        until_now += number < case.now
        if done == wanted and reached is None:
            reached = case.start + (number + 1) * STEP
    return reached, until_now


def clock_of(case: Case) -> tuple[sla.Clock, Policy, datetime]:
    now = case.start + case.now * STEP
    length = Duration(seconds=case.target * 300)
    policy = Policy(
        address="it@corp.example",
        owner="ops@corp.example",
        calendars={"hours": Calendar(timezone=case.zone, week=case.week, holidays=case.off)},
        sla={"P3": Target(calendar="hours", response=length, resolution=length)},
    )
    pauses = tuple(
        Pause(start=case.start + at * STEP, end=case.start + (at + length) * STEP if length else None)
        for at, length in case.pauses
    )
    ticket = Ticket(number=1, opened_at=case.start, requester=Address(address="a@b.example"), pauses=pauses)
    return sla.clocks(ticket, policy, now)[1], policy, now


def agrees(case: Case) -> None:
    clock, policy, now = clock_of(case)
    due, until_now = counted(case, case.target)
    assert (clock.due_at, clock.elapsed_seconds) == (due, until_now * 300)
    half, _ = counted(case, case.target // 2)
    if sla.ticks(clock):
        assert sla.reached_at(clock, Rung(at="50%", share=0.5), policy) == half
        early = Rung(at="before", share=1.0, before=Duration(seconds=case.target * 150))
        assert sla.reached_at(clock, early, policy) <= sla.reached_at(clock, Rung(at="100%", share=1.0), policy)
    ran = sum((policy_worked(case, begin, end or now) for begin, end in clock.intervals), 0)
    assert ran * 300 == clock.elapsed_seconds


def policy_worked(case: Case, begin: datetime, end: datetime) -> int:
    """The steps of working time between two moments of the grid."""
    return sum(works(case, begin + number * STEP) for number in range((end - begin) // STEP))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_due_elapsed_and_rungs_are_what_counting_gives(case: Case) -> None:
    agrees(case)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(max_examples=10_000, deadline=None)
@given(cases())
def test_due_elapsed_and_rungs_are_what_counting_gives_in_ten_thousand_cases(case: Case) -> None:
    agrees(case)
