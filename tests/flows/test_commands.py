"""Every command by mail, in both languages, with its receipt; and the mails that must not be taken for commands."""

from datetime import datetime

import pytest

from fixtures.office import HAN, LI, SARAH, ask, kinds, last, orders, taken
from fixtures.stage import SHANGHAI, Stage, to
from maildesk.desk.model import Ticket


def field(ticket: Ticket, name: str) -> str:
    value = getattr(ticket, name)
    return value.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if isinstance(value, datetime) else str(value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("#take", {"assignee": "li", "status": "in progress"}),
        ("＃接单", {"assignee": "li", "status": "in progress"}),
        ("#认领，马上去", {"assignee": "li"}),
        ("#assign han", {"assignee": "han", "status": "assigned"}),
        ("#assign to Alex Smith, he knows it", {"assignee": "smith"}),
        ("#assign smith@corp.example", {"assignee": "smith"}),
        ("#转派韩梅梅", {"assignee": "han"}),
        ("#转派给韩梅梅，她熟悉", {"assignee": "han"}),
        ("#指派 l2-systems", {"group": "l2-systems", "assignee": ""}),
        ("#pending", {"status": "pending", "pending_reason": "requester"}),
        ("#pending 2h parts", {"status": "pending", "pending_reason": "parts", "pending_until": "11-09 11:01"}),
        ("#wait until 2026-11-12 14:00", {"status": "pending", "pending_until": "11-12 14:00"}),
        ("＃挂起：2天，等配件", {"pending_reason": "等配件", "pending_until": "11-11 09:01"}),
        ("#挂起至2026年11月12日 等审批", {"pending_reason": "等审批", "pending_until": "11-12 00:00"}),
        ("#挂起等用户回复", {"pending_reason": "等用户回复", "pending_until": "None"}),
        ("#resolve Toner replaced", {"status": "resolved"}),
        ("#解决 换了硒鼓", {"status": "resolved"}),
        ("#已解决", {"status": "resolved"}),
        ("#close", {"status": "closed"}),
        ("#关闭", {"status": "closed"}),
        ("#priority P2", {"priority": "P2", "priority_by": "li"}),
        ("#优先级：Ｐ１", {"priority": "P1"}),
        ("#优先级2", {"priority": "P2"}),
        ("#prio 3", {"priority": "P3"}),
        ("#note\n\nlooks odd", {"status": "assigned"}),
        ("#备注 看起来是硒鼓", {"status": "assigned"}),
        ("#take\n#priority P2\n#pending 1d", {"assignee": "li", "priority": "P2", "status": "pending"}),
    ],
)
def test_a_command_does_what_it_says_and_a_receipt_tells_what_changed(
    stage: Stage, body: str, expected: dict[str, str]
) -> None:
    order = to(ask(stage), "li@corp.example")
    before = stage.ticket()
    outs = orders(stage, order, body)
    after = stage.ticket()
    assert {name: field(after, name) for name in expected} == expected
    (receipt,) = [out for out in outs if out.event == "receipt"]
    assert receipt.to == "li@corp.example"
    assert receipt.mail.subject.startswith("[MD-1001] 已执行")
    assert list(receipt.mail.values("Auto-Submitted")) == ["auto-replied"]
    if before.priority != after.priority:
        assert f"{before.priority} → {after.priority}" in receipt.text


def test_a_receipt_is_in_the_readers_language_and_names_old_value_new_value_and_deadline(desk: Stage) -> None:
    order = to(ask(desk, subject="Server is slow"), "smith@corp.example")
    outs = orders(desk, order, "#priority P2\n#pending 2h parts", sender="smith@corp.example")
    text = to(outs, "smith@corp.example").text
    for words in (
        "Priority: P3 → P2",
        "Status: assigned → pending",
        "Pending reason: (none) → parts",
        "Resolution: by",
    ):
        assert words in text


def test_the_deadlines_of_a_pending_ticket_lie_behind_the_end_of_its_pause(stage: Stage) -> None:
    order = to(ask(stage, subject="Server is slow"), "smith@corp.example")
    outs = orders(stage, order, "#priority P2\n#pending 11-18 10:00 parts", sender="smith@corp.example")
    text = to(outs, "smith@corp.example").text
    assert "18 Nov, 10:00" in text.split("Pending until")[1].partition("\n")[0]
    assert "19 Nov" in text.split("Resolution: by")[1].partition("\n")[0]


def test_resume_and_reopen_bring_a_ticket_back(stage: Stage) -> None:
    order = taken(stage)
    orders(stage, order, "#pending")
    orders(stage, order, "#resume")
    assert stage.ticket().status == "in progress"
    orders(stage, order, "#resolve done")
    orders(stage, order, "#重开 又坏了")
    assert (stage.ticket().status, stage.ticket().resolved_at) == ("in progress", None)
    assert last(stage, "reopened").data["why"] == "又坏了"


