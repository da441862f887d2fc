"""Reports go out when the policy says, once, to whom it names, in each reader's language."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fixtures import year
from fixtures.office import playing, reload
from fixtures.stage import SHANGHAI, Out, Stage, to
from maildesk import daemon, settings
from maildesk.desk import reporting
from maildesk.reports import sheet
from maildesk.runners import reports

END = datetime(2026, 12, 1, 8, 0, tzinfo=SHANGHAI)  # a Tuesday
RULES = {
    "people.yaml": """
        people:
          li: {name: Li Lei, addresses: [li@corp.example], language: en, manager: boss}
          boss: {name: 王总, addresses: [boss@corp.example], language: zh}
        groups:
          l1: {members: [li], lead: li}
        defaults: {group: l1}
        sla:
          P3: {calendar: always, response: 4h, resolution: 2d}
        reports:
          daily: {at: "08:00", to: [lead]}
          weekly: {at: "mon 08:00", to: [manager, owner, manager]}
    """,
}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "desk", rules=RULES) as stage:
        yield stage


def of(outs: list[Out], event: str = "report") -> list[Out]:
    return [out for out in outs if out.event == event]


def test_a_new_desk_begins_with_the_next_report(stage: Stage) -> None:
    assert of(stage.step()) == []
    assert of(stage.step(hours=22)) == []
    assert [out.to for out in of(stage.step(hours=2))] == ["li@corp.example"]


def test_each_reader_gets_his_language_once_whoever_names_him(stage: Stage) -> None:
    stage.step()
    stage.write("Sarah <sarah@corp.example>", "Printer jams", "It is stuck.")
    stage.step(hours=1)
    weekly = [out for out in of(stage.step(days=7)) if "week" in out.mail.subject.lower() or "周报" in out.mail.subject]
    assert sorted(out.to for out in weekly) == ["boss@corp.example", "ops@corp.example"]
    assert to(weekly, "boss@corp.example").mail.subject == "周报 2026-11-09 至 2026-11-15：新增 1，解决 0，未结 1"
    english = to(weekly, "ops@corp.example")
    assert english.mail.subject == "Weekly report 2026-11-09 to 2026-11-15: 1 opened, 0 resolved, 1 open"
    assert re.search(r"^opened +1  \(\+1\)", english.text, re.MULTILINE)
    assert english.mail.attachments[0].filename == "weekly-2026-11-09_2026-11-16.csv"
    assert of(stage.step(hours=1)) == []


def test_a_stop_over_several_moments_sends_the_last_report_alone(stage: Stage) -> None:
    stage.step()
    daily = [out for out in of(stage.step(days=5)) if out.to == "li@corp.example"]
    assert [out.mail.subject[:23] for out in daily] == ["Daily digest 2026-11-13"]


def test_two_desks_on_one_store_send_it_once(stage: Stage) -> None:
    stage.step()
    later = stage.now + timedelta(days=1)
    other = daemon.open_desk(settings.load(stage.home / "maildesk.toml"))
    assert [reports.run_once(desk, later) for desk in (stage.desk, other, stage.desk)] == [1, 0, 0]
    other.engine.dispose()
    assert len(of(stage.step(days=1))) == 1


def test_every_row_of_the_sheet_can_be_added_up_again(stage: Stage) -> None:
    year.fill(stage.desk, 60, END, days=60)
    span = reporting.period("monthly", END, "Asia/Shanghai")
    found = reports.both(stage.desk, span)
    notice = reports.notice("monthly", found, stage.desk.policy, reports.readers("owner", stage.desk.policy)[0])
    data = (notice.attachments[0].data or b"").decode("utf-8-sig")
    sheet = {row["figure"]: row for row in csv.DictReader(io.StringIO(data))}
    assert int(sheet["opened"]["count"]) == len({entry.number for entry in found[0].entries["opened"]})
    assert sum(int(row["count"]) for name, row in sheet.items() if name.startswith("opened.priority.")) == int(
        sheet["opened"]["count"]
    )


def test_every_figure_lists_exactly_the_tickets_behind_it(stage: Stage) -> None:
    year.fill(stage.desk, 60, END, days=60)
    found = reports.both(stage.desk, reporting.period("monthly", END, "Asia/Shanghai"))
    listed = {row["figure"]: row["count"] for row in sheet.rows(*found)}
    assert len(listed) > 30
    assert {name: len(list(sheet.behind(found[0], name, stage.desk.policy))) for name in listed} == listed


OLD = (
    "---\ntitle: {}\nsymptoms: [the printer is stuck]\naudience: staff\nlanguage: en\n"
    "valid_until: 2026-10-01\n---\nPull the paper.\n"
)


def test_an_article_valid_no_longer_stands_in_the_month_and_changes_no_layout(tmp_path: Path) -> None:
    title = "<b>x</b> | [y](http://evil.example) " + "long " * 30
    with playing(tmp_path / "desk", rules=RULES) as stage:
        (stage.home / "knowledge").mkdir(exist_ok=True)
        (stage.home / "knowledge" / "old.md").write_text(OLD.format(f"'{title}'"))
        reload(stage)
        found = reports.both(stage.desk, reporting.period("monthly", END, "Asia/Shanghai"))
        for language, heading in (("en", "Known solutions valid no longer"), ("zh", "已过期的已知方案")):
            text, html = reports.shown("monthly", found, stage.desk, language, END)
            assert heading in text
            assert "2026-10-01" in text
            assert not re.search(r"<b>|href=|(long ){20}", html)
            assert heading not in reports.shown("daily", found, stage.desk, language, END)[0]


HOSTILE = "=cmd|' /C calc'!A0 <b>x</b> [y](http://evil.example) ![z](http://evil.example/p.png) | a | b |\u202e"


def test_a_hostile_requester_and_subject_change_no_layout_and_reach_nobody(stage: Stage) -> None:
    stage.step()
    for _ in range(2):
        stage.write(f'"{HOSTILE}" <"=1+1 <i>"@evil.example>', HOSTILE, HOSTILE)
        stage.write('"x" <=cmd()@evil.example>', HOSTILE, HOSTILE)
    outs = of(stage.step(days=1)) + of(stage.step(days=6))
    assert {out.to for out in outs} <= {"li@corp.example", "boss@corp.example", "ops@corp.example"}
    for out in outs:
        assert not re.search(r"<(?:b|i|img)>|href=|src=", out.mail.html)
        sheet = (out.mail.attachments[0].data or b"").decode("utf-8-sig").splitlines()
        assert not [line for line in sheet if line.startswith(("=", "+", "-", "@", '"='))]


def test_both_languages_show_the_same_figures(stage: Stage) -> None:
    year.fill(stage.desk, 60, END, days=60)
    found = reports.both(stage.desk, reporting.period("monthly", END, "Asia/Shanghai"))
    pages = [reports.shown("monthly", found, stage.desk, language, END) for language in ("zh", "en")]
    shapes = [re.findall(r"<[^>]*>", html.replace("zh-CN", "en")) for _, html in pages]
    assert len(shapes[0]) == len(shapes[1])
    assert "服务台月报" in pages[0][0]
    assert "The month at the service desk" in pages[1][0]
    assert not re.search(r"\b(?:opened|resolved|first contact|nobody)\b", pages[0][0])
