"""An engineer corrects what a ticket is taken for; the receipt says what changed, and the clocks follow."""

from datetime import datetime

import pytest

from fixtures.office import ask, last, orders, taken
from fixtures.stage import Stage, to
from maildesk.desk.clocks import sla


def due(stage: Stage) -> datetime:
    found = sla.due(stage.ticket(), stage.desk.policy, "resolution", stage.now)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "field", "value", "receipt"),
    [
        ("#priority high", "priority", "P2", "P2"),
        ("#优先级 P2 高", "priority", "P2", "P2"),
        ("#优先级：紧急", "priority", "P1", "P1"),
        ("#服务 远程接入", "service", "vpn", "→ vpn"),
        ("#type service request", "type", "service request", "故障 → 服务请求"),
        ("#类型 变更", "type", "change", "故障 → 变更"),
        ("#category printing", "category", "printing", "→ printing"),
        ("#分类：打印", "category", "打印", "→ 打印"),
        ("#impact high", "impact", "high", "→ 高"),
        ("#影响 高", "impact", "high", "→ 高"),
        ("#urgency high", "urgency", "high", "中 → 高"),
        ("＃紧急：高", "urgency", "high", "中 → 高"),
        ("#subject Drum of the printer on floor 3", "subject", "Drum of the printer on floor 3", "→ Drum"),
        ("#标题 三楼打印机", "subject", "三楼打印机", "→ 三楼打印机"),
    ],
)
def test_a_command_corrects_the_ticket_and_the_receipt_shows_it(
    stage: Stage, body: str, field: str, value: str, receipt: str
) -> None:
    order = taken(stage)
    (out,) = orders(stage, order, body)
    assert getattr(stage.ticket(), field) == value
    assert receipt in out.text


@pytest.mark.parametrize(
    "wrong", ["#type thing", "#impact huge", "#紧急 特急", "#category", "#subject", "#service no-such-service"]
)
def test_what_is_no_such_value_is_refused_with_those_there_are(stage: Stage, wrong: str) -> None:
    order = taken(stage)
    before = stage.ticket()
    (out,) = orders(stage, order, wrong)
    assert "没有执行" in out.mail.subject
    assert stage.ticket().priority == before.priority
    assert stage.ticket().type == before.type


def test_impact_and_urgency_give_the_matrix_its_word_again_and_move_the_deadline(stage: Stage) -> None:
    order = taken(stage)
    orders(stage, order, "#priority P4")
    late = due(stage)
    (receipt,) = orders(stage, order, "#impact high\n#urgency high")
    ticket = stage.ticket()
    assert (ticket.priority, ticket.priority_by) == ("P1", "")
    assert due(stage) < late
    assert "P4 → P1" in receipt.text
    assert last(stage, "prioritised").data["urgency_reason"] == "staff: li"


def test_the_requesters_thread_keeps_its_subject(stage: Stage) -> None:
    outs = ask(stage)
    order = to(outs, "li@corp.example")
    orders(stage, order, "#take\n#subject Drum")
    answer = to(orders(stage, order, "On my way."), "sarah@corp.example")
    assert answer.mail.subject == "Re: [MD-1001] Printer jams"
    outs = orders(stage, answer, "Thank you. It is on floor 3.", sender="sarah@corp.example")
    assert to(outs, "li@corp.example").mail.subject == "[MD-1001] Drum"