def test_the_text_of_a_command_goes_to_the_requester_and_the_command_does_not(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    out = to(orders(stage, order, "#接单\n\n您好，我十分钟后到。\n\n#挂起 1h"), "sarah@corp.example")
    assert out.text.startswith("您好，我十分钟后到。")
    assert "#" not in out.text
    assert stage.ticket().status == "pending"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("#tak", "是不是 take？"),
        ("#resovle all fine", "是不是 resolve？"),
        ("#接担", "接单"),
        ("#解决更换了硒鼓", "是不是 解决？"),
        ("#关闭防火墙", "是不是 关闭？"),
        ("#pending 9999h", "太远了"),
        ("#pending 999d", "太远了"),
        ("#pending until 9999-12-31", "太远了"),
        ("#pending until someday", "既不是日期"),
        ("#pending 2026-02-30", "不是日期"),
        ("#pending 2026-11-01", "已经过去了"),
        ("#pending 48", "48 不是时长"),
        ("#priority loud", "不是优先级"),
        ("#priority", "不是优先级"),
        ("#assign", "请写明转给谁"),
        ("#assign hann", "是不是 han？"),
        ("#note", "备注需要写内容"),
        ("#resume", "#恢复：工单没有挂起，状态是“处理中”"),
        ("#reopen", "#重开：工单没有关闭，状态是“处理中”"),
        ("#take\n#priority P1\n#tke", "是不是 take？"),
        ("#take\n#resolve done\n#assign nobody", "工单的状态是“已解决”，请先 #重开"),
    ],
)
def test_one_wrong_command_fails_the_whole_mail_and_its_text_is_kept(stage: Stage, body: str, error: str) -> None:
    order = to(ask(stage), "li@corp.example")
    before = stage.ticket()
    outs = orders(stage, order, f"{body}\n\nmy long explanation" if body != "#note" else body)
    (receipt,) = outs
    assert (receipt.to, receipt.event) == ("li@corp.example", "receipt")
    assert error in receipt.text
    assert receipt.mail.subject.startswith("[MD-1001] 没有执行")
    after = stage.ticket()
    for name in ("status", "assignee", "group", "priority", "responded_at", "pending_until"):
        assert getattr(after, name) == getattr(before, name)
    assert body.splitlines()[0] in last(stage, "noted").data["text"]


def test_an_engineer_who_reads_english_hears_in_english_what_is_wrong(stage: Stage) -> None:
    order = to(ask(stage, subject="Server is slow"), "smith@corp.example")
    (receipt,) = orders(stage, order, "#takke", sender="smith@corp.example")
    assert "#takke is no command; did you mean take?" in receipt.text


@pytest.mark.parametrize(
    "body",
    [
        "# Steps\n\nDo this.\n\n## Then\n\nDo that.",
        "#12345 is your order number.",
        "#!/bin/sh\necho hello",
        "#include <stdio.h>\nint main() { return 0; }\n\n#define X 1\n#endif",
        "Please read on.\n\n#take a seat, this is long\n\nCall me if it does not help.",
        "The issue is #42, see also C# and F#.",
        "#MD-1002 is the same, I answer there.",
        "Use `#resolve` yourself.",
        "1. #one\n2. #two",
    ],
)
def test_headings_numbers_and_programs_are_text(stage: Stage, body: str) -> None:
    order = to(ask(stage), "li@corp.example")
    outs = orders(stage, order, body)
    assert body.splitlines()[0].lstrip("# ") in to(outs, "sarah@corp.example").text
    assert "receipt" not in [out.event for out in outs]
    assert stage.ticket().status == "in progress"


def test_commands_in_the_quoted_order_are_not_given_again(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    quoted = "\n".join(f"> {line}" for line in order.text.splitlines())
    outs = orders(stage, order, f"On my way.\n\nOn Mon, Nov 9, 2026 at 9:00 AM IT <it@corp.example> wrote:\n{quoted}")
    assert "receipt" not in [out.event for out in outs]
    assert stage.ticket().status == "in progress"


def test_a_requesters_words_are_never_commands(stage: Stage) -> None:
    acknowledged = to(ask(stage), "sarah@corp.example")
    outs = orders(stage, acknowledged, "#close\n#priority P1", sender=SARAH)
    assert stage.ticket().status == "assigned"
    assert stage.ticket().priority == "P4"
    assert {out.event for out in outs} == {"requester-replied"}


def test_priority_moves_the_deadlines_and_keeps_the_pauses(stage: Stage) -> None:
    order = taken(stage)
    orders(stage, order, "#pending")
    orders(stage, order, "#resume", minutes=60)
    (receipt,) = [out for out in orders(stage, order, "#priority P2") if out.event == "receipt"]
    assert "解决时限：不晚于 11月10日（周二）10:30（北京时间）" in receipt.text


def test_two_colleagues_each_command_with_their_own_mail(desk: Stage) -> None:
    outs = ask(desk)
    orders(desk, to(outs, "li@corp.example"), "#take", sender=LI)
    orders(desk, to(outs, "han@corp.example"), "#priority P3", sender=HAN)
    assert (desk.ticket().assignee, desk.ticket().priority) == ("li", "P3")
    assert kinds(desk)[-2:] == ["taken", "prioritised"]
