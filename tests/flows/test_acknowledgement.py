"""Who gets a mail back when he writes for the first time, and why somebody gets none."""

from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.office import FANG, SARAH, STRANGER, ask, kinds, last, orders, playing, whole
from fixtures.stage import Stage, letter, to


def suppressed(stage: Stage, number: int = 1001) -> str:
    return str(last(stage, "suppressed", number).data["reason"])


def test_a_colleague_reads_number_priority_and_deadlines_in_his_language_and_thread(desk: Stage) -> None:
    asked = desk.write(FANG, "三楼打印机卡纸", "一直卡纸，请帮忙。")
    out = to(desk.step(), "wangfang@corp.example")
    assert out.mail.subject == "Re: [MD-1001] 三楼打印机卡纸"
    assert out.mail.in_reply_to == (asked,)
    assert asked in out.mail.references
    for words in ("王芳，您好", "MD-1001", "P4", "首次回复：不晚于 11月10日（周二）09:00（北京时间）"):
        assert words in out.text
    assert list(out.mail.values("Auto-Submitted")) == ["auto-replied"]
    assert list(out.mail.values("X-Auto-Response-Suppress")) == ["All"]
    assert "suppressed" not in kinds(desk)


def test_an_english_mail_is_answered_in_english(stage: Stage) -> None:
    out = to(ask(stage), "sarah@corp.example")
    assert out.text.startswith("Hello Sarah Miller,")
    assert "Resolution:" in out.text


def test_a_stranger_reads_his_number_and_not_a_byte_of_his_own(desk: Stage) -> None:
    desk.write("Xyzzy Plugh <eve@elsewhere.example>", "BUY-GOLD now", "frobnicate http://evil.example/x")
    out = to(desk.step(), "eve@elsewhere.example")
    assert out.mail.subject == "Re: [MD-1001] We have received your message"
    for word in ("xyzzy", "plugh", "gold", "frobnicate", "evil.example"):
        assert word not in whole([out]).lower()
    assert desk.ticket().status == "assigned"


def test_a_stranger_stays_one_however_often_he_writes_until_a_person_has_answered_him(stage: Stage) -> None:
    ask(stage, STRANGER, "first words")
    stage.write(STRANGER, "second words", "My keyboard lacks a key.")
    assert "eve@elsewhere.example" not in [out.to for out in stage.step(hours=1)]  # one mail a day
    stage.step(hours=24)
    stage.write(STRANGER, "second words", "VPN 断网了，进不去。")
    outs = stage.step(minutes=1)
    assert "second words" not in whole([to(outs, "eve@elsewhere.example")])
    orders(stage, to(outs, "wang@corp.example"), "Good morning, which device is it?", sender="wang@corp.example")
    stage.write(STRANGER, "third words", "Now I am known.")
    assert "third words" in to(stage.step(hours=2), "eve@elsewhere.example").mail.subject


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-generated"}, "automatic"),
        ({"Precedence": "bulk"}, "bulk"),
        ({"List_Id": "<all.corp.example>"}, "bulk"),
        ({"Return_Path": "<>"}, "automatic"),
        ({"X_Spam_Flag": "YES"}, "spam"),
    ],
)
def test_a_machine_gets_a_ticket_and_no_mail_and_the_ticket_says_why(
    stage: Stage, headers: dict[str, str], why: str
) -> None:
    outs = ask(stage, STRANGER, **headers)
    assert "eve@elsewhere.example" not in [out.to for out in outs]
    assert why in suppressed(stage)


@pytest.mark.parametrize("local", ["noreply", "mailer-daemon", "postmaster", "root", "owner-news", "www-data"])
def test_addresses_behind_which_nobody_sits_are_never_answered(stage: Stage, local: str) -> None:
    outs = ask(stage, f"{local}@corp.example")
    assert f"{local}@corp.example" not in [out.to for out in outs]
    assert suppressed(stage)


def test_spam_is_held_neither_acknowledged_nor_dispatched(stage: Stage) -> None:
    assert ask(stage, STRANGER, X_Spam_Status="Yes, score=9.1") == []
    assert "held" in kinds(stage)
    assert stage.ticket().status == "new"


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("自动回复: 打印机", {}),
        ("Automatic reply: printer", {}),
        ("Réponse automatique : imprimante", {}),
        ("Re: printer", {"Auto_Submitted": "auto-replied"}),
    ],
)
def test_an_automatic_reply_about_no_ticket_is_held_in_any_language(
    stage: Stage, subject: str, headers: dict[str, str]
) -> None:
    assert ask(stage, STRANGER, subject, **headers) == []
    assert "held" in kinds(stage)


def test_a_monitor_that_reports_a_fault_is_dispatched_and_not_answered(stage: Stage) -> None:
    outs = ask(stage, STRANGER, "Disk full on db1", Auto_Submitted="auto-generated")
    assert {out.event for out in outs} == {"dispatched"}


def test_a_gateways_report_in_prose_is_not_answered(stage: Stage) -> None:
    text = "Your message could not be delivered to the following recipients:\n\nwei@customer.example\n"
    assert ask(stage, "antivirus-gateway@gate.example", "Delivery failure notification", text) == []


def test_mail_of_yesterday_becomes_a_ticket_without_acknowledgement(stage: Stage) -> None:
    stage.write(SARAH, "Printer jams", "It jams.", at=stage.now - timedelta(hours=24, minutes=1))
    stage.write(FANG, "打印机", "卡纸了", at=stage.now - timedelta(hours=23))
    outs = stage.step()
    assert "sarah@corp.example" not in [out.to for out in outs]
    assert "24 hours" in suppressed(stage)
    assert to(outs, "wangfang@corp.example")


def test_the_fourth_mail_within_an_hour_and_the_seventh_within_a_day_get_no_answer(stage: Stage) -> None:
    answered = []
    things = ("Keyboard", "VPN", "断网", "Phone", "Badge", "Excel", "Wi-Fi", "打印机", "Door")
    for n, minutes in enumerate((0, 10, 10, 10, 60, 60, 60, 60, 24 * 60)):
        stage.write(SARAH, f"{things[n]} {n}", f"{things[n]}: {'abcdefghi'[n] * 9}.")  # no two are alike
        answered.append("sarah@corp.example" in [out.to for out in stage.step(minutes=minutes)])
    assert answered == [True, True, True, False, True, True, True, False, True]
    assert "within the hour" in suppressed(stage, 1004)
    assert "within the day" in suppressed(stage, 1008)
    assert len(stage.tickets()) == 9


def test_all_strangers_share_one_budget_an_hour(tmp_path: Path) -> None:
    with playing(tmp_path, more="[budget]\nunverified_hour = 3") as stage:
        for n in range(5):
            stage.post(letter(f"guest{n}@far.example", "Hello", "Is anybody there?", number=n)[0])
        stage.write(SARAH, "Printer", "It jams.")
        outs = stage.step()
        assert sum(out.to.endswith("@far.example") for out in outs) == 3
        assert "the budget is spent" in suppressed(stage, 1005)
        assert to(outs, "sarah@corp.example")
        stage.write("guest99@far.example", "Hello", "Is anybody there?")
        assert "guest99@far.example" in [out.to for out in stage.step(minutes=61)]


def test_an_oversize_mail_is_a_ticket_and_a_polite_mail(stage: Stage) -> None:
    raw, _ = letter(SARAH, "Big log", "See below.")
    stage.post(raw + b"x" * 27_000_000)
    outs = stage.step()
    assert "25 MB" in to(outs, "sarah@corp.example").text
    assert to(outs, "li@corp.example").event == "dispatched"
    assert stage.ticket().subject == "Big log"
