"""Who takes a ticket over reads what was said before: answers and internal notes, the newest first, and no vendor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.office import SARAH, ask, orders, playing
from fixtures.stage import Out, Stage, to

RULES = """
defaults: {group: l1, impact: medium}
people:
  li: {name: 李雷, addresses: li@corp.example, language: zh}
  wang: {name: Wang Qiang, addresses: wang@corp.example, language: en}
groups:
  l1: {members: li, lead: li, escalates_to: l2}
  l2: {members: wang, lead: wang, escalates_to: carrier}
  carrier: {level: vendor, address: noc@vendor.example}
sla:
  P3: {calendar: always, response: 4h, resolution: 1d, ladder: steep}
ladders:
  steep: [{at: 50%, tell: [assignee], ask_in: next}]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "desk", rules={"a.yaml": RULES}) as stage:
        stage.step()  # a desk that has looked before
        yield stage


def escalated(desk: Stage) -> Out:
    """What the next group gets of a ticket with a note, an answer and a reply."""
    outs = ask(desk)
    order = to(outs, "li@corp.example")
    orders(desk, order, "#take")
    orders(desk, order, "#note\nThe roller is worn, see asset 17.")
    answer = to(orders(desk, order, "Please try tray 2."), "sarah@corp.example")
    orders(desk, answer, "Tray 2 jams as well.", sender=SARAH)
    out = to(orders(desk, order, "#escalate\nIt needs a new fuser."), "wang@corp.example")
    assert out.event == "dispatched"
    return out


def test_the_next_group_reads_notes_and_answers_the_newest_first(desk: Stage) -> None:
    text = escalated(desk).text
    places = [text.index(words) for words in ("Tray 2 jams as well.", "Please try tray 2.", "The roller is worn")]
    assert places == sorted(places)
    assert "李雷 (internal note):" in text
    assert text.count("It needs a new fuser.") == 1  # the note of the hand-over, which is not yet history
    assert text.count("It jams.") == 1


def test_a_vendor_reads_no_internal_note(desk: Stage) -> None:
    out = to(orders(desk, escalated(desk), "#escalate\nPlease come.", sender="wang@corp.example"), "noc@vendor.example")
    assert "roller is worn" not in out.text
    assert "So far" not in out.text


def test_a_group_that_is_asked_in_reads_what_was_said(desk: Stage) -> None:
    order = to(ask(desk), "li@corp.example")
    orders(desk, order, "#take")
    orders(desk, order, "#note\n" + "The roller is worn. " * 60)
    asked = to(desk.step(hours=13), "wang@corp.example")
    assert asked.event == "asked-in"
    assert "The roller is worn." in asked.text
    assert asked.text.count("The roller is worn.") <= 31
    assert "…" in asked.text


def test_a_first_dispatch_has_nothing_to_recall(desk: Stage) -> None:
    assert "此前往来" not in to(ask(desk), "li@corp.example").text
