"""Closing by itself, and what a one-word answer means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maildesk.desk import events
from maildesk.desk.clocks import closure
from maildesk.desk.model import Ticket
from maildesk.desk.policy import Policy
from maildesk.desk.requests import confirmation
from maildesk.mail.model import Address

POLICY = Policy(address="it@corp.example", owner="ops@corp.example", close_days=5, reopen_days=14)
RESOLVED = datetime(2026, 7, 1, 9, tzinfo=UTC)
TICKET = Ticket(
    number=1001,
    opened_at=RESOLVED - timedelta(days=1),
    requester=Address(address="wang@corp.example"),
    status="resolved",
    resolved_at=RESOLVED,
)


def test_a_resolved_ticket_closes_after_its_days_and_tells_the_requester() -> None:
    assert closure.timeout(TICKET, POLICY, RESOLVED + timedelta(days=5) - timedelta(seconds=1)) is None
    now = RESOLVED + timedelta(days=5)
    decision = closure.timeout(TICKET, POLICY, now)
    assert decision is not None
    assert [(event.kind, event.at, dict(event.data)) for event in decision.events] == [
        ("closed", now, {"why": "timeout"})
    ]
    assert decision.ticket == events.replay(decision.events, TICKET)
    assert decision.ticket is not None
    assert (decision.ticket.status, decision.ticket.closed_at) == ("closed", now)
    (notice,) = decision.notices
    assert (notice.event, notice.audience, notice.to.address) == ("closed", "requester", "wang@corp.example")
    assert notice.values == {"why": "timeout", "reopen_days": 14}


@pytest.mark.parametrize("status", ["new", "in progress", "pending", "closed"])
def test_any_other_status_never_closes_by_itself(status: str) -> None:
    ticket = replace(TICKET, status=status)  # type: ignore[arg-type]
    assert closure.closes_at(ticket, POLICY) is None
    assert closure.timeout(ticket, POLICY, RESOLVED + timedelta(days=50)) is None


def test_a_held_ticket_tells_nobody_that_it_closed() -> None:
    assert closure.timeout(replace(TICKET, held="spam"), POLICY, RESOLVED + timedelta(days=50)) is None


@pytest.mark.parametrize(
    "text",
    [
        "已解决",
        "解决了",
        "好了",
        "可以了！",
        "solved",
        "Fixed.",
        "YES",
        "是的",
        "解决了，谢谢",
        "问题已经解决了，非常感谢！",
        "現在可以用了，謝謝",
        "没问题了",
        "已恢复正常",
        "It's working now, thanks!",
        "It’s fixed",
        "The issue has been resolved. Thank you for your help.",
        "all good 👍",
        "Hi team,\n\nsolved, thanks!\n\nBest regards",
        "ＳＯＬＶＥＤ",
        "好的，已解决",
    ],
)
def test_solved(text: str) -> None:
    assert confirmation.confirms(text) == "solved"


@pytest.mark.parametrize(
    "text",
    [
        "未解决",
        "还没好",
        "還沒解決",
        "没有解决，谢谢",
        "还是不行",
        "仍然不能用",
        "问题依旧",
        "not solved",
        "No.",
        "没有",
        "still broken",
        "Not fixed yet, thanks",
        "It is still not working",
        "doesn’t work",
        "same problem again",
        "No, still down.",
    ],
)
def test_not_solved(text: str) -> None:
    assert confirmation.confirms(text) == "not solved"


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "多谢！",
        "Thanks",
        "thank you very much!",
        "好的，谢谢",
        "收到",
        "辛苦了",
        "OK",
        "Great, thanks a lot",
        "謝謝您",
        "🙏",
    ],
)
def test_thanks(text: str) -> None:
    assert confirmation.confirms(text) == "thanks"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "...",
        "Hello",
        "已解决了吗？",
        "Is it fixed?",
        "yes?",
        "好了没有",
        "不好了",
        "no thanks",
        "no, ok",
        "yes and no",
        "solved, not solved",
        "谢谢，但是打印机还有问题",
        "thanks, but it is still slow",
        "thanks for nothing",
        "fixed the wrong printer",
        "我已经解决了部分",
        "请解决",
        "I am not sure it is solved",
        "solvedness",
        "solved " * 30,
        "谢谢" * 100_000,
    ],
)
def test_anything_more_is_left_to_people(text: str) -> None:
    assert confirmation.confirms(text) == ""


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    assert confirmation.confirms(text) in ("solved", "not solved", "thanks", "")
