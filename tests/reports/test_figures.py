"""Every figure equals what a second, naive count over the same journals finds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fixtures import year
from maildesk.desk.clocks.hours import Duration
from maildesk.desk.model import Event, Priority
from maildesk.desk.policy import Policy, Target
from maildesk.desk.reporting import Period, between, period
from maildesk.reports.figures import figures

ZONE = ZoneInfo("Asia/Shanghai")
END = datetime(2026, 12, 1, tzinfo=ZONE)
HOURS: dict[Priority, tuple[int, int]] = {"P1": (1, 4), "P2": (2, 8), "P3": (4, 48), "P4": (8, 96)}
POLICY = Policy(
    address="it@corp.example",
    owner="ops@corp.example",
    sla={
        rank: Target(calendar="always", response=Duration(seconds=3600 * a), resolution=Duration(seconds=3600 * b))
        for rank, (a, b) in HOURS.items()
    },
)
OCTOBER = period("monthly", datetime(2026, 11, 5, tzinfo=ZONE), "Asia/Shanghai")
NOVEMBER = period("monthly", END, "Asia/Shanghai")
WEEK = period("weekly", datetime(2026, 11, 20, tzinfo=ZONE), "Asia/Shanghai")
DAY = period("daily", datetime(2026, 11, 20, tzinfo=ZONE), "Asia/Shanghai")
ODD = between(datetime(2026, 10, 7).date(), datetime(2026, 10, 29).date(), "Asia/Shanghai")  # noqa: DTZ001


def naive(journals: Sequence[tuple[int, tuple[Event, ...]]], span: Period) -> Counter[str]:
    """Counted with plain loops over the events, without any code of the desk."""
    found: Counter[str] = Counter()
    for _, journal in journals:
        known = [event for event in journal if event.at < span.end]
        if known and not any(event.kind == "held" for event in known):
            found.update(_of_one(known, span))
    return found


def _last(known: list[Event], key: str, default: str = "") -> Any:
    return next((event.data[key] for event in reversed(known) if key in event.data), default)


def _of_one(known: list[Event], span: Period) -> Iterator[str]:
    first, kinds = known[0], [event.kind for event in known]
    group, rank = _last([e for e in known if e.kind == "dispatched"], "group", "-"), _last(known, "priority", "P3")
    hands = [event for event in known if event.kind in ("taken", "dispatched")]
    engineer = hands[-1].data["assignee"] if hands and hands[-1].kind == "taken" else "-"
    if span.start <= first.at < span.end:
        requester = first.data["requester"]["address"]
        category, service = _last(known, "category"), _last(known, "service") or "-"
        yield "opened"
        yield "opened.channel.mail"
        yield f"opened.mailbox.{first.data['mailbox']}"
        yield f"opened.type.{_last(known, 'type')}"
        yield f"opened.category.{category}"
        yield f"opened.service.{service}"
        yield f"opened.priority.{rank}"
        yield f"opened.requester.{requester}"
        yield f"opened.fault.{category} / {service}"
    ends = [event for event in known if event.kind in ("resolved", "reopened")]
    done = ends[-1].at if ends and ends[-1].kind == "resolved" else None
    if done is None:
        age = span.end - first.at
        steps = ((1, "up to 1 day"), (3, "1 to 3 days"), (7, "3 to 7 days"), (30, "7 to 30 days"))
        yield "backlog"
        yield f"backlog.group.{group}"
        yield "backlog.age." + next((name for days, name in steps if age <= timedelta(days=days)), "over 30 days")
    elif done >= span.start:
        yield "resolved"
        yield f"resolved.group.{group}"
        yield f"resolved.engineer.{engineer}"
        groups = {event.data["group"] for event in known if event.kind == "dispatched"}
        if kinds.count("answered") <= 1 and len(groups) == 1 and "reopened" not in kinds and "handed-over" not in kinds:
            yield "first contact"
    now = [event for event in known if event.at >= span.start]
    names = {"reopened": "reopened", "handed-over": "escalated.functional", "escalated": "escalated.hierarchic"}
    for kind in {event.kind for event in now}:
        if kind in names:
            yield names[kind]
        if kind == "linked":
            yield "duplicates"
    for event in now:
        if event.kind == "rated":
            yield "rated"
            if event.data["score"] <= 2:
                yield "rated.low"
    for clock, verdict in _clocks(known, span, done, rank):
        yield f"{clock}.{verdict}"
        yield f"{clock}.{verdict}.priority.{rank}"
        yield f"{clock}.{verdict}.group.{group}"
        yield f"{clock}.{verdict}.engineer.{engineer}"


def _clocks(known: list[Event], span: Period, done: datetime | None, rank: Priority) -> Iterator[tuple[str, str]]:
    answered = next((event.at for event in known if event.kind == "answered"), None)
    for clock, stop, hours in (("response", answered, HOURS[rank][0]), ("resolution", done, HOURS[rank][1])):
        used_up = _used_up(known, timedelta(hours=hours), stop or span.end, pauses=clock == "resolution")
        if used_up is not None and span.start <= used_up < span.end and not (stop and used_up >= stop):
            yield clock, "missed"
        elif stop is not None and stop >= span.start and (used_up is None or used_up >= stop):
            yield clock, "met"


def _used_up(known: list[Event], target: timedelta, until: datetime, *, pauses: bool) -> datetime | None:
    """When so much time had run that nobody was waited for."""
    runs, since, left = True, known[0].at, target
    moves = [event for event in known if pauses and event.at < until]
    for event in moves:
        if runs and event.kind in ("pending", "resolved"):
            if event.at - since > left:
                return since + left
            left -= event.at - since
            runs = False
        elif not runs and event.kind in ("resumed", "reopened"):
            runs, since = True, event.at
    return since + left if runs and until - since > left else None


@pytest.mark.parametrize("span", [OCTOBER, NOVEMBER, WEEK, DAY, ODD], ids=["october", "november", "week", "day", "odd"])
@pytest.mark.parametrize("count", [1_500, pytest.param(50_000, marks=pytest.mark.long)], ids=["short", "long"])
def test_every_figure_equals_an_independent_count(span: Period, count: int) -> None:
    journals = list(year.lives(count, END, seed=count))
    before, found = figures(journals, (span.before, span), POLICY)
    counted = {name: len(rows) for name, rows in found.entries.items()}
    ours = {name: n for name, n in counted.items() if not name.startswith(("breach.", "backlog.status."))}
    assert ours == dict(naive(journals, span))
    earlier = naive(journals, span.before)
    assert {name: before.count(name) for name in ours} == {name: earlier[name] for name in ours}
    assert sum(found.below("backlog.status").values()) == found.count("backlog")
    missed = found.count("response.missed") + found.count("resolution.missed")
    assert sum(found.below("breach").values()) >= missed


def test_the_count_notices_a_ticket_that_is_missing() -> None:
    journals = list(year.lives(300, END))
    counted = {name: len(rows) for name, rows in figures(journals[:-1], [NOVEMBER], POLICY)[0].entries.items()}
    assert counted["opened"] == naive(journals, NOVEMBER)["opened"] - 1


def test_what_a_figure_counts_for_is_its_mean_and_middle() -> None:
    (found,) = figures(year.lives(800, END), [NOVEMBER], POLICY)
    scores = [entry.value for entry in found.entries["rated"]]
    assert found.mean("rated") == sum(scores) / len(scores)
    assert found.median("rated") == median(scores)
    assert found.mean("nothing") is found.median("nothing") is found.share("nothing") is None


def test_the_month_before_march_is_february() -> None:
    march = period("monthly", datetime(2027, 4, 2, tzinfo=ZONE), "Asia/Shanghai")
    assert (march.start.month, march.before.start.month, march.before.end) == (3, 2, march.start)


def test_a_day_has_its_own_length_where_the_clock_is_put_forward() -> None:
    sunday = period("daily", datetime(2026, 3, 30, 9, tzinfo=ZoneInfo("Europe/Berlin")), "Europe/Berlin")
    assert (sunday.start.isoformat(), sunday.end.isoformat()) == (
        "2026-03-29T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
    )
    assert sunday.before.start.isoformat() == "2026-03-28T00:00:00+01:00"
