"""Tickets that belong together: merged, linked, split off; and what became of their mails, clocks and people."""

from datetime import timedelta

import pytest

from fixtures.office import FANG, HAN, LI, SARAH, ask, kinds, last, orders, taken, whole
from fixtures.stage import MONDAY, Out, Stage, to


def two(stage: Stage) -> tuple[Out, Out]:
    """MD-1001 of Sarah, half an hour later MD-1002 of Wang Fang; li's dispatches of both."""
    first = to(ask(stage), "li@corp.example")
    stage.now += timedelta(minutes=30)
    second = to(ask(stage, FANG, "打印机卡纸", "三楼的打印机卡纸了。"), "li@corp.example")
    return first, second


def links(stage: Stage, number: int) -> list[tuple[str, int]]:
    return [(link.kind, link.number) for link in stage.ticket(number).links]


@pytest.mark.parametrize(
    "command", ["#merge 1001", "#merge into MD-1001", "＃合并 1001", "#合并到MD-1001", "#合并1001"]
)
def test_a_merged_ticket_is_closed_and_the_other_has_its_people(stage: Stage, command: str) -> None:
    _, second = two(stage)
    outs = orders(stage, second, command)
    gone, kept = stage.ticket(1002), stage.ticket(1001)
    assert (gone.status, gone.merged_into) == ("closed", 1001)
    assert [a.address for a in kept.participants] == ["wangfang@corp.example"]
    assert ("absorbed", 1002) in links(stage, 1001)
    told = to(outs, "wangfang@corp.example")
    assert "MD-1001" in told.text
    assert "合在一起" in told.text
    receipt = to(outs, "li@corp.example")
    assert "并入" in receipt.text
    assert receipt.event == "receipt"
    assert "sarah@corp.example" not in [out.to for out in outs]


def test_each_requester_gets_the_answer_in_his_own_thread_and_language(stage: Stage) -> None:
    first, second = two(stage)
    orders(stage, second, "#merge 1001")
    outs = orders(stage, first, "The drum is being changed.")
    sarah, fang = to(outs, "sarah@corp.example"), to(outs, "wangfang@corp.example")
    assert sarah.mail.subject == "Re: [MD-1001] Printer jams"
    assert fang.mail.subject == "Re: [MD-1001] 打印机卡纸"
    assert "直接回复" in fang.text
    assert "Printer jams" not in whole([fang])
    assert "sarah" not in whole([fang]).lower()
    assert "wangfang" not in whole([sarah])


def test_a_later_mail_to_the_merged_ticket_is_on_the_other_one(stage: Stage) -> None:
    _, second = two(stage)
    told = to(orders(stage, second, "#merge 1001"), "wangfang@corp.example")
    outs = orders(stage, told, "现在二楼的也卡了。", sender=FANG)
    assert len(stage.tickets()) == 2
    assert last(stage, "received").data["from"] == "wangfang@corp.example"
    heard = to(outs, "han@corp.example")
    assert "MD-1001" in heard.mail.subject
    assert "二楼的也卡了" in heard.text


def test_staff_who_answer_the_old_order_answer_on_the_other_ticket(stage: Stage) -> None:
    _, second = two(stage)
    orders(stage, second, "#merge 1001")
    outs = orders(stage, second, "On my way.")
    assert {out.to for out in outs} >= {"sarah@corp.example", "wangfang@corp.example"}
    assert stage.ticket(1001).responded_at is not None
    assert stage.ticket(1002).status == "closed"


def test_the_clocks_count_from_the_earlier_opening_and_keep_its_pauses(stage: Stage) -> None:
    first, _ = two(stage)
    orders(stage, first, "#pending parts")
    paused = stage.ticket(1001).pauses[0].start
    orders(stage, first, "#merge 1002", minutes=20)
    kept = stage.ticket(1002)
    assert kept.opened_at == MONDAY
    assert all(pause.start != paused for pause in kept.pauses)  # 1002 had been opened before the pause began
    assert stage.ticket(1001).merged_into == 1002


