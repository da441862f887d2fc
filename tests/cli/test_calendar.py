"""`maildesk calendar` and `sla explain`, `simulate`: the figures of the clocks, to be checked by hand."""

from datetime import datetime
from pathlib import Path

import pytest

from fixtures.commands import Commands
from fixtures.office import ask, orders, taken
from fixtures.stage import Stage, to

CALENDARS = """\
calendars:
  office:
    timezone: Asia/Shanghai
    week: {mon-fri: ["09:00-12:00", "13:30-18:00"]}
    holidays: {country: CN, ical: [founders.ics], workdays: ["2026-12-05"]}
  night: {timezone: America/New_York, week: {sat: "22:00-06:00", mon-fri: "08:00-24:00"}}
"""
EVENT = "BEGIN:VEVENT\r\n{lines}END:VEVENT\r\n"
FOUNDERS = (
    "DTSTART;VALUE=DATE:20251123\r\nDTEND;VALUE=DATE:20251125\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Founders'\r\n  days\r\n"
)
MAKE_UP = "DTSTART;VALUE=DATE:20261128\r\nSUMMARY:补班\r\n"


def ics(*events: str) -> str:
    return "BEGIN:VCALENDAR\r\n" + "".join(EVENT.format(lines=lines) for lines in events) + "END:VCALENDAR\r\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "founders.ics").write_text(ics(FOUNDERS, MAKE_UP))
    (tmp_path / "c.yaml").write_text(CALENDARS)
    return str(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("words", "at"),
    [
        (("office", "2026-09-30T17:00", "2h"), "2026-10-08T10:00:00+08:00"),  # over the golden week
        (
            ("office", "2026-11-27T17:00+08:00", "2h"),
            "2026-11-28T10:00:00+08:00",
        ),  # into a make-up Saturday of the file
        (("office", "2026-11-20T17:00", "1d"), "2026-11-25T17:00:00+08:00"),  # over two days of the file
        (("office", "2026-09-30T17:00", "4h", "--back"), "2026-09-30T11:30:00+08:00"),
        (("night", "2026-10-31T23:00", "4h"), "2026-11-01T02:00:00-05:00"),  # the hour that comes twice
        (("night", "2026-11-02T23:30", "1h"), "2026-11-03T08:30:00-05:00"),  # to 24:00 and on
        (("always", "2026-02-28T23:00", "2h"), "2026-03-01T01:00:00+00:00"),
    ],
)
def test_add_says_when_business_time_is_over(bare: Commands, file: str, words: tuple[str, ...], at: str) -> None:
    (row,) = bare("calendar", "add", *words, "--file", file, "--json").rows
    assert row == {"at": at}


def test_between_counts_the_seconds(bare: Commands, file: str) -> None:
    words = ("night", "2026-10-30T17:00", "2026-11-02T09:00")
    assert bare("calendar", "between", *words, "--file", file, "--json").rows == [{"seconds": 17 * 3600}]
    assert bare("calendar", "between", *words, "--file", file).out.strip() == "17h"


