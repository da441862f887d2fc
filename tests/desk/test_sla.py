"""The clocks of a ticket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maildesk.desk import events
from maildesk.desk.clocks import hours, sla
from maildesk.desk.clocks.hours import Calendar, Duration
from maildesk.desk.model import Event, Pause, Ticket
from maildesk.desk.policy import Policy, Rung, Target
from maildesk.mail.model import Address

OFFICE = Calendar(timezone="Asia/Shanghai", week=hours.parse_week({"mon-fri": ["09:00-12:00", "13:30-18:00"]}))
POLICY = Policy(
    address="it@corp.example",
    owner="ops@corp.example",
    calendars={"office": OFFICE, "always": hours.ALWAYS},
    sla={
        "P1": Target(calendar="always", response=Duration(seconds=900), resolution=Duration(seconds=4 * 3600)),
        "P2": Target(calendar="office", response=Duration(seconds=3600), resolution=Duration(seconds=8 * 3600)),
        "P3": Target(calendar="office", response=Duration(seconds=4 * 3600), resolution=Duration(days=2)),
    },
)


def at(text: str) -> datetime:
    """A moment by the clocks of Shanghai, in July 2026; the 1st is a Wednesday."""
    return datetime.fromisoformat(f"2026-07-{text}+08:00").astimezone(UTC)


OPENED = at("01T10:00")
TICKET = Ticket(number=1001, opened_at=OPENED, requester=Address(address="wang@corp.example"), priority="P2")


def clock(ticket: Ticket, now: datetime, kind: str = "resolution") -> sla.Clock:
    """One clock of a ticket."""
    return next(each for each in sla.clocks(ticket, POLICY, now) if each.kind == kind)


def test_both_clocks_run_from_the_opening_in_business_time() -> None:
    response, resolution = sla.clocks(TICKET, POLICY, at("01T10:30"))
    assert (response.kind, response.state, response.due_at) == ("response", "running", at("01T11:00"))
    assert (resolution.kind, resolution.state, resolution.due_at) == ("resolution", "running", at("02T10:30"))
    assert resolution.target == Duration(seconds=8 * 3600)
    assert resolution.calendar == "office"
    assert resolution.started_at == OPENED
    assert resolution.elapsed_seconds == 1800
    assert resolution.intervals == ((OPENED, None),)
    assert sla.ticks(resolution)


def test_a_ticket_without_a_target_or_on_hold_has_no_clocks() -> None:
    assert sla.clocks(replace(TICKET, priority="P4"), POLICY, OPENED) == ()
    assert sla.clocks(replace(TICKET, held="spam"), POLICY, OPENED) == ()
    assert sla.due(replace(TICKET, held="spam"), POLICY, "response", OPENED) is None


def test_due_is_that_of_the_clock() -> None:
    assert sla.due(TICKET, POLICY, "response", OPENED) == at("01T11:00")


@pytest.mark.parametrize(("answered", "state"), [("01T11:00", "met"), ("01T11:01", "missed")])
def test_the_first_answer_stops_the_response_clock(answered: str, state: str) -> None:
    ticket = replace(TICKET, responded_at=at(answered))
    stopped = clock(ticket, at("03T10:00"), "response")
    assert stopped.state == state
    assert stopped.stopped_at == at(answered)
    assert stopped.intervals == ((OPENED, at(answered)),)
    assert not sla.ticks(stopped)


def test_a_clock_is_breached_from_its_due_moment_on() -> None:
    assert clock(TICKET, at("01T10:59"), "response").state == "running"
    assert clock(TICKET, at("01T11:00"), "response").state == "breached"


def test_the_resolution_stops_its_clock_and_pauses_an_unanswered_response() -> None:
    ticket = replace(TICKET, status="resolved", resolved_at=at("01T10:40"))
    response, resolution = sla.clocks(ticket, POLICY, at("03T10:00"))
    assert (resolution.state, resolution.elapsed_seconds) == ("met", 2400)
    assert (response.state, response.elapsed_seconds) == ("paused", 2400)
    late = replace(ticket, resolved_at=at("01T11:40"))
    assert clock(late, at("03T10:00"), "response").state == "breached"


def test_closing_without_resolving_stops_the_clock_too() -> None:
    ticket = replace(TICKET, status="closed", closed_at=at("01T11:00"))
    assert clock(ticket, at("03T10:00")).stopped_at == at("01T11:00")


def test_pauses_do_not_count() -> None:
    ticket = replace(TICKET, pauses=(Pause(start=at("01T11:00"), end=at("02T09:30")),))
    running = clock(ticket, at("02T10:00"))
    assert running.intervals == ((OPENED, at("01T11:00")), (at("02T09:30"), None))
    assert running.elapsed_seconds == 5400
    assert running.due_at == at("02T18:00")


def test_an_open_pause_is_due_as_if_it_ended_now() -> None:
    ticket = replace(TICKET, status="pending", pauses=(Pause(start=at("01T10:30")),))
    for now, due_at in (("01T10:30", "01T11:00"), ("01T11:30", "01T12:00"), ("01T20:00", "02T09:30")):
        paused = clock(ticket, at(now), "response")
        assert (paused.state, paused.elapsed_seconds) == ("paused", 1800)
        assert paused.due_at == at(due_at)
        assert paused.intervals == ((OPENED, at("01T10:30")),)
        assert not sla.ticks(paused)


def test_a_pause_after_the_breach_leaves_it_a_breach() -> None:
    ticket = replace(TICKET, status="pending", pauses=(Pause(start=at("01T11:30")),))
    paused = clock(ticket, at("02T10:00"), "response")
    assert (paused.state, paused.due_at) == ("breached", at("01T11:00"))
    assert not sla.ticks(paused)


def test_an_answer_during_a_pause_stops_the_clock_where_it_stood() -> None:
    ticket = replace(TICKET, responded_at=at("01T15:00"), pauses=(Pause(start=at("01T10:30")),))
    stopped = clock(ticket, at("03T10:00"), "response")
    assert (stopped.state, stopped.elapsed_seconds) == ("met", 1800)


def test_pauses_that_overlap_touch_or_run_backwards_are_one() -> None:
    pauses = (
        Pause(start=at("01T11:30"), end=at("01T11:40")),
        Pause(start=at("01T11:00"), end=at("01T11:35")),
        Pause(start=at("01T11:05"), end=at("01T11:10")),
        Pause(start=at("01T10:10"), end=at("01T10:05")),
        Pause(start=at("01T09:00"), end=OPENED),
    )
    running = clock(replace(TICKET, pauses=pauses), at("01T12:00"))
    assert running.intervals == ((OPENED, at("01T11:00")), (at("01T11:40"), None))
    assert running.elapsed_seconds == 80 * 60


def test_a_pause_from_the_opening_leaves_no_interval_before_it() -> None:
    ticket = replace(TICKET, pauses=(Pause(start=OPENED, end=at("01T11:00")),))
    running = clock(ticket, at("01T11:30"))
    assert running.intervals == ((at("01T11:00"), None),)
    assert sla.reached_at(running, Rung(at="100%", share=1.0), POLICY) == running.due_at == at("02T11:30")
    assert clock(replace(TICKET, pauses=(Pause(start=OPENED),)), at("01T11:00")).intervals == ()


def test_a_clock_that_steps_back_before_the_opening_has_run_for_nothing() -> None:
    early = clock(TICKET, OPENED - timedelta(hours=1))
    assert (early.state, early.elapsed_seconds, early.intervals) == ("running", 0, ((OPENED, None),))


def test_a_new_priority_counts_from_the_opening_and_keeps_every_pause() -> None:
    pauses = (Pause(start=at("01T10:15"), end=at("01T11:15")),)
    raised = clock(replace(TICKET, priority="P1", pauses=pauses), at("01T12:00"))
    assert raised.due_at == at("01T15:00")
    assert raised.elapsed_seconds == 3600


def test_business_days_are_due_at_the_same_time_of_day_and_move_by_the_pauses() -> None:
    ticket = replace(TICKET, priority="P3")
    assert clock(ticket, OPENED).due_at == at("03T10:00")
    paused = replace(ticket, pauses=(Pause(start=at("01T11:00"), end=at("02T11:00")),))
    assert clock(paused, at("02T11:00")).due_at == at("06T10:00")
    overnight = replace(ticket, pauses=(Pause(start=at("01T18:00"), end=at("02T09:00")),))
    assert clock(overnight, at("02T11:00")).due_at == at("03T10:00")


@pytest.mark.parametrize(
    ("rung", "reached"),
    [
        (Rung(at="50%", share=0.5), "01T15:30"),
        (Rung(at="100%", share=1.0), "02T10:30"),
        (Rung(at="100% + 2h", share=1.0, after=Duration(seconds=7200)), "02T14:00"),
        (Rung(at="100% + 1d", share=1.0, after=Duration(days=1)), "03T10:30"),
        (Rung(at="150%", share=1.5), "02T16:00"),
    ],
)
def test_a_rung_is_reached_in_business_time(rung: Rung, reached: str) -> None:
    assert sla.reached_at(clock(TICKET, OPENED), rung, POLICY) == at(reached)


def test_a_rung_moves_by_the_pauses_before_it_only() -> None:
    ticket = replace(
        TICKET,
        pauses=(Pause(start=at("01T11:00"), end=at("01T11:30")), Pause(start=at("02T14:00"), end=at("02T15:00"))),
    )
    running = clock(ticket, at("02T16:00"))
    assert sla.reached_at(running, Rung(at="50%", share=0.5), POLICY) == at("01T16:00")
    assert sla.reached_at(running, Rung(at="100%", share=1.0), POLICY) == running.due_at == at("02T11:00")
    later = Rung(at="100% + 2h", share=1.0, after=Duration(seconds=7200))
    assert sla.reached_at(running, later, POLICY) == at("02T15:30")


def test_half_of_two_business_days_is_half_of_their_working_time() -> None:
    running = clock(replace(TICKET, priority="P3"), OPENED)
    assert sla.reached_at(running, Rung(at="50%", share=0.5), POLICY) == at("02T10:00")


def test_the_clocks_follow_the_journal_of_a_ticket() -> None:
    ticket = TICKET
    for kind, moment, body in (
        ("pending", "01T11:00", {"reason": "vendor"}),
        ("resumed", "01T11:30", {}),
        ("resolved", "01T14:00", {}),
        ("reopened", "02T09:00", {}),
    ):
        ticket = events.apply(ticket, Event(kind=kind, at=at(moment), actor="li", cause="cli", data=body))
    running = clock(ticket, at("02T10:00"))
    assert running.elapsed_seconds == 3600 + 3600 + 3600
    assert running.due_at == at("02T16:30")


pieces = st.lists(st.tuples(st.integers(0, 6 * 86400), st.integers(1, 3 * 86400)), max_size=6)
spans_of_time = st.integers(0, 20 * 86400).map(lambda seconds: timedelta(seconds=seconds))


def _paused(ticket: Ticket, gaps: list[tuple[int, int]]) -> Ticket:
    moment, pauses = OPENED, []
    for run, stand in gaps:
        start = moment + timedelta(seconds=run)
        moment = start + timedelta(seconds=stand)
        pauses.append(Pause(start=start, end=moment))
    return replace(ticket, pauses=tuple(pauses))


tickets = st.builds(
    lambda priority, gaps: _paused(replace(TICKET, priority=priority), gaps),
    st.sampled_from(["P1", "P2", "P3"]),
    pieces,
)


@settings(deadline=None)
@given(tickets, spans_of_time)
def test_a_pause_never_makes_a_target_due_earlier(ticket: Ticket, passed: timedelta) -> None:
    now = OPENED + passed
    plain = {each.kind: each for each in sla.clocks(replace(ticket, pauses=()), POLICY, now)}
    for paused in sla.clocks(ticket, POLICY, now):
        assert paused.due_at >= plain[paused.kind].due_at
        assert paused.elapsed_seconds <= plain[paused.kind].elapsed_seconds


@settings(deadline=None)
@given(tickets, spans_of_time)
def test_the_intervals_add_up_to_what_elapsed(ticket: Ticket, passed: timedelta) -> None:
    now = OPENED + passed
    for each in sla.clocks(ticket, POLICY, now):
        calendar = POLICY.calendars[each.calendar]
        ran = sum((hours.worked(calendar, begin, end or now) for begin, end in each.intervals), timedelta())
        assert each.elapsed_seconds == ran // timedelta(seconds=1)


@settings(deadline=None)
@given(tickets, spans_of_time)
def test_a_target_in_hours_is_breached_exactly_when_its_time_is_used_up(ticket: Ticket, passed: timedelta) -> None:
    for each in sla.clocks(ticket, POLICY, OPENED + passed):
        if each.target.seconds and sla.ticks(each):
            assert (each.elapsed_seconds >= each.target.seconds) == (each.state == "breached")


@settings(deadline=None)
@given(tickets, spans_of_time, st.sampled_from([0.25, 0.5, 0.8, 1.0, 1.25]), st.integers(0, 7200))
def test_rungs_are_reached_in_the_order_of_their_shares(
    ticket: Ticket, passed: timedelta, share: float, after: int
) -> None:
    lower = Rung(at="lower", share=share)
    upper = Rung(at="upper", share=share + 0.1, after=Duration(seconds=after))
    for each in sla.clocks(ticket, POLICY, OPENED + passed):
        if sla.ticks(each):
            assert sla.reached_at(each, lower, POLICY) <= sla.reached_at(each, upper, POLICY)
            assert sla.reached_at(each, Rung(at="100%", share=1.0), POLICY) == each.due_at


def test_no_time_at_all_is_used_up_at_the_first_moment_that_no_pause_covers() -> None:
    office = hours.Calendar(week=hours.parse_week({"mon-fri": ["09:00-17:00"]}))
    none = Target(calendar="office", response=Duration(), resolution=Duration())
    policy = Policy(address="it@corp.example", owner="o@corp.example", calendars={"office": office}, sla={"P3": none})
    sunday = datetime(2026, 6, 7, 12, tzinfo=UTC)
    ticket = Ticket(number=1, opened_at=sunday, requester=Address(address="a@corp.example"))
    assert sla.due(ticket, policy, "resolution", sunday) == datetime(2026, 6, 8, 9, tzinfo=UTC)
    pause = Pause(start=sunday, end=datetime(2026, 6, 9, 7, tzinfo=UTC))
    waiting = replace(ticket, pauses=(pause,))
    later = datetime(2026, 6, 10, tzinfo=UTC)
    assert sla.due(waiting, policy, "resolution", later) == datetime(2026, 6, 9, 9, tzinfo=UTC)