def test_pauses_from_before_the_later_opening_count(stage: Stage) -> None:
    first = to(ask(stage), "li@corp.example")
    orders(stage, first, "#pending parts", minutes=5)
    stage.now += timedelta(minutes=30)
    later = stage.now
    ask(stage, FANG, "打印机卡纸")
    orders(stage, first, "#merge 1002")
    kept = stage.ticket(1002)
    assert [(p.start, p.end) for p in kept.pauses] == [(MONDAY + timedelta(minutes=5), later)]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("#merge 1001", "工单自己"),
        ("#merge 1999", "没有工单 MD-1999"),
        ("#merge", "请写明工单的编号"),
        ("#link 1002 cousin", "没有“cousin”这种关联"),
        ("#split", "没有可以拆分的来信"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_says_why(stage: Stage, command: str, why: str) -> None:
    first, _ = two(stage)
    before = stage.ticket(1001), stage.ticket(1002)
    outs = orders(stage, first, command)
    assert why in to(outs, "li@corp.example").text
    assert (stage.ticket(1001).links, stage.ticket(1002)) == (before[0].links, before[1])


def test_a_chain_of_merges_leads_to_its_end_and_no_ring_is_closed(stage: Stage) -> None:
    first, second = two(stage)
    third = to(ask(stage, "Ann <ann@corp.example>", "Paper jam"), "li@corp.example")
    orders(stage, third, "#merge 1002")
    orders(stage, second, "#merge 1001")
    told = orders(stage, first, "#merge 1003")
    assert "1002" in to(told, "li@corp.example").text
    assert stage.ticket(1001).merged_into is None
    stage.write("ann@corp.example", "Re: [MD-1003] Paper jam", "Any news?")
    stage.step(minutes=1)
    assert last(stage, "received").data["from"] == "ann@corp.example"
    assert {a.address for a in stage.ticket(1001).participants} == {"wangfang@corp.example", "ann@corp.example"}


def test_a_merged_ticket_cannot_be_reopened_but_the_other_can(stage: Stage) -> None:
    first, second = two(stage)
    orders(stage, second, "#merge 1001")
    orders(stage, first, "#resolve new drum\n#close")
    outs = orders(stage, second, "#reopen")
    assert stage.ticket(1002).status == "closed"
    assert stage.ticket(1001).status != "closed"
    assert to(outs, "li@corp.example").event == "receipt"


@pytest.mark.parametrize("command", ["#link 1001", "#关联 MD-1001", "#link 1001 duplicate", "#关联1001，重复"])
def test_linked_tickets_know_of_each_other_and_no_requester_hears(stage: Stage, command: str) -> None:
    _, second = two(stage)
    outs = orders(stage, second, command)
    kind = "duplicate" if "duplicate" in command or "重复" in command else "related"
    assert links(stage, 1001) == [(kind, 1002)]
    assert links(stage, 1002) == [(kind, 1001)]
    assert {out.to for out in outs} == {"li@corp.example"}


def asks_for_more(stage: Stage) -> tuple[Out, Out]:
    """Sarah asks for something else on her ticket; li's order and her acknowledgement."""
    order = taken(stage)
    stage.write(SARAH, "Re: [MD-1001] Printer jams", "By the way, my VPN is slow too.", answers=order)
    heard = to(stage.step(minutes=10), "li@corp.example")
    return order, heard


@pytest.mark.parametrize(
    ("command", "subject"), [("#split", "By the way, my VPN is slow too."), ("#拆分 VPN 慢", "VPN 慢")]
)
def test_the_last_mail_becomes_a_ticket_of_its_own_with_its_clocks_and_its_owner(
    stage: Stage, command: str, subject: str
) -> None:
    _, heard = asks_for_more(stage)
    arrived = last(stage, "received").at
    outs = orders(stage, heard, command, minutes=5)
    new = stage.ticket(1002)
    assert (new.subject, new.assignee, new.opened_at) == (subject, "li", arrived)
    assert links(stage, 1002) == [("related", 1001)]
    assert links(stage, 1001) == [("related", 1002)]
    told = to(outs, "sarah@corp.example")
    assert "MD-1002" in told.mail.subject
    work = next(out for out in outs if out.event == "dispatched")
    assert "my VPN is slow too" in work.text
    answer = to(orders(stage, work, "We look into the VPN."), "sarah@corp.example")
    assert answer.mail.subject.startswith("Re: [MD-1002]")
    assert stage.ticket(1002).responded_at is not None
    assert stage.ticket(1001).responded_at is None


def test_what_the_requester_answers_to_the_split_ticket_stays_there(stage: Stage) -> None:
    _, heard = asks_for_more(stage)
    told = to(orders(stage, heard, "#split VPN"), "sarah@corp.example")
    orders(stage, told, "It is worst in the morning.", sender=SARAH)
    assert "received" in kinds(stage, 1002)
    assert kinds(stage, 1001).count("received") == 1


def test_a_colleague_who_is_in_the_team_of_both_hears_once_and_the_doer_hears_nothing_but_his_receipt(
    desk: Stage,
) -> None:
    _, second = two(desk)
    outs = orders(desk, second, "#merge 1001")
    assert [out.event for out in outs if out.to == "li@corp.example"] == ["receipt"]
    assert [out.event for out in outs if out.to == "han@corp.example"] == ["absorbed"]
    assert LI.startswith("李雷")
    assert HAN.startswith("韩")


def test_a_merge_is_taken_back_within_half_an_hour(desk: Stage) -> None:
    first, second = two(desk)
    before = desk.ticket(1002)
    orders(desk, second, "#merge 1001")
    outs = orders(desk, first, "#undo")
    gone, kept = desk.ticket(1002), desk.ticket(1001)
    assert (gone.status, gone.merged_into, gone.links) == (before.status, None, before.links)
    assert not kept.participants
    assert to(outs, "li@corp.example").event == "receipt"
    answer = orders(desk, second, "On my way.")
    assert "wangfang@corp.example" in [out.to for out in answer]
    assert "sarah@corp.example" not in [out.to for out in answer]


def test_a_link_is_taken_back_on_both_tickets(desk: Stage) -> None:
    first, _ = two(desk)
    before = desk.ticket(1001).links, desk.ticket(1002).links
    done = to(orders(desk, first, "#link 1002 duplicate"), "li@corp.example")
    assert "#撤销" in done.text
    assert "已撤销" in to(orders(desk, first, "#undo"), "li@corp.example").mail.subject
    assert (desk.ticket(1001).links, desk.ticket(1002).links) == before


def test_a_split_is_taken_back_by_joining_both_again(desk: Stage) -> None:
    first, _ = two(desk)
    desk.write("sarah@corp.example", "Re: [MD-1001] it", "And my phone is dead.")
    desk.step(minutes=1)
    orders(desk, first, "#split Phone")
    assert desk.ticket(1003).subject == "Phone"
    outs = orders(desk, first, "#undo")
    assert desk.ticket(1003).merged_into == 1001
    assert "MD-1001" in to(outs, "sarah@corp.example").text
    assert desk.ticket(1001).status != "closed"