def test_show_tells_the_hours_and_why_a_day_is_not_as_usual(bare: Commands, file: str) -> None:
    words = ("office", "--from", "2026-11-20", "--days", "17", "--file", file, "--json")
    rows = {row["date"]: row for row in bare("calendar", "show", *words).rows}
    assert rows["2026-11-20"] == {"date": "2026-11-20", "hours": ["09:00-12:00", "13:30-18:00"], "why": ""}
    assert {day: row["why"] for day, row in rows.items() if row["why"]} == {
        "2026-11-23": "holiday",
        "2026-11-24": "holiday",
        "2026-11-28": "make-up workday",
        "2026-12-05": "make-up workday",
    }
    assert bare("calendar", "show", "night", "--from", "2026-10-31", "--days", "1", "--file", file).lines[-1].split(
        "\t"
    )[:3] == [
        "2026-10-31",
        "Sat",
        "22:00-06:00",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("hello", "h.ics:1: is no iCal file"),
        (ics("SUMMARY:x\r\n"), "h.ics:2: an event without DTSTART"),
        (ics("DTSTART:20260101T093000Z\r\n"), "h.ics:3: 20260101T093000Z is no whole day"),
        (ics("DTSTART;VALUE=DATE:20261340\r\n"), "h.ics:3: 20261340 is no whole day"),
        (ics("DTSTART:20260101\r\nRRULE:FREQ=WEEKLY\r\n"), "h.ics:4: RRULE:FREQ=WEEKLY cannot be read"),
        (ics("DTSTART:20260101\r\nDTEND:20270101\r\n"), "h.ics:2: a holiday of 365 days"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101\r\n", "h.ics:3: ends within VEVENT"),
        ("BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "h.ics:2: END:VEVENT ends nothing"),
        ("BEGIN:VCALENDAR\r\nwhat is this\r\nEND:VCALENDAR\r\n", "h.ics:2: is no line of iCal"),
    ],
)
def test_a_wrong_ical_file_is_an_error_with_its_line(bare: Commands, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "h.ics").write_text(content)
    (tmp_path / "c.yaml").write_text('calendars: {o: {week: {mon: "09:00-10:00"}, holidays: {ical: h.ics}}}')
    answer = bare("calendar", "show", "o", "--file", str(tmp_path / "c.yaml"))
    assert answer.code == 78
    assert said in answer.err


def test_a_file_that_is_not_there_names_who_asked_for_it(bare: Commands, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text('calendars:\n  o: {week: {mon: "09:00-10:00"}, holidays: {ical: h.ics}}')
    answer = bare("calendar", "show", "o", "--file", str(tmp_path / "c.yaml"))
    assert answer.code == 78
    assert "h.ics: cannot be read" in answer.err
    assert "c.yaml:2" in answer.err


def test_an_unknown_calendar_a_wrong_length_and_a_wrong_time_are_told(bare: Commands, file: str) -> None:
    assert (answer := bare("calendar", "add", "nope", "now", "1h", "--file", file)).code == 1
    assert "there is always, office, night" in answer.err
    assert bare("calendar", "add", "office", "now", "4", "--file", file).code == 64
    assert bare("calendar", "add", "office", "yesterday", "4h", "--file", file).code == 64
    assert bare("calendar", "show", "office", "--from", "soon", "--file", file).code == 64


def test_the_desks_own_calendars_count_without_a_file(maildesk: Commands) -> None:
    assert maildesk("calendar", "add", "office", "2026-11-09T17:00", "2h", "--json").rows == [
        {"at": "2026-11-10T10:00:00+08:00"}
    ]


def test_the_statement_of_a_ticket_adds_up_to_the_figure_shown(stage: Stage, maildesk: Commands) -> None:
    order = taken(stage)
    orders(stage, order, "#pending vendor part", minutes=20)
    orders(stage, order, "#resume", minutes=40)
    stage.now = stage.now.replace(hour=14)
    maildesk.now = stage.now
    clocks = {row["kind"]: row for row in maildesk("sla", "explain", "1001", "--json").rows}
    resolution = clocks["resolution"]
    ran = [line for line in resolution["intervals"] if line["state"] == "ran"]
    assert sum(line["seconds"] for line in ran) == resolution["elapsed_seconds"]
    assert [(line["state"], line["why"]) for line in resolution["intervals"]] == [
        ("ran", ""),
        ("stood", "vendor part"),
        ("ran", ""),
    ]
    assert resolution["intervals"][-1]["to"] is None
    assert resolution["from"] == "sla.P4"
    assert [rung["at"] for rung in resolution["rungs"]] == ["80%", "100%", "100% + 2h"]
    moments = [datetime.fromisoformat(rung["moment"]) for rung in resolution["rungs"]]
    assert moments == sorted(moments)
    shown = maildesk("ticket", "show", "1001").out
    assert "stood (40m not counted), waits for vendor part" in shown
    assert "tells assignee" in maildesk("sla", "explain", "1001").out


def test_a_ticket_without_clocks_says_why(stage: Stage, maildesk: Commands) -> None:
    ask(stage, "eve@elsewhere.example", X_Spam_Flag="YES")
    assert "It has no clocks: it is held" in maildesk("sla", "explain", "1001").out


def test_simulate_sets_other_rules_beside_the_ones_that_hold_and_changes_nothing(
    stage: Stage, maildesk: Commands, tmp_path: Path
) -> None:
    to(ask(stage), "li@corp.example")
    before = stage.ticket()
    (tmp_path / "strict.yaml").write_text("sla: {P4: {calendar: always, response: 1m, resolution: 2m}}")
    maildesk.now = stage.now.replace(hour=11)
    rows = maildesk("simulate", str(tmp_path / "strict.yaml"), "--json").rows
    assert [(row["kind"], row["old"], row["new"]) for row in rows] == [
        ("response", False, True),
        ("resolution", False, True),
    ]
    assert "1 (+1)" in maildesk("simulate", str(tmp_path / "strict.yaml")).out
    assert stage.ticket() == before
    assert stage.step() == []


def test_simulate_on_made_up_tickets_says_the_same_each_time(maildesk: Commands, tmp_path: Path) -> None:
    (tmp_path / "strict.yaml").write_text("sla: {P1: {calendar: always, response: 1m, resolution: 2m}}")
    first, second = (maildesk("simulate", str(tmp_path / "strict.yaml"), "--generated", "200").out for _ in range(2))
    assert first == second
    lines = {tuple(line.split("\t")[:2]): line.split("\t")[3:] for line in first.splitlines()}
    assert int(lines["response", "P1"][1].split()[0]) > int(lines["response", "P1"][0])
    assert lines["response", "P2"][0] == lines["response", "P2"][1]


def test_simulate_with_wrong_rules_says_what_is_wrong(maildesk: Commands, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("sla: {P1: {calendar: nope, response: 1m, resolution: 2m}}")
    answer = maildesk("simulate", str(tmp_path / "wrong.yaml"))
    assert answer.code == 78
    assert 'wrong.yaml:1: sla.P1.calendar: there is no calendar "nope"' in answer.err
    assert maildesk("simulate", str(tmp_path / "none.yaml")).code == 78
