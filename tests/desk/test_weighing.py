"""What moves urgency and priority besides the rules: VIPs, marks, age; and who hears of a major incident."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, changed, facts, mail
from maildesk.desk import opening, priority, weighing
from maildesk.desk.classification import Classification
from maildesk.desk.clocks.hours import Duration
from maildesk.desk.people.requesters import Requester
from maildesk.desk.policy import Age, Precedence, Service
from maildesk.desk.thread import New

LOW = Classification(urgency="low")
POLITE = replace(
    POLICY,
    precedence=Precedence(vip="high", marked="medium", age=Age(after=Duration(seconds=3600), at_most="P2")),
    requesters={"sarah@corp.example": Requester(vip=True)},
)


def weighed(policy: Any = POLITE, **values: Any) -> Classification:
    return weighing.weighed(LOW, facts(mail(**values)), policy)


def test_a_vip_is_urgent_and_a_rule_that_says_more_stays() -> None:
    assert weighed().urgency == "high"
    assert weighed().set_by["urgency"] == "vip"
    assert weighed(sender="ann@corp.example").urgency == "low"
    high = Classification(urgency="high", set_by={"urgency": "rule x"})
    assert weighing.weighed(high, facts(mail()), POLITE) == high


@pytest.mark.parametrize("header", [("X-Priority", "1 (Highest)"), ("Importance", "High"), ("Priority", "urgent")])
def test_a_mark_raises_by_one_degree_up_to_the_cap(header: tuple[str, str]) -> None:
    marked = weighed(sender="ann@corp.example", headers=(header,))
    assert marked.urgency == "medium"
    again = weighing.weighed(marked, facts(mail(sender="ann@corp.example", headers=(header,))), POLITE)
    assert again.urgency == "medium"


@pytest.mark.parametrize("header", [("X-Priority", "3"), ("Importance", "low"), ("X-Priority", "10")])
def test_other_marks_raise_nothing(header: tuple[str, str]) -> None:
    assert weighed(sender="ann@corp.example", headers=(header,)).urgency == "low"


def test_a_service_brings_its_sla_unless_a_rule_names_one() -> None:
    policy = replace(POLICY, services={"vpn": Service(key="vpn", sla="fast")})
    assert weighing.weighed(Classification(service="vpn"), facts(), policy).sla == "fast"
    assert weighing.weighed(Classification(service="vpn", sla="own"), facts(), policy).sla == "own"


def test_age_raises_one_degree_at_a_time_and_never_above_the_cap() -> None:
    ticket = changed(priority="P4")
    for hour, wanted in ((1, "P3"), (2, "P2")):
        assert weighing.due(ticket, POLITE) == NOW + timedelta(hours=hour)
        raised = weighing.decide(ticket, POLITE, NOW + timedelta(hours=hour)).ticket
        assert raised is not None
        assert raised.priority == wanted
        ticket = raised
    assert weighing.due(ticket, POLITE) is None
    assert "open for long" in priority.sentence(ticket, "en")
    assert "等待已久" in priority.sentence(ticket, "zh")


@pytest.mark.parametrize(
    "state", [{"status": "pending"}, {"status": "resolved"}, {"priority_by": "li"}, {"held": "spam"}]
)
def test_what_waits_for_others_or_was_set_by_hand_does_not_age(state: dict[str, Any]) -> None:
    assert weighing.due(changed(priority="P4", **state), POLITE) is None
    assert weighing.due(changed(priority="P4"), POLICY) is None


def test_the_sentence_names_the_mark_and_the_precedence_in_words() -> None:
    ticket = changed(urgency="high", urgency_reason="vip", impact_reason="rule x: 全公司")
    assert "a requester with precedence" in priority.sentence(ticket, "en", outside=True)
    assert "优先服务的用户" in priority.sentence(ticket, "zh", outside=True)
    assert "邮件标为紧急" in priority.sentence(replace(ticket, urgency_reason="mark: X-Priority: 1"), "zh")


def test_a_major_incident_is_p1_and_told_to_lead_and_manager_at_once() -> None:
    classification = Classification(group="l1", impact="major", urgency="low")
    decision = opening.opened(facts(), classification, POLICY, NOW, New(reason="it is new"))
    assert decision.ticket is not None
    assert decision.ticket.priority == "P1"
    major = [(notice.audience, notice.to.person) for notice in decision.notices if notice.event == "major"]
    assert major == [("lead", "han"), ("manager", "zhao")]
