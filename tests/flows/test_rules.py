"""What rules set, on new mail and on replies, from the mail to what people get and what `ticket explain` says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from fixtures.office import LI, SARAH, ask, kinds, last, orders, playing
from fixtures.stage import Stage, to
from maildesk import notify, settings
from maildesk.cli.explaining import sentences
from maildesk.settings import starter

RULES = """
defaults: {group: l1}
fields: {extension: number}
people:
  li: {name: 李雷, addresses: li@corp.example}
  wang: {name: 王强, addresses: wang@corp.example}
groups:
  l1: {members: li, lead: li}
  l2: {members: wang, lead: wang}
sla:
  P2: {calendar: always, response: 1h, resolution: 8h}
  P3: {calendar: always, response: 4h, resolution: 3d}
  P4: {calendar: always, response: 8h, resolution: 3d}
  gold: {calendar: always, response: 5m, resolution: 1h}
rules:
  - name: board
    when: {words: [board meeting]}
    then:
      {priority_at_least: P2, sla: gold, language: zh, template: board, note: Call before you write., parent: MD-900}
  - name: trifle
    when: {words: [wallpaper]}
    then: {urgency: high, impact: high, priority_at_most: P4}
  - name: worse
    on: reply
    when: {words: [whole floor], reply_from: requester}
    then: {impact: high, group: l2, tags: floor, note: It spreads.}
  - name: asset
    on: [new, reply]
    when: {text_matches: 'asset (?P<asset>PC-\\d+)'}
    then: {tags: asset}
  - name: extension
    on: [new, reply]
    when: {text_matches: 'extension (?P<extension>[^.]+)'}
    then: {tags: called}
  - name: quiet
    on: reply
    when: {reply_from: other, words: [please ignore]}
    then: {ignore: not for us}
  - name: staff
    on: reply
    when: {reply_from: staff}
    then: {tags: touched, group: l2}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Stage]:
    with playing(tmp_path / "desk", rules={"a.yaml": RULES}) as stage:
        own = stage.home / "templates" / "acknowledged"
        (own / "requester.board.zh.md").write_text("Subject: 董事会优先\n\n马上有人给您打电话。\n", "utf-8")
        templates = notify.load(starter() / "templates", stage.home / "templates")
        stage.desk = replace(stage.desk, templates=templates)
        yield stage


def explained(stage: Stage) -> str:
    return "\n".join(sentences(stage.ticket(), stage.events(), stage.desk.policy))


def test_a_rule_sets_floor_target_language_template_note_and_parent_of_a_new_ticket(desk: Stage) -> None:
    outs = ask(desk, body="The projector is dark, board meeting at ten.")
    ticket = desk.ticket()
    assert (ticket.priority, ticket.sla, ticket.language) == ("P2", "gold", "zh")
    assert [(link.kind, link.number) for link in ticket.links] == [("parent", 900)]
    receipt = to(outs, "sarah@corp.example")
    assert "董事会优先" in receipt.mail.subject
    assert "马上有人给您打电话" in receipt.text
    order = to(outs, "li@corp.example")
    assert "Call before you write." in order.text
    assert "Call before you write." not in receipt.text
    said = explained(desk)
    assert "at least P2: rule board: board meeting" in said
    assert f"by rule set {desk.desk.settings.rules.version}" in said
    assert "sla by rule board: board meeting" in said
    assert "internal note (mail 1): rule board: board meeting" in said  # not by the mail's writer
    due = next(event for event in desk.events() if event.kind == "noted")
    assert due.data["text"] == "Call before you write."


def test_a_cap_is_a_cap(desk: Stage) -> None:
    ask(desk, body="My wallpaper is ugly.")
    assert desk.ticket().priority == "P4"
    assert "at most P4 (rule trifle: wallpaper)" in explained(desk)


def test_rules_for_replies_move_the_ticket_and_tell_the_new_group(desk: Stage) -> None:
    receipt = to(ask(desk), "sarah@corp.example")
    outs = orders(desk, receipt, "Now the whole floor cannot print, asset PC-77.", sender=SARAH)
    ticket = desk.ticket()
    assert (ticket.impact, ticket.group, ticket.tags) == ("high", "l2", ("floor", "asset"))
    assert ticket.fields == {"asset": "PC-77"}
    assert to(outs, "wang@corp.example").event == "dispatched"
    assert last(desk, "noted").data["text"] == "It spreads."
    assert "group l2: rule worse" in explained(desk)


def test_a_captured_field_is_kept_by_its_type_and_what_does_not_fit_is_explained(desk: Stage) -> None:
    receipt = to(ask(desk, body="Broken. Call extension next door."), "sarah@corp.example")
    left_out = 'field extension left out: "next door" is not a number (rule extension)'
    assert "extension" not in desk.ticket().fields
    assert left_out in explained(desk)
    orders(desk, receipt, "It is extension 8 812.", sender=SARAH)
    assert desk.ticket().fields["extension"] == "8812"


def test_an_answer_is_kept_in_the_form_of_its_type_or_as_written_with_a_word_about_it(tmp_path: Path) -> None:
    asking = """
    fields: {contact: number, scope: {choices: [only me, department]}}
    ask: {needed: {incident: [since, scope, contact]}, at_least: 1}
    """
    rules = RULES.replace("fields: {extension: number}\n", dedent(asking))
    with playing(tmp_path / "desk", rules={"a.yaml": rules}) as stage:
        receipt = to(ask(stage, body="It jams."), "sarah@corp.example")
        orders(stage, receipt, "Telephone number: 8 812\nScope: two of us\nSince: Monday", sender=SARAH)
        assert stage.ticket().fields == {"contact": "8812", "scope": "two of us", "since": "Monday"}
        said = explained(stage)
    assert "scope two of us (kept as written: not one of only me, department)" in said
    assert "contact 8812" in said


def test_a_priority_that_was_set_by_hand_stays(desk: Stage) -> None:
    outs = ask(desk)
    orders(desk, to(outs, "li@corp.example"), "#priority P4")
    orders(desk, to(outs, "sarah@corp.example"), "The whole floor now.", sender=SARAH)
    assert (desk.ticket().priority, desk.ticket().group) == ("P4", "l2")


def test_an_ignored_reply_leaves_the_ticket_alone(desk: Stage) -> None:
    outs = ask(desk, cc="bob@corp.example")
    before = kinds(desk)
    orders(desk, to(outs, "sarah@corp.example"), "please ignore", sender="bob@corp.example")
    assert kinds(desk) == before


def test_a_rule_about_the_staff_tags_and_never_moves_a_ticket_from_who_took_it(desk: Stage) -> None:
    orders(desk, to(ask(desk), "li@corp.example"), "#take")
    ticket = desk.ticket()
    assert (ticket.assignee, ticket.group, ticket.tags) == ("li", "l1", ("touched",))


def test_rules_set_nothing_on_replies_that_no_rule_speaks_of(desk: Stage) -> None:
    receipt = to(ask(desk), "sarah@corp.example")
    orders(desk, receipt, "Any news?", sender=SARAH)
    assert kinds(desk).count("classified") == 1
    assert LI not in desk.ticket().tags


def test_a_template_that_nobody_wrote_is_warned_of(tmp_path: Path) -> None:
    with playing(tmp_path / "desk", rules={"a.yaml": RULES}) as stage:
        found = [str(p) for p in settings.check(stage.home / "maildesk.toml") if "template" in p.key]
    assert [text.rpartition("/")[2] for text in found] == [
        "requester.board.zh.md: the usual one goes out",
        "requester.board.en.md: the usual one goes out",
    ]
