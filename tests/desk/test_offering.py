"""What the desk counts of its known solutions, and which of them a word of thanks credits."""

from dataclasses import replace

import pytest

from fixtures.desk_samples import NOW, TICKET
from maildesk.desk.knowledge import offering
from maildesk.desk.model import Event

OFFERED = replace(TICKET, solutions=("vpn.en", "wifi.en"))


def event(kind: str, **data: object) -> Event:
    return Event(kind=kind, at=NOW, actor="desk", cause="inbound:1", data=data)


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("solved", "vpn.en"),
        ("Solved 2", "wifi.en"),
        ("solved, no. 2!", "wifi.en"),
        ("已解决", "vpn.en"),
        ("已解决，第二条", "wifi.en"),
        ("已解决 3", "vpn.en"),
        ("not solved", ""),
        ("is it solved?", ""),
        ("solved " * 100, ""),
        ("The second step asks for a password.", ""),
    ],
)
def test_one_word_credits_the_article_it_names_or_the_first(text: str, article: str) -> None:
    assert offering.credited(OFFERED, text) == article


def test_nothing_is_credited_without_an_offer_or_after_an_engineer_answered() -> None:
    assert offering.credited(TICKET, "solved") == ""
    assert offering.credited(replace(OFFERED, responded_at=NOW), "solved") == ""
    assert offering.credited(replace(OFFERED, status="closed"), "solved") == ""


def test_how_often_solutions_were_offered_and_helped() -> None:
    use = offering.used(
        [
            event("solutions-offered", articles=["a", "b"]),
            event("solutions-offered", articles=["a"]),
            event("solved-by", article="a"),
            event("closed"),
        ]
    )
    assert (use.offered, use.solved, use.rate) == (2, 1, 0.5)
    assert use.by_article == {"a": (2, 1), "b": (1, 0)}
    assert offering.used([]).rate == 0.0


def test_the_steps_of_a_solution_are_plain_lines() -> None:
    assert offering.steps("# Title\n\n1. First\n- Second\n\nThird") == ["Title", "First", "Second", "Third"]
