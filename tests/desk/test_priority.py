"""Priority and the sentence that explains it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from maildesk.desk import priority
from maildesk.desk.classification import Classification
from maildesk.desk.model import Degree, Priority, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address

POLICY = Policy(address="it@corp.example", owner="ops@corp.example")
TICKET = Ticket(
    number=1001,
    opened_at=datetime(2026, 7, 1, tzinfo=UTC),
    requester=Address(address="wang@corp.example"),
    impact="high",
    urgency="medium",
    priority="P2",
    impact_reason="rule network-outage: 断网, 全部门",
)


@pytest.mark.parametrize(
    ("impact", "urgency", "expected"),
    [
        ("high", "high", "P1"),
        ("high", "low", "P3"),
        ("medium", "medium", "P3"),
        ("low", "high", "P3"),
        ("low", "low", "P4"),
    ],
)
def test_the_matrix_gives_the_priority(impact: Degree, urgency: Degree, expected: Priority) -> None:
    assert priority.decide(Classification(impact=impact, urgency=urgency), POLICY) == expected


def test_the_operators_matrix_counts() -> None:
    degrees: tuple[Degree, ...] = ("low", "medium", "high")
    flat = replace(POLICY, matrix={impact: dict.fromkeys(degrees, "P4") for impact in degrees})
    assert priority.decide(Classification(impact="high", urgency="high"), flat) == "P4"


def test_the_sentence_names_what_set_impact_and_urgency() -> None:
    assert priority.sentence(TICKET, "en") == (
        "Priority P2: impact high (rule network-outage: 断网, 全部门), urgency medium (by default)."
    )
    assert priority.sentence(TICKET, "zh") == (
        "优先级 P2：影响程度高（规则 network-outage：断网, 全部门），紧急程度中（默认）。"
    )


def test_other_reasons_are_said_as_they_are() -> None:
    ticket = replace(TICKET, impact_reason="service vpn", urgency_reason="X-Priority 1")
    assert priority.sentence(ticket, "zh") == "优先级 P2：影响程度高（服务 vpn），紧急程度中（X-Priority 1）。"
    assert priority.sentence(ticket, "en") == "Priority P2: impact high (service vpn), urgency medium (X-Priority 1)."


def test_a_priority_set_by_hand_names_the_person() -> None:
    ticket = replace(TICKET, priority_by="li")
    assert priority.sentence(ticket, "en") == "Priority P2 was set by hand by li."
    assert priority.sentence(ticket, "zh") == "优先级 P2 由 li 手动设定。"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_words_of_a_mail_stay_one_short_line(language: priority.Language) -> None:
    hostile = "rule x: a\r\nBcc: v@x\u202e\x00" + "断" * 100_000
    said = priority.sentence(replace(TICKET, impact_reason=hostile, urgency_reason=hostile), language)
    assert len(said) < 400
    assert said.isprintable()


def test_a_reader_from_outside_sees_the_words_and_not_the_names_of_our_rules() -> None:
    ticket = replace(TICKET, impact="high", impact_reason="rule outage: 断网", urgency_reason="")
    assert priority.sentence(ticket, "zh", outside=True) == "优先级 P2：影响程度高（“断网”），紧急程度中（默认）。"
    assert "outage" not in priority.sentence(ticket, "en", outside=True)
