"""To whom a ticket goes: at work, able, below the cap; by turn or by load."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fixtures.desk_samples import NOW, POLICY, changed
from fixtures.fairness import policy as shifts
from fixtures.fairness import simulate, unweighted
from maildesk.desk.clocks.calendar import Calendar
from maildesk.desk.draft import Draft
from maildesk.desk.model import Ticket, Work
from maildesk.desk.people import assignment
from maildesk.desk.people.assignment import Choice
from maildesk.desk.policy import Group, Leave, Person, Policy, Service

AWAY = (Leave(first=NOW.date(), last=NOW.date() + timedelta(days=2)),)


def person(key: str, **more: object) -> Person:
    return replace(Person(key=key, name=key.title(), addresses=(f"{key}@corp.example",)), **more)  # type: ignore[arg-type]


def desk(*people: Person, **group: object) -> Policy:
    keys = tuple(one.key for one in people if one.level != "other")
    base: Group = Group(key="l1", members=keys, assign="least load")
    return replace(
        POLICY,
        people={one.key: one for one in people},
        groups={"l1": replace(base, **group)},  # type: ignore[arg-type]
        services={"vpn": Service(key="vpn", skills=("network",))},
    )


def choose(policy: Policy, ticket: Ticket | None = None, **work: object) -> Choice:
    return assignment.choose(ticket or changed(), policy.groups["l1"], policy, NOW, Work(**work))  # type: ignore[arg-type]


def key(choice: Choice) -> str:
    return choice.person.key if choice.person else ""


def test_the_one_with_the_least_open_tickets_gets_it_and_weight_counts() -> None:
    policy = desk(person("a"), person("b", weight=2.0), person("c"))
    assert key(choose(policy, open={"a": 2, "b": 3, "c": 4})) == "b"
    assert key(choose(policy, open={"a": 2, "b": 9, "c": 1})) == "c"


def test_turns_go_round() -> None:
    policy = desk(person("a"), person("b"), person("c"), assign="round robin")
    turns: dict[str, float] = {}
    given: list[str] = []
    for _ in range(6):
        choice = choose(policy, turns={"l1": turns}, latest={"l1": tuple(reversed(given))})
        turns[key(choice)] = choice.turn or 0.0
        given.append(key(choice))
    assert given == ["a", "b", "c"] * 2


def test_whoever_was_away_has_nothing_to_make_up_for() -> None:
    policy = desk(person("a"), person("b"), assign="round robin")
    turns = {"a": 40.0, "b": 2.0}
    given: list[str] = []
    for _ in range(4):
        choice = choose(policy, turns={"l1": turns})
        turns[key(choice)] = choice.turn or 0.0
        given.append(key(choice))
    assert given == ["b", "a", "b", "a"]


@pytest.mark.parametrize(
    ("one", "passed"),
    [
        (person("a", leave=AWAY), f"a: on leave until {AWAY[0].last}"),
        (person("a", calendar="never"), "a: off shift"),
        (person("a", cap=2), "a: has 2 open tickets, his cap is 2"),
        (person("a", addresses=("sarah@corp.example",)), "a: is the requester"),
        (person("a", languages=("zh",)), "a: does not write en"),
    ],
)
def test_who_cannot_take_it_is_passed_over_with_the_reason(one: Person, passed: str) -> None:
    policy = desk(one, person("b"))
    shut = Calendar(week=((),) * 6 + (((0, 1),),))
    policy = replace(policy, calendars={**policy.calendars, "never": shut})
    choice = choose(policy, changed(language="en"), open={"a": 2, "b": 5})
    assert key(choice) == "b"
    assert choice.passed == (passed,)


def test_a_service_asks_for_skills_as_long_as_somebody_has_them() -> None:
    ticket = changed(service="vpn")
    able = desk(person("a"), person("b", skills=("network", "linux")))
    choice = choose(able, ticket, open={"b": 9})
    assert (key(choice), choice.passed) == ("b", ("a: lacks the skill network",))
    nobody = choose(desk(person("a")), ticket)
    assert key(nobody) == "a"
    assert "nobody there has the skill network" in nobody.why


def test_a_deputy_stands_in_also_for_a_deputy_on_leave_and_never_in_a_circle() -> None:
    away = person("a", leave=AWAY, deputy="b")
    second = person("b", leave=AWAY, deputy="c", level="other")
    choice = choose(desk(away, second, person("c", level="other")))
    assert key(choice) == "c"
    assert "stands in for a" in choice.why
    assert choice.passed == (f"a: on leave until {AWAY[0].last}, c stands in",)
    circle = choose(desk(away, replace(second, deputy="a")))
    assert key(circle) == ""


def test_the_deputy_of_a_leave_goes_before_the_persons_own() -> None:
    away = person("a", deputy="b", leave=(replace(AWAY[0], deputy="c"),))
    assert key(choose(desk(away, person("b", level="other"), person("c", level="other")))) == "c"


def test_where_nobody_can_take_it_all_of_the_group_are_asked_and_it_is_tried_again() -> None:
    policy = desk(person("a", cap=1), person("b", leave=AWAY))
    draft = Draft(changed(), at=NOW, actor="desk", cause="tick")
    assignment.place(draft, policy, NOW, Work(open={"a": 1}))
    assert draft.ticket.assignee == ""
    assert draft.ticket.again_at == NOW + timedelta(minutes=30)


def test_a_group_of_everyone_is_left_alone() -> None:
    policy = desk(person("a"), assign="everyone")
    draft = Draft(changed(), at=NOW, actor="desk", cause="tick")
    assignment.place(draft, policy, NOW, Work())
    assert not draft.changed
    assert not assignment.counts(policy)


def test_leave_is_counted_by_the_date_where_the_person_is() -> None:
    late = NOW.replace(hour=20)  # the next day in Shanghai
    leave = (Leave(first=date(2026, 8, 4), last=date(2026, 8, 4)),)
    policy = desk(
        person("a", leave=leave, timezone="Asia/Shanghai"), person("b", leave=leave, timezone="Europe/London")
    )
    assert key(assignment.choose(changed(), policy.groups["l1"], policy, late, Work())) == "b"


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_tickets_are_given_out_within_a_tenth_of_a_fair_share(seed: int) -> None:
    outcome = simulate("round robin", seed=seed)
    assert outcome.deviation() < 0.1
    assert outcome.lost == 0


@pytest.mark.parametrize("assign", ["round robin", "least load"])
def test_nobody_is_ever_over_his_cap(assign: str) -> None:
    outcome = simulate(assign)  # type: ignore[arg-type]
    caps = {key: one.cap for key, one in shifts("round robin").people.items()}
    assert all(most <= caps[key] for key, most in outcome.most_open.items())


@pytest.mark.parametrize("seed", range(3))
def test_the_open_work_of_those_at_work_is_within_a_tenth_of_their_weights(seed: int) -> None:
    outcome = simulate("least load", seed=seed)
    assert outcome.load_deviation() < 0.1
    assert outcome.lost == 0


def test_whoever_counts_half_gets_his_first_ticket_before_whoever_counts_twice_gets_his_third() -> None:
    policy = desk(person("half", weight=0.5), person("double", weight=2.0), assign="least load")
    given = {"half": 0, "double": 0}
    for _ in range(5):
        given[key(choose(policy, open=dict(given)))] += 1
    assert given == {"half": 1, "double": 4}


def test_the_simulation_finds_an_unfair_desk() -> None:
    assert simulate("round robin", as_if=unweighted).deviation() > 0.1
    assert simulate("least load", as_if=unweighted).load_deviation() > 0.1
