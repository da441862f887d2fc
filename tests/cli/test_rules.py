"""`maildesk rules ...`: test, diff, lint, schema; and the tests beside the rules that `check` runs."""

import json
import shutil
from pathlib import Path

import pytest

from fixtures.commands import Commands
from fixtures.office import SARAH, ask
from fixtures.stage import Stage, letter


@pytest.fixture
def other(stage: Stage, tmp_path: Path) -> Path:
    """The desk's rules with another category for printers."""
    folder = tmp_path / "other"
    shutil.copytree(stage.home / "rules", folder)
    file = folder / "50-category.yaml"
    file.write_text(file.read_text("utf-8").replace("category: printer", "category: paper"), "utf-8")
    return folder


def test_diff_says_which_mails_are_judged_differently_and_how(
    stage: Stage, maildesk: Commands, other: Path, tmp_path: Path
) -> None:
    mails = tmp_path / "mails"
    mails.mkdir()
    for number, subject in enumerate(("Printer jams", "Network down", "打印机卡纸")):
        (mails / f"{number}.eml").write_bytes(letter(SARAH, subject, "Please help.")[0])
    rules = str(stage.home / "rules")
    said = maildesk("rules", "diff", rules, str(other), str(mails))
    assert said.code == 1
    assert said.out.count("category: printer -> paper") == 2
    assert "2 of 3 mails are judged differently" in said.out
    rows = maildesk("rules", "diff", rules, str(other), str(mails), "--json").rows
    assert [(row["mail"], row["changed"]) for row in rows] == [
        (str(mails / "0.eml"), {"category": ["printer", "paper"]}),
        (str(mails / "2.eml"), {"category": ["printer", "paper"]}),
    ]
    same = maildesk("rules", "diff", rules, rules, str(mails))
    assert (same.code, same.out) == (0, "0 of 3 mails are judged differently\n")


def test_diff_says_how_many_stored_mails_there_were(stage: Stage, maildesk: Commands, other: Path) -> None:
    ask(stage)
    said = maildesk("rules", "diff", str(stage.home / "rules"), str(other), "--stored", "1000")
    assert said.out.endswith("1 of 1 mails are judged differently\n")


def test_what_rules_test_says_is_meant_for_people(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes(letter(SARAH, "Network down", "Nobody in the whole company can work: network down.")[0])
    said = maildesk("rules", "test", str(mail)).out
    assert "  tags:      outage, company   rule scope-company: whole company\n" in said
    assert "  matched    network-outage: not words\n" in said
    own = "rules: [{name: pc, when: {matches: '(?P<asset>PC-[0-9]+)'}, then: {note: look, fields: {site: HQ}}}]"
    (stage.home / "rules" / "90-own.yaml").write_text(own, "utf-8")
    mail.write_bytes(letter(SARAH, "My PC-4711", "It is dark.")[0])
    said = maildesk("rules", "test", str(mail)).out
    assert "  fields:    asset PC-4711, site HQ   rule pc: PC-4711\n" in said
    assert "  notes:     look   rule pc: PC-4711\n" in said


def test_a_captured_text_that_is_not_of_its_fields_type_is_said(
    stage: Stage, maildesk: Commands, tmp_path: Path
) -> None:
    own = """
fields: {extension: number}
rules: [{name: call, when: {text_matches: 'ext\\. (?P<extension>\\w+)'}, then: {category: telephone}}]
"""
    (stage.home / "rules" / "90-own.yaml").write_text(own, "utf-8")
    mail = tmp_path / "a.eml"
    mail.write_bytes(letter(SARAH, "Call me", "I am at ext. unknown today.")[0])
    said = maildesk("rules", "test", str(mail))
    assert 'left out   extension: "unknown" is not a number (rule call)' in said.out
    (row,) = maildesk("rules", "test", str(mail), "--json").rows
    assert row["left_out"] == [{"rule": "call", "field": "extension", "text": "unknown", "wanted": "a number"}]


def test_diff_reads_the_mails_that_the_desk_has(stage: Stage, maildesk: Commands, other: Path) -> None:
    ask(stage)
    said = maildesk("rules", "diff", str(stage.home / "rules"), str(other), "--stored", "10")
    assert "mail 1: Printer jams" in said.out
    assert maildesk("rules", "diff", str(other), str(other)).code == 64


def test_diff_of_what_are_no_rules_is_an_error_of_the_configuration(
    stage: Stage, maildesk: Commands, tmp_path: Path
) -> None:
    said = maildesk("rules", "diff", str(stage.home / "rules"), str(tmp_path / "none"), "--stored", "1")
    assert said.code == 78
    assert "is no folder that holds rule files" in said.err


def test_lint_of_the_shipped_rules_finds_nothing_and_names_what_never_matched(stage: Stage, maildesk: Commands) -> None:
    assert maildesk("rules", "lint").code == 0
    ask(stage)
    rows = maildesk("rules", "lint", "--stored", "5", "--json").rows
    assert {row["kind"] for row in rows} == {"never matched"}
    assert "printer" not in {row["rule"] for row in rows}


def test_schema_is_what_init_wrote_beside_the_rules(stage: Stage, maildesk: Commands) -> None:
    for which, place in (("rules", "schema.json"), ("tests", "tests/schema.json")):
        printed = json.loads(maildesk("rules", "schema", which).out)
        assert printed == json.loads((stage.home / "rules" / place).read_text("utf-8"))


def test_check_runs_the_tests_beside_the_rules(stage: Stage, maildesk: Commands) -> None:
    assert " test " not in maildesk("check").err
    own = stage.home / "rules" / "tests" / "own.yaml"
    own.write_text("- {name: coffee, mail: {subject: coffee}, expect: {category: kitchen}}\n", "utf-8")
    said = maildesk("check")
    assert said.code == 78
    assert f"{own}:1: test coffee: category is other and not kitchen (default)" in said.err
