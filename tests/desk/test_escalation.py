"""Ladders: who hears, once, and when the desk must look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maildesk.desk import events
from maildesk.desk.clocks import escalation, hours
from maildesk.desk.clocks.hours import Calendar, Duration
from maildesk.desk.model import Decision, Event, Ticket
from maildesk.desk.policy import Group, Person, Policy, Rung, Target
from maildesk.mail.model import Address

OFFICE = Calendar(timezone="Asia/Shanghai", week=hours.parse_week({"mon-fri": ["09:00-12:00", "13:30-18:00"]}))


def rung(at: str, *tell: str) -> Rung:
    """A rung as it is written: `80%`, or `100% + 2h`."""
    share, _, after = at.partition("% + ")
    return Rung(
        at=at,
        share=int(share.rstrip("%")) / 100,
        after=hours.parse_duration(after) if after else Duration(),
        tell=tell,
    )


def person(key: str, **more: Any) -> Person:
    """A member of the staff at corp.example."""
    return Person(key=key, name=key.title(), addresses=(f"{key}@corp.example",), **more)


POLICY = Policy(
    address="it@corp.example",
    owner="ops@corp.example",
    language="en",
    people={
        "li": person("li", level="L1", language="zh", manager="chen"),
        "zhao": person("zhao", level="L1"),
        "lead": person("lead", level="L2", manager="chen"),
        "chen": person("chen", level="manager"),
        "expert": person("expert", level="L3"),
    },
    groups={"l1": Group(key="l1", members=("li", "zhao"), lead="lead")},
    calendars={"office": OFFICE, "always": hours.ALWAYS},
    sla={
        "P1": Target(
            calendar="always",
            response=hours.parse_duration("20m"),
            resolution=hours.parse_duration("4h"),
            ladder="urgent",
        ),
        "P2": Target(
            calendar="office",
            response=hours.parse_duration("1h"),
            resolution=hours.parse_duration("8h"),
            ladder="normal",
        ),
        "P3": Target(calendar="office", response=hours.parse_duration("4h"), resolution=hours.parse_duration("2d")),
    },
    ladders={
        "urgent": (rung("50%", "assignee"), rung("100%", "lead", "manager")),
        "normal": (
            rung("100% + 2h", "manager"),
            rung("80%", "assignee"),
            rung("100%", "lead", "manager", "requester"),
        ),
    },
)


def at(text: str) -> datetime:
    """A moment by the clocks of Shanghai, in July 2026; the 1st is a Wednesday."""
    return datetime.fromisoformat(f"2026-07-{text}+08:00").astimezone(UTC)


TICKET = Ticket(
    number=1001,
    opened_at=at("01T10:00"),
    requester=Address(name="Wang", address="wang@corp.example"),
    language="zh-Hans",
    status="in progress",
    priority="P2",
    group="l1",
    assignee="li",
    responded_at=at("01T10:05"),
)


def journal(decision: Decision) -> list[tuple[str, str]]:
    """What was recorded, in short."""
    return [
        (event.kind, f"{event.data.get('clock', '')} {event.data.get('at', '')}".strip()) for event in decision.events
    ]


def heard(decision: Decision) -> list[tuple[str, str, str]]:
    """Who was told of what, in which role."""
    return [(notice.event, notice.audience, notice.to.address) for notice in decision.notices]


def test_nothing_is_due_before_the_first_rung() -> None:
    decision = escalation.decide(TICKET, POLICY, at("01T16:53"))
    assert (decision.events, decision.notices, decision.ticket) == ((), (), TICKET)
    assert decision.reason == "nothing is due"


def test_a_warning_goes_to_the_assignee_in_his_language() -> None:
    now = at("01T17:54")
    decision = escalation.decide(TICKET, POLICY, now)
    assert journal(decision) == [("escalated", "resolution 80%")]
    assert decision.events[0].data == {"clock": "resolution", "at": "80%", "told": ["li@corp.example"], "share": 0.8}
    assert decision.events[0].at == now
    (notice,) = decision.notices
    assert (notice.event, notice.audience, notice.to.person, notice.n) == (
        "sla-warned",
        "assignee",
        "li",
        "resolution-80%",
    )
    assert notice.values == {
        "clock": "resolution",
        "due_at": at("02T10:30"),
        "remaining": int((at("02T10:30") - now).total_seconds()),
        "rung": "80%",
        "share": 0.8,
        "priority_reason": "优先级 P2：影响程度低（默认），紧急程度中（默认）。",
    }
    assert notice.ticket == decision.ticket
    assert decision.reason == "the resolution clock reached 80%"


def test_the_decisions_ticket_is_the_fold_of_its_events() -> None:
    decision = escalation.decide(TICKET, POLICY, at("03T10:00"))
    assert decision.before == TICKET
    assert decision.ticket == events.replay(decision.events, TICKET)


def test_a_rung_is_passed_once_only() -> None:
    first = escalation.decide(TICKET, POLICY, at("01T17:54"))
    assert first.ticket is not None
    assert first.ticket.rungs == ("resolution 80%",)
    assert escalation.decide(first.ticket, POLICY, at("02T10:00")).events == ()


def test_after_a_stop_only_the_highest_rung_is_mailed() -> None:
    decision = escalation.decide(TICKET, POLICY, at("02T11:00"))
    assert journal(decision) == [("rung-skipped", "resolution 80%"), ("escalated", "resolution 100%")]
    assert decision.events[0].data == {"clock": "resolution", "at": "80%"}
    assert heard(decision) == [
        ("sla-breached", "lead", "lead@corp.example"),
        ("sla-breached", "manager", "chen@corp.example"),
        ("sla-breached", "requester", "wang@corp.example"),
    ]
    assert {notice.values["overdue"] for notice in decision.notices} == {1800}
    assert decision.reason == "the resolution clock passed, not mailed, 80%; the resolution clock reached 100%"


def test_a_lower_rung_that_comes_new_is_not_mailed_after_a_higher_one() -> None:
    ticket = replace(TICKET, rungs=("resolution 100%",))
    decision = escalation.decide(ticket, POLICY, at("02T11:00"))
    assert journal(decision) == [("rung-skipped", "resolution 80%")]
    assert decision.notices == ()


def test_each_running_clock_climbs_by_itself() -> None:
    decision = escalation.decide(replace(TICKET, responded_at=None), POLICY, at("02T11:00"))
    escalated = [name for kind, name in journal(decision) if kind == "escalated"]
    assert escalated == ["response 100% + 2h", "resolution 100%"]
    assert {notice.n for notice in decision.notices} == {"response-100%+2h", "resolution-100%"}


def test_a_warning_that_comes_after_the_deadline_says_breached() -> None:
    policy = replace(POLICY, ladders={"normal": (rung("80%", "assignee"),)})
    (notice,) = escalation.decide(TICKET, policy, at("02T11:00")).notices
    assert (notice.event, notice.values["overdue"], notice.values["share"]) == ("sla-breached", 1800, 0.8)


def test_rungs_of_the_same_moment_are_all_mailed() -> None:
    ladder = (rung("80%", "assignee"), replace(rung("80%", "lead"), at="80.0%"))
    decision = escalation.decide(TICKET, replace(POLICY, ladders={"normal": ladder}), at("01T17:54"))
    assert [address for _, _, address in heard(decision)] == ["li@corp.example", "lead@corp.example"]


@pytest.mark.parametrize(
    "ticket",
    [
        replace(TICKET, held="spam"),
        replace(TICKET, status="closed", closed_at=at("01T11:00"), resolved_at=at("01T11:00")),
        replace(TICKET, status="resolved", resolved_at=at("01T11:00")),
        events.apply(TICKET, Event(kind="pending", at=at("01T11:00"), actor="li", cause="cli")),
        replace(TICKET, priority="P4"),
        replace(TICKET, priority="P3"),
        replace(TICKET, held="spam", status="pending", pending_until=at("01T12:00")),
    ],
    ids=["held", "closed", "resolved", "pending", "no target", "no ladder", "held and pending"],
)
def test_nobody_hears_of_a_ticket_that_does_not_run(ticket: Ticket) -> None:
    decision = escalation.decide(ticket, POLICY, at("03T10:00"))
    assert (decision.events, decision.notices) == ((), ())


class TestWhoHears:
    def told(self, *tell: str, ticket: Ticket = TICKET, policy: Policy = POLICY) -> list[tuple[str, str]]:
        """(audience, address) of one rung."""
        ladders = {"normal": (rung("50%", *tell),)}
        decision = escalation.decide(ticket, replace(policy, ladders=ladders), at("01T15:30"))
        assert [event.data["told"] for event in decision.events] == [[notice.to.address for notice in decision.notices]]
        return [(notice.audience, notice.to.address) for notice in decision.notices]

    def test_a_person_behind_two_roles_hears_once_by_the_first(self) -> None:
        assert self.told("assignee", "group", "li") == [("assignee", "li@corp.example"), ("group", "zhao@corp.example")]

    def test_nobody_named_is_the_owner(self) -> None:
        assert self.told() == [("owner", "ops@corp.example")]

    def test_a_role_without_anybody_is_the_owner(self) -> None:
        ticket = replace(TICKET, assignee="", group="")
        assert self.told("assignee", "lead", "owner", ticket=ticket) == [("owner", "ops@corp.example")]

    @pytest.mark.parametrize(
        ("key", "audience"),
        [("li", "assignee"), ("zhao", "group"), ("lead", "lead"), ("chen", "manager"), ("expert", "lead")],
    )
    def test_a_person_told_by_name_is_spoken_to_in_his_role(self, key: str, audience: str) -> None:
        assert self.told(key) == [(audience, f"{key}@corp.example")]

    def test_who_manages_somebody_is_a_manager_whatever_his_level(self) -> None:
        people = {**POLICY.people, "boss": person("boss"), "expert": person("expert", manager="boss")}
        ticket = replace(TICKET, group="")
        assert self.told("boss", ticket=ticket, policy=replace(POLICY, people=people)) == [
            ("manager", "boss@corp.example")
        ]

    def test_an_owner_who_is_staff_keeps_the_role(self) -> None:
        assert self.told("lead", policy=replace(POLICY, owner="lead@corp.example")) == [("lead", "lead@corp.example")]


class TestByItself:
    def test_a_pending_ticket_resumes_at_the_moment_that_was_set(self) -> None:
        until = at("01T14:00")
        ticket = events.apply(
            TICKET,
            Event(kind="pending", at=at("01T11:00"), actor="li", cause="cli", data={"until": until.isoformat()}),
        )
        assert escalation.decide(ticket, POLICY, until - timedelta(seconds=1)).events == ()
        decision = escalation.decide(ticket, POLICY, at("01T14:20"))
        (event,) = decision.events
        assert (event.kind, event.at, event.actor, dict(event.data)) == ("resumed", until, "desk", {"why": "until"})
        assert decision.ticket is not None
        assert (decision.ticket.status, decision.ticket.pauses[-1].end) == ("in progress", until)
        assert decision.reason == "the pause ended as set"

    def test_what_went_overdue_since_is_told_in_the_same_breath(self) -> None:
        data = {"until": at("01T14:00").isoformat()}
        ticket = events.apply(TICKET, Event(kind="pending", at=at("01T11:00"), actor="li", cause="cli", data=data))
        decision = escalation.decide(ticket, POLICY, at("02T18:00"))
        assert [kind for kind, _ in journal(decision)] == ["resumed", "rung-skipped", "rung-skipped", "escalated"]
        assert decision.before == ticket
        assert decision.ticket == events.replay(decision.events, ticket)
        assert decision.reason.startswith("the pause ended as set; the resolution clock passed")

    def test_a_resolved_ticket_closes(self) -> None:
        ticket = replace(TICKET, status="resolved", resolved_at=at("01T11:00"))
        decision = escalation.decide(ticket, POLICY, at("06T11:00"))
        assert journal(decision) == [("closed", "")]
        assert heard(decision) == [("closed", "requester", "wang@corp.example")]


class TestNextCheck:
    def test_the_next_rung_of_a_running_clock(self) -> None:
        assert escalation.next_check(TICKET, POLICY, at("01T10:00")) == at("01T17:54")
        assert escalation.next_check(replace(TICKET, rungs=("resolution 80%",)), POLICY, at("01T18:00")) == at(
            "02T10:30"
        )

    def test_a_rung_that_was_passed_unseen_is_due_at_once(self) -> None:
        assert escalation.next_check(TICKET, POLICY, at("09T10:00")) == at("01T17:54")

    def test_the_end_of_a_pause_or_of_the_days_for_objections(self) -> None:
        pending = replace(TICKET, status="pending", pending_until=at("05T10:00"))
        assert escalation.next_check(pending, POLICY, at("01T11:00")) == at("05T10:00")
        resolved = replace(TICKET, status="resolved", resolved_at=at("01T11:00"))
        assert escalation.next_check(resolved, POLICY, at("01T11:00")) == at("06T11:00")

    @pytest.mark.parametrize(
        "ticket",
        [
            replace(TICKET, status="pending"),
            replace(TICKET, status="closed", closed_at=at("01T11:00")),
            replace(TICKET, held="spam"),
            replace(TICKET, priority="P4"),
            replace(TICKET, rungs=("resolution 80%", "resolution 100%", "resolution 100% + 2h")),
        ],
        ids=["pending without an end", "closed", "held", "no target", "all rungs passed"],
    )
    def test_never(self, ticket: Ticket) -> None:
        assert escalation.next_check(ticket, POLICY, at("01T11:00")) is None


def _happenings(ticket: Ticket, minute: int, what: str) -> Ticket:
    """Somebody acts on the ticket, where its status allows it."""
    now = TICKET.opened_at + timedelta(minutes=minute)
    data: dict[str, Any] = {}
    if what.startswith("pending"):
        kind, hours_on = "pending", int(what.partition(" ")[2] or 0)
        data = {"until": (now + timedelta(hours=hours_on)).isoformat()} if hours_on else {}
    elif what.startswith("P"):
        kind, data = "prioritised", {"priority": what}
    else:
        kind = what
    closed, resolved = ticket.closed_at is not None, ticket.resolved_at is not None
    if closed or resolved != (kind == "reopened") or (kind == "resumed" and ticket.status != "pending"):
        return ticket
    return events.apply(ticket, Event(kind=kind, at=now, actor="li", cause="cli", data=data))


def _lived(acts: dict[int, str], minutes: int, *, every_minute: bool) -> list[tuple[str, str, datetime]]:
    """What the desk did on a ticket by itself, looking every minute or only when it said it must."""
    ticket = replace(TICKET, responded_at=None, priority="P1")
    policy = replace(POLICY, close_days=1)
    looked: list[tuple[str, str, datetime]] = []
    due = escalation.next_check(ticket, policy, ticket.opened_at)
    for minute in range(minutes):
        now = TICKET.opened_at + timedelta(minutes=minute)
        if every_minute or (due is not None and due <= now):
            decision = escalation.decide(ticket, policy, now)
            looked += [
                (kind, name, event.at) for (kind, name), event in zip(journal(decision), decision.events, strict=True)
            ]
            assert decision.ticket is not None
            ticket = decision.ticket
            due = escalation.next_check(ticket, policy, now)
            assert due is None or due > now
        if minute in acts:
            ticket = _happenings(ticket, minute, acts[minute])
            due = escalation.next_check(ticket, policy, now)
    return looked


@settings(max_examples=20, deadline=None)
@given(
    st.dictionaries(
        st.integers(0, 1500),
        st.sampled_from(
            ["pending", "pending 1", "pending 7", "resumed", "answered", "resolved", "reopened", "P1", "P2"]
        ),
        max_size=8,
    )
)
def test_looking_only_when_due_sees_what_looking_every_minute_sees(acts: dict[int, str]) -> None:
    assert _lived(acts, 3500, every_minute=False) == _lived(acts, 3500, every_minute=True)
