"""A wall clock that is set forth and back, on the days that are hard: each rung once, and the owner hears of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fixtures.office import SARAH, playing
from maildesk.desk import events
from maildesk.runners import alarms

PEOPLE = """
defaults: {impact: medium, urgency: medium, group: l1}
people:
  li: {name: Li Lei, addresses: [li@corp.example], language: en, calendar: office, manager: wei}
  chen: {name: Chen Gang, addresses: [chen@corp.example], language: zh, level: manager, calendar: office}
  wei: {name: Wei Ming, addresses: [wei@corp.example], language: en, level: manager, calendar: office}
groups:
  l1: {level: L1, members: [li], lead: li}
calendars:
  office: {timezone: ZONE, week: {mon-sun: ["00:30-12:00", "13:00-24:00"]}}
sla:
  P3: {calendar: office, response: 2h, resolution: 8h, ladder: {response: mild, resolution: steep}}
ladders:
  mild: [{at: 30m before, tell: [assignee]}, {at: 100%, tell: [lead]}]
  steep: [{at: 50%, tell: [assignee]}, {at: 100%, tell: [manager]}]
"""
PASSED = ("escalated", "rung-skipped")
RUNGS = {("response", "30m before"), ("response", "100%"), ("resolution", "50%"), ("resolution", "100%")}


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Berlin", "2026-03-29T00:45"),  # 02:00 is 03:00
        ("Europe/Berlin", "2026-10-25T00:45"),  # 02:00 to 03:00 twice
        ("America/New_York", "2026-03-08T00:45"),
        ("America/New_York", "2026-11-01T00:45"),
        ("Europe/Berlin", "2028-02-29T09:00"),
        ("America/New_York", "2026-12-31T21:30"),
    ],
)
def test_each_rung_is_passed_once_whichever_way_the_clock_is_set(tmp_path: Path, zone: str, local: str) -> None:
    with playing(tmp_path / "desk", rules={"10.yaml": PEOPLE.replace("ZONE", zone)}) as stage:
        stage.now = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        stage.step()
        stage.write(SARAH, "Printer jams", "It jams.")
        stage.step()
        for hours in (1, -1, 1, 1, -24, 24, -72, 72, 3, -1, 24, -24, 72, -72, 80):
            stage.step(hours=hours)
        rungs = Counter((e.data["clock"], e.data["at"]) for e in stage.events() if e.kind in PASSED)
        assert rungs == Counter(dict.fromkeys(RUNGS, 1))
        assert events.replay(stage.events()) == stage.ticket()


@pytest.mark.parametrize(
    ("language", "subject", "moved"),
    [
        ("en", "Needs your attention: clock", "it was moved by {:+d} seconds"),
        ("zh", "需要您处理：计算机时钟", "调整了 {:+d} 秒"),
    ],
)
@pytest.mark.parametrize("seconds", [3600, -86400])
def test_the_owner_hears_once_in_his_language_that_the_clock_was_set(
    tmp_path: Path, language: str, subject: str, moved: str, seconds: int
) -> None:
    with playing(tmp_path / "desk", desk=f'language = "{language}"') as stage:
        stage.step()
        before, stage.now = stage.now, stage.now + timedelta(seconds=seconds)
        alarms.clock_stepped(stage.desk, before, stage.now, seconds)
        (out,) = stage.step()
        assert (out.to, out.event) == ("ops@corp.example", "alarm")
        assert out.mail.subject.strip() == subject
        assert moved.format(seconds) in out.text
        assert stage.step(minutes=1) == []


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_thousand_tickets_and_three_days_down_are_one_mail_a_manager_and_every_rung_in_the_journal(
    tmp_path: Path,
) -> None:
    rung = "tell: [lead, manager, chen]"  # li, wei and chen
    people, _, _ = PEOPLE.replace("ZONE", "Asia/Shanghai").partition("  mild:")
    rules = (
        people.replace(", resolution: steep", "")
        + f"  mild: [{{at: 50%, {rung}}}, {{at: 80%, {rung}}}, {{at: 100%, {rung}}}]\n"
    )
    with playing(tmp_path / "desk", rules={"10.yaml": rules}) as stage:
        for number in range(1000):
            stage.write(SARAH.replace("sarah", f"sarah{number}"), f"Broken {number}", "It is broken.")
        for _ in range(4):
            stage.step(seconds=1)
        assert len(stage.tickets()) == 1000
        outs = stage.step(hours=72)
        assert Counter((out.to, out.event) for out in outs) == Counter(
            {(f"{name}@corp.example", "digest"): 1 for name in ("li", "chen", "wei")}
        )
        rows = [event for number in range(1001, 2001) for event in stage.events(number) if event.kind in PASSED]
        assert len(rows) == 3000
        assert stage.step(minutes=1) == []
