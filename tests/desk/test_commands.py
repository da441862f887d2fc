"""Commands: how they are read in a mail, and what each one does."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.desk_samples import HAN, LI, NOW, POLICY, TICKET, changed
from maildesk.desk.clocks import until
from maildesk.desk.clocks.hours import ALWAYS
from maildesk.desk.draft import Draft
from maildesk.desk.model import Ticket
from maildesk.desk.people import owners
from maildesk.desk.staff import command, commands, orders
from maildesk.desk.staff.command import Acting, Order


def read(text: str) -> list[tuple[str, str]]:
    return [(order.word, order.argument) for order in orders.read(text).orders]


@pytest.mark.parametrize("word", commands.WORDS)
def test_every_word_is_read_with_either_sign_any_blank_and_any_letter_case(word: str) -> None:
    key = commands.WORDS[word]
    for line in (f"#{word}", f"＃{word}", f"# {word}", f"#\u3000{word.upper()}", f"  #{word}  ", f"\ufeff#{word}"):
        assert read(line) == [(key, "")]
    for line in (f"#{word} li", f"#{word}: li", f"＃{word}：li", f"#{word}，li", f"#{word}\xa0li"):
        assert read(line) == [(key, "li")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#转派李雷", [("assign", "李雷")]),
        ("#指派给李雷 今天看", [("assign", "给李雷 今天看")]),
        ("#优先级P2", [("priority", "P2")]),
        ("#挂起3天", [("pending", "3天")]),
        ("#备注看起来是硒鼓", [("note", "看起来是硒鼓")]),
        ("#解决方案", []),
        ("#关闭防火墙", []),
        ("#takeover", []),
    ],
)
def test_chinese_runs_on_where_an_argument_can_be_meant(line: str, expected: list[tuple[str, str]]) -> None:
    assert read(line) == expected
    assert bool(orders.read(line).errors) == (not expected)


def test_commands_stand_in_the_first_or_the_last_block_only() -> None:
    text = "#take\nHello,\n\n#close\nin the middle\n\n\nBye\n#pending 1d"
    found = orders.read(text)
    assert [o.word for o in found.orders] == ["take", "pending"]
    assert found.text == "Hello,\n\n#close\nin the middle\n\n\nBye"
    assert read("one block\n#note x") == [("note", "x")]
    assert read("a\n\n#note x\n\nb") == []
    assert read("") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ack", [("ack", "")]),
        ("Ack, thanks.", [("ack", "")]),
        ("知悉，谢谢！", [("ack", "")]),
        ("stop please", [("stop", "")]),
        ("停止", [("stop", "")]),
        ("reassign li", [("assign", "li")]),
        ("转派李雷", [("assign", "李雷")]),
        ("extend 2h waiting for parts", [("extend", "2h waiting for parts")]),
        ("延期 2小时 等配件", [("extend", "2小时 等配件")]),
        ("接单\n优先级 P2", [("take", ""), ("priority", "P2")]),
        ("take\n\nLi Lei\nIT Service Desk\n+86 10 5555 0100", [("take", "")]),
        ("知悉\n陈静", [("ack", "")]),
        ("close", [("close", "")]),
    ],
)
def test_a_mail_that_is_nothing_but_commands_needs_no_sign(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected
    assert orders.read(text).text == ""


def test_a_command_without_a_sign_can_be_asked_what_it_would_do() -> None:
    assert orders.read("close?").preview


@pytest.mark.parametrize(
    "text",
    [
        "take the lift to floor 3",
        "Close the window, then open it again.",
        "ack\nI look at it now.",
        "take\n\nbut not today",
        "I stop here",
        "Extend the cable by 2 m",
        "恢复",
        "已解决",
        "resolved",
        "help",
        "升级之后请重启",
        "stop" + " " * 5_000 + "it",
    ],
)
def test_prose_that_begins_like_a_command_stays_prose(text: str) -> None:
    assert orders.read(text) == orders.Orders(text=text)


@pytest.mark.parametrize("audience", ["lead", "manager", "owner"])
@pytest.mark.parametrize("text", ["OK", "收到", "好的，谢谢", "Got it, thanks"])
def test_a_courtesy_from_whoever_was_told_of_a_ticket_says_that_he_knows(audience: str, text: str) -> None:
    assert [order.word for order in orders.read(text, answers=audience).orders] == ["ack"]
    assert orders.read(text, answers="assignee") == orders.Orders(text=text)


@pytest.mark.parametrize("line", ["# heading", "#12345", "#!/bin/sh", "##take", "#", "#-- x", "#include <x>", "#AB-7"])
def test_what_is_no_command_is_text(line: str) -> None:
    assert orders.read(line) == orders.Orders(text=line)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_is_read_and_none_of_it_is_lost(text: str) -> None:
    found = orders.read(text)
    if not found.orders and not found.errors:
        assert found.text.split() == "\n".join(text.strip().splitlines()).split()


def run(ticket: Ticket, word: str, argument: str = "", **acting: Any) -> tuple[Draft, str]:
    """One command by li on a ticket: the draft and what is wrong."""
    draft = Draft(ticket, at=NOW, actor="li", cause="inbound:7")
    who = {"actor": "li", "person": LI, "text": "", "internal": False, "policy": POLICY, "at": NOW}
    errors = commands.run(draft, (Order(word=word, argument=argument),), Acting(**{**who, **acting}))
    return draft, "; ".join(errors)


@pytest.mark.parametrize("status", ["resolved", "closed"])
@pytest.mark.parametrize("word", ["take", "assign", "pending", "resume", "resolve"])
def test_a_finished_ticket_is_worked_on_only_after_it_was_reopened(status: Any, word: str) -> None:
    draft, error = run(changed(status=status), word, "li" if word == "assign" else "")
    assert status in error
    assert not draft.changed


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("li", ("li", "l1")),
        ("LI.LEI@corp.example", ("li", "l1")),
        ("han mei mei, urgent", ("han", "l1")),
        ("to Han Mei Mei", ("han", "l1")),
        ("给李雷，今天看", ("li", "l1")),
        ("L2", ("", "l2")),
        ("l2 the switch", ("", "l2")),
    ],
)
def test_a_hand_over_finds_the_longest_name(argument: str, expected: tuple[str, str]) -> None:
    draft, error = run(TICKET, "assign", argument)
    assert not error
    assert (draft.ticket.assignee, draft.ticket.group) == expected


def test_the_words_behind_a_name_are_a_note() -> None:
    assert owners.new_owner("Han Mei Mei, she knows it", POLICY) == ("Han Mei Mei", "she knows it")
    assert owners.new_owner("nobody here", POLICY) == ("nobody here", "")


def test_the_command_line_can_do_all_but_take() -> None:
    assert "member of the staff" in run(TICKET, "take", person=None)[1]
    assert not run(TICKET, "pending", "2h parts", person=None)[1]


def test_a_resolution_tells_the_requester_only_what_is_meant_for_him() -> None:
    for text, internal, told in (("Fixed.", False, True), ("a note", True, False), ("", False, False)):
        draft, error = run(TICKET, "resolve", text=text, internal=internal)
        assert not error
        assert (draft.ticket.responded_at is not None) == told


@pytest.mark.parametrize(("wanted", "priority"), [("p2", "P2"), ("１", "P1"), (" P4 ", "P4"), ("3", "P3")])
def test_a_priority_is_read_in_any_width(wanted: str, priority: str) -> None:
    draft, error = run(TICKET, "priority", wanted)
    assert not error
    assert (draft.ticket.priority, draft.ticket.priority_by) == (priority, "li")


@pytest.mark.parametrize("wanted", ["", "P5", "0", "loud", "P"])
def test_what_is_no_priority_is_refused(wanted: str) -> None:
    assert "no priority" in run(TICKET, "priority", wanted)[1]
    assert "reopen it first" in run(changed(status="closed"), "priority", "P1")[1]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("", (None, "")),
        ("waiting for parts", (None, "waiting for parts")),
        ("3 parts are missing", (None, "3 parts are missing")),
        ("Monitor arrives soon", (None, "Monitor arrives soon")),
        ("1-2 days", (None, "1-2 days")),
        ("24/7 support", (None, "24/7 support")),
        ("8-5 deputy asked", (datetime(2026, 8, 4, 16, tzinfo=UTC), "deputy asked")),
        ("tomorrow", (datetime(2026, 8, 3, 16, tzinfo=UTC), "")),
        ("until tomorrow 9am, parts", (datetime(2026, 8, 4, 1, tzinfo=UTC), "parts")),
        ("明天上午9点 等配件", (datetime(2026, 8, 4, 1, tzinfo=UTC), "等配件")),
        ("周五 10:00", (datetime(2026, 8, 7, 2, tzinfo=UTC), "")),
        ("Friday 10:00", (datetime(2026, 8, 7, 2, tzinfo=UTC), "")),
        ("next Monday", (datetime(2026, 8, 9, 16, tzinfo=UTC), "")),
        ("下周三下午3点半", (datetime(2026, 8, 12, 7, 30, tzinfo=UTC), "")),
        ("后天中午", (datetime(2026, 8, 5, 4, tzinfo=UTC), "")),
        ("今晚8点", (datetime(2026, 8, 3, 12, tzinfo=UTC), "")),
        ("12-24", (datetime(2026, 12, 23, 16, tzinfo=UTC), "")),
        ("3月1日", (datetime(2027, 2, 28, 16, tzinfo=UTC), "")),
        ("noon", (datetime(2026, 8, 4, 4, tzinfo=UTC), "")),
        ("2h", (NOW + timedelta(hours=2), "")),
        ("2h30m, parts", (NOW + timedelta(hours=2, minutes=30), "parts")),
        ("until 90m parts", (NOW + timedelta(minutes=90), "parts")),
        ("2天 等配件", (NOW + timedelta(days=2), "等配件")),
        ("3个工作日等配件", (NOW + timedelta(days=3), "等配件")),
        ("2小时", (NOW + timedelta(hours=2), "")),
        ("30分钟，等回电", (NOW + timedelta(minutes=30), "等回电")),
        ("2026-08-05", (datetime(2026, 8, 4, 16, tzinfo=UTC), "")),
        ("2026/8/5 14:30 visit", (datetime(2026, 8, 5, 6, 30, tzinfo=UTC), "visit")),
        ("到2026年8月5日 等审批", (datetime(2026, 8, 4, 16, tzinfo=UTC), "等审批")),
        ("2026.8.5，等审批", (datetime(2026, 8, 4, 16, tzinfo=UTC), "等审批")),
        ("月底前 等采购", (datetime(2026, 8, 30, 16, tzinfo=UTC), "等采购")),
        ("end of next month", (datetime(2026, 9, 29, 16, tzinfo=UTC), "")),
        ("下个月3号 等采购", (datetime(2026, 9, 2, 16, tzinfo=UTC), "等采购")),
        ("2号", (datetime(2026, 9, 1, 16, tzinfo=UTC), "")),
        ("the 25th, parts", (datetime(2026, 8, 24, 16, tzinfo=UTC), "parts")),
        ("December 24th", (datetime(2026, 12, 23, 16, tzinfo=UTC), "")),
        ("24 Dec 14:00", (datetime(2026, 12, 24, 6, tzinfo=UTC), "")),
        ("下周 等用户", (datetime(2026, 8, 9, 16, tzinfo=UTC), "等用户")),
        ("next month", (datetime(2026, 8, 31, 16, tzinfo=UTC), "")),
        ("周末", (datetime(2026, 8, 7, 16, tzinfo=UTC), "")),
        ("年底", (datetime(2026, 12, 30, 16, tzinfo=UTC), "")),
        ("明早9点 等", (datetime(2026, 8, 4, 1, tzinfo=UTC), "等")),
        ("明天一早", (datetime(2026, 8, 4, 1, tzinfo=UTC), "")),
        ("明天下班前", (datetime(2026, 8, 4, 10, tzinfo=UTC), "")),
        ("tomorrow afternoon, parts", (datetime(2026, 8, 4, 6, tzinfo=UTC), "parts")),
        ("Friday at 10", (datetime(2026, 8, 7, 2, tzinfo=UTC), "")),
        ("三天后", (NOW + timedelta(days=3), "")),
        ("3天后 等", (NOW + timedelta(days=3), "等")),
        ("两个半小时", (NOW + timedelta(hours=2.5), "")),
        ("十五分钟", (NOW + timedelta(minutes=15), "")),
        ("1.5小时", (NOW + timedelta(hours=1.5), "")),
        ("半天", (NOW + timedelta(hours=4), "")),
        ("一周", (NOW + timedelta(days=7), "")),
        ("2 hours parts", (NOW + timedelta(hours=2), "parts")),
        ("in half an hour", (NOW + timedelta(minutes=30), "")),
        ("3 days later, parts", (NOW + timedelta(days=3), "parts")),
        ("a colleague is away", (None, "a colleague is away")),
        ("this needs approval", (None, "this needs approval")),
        ("一个人请假", (None, "一个人请假")),
    ],
)
def test_the_end_of_a_pause_is_a_date_in_the_zone_or_a_business_time(
    argument: str, expected: tuple[datetime | None, str]
) -> None:
    assert until.read(argument, ALWAYS, "Asia/Shanghai", NOW) == expected


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        ("until soon", "no date"),
        ("until", "no date"),
        ("48", "Write a unit"),
        ("0h", "longer than nothing"),
        ("2026-13-01", "is no date"),
        ("2026-08-05 25:00", "is no date"),
        ("tomorrow 13pm", "is no date"),
        ("2026-08-01", "in the past"),
        ("9999h", "too far ahead"),
        ("999d", "too far ahead"),
        ("9999-12-31", "too far ahead"),
        ("2d4h", "days and hours"),
        ("几天后", "no date"),
        ("12月底", "no date"),
        ("this afternoon", "no date"),
        ("one month", "no date"),
        ("mar 32", "is no date"),
    ],
)
def test_an_end_that_cannot_be_is_said_so(argument: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        until.read(argument, ALWAYS, "America/New_York", NOW)


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_argument_is_read_or_refused_in_words(argument: str) -> None:
    with suppress(ValueError):
        moment, _ = until.read(argument, ALWAYS, "Asia/Shanghai", NOW)
        assert moment is None or moment > NOW


def test_the_nearest_word_is_named_else_what_there_is() -> None:
    assert command.nearest("resovle", commands.WORDS) == "; did you mean resolve?"
    assert command.nearest("关闭防火墙", commands.WORDS) == "; did you mean 关闭?"
    assert command.nearest("xyzzy", ["li", "han"]) == "; there is li, han"
    assert owners.find_person(HAN.name.upper(), POLICY) == HAN
