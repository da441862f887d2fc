"""What a mail does not say is asked for once, and the answer fills the fields."""

from dataclasses import replace
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, changed, facts, mail
from maildesk.desk import opening
from maildesk.desk.classification import Classification
from maildesk.desk.model import Decision
from maildesk.desk.policy import Asking, Fact
from maildesk.desk.requests import asking
from maildesk.desk.thread import New
from maildesk.mail.model import Origin

ALL: tuple[Fact, ...] = ("what", "since", "scope", "contact", "urgency")
ASKS = replace(POLICY, asking=Asking(needed={"incident": ALL}))


def missing(text: str, subject: str = "VPN", **classified: Any) -> tuple[str, ...]:
    return asking.missing(Classification(**classified), subject, text, ASKS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("VPN 从今天早上开始连不上了", {"what", "since"}),
        ("It does not connect since yesterday", {"what", "since"}),
        ("我们部门都打不开系统页面了，请帮忙看", {"what", "scope"}),
        ("Nobody in the office can print", {"what", "scope"}),
        ("The printer jams, call ext. 4123", {"what", "contact"}),
        ("打印机总是卡纸没法用，分机 4123", {"what", "contact"}),
        ("打印机总是卡纸没法用，１３８００１３８０００", {"what", "contact"}),
        ("The printer jams, please hurry", {"what", "urgency"}),
        ("help", set()),
    ],
)
def test_a_mail_that_says_it_is_not_asked_for_it(text: str, told: set[str]) -> None:
    assert set(missing(text)) == set(ALL) - told


def test_what_a_rule_found_is_not_asked_for() -> None:
    fields = {"since": "Monday", "contact": "1"}
    known: dict[str, Any] = {"fields": fields, "set_by": {"impact": "rule a", "urgency": "rule b"}}
    assert missing("help", **known) == ("what",)


def test_only_the_types_that_are_named_and_only_when_enough_is_missing() -> None:
    assert missing("help", type="change") == ()
    few = replace(ASKS, asking=replace(ASKS.asking, at_least=5))
    assert asking.missing(Classification(), "VPN", "help", few) == ALL
    assert asking.missing(Classification(), "VPN", "help, it is urgent", few) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Since when: Monday\n- Telephone number: 4123", {"since": "Monday", "contact": "4123"}),
        ("1. 什么时候开始：昨天下午\n2. 联系电话： 分机4123", {"since": "昨天下午", "contact": "分机4123"}),
        (
            "It began this morning. You reach me at +49 30 1234567.",
            {"since": "It began this morning", "contact": "+49 30 1234567"},
        ),
        ("今天早上开始的，分机 4123", {"since": "今天早上开始的", "contact": "分机 4123"}),
        ("Thanks!", {}),
        ("Since when:\nNote: see the picture", {}),
    ],
)
def test_an_answer_is_read_by_its_labels_or_its_form(text: str, found: dict[str, str]) -> None:
    assert asking.answers(changed(asked=("since", "contact")), text) == found


def test_nothing_is_read_that_was_not_asked_for_or_is_known() -> None:
    assert asking.answers(changed(), "Since when: Monday") == {}
    assert asking.answers(changed(asked=("since",), fields={"since": "x"}), "Since when: Monday") == {}


def opened(policy: Any, **values: Any) -> Decision:
    written = mail(text="help", new_text="help", **values)
    return opening.opened(facts(written), Classification(group="l1"), policy, NOW, New(reason="it is new"))


def test_one_mail_acknowledges_and_asks() -> None:
    decision = opened(ASKS)
    assert decision.ticket is not None
    assert decision.ticket.asked == ALL
    to_requester = [notice for notice in decision.notices if notice.audience == "requester"]
    assert [notice.values["questions"] for notice in to_requester] == [list(ALL)]
    assert decision.ticket.status == "assigned"


def test_the_clock_stands_still_where_the_policy_says_so() -> None:
    pausing = replace(ASKS, asking=replace(ASKS.asking, clock="pauses"))
    decision = opened(pausing)
    assert decision.ticket is not None
    assert (decision.ticket.status, decision.ticket.pending_reason) == ("pending", "requester")


@pytest.mark.parametrize(
    "values",
    [{"sender": "eve@elsewhere.example"}, {"origin": Origin(kind="automatic")}, {"origin": Origin(kind="bulk")}],
)
def test_machines_lists_and_strangers_are_never_asked(values: dict[str, Any]) -> None:
    decision = opened(ASKS, **values)
    assert decision.ticket is not None
    assert decision.ticket.asked == ()
    assert not any(notice.values.get("questions") for notice in decision.notices)
