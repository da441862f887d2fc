"""A dispatch that nobody accepts in time goes on, and never out of the house by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, changed
from maildesk.desk.clocks.hours import Duration
from maildesk.desk.model import Decision, Work
from maildesk.desk.people import acceptance
from maildesk.desk.policy import Policy

HOUR = NOW + timedelta(hours=1)


def desk(**group: Any) -> Policy:
    l1 = replace(POLICY.groups["l1"], accept_within=Duration(seconds=3600), **group)
    return replace(POLICY, groups={**POLICY.groups, "l1": l1})


def decided(policy: Policy, **ticket: Any) -> Decision:
    return acceptance.decide(changed(**{"offered_at": NOW, **ticket}), policy, HOUR, Work(), None)


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(notice.event, notice.to.address.partition("@")[0]) for notice in decision.notices]


def test_where_everybody_has_it_the_lead_hears_and_the_next_group_takes_over() -> None:
    decision = decided(desk(escalates_to="l2"))
    assert [event.kind for event in decision.events] == ["unaccepted", "dispatched"]
    assert told(decision) == [("unaccepted", "han"), ("dispatched", "zhao")]


def test_a_vendor_gets_nothing_without_somebodys_word() -> None:
    decision = decided(desk(escalates_to="carrier"))
    assert [event.kind for event in decision.events] == ["unaccepted"]
    assert told(decision) == [("unaccepted", "han")]
    assert decision.ticket is not None
    assert acceptance.next_check(decision.ticket, desk(), HOUR) is None


def test_without_lead_or_manager_the_owner_hears() -> None:
    people = {key: replace(one, manager="") for key, one in POLICY.people.items()}
    decision = decided(replace(desk(lead=""), people=people))
    assert told(decision) == [("unaccepted", "ops")]


@pytest.mark.parametrize(
    "state", [{"status": "in progress"}, {"status": "pending"}, {"held": "spam"}, {"offered_at": None}, {"group": "l2"}]
)
def test_what_was_accepted_or_waits_for_something_else_has_no_window(state: dict[str, Any]) -> None:
    ticket = changed(**{"offered_at": NOW, **state})
    assert not acceptance.is_due(ticket, desk(), HOUR)
    assert acceptance.next_check(ticket, desk(), NOW) is None


def test_whoever_is_free_again_gets_what_nobody_could_take() -> None:
    policy = desk(assign="least load")
    ticket = changed(again_at=HOUR)
    assert acceptance.is_due(ticket, policy, HOUR)
    assert told(acceptance.decide(ticket, policy, HOUR, Work(open={"han": 4}), None)) == [("dispatched", "li")]


def test_while_still_nobody_is_free_nothing_is_written_and_it_is_tried_again() -> None:
    people = {key: replace(one, cap=1) for key, one in POLICY.people.items()}
    policy = replace(desk(assign="least load"), people=people)
    ticket = changed(again_at=HOUR)
    full = Work(open={"li": 1, "han": 1})
    assert acceptance.decide(ticket, policy, HOUR, full, None).ticket == ticket
    assert acceptance.next_check(ticket, policy, HOUR) == HOUR + timedelta(minutes=30)
