"""A ticket is the fold of its journal."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.desk_samples import NOW, SARAH
from maildesk.desk import events
from maildesk.desk.model import Event, Link, Ticket
from maildesk.desk.staff import history
from maildesk.mail.model import Address


def event(kind: str, minutes: int = 0, /, **data: Any) -> Event:
    return Event(kind=kind, at=NOW + timedelta(minutes=minutes), actor="li", cause="inbound:7", data=data)


OPENED = event("opened", number=1001, subject="Printer", requester=events.address_data(SARAH), message_id="first@c")


def fold(*journal: Event) -> Ticket:
    return events.replay((OPENED, *journal))


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_opening_takes_the_clock_from_the_arrival_not_from_the_decision() -> None:
    late = event("opened", 50, number=7, requester=events.address_data(SARAH), opened_at=NOW.isoformat())
    assert events.replay([late]).opened_at == NOW
    assert fold().opened_at == NOW
    assert (fold().number, fold().version, fold().status) == (1001, 1, "new")


@pytest.mark.parametrize("journal", [[], [event("taken", assignee="li")]])
def test_a_journal_begins_with_opened(journal: list[Event]) -> None:
    with pytest.raises(ValueError, match=r"empty journal|begins with opened"):
        events.replay(journal)


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown event danced"):
        fold(event("danced"))


def test_every_event_counts_one_version() -> None:
    assert fold(event("noted"), event("filed"), event("suppressed")).version == 4


def test_pending_pauses_and_each_way_out_ends_the_pause() -> None:
    for out in (
        event("resumed", 9),
        event("taken", 9, assignee="li"),
        event("assigned", 9, assignee="li"),
        event("dispatched", 9, group="l2"),
        event("resolved", 9),
        event("closed", 9),
    ):
        ticket = fold(event("pending", 2, reason="parts", until=at(60).isoformat()), out)
        (pause,) = ticket.pauses
        assert (pause.start, pause.end) == (at(2), at(9))
        assert (ticket.pending_reason, ticket.pending_until) == ("", None)


def test_a_second_pending_changes_the_reason_and_the_clocks_stand_still_throughout() -> None:
    ticket = fold(event("pending", 2, reason="parts"), event("pending", 5, reason="vendor"))
    assert [(pause.start, pause.end, pause.why) for pause in ticket.pauses] == [
        (at(2), at(5), "parts"),
        (at(5), None, "vendor"),
    ]
    assert ticket.pending_reason == "vendor"


def test_a_pause_never_ends_before_it_began() -> None:
    ticket = fold(event("pending", 5), event("resumed", 2))
    assert [(pause.start, pause.end) for pause in ticket.pauses] == [(at(5), at(5))]


def test_only_the_first_answer_is_the_response() -> None:
    assert fold(event("answered", 3), event("answered", 8)).responded_at == at(3)
    assert fold(event("resolved", 4, told_requester=True)).responded_at == at(4)
    assert fold(event("resolved", 4, told_requester=False)).responded_at is None


def test_the_time_between_resolved_and_reopened_is_a_pause() -> None:
    ticket = fold(event("resolved", 5), event("closed", 10), event("reopened", 20))
    assert (ticket.resolved_at, ticket.closed_at, ticket.status) == (None, None, "new")
    assert [(pause.start, pause.end) for pause in ticket.pauses] == [(at(5), at(20))]


def test_closed_without_resolution_counts_as_resolved_then() -> None:
    assert fold(event("closed", 5)).resolved_at == at(5)


def test_a_dispatch_takes_the_assignee_away_and_a_hand_over_keeps_the_group() -> None:
    ticket = fold(event("dispatched", group="l1"), event("taken", assignee="li"), event("assigned", assignee="han"))
    assert (ticket.group, ticket.assignee, ticket.status) == ("l1", "han", "assigned")
    assert events.apply(ticket, event("dispatched", group="l2")).assignee == ""


def test_participants_join_once_and_never_the_requester() -> None:
    bob = events.address_data(Address(name="Bob", address="bob@corp.example"))
    again = bob | {"address": "BOB@corp.example"}
    sarah = events.address_data(SARAH)
    ticket = fold(event("received", **{"from": "bob@corp.example"}, participants=[bob, again, sarah]))
    ticket = events.apply(ticket, event("received", **{"from": "x@y.example"}, participants=[again]))
    assert [a.address for a in ticket.participants][:1] == ["bob@corp.example"]
    assert not any(a.address == "sarah@corp.example" for a in ticket.participants)


def test_the_last_mail_of_the_requester_is_what_answers_hang_on() -> None:
    ticket = fold(event("received", **{"from": "bob@corp.example"}, message_id="bob@c"))
    assert ticket.last_id == "first@c"
    ticket = events.apply(ticket, event("received", **{"from": "SARAH@corp.example"}, message_id="second@c"))
    assert ticket.last_id == "second@c"
    assert events.apply(ticket, event("received", **{"from": "sarah@corp.example"})).last_id == "second@c"


def test_tags_links_and_rungs_are_kept_once() -> None:
    ticket = fold(
        event("classified", tags=["vip", "outage"], fields={"floor": "3"}, category="printer"),
        event("classified", tags=["outage", "late"], fields={"room": "7"}),
        event("linked", kind="claims", number=5),
        event("linked", kind="claims", number=5),
        event("escalated", clock="response", at="80%"),
        event("rung-skipped", clock="response", at="80%"),
    )
    assert ticket.tags == ("vip", "outage", "late")
    assert ticket.fields == {"floor": "3", "room": "7"}
    assert ticket.category == "printer"
    assert ticket.links == (Link(kind="claims", number=5),)
    assert ticket.rungs == ("response 80%",)


def test_a_held_ticket_is_released() -> None:
    ticket = fold(event("held", reason="spam"))
    assert ticket.held == "spam"
    assert events.apply(ticket, event("released")).held == ""


_CHANGES = st.sampled_from(
    [
        ("dispatched", {"group": "l2"}),
        ("assigned", {"assignee": "han"}),
        ("taken", {"assignee": "li"}),
        ("answered", {}),
        ("pending", {"reason": "parts"}),
        ("resumed", {}),
        ("resolved", {"told_requester": True}),
        ("closed", {"why": "confirmed"}),
        ("reopened", {}),
    ]
)


def test_a_change_that_the_status_does_not_allow_is_only_counted() -> None:
    closed = fold(event("closed", 5))
    for kind in ("pending", "resumed", "resolved", "closed"):
        ticket = events.apply(closed, event(kind, 9))
        assert (ticket.closed_at, ticket.resolved_at, ticket.pauses, ticket.status) == (at(5), at(5), (), "closed")
        assert ticket.version == closed.version + 1
    assert fold(event("reopened", 9)).pauses == ()


@settings(deadline=None)
@given(st.lists(st.tuples(_CHANGES, st.integers(0, 500)), max_size=25))
def test_any_journal_folds_to_a_sound_ticket_and_replays_from_any_point(steps: list[tuple[Any, int]]) -> None:
    moments = sorted(minutes for _, minutes in steps)
    journal = [event(kind, m, **data) for ((kind, data), _), m in zip(steps, moments, strict=True)]
    ticket = fold(*journal)
    assert sum(pause.end is None for pause in ticket.pauses) == (ticket.status == "pending")
    assert (ticket.status in ("resolved", "closed")) == (ticket.resolved_at is not None)
    assert (ticket.status == "closed") == (ticket.closed_at is not None)
    assert all(pause.end is None or pause.start <= pause.end for pause in ticket.pauses)
    for cut in range(len(journal) + 1):
        assert events.replay(journal[cut:], fold(*journal[:cut])) == ticket


def test_every_kind_of_event_has_words_for_who_asks_by_mail() -> None:
    assert set(events.KINDS) | {"opened", "undone"} <= set(history.WORDS)
