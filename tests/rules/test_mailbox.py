"""The shipped rules on a mixed mailbox: 90 % or more judged as the lead of a service desk would."""

from pathlib import Path
from typing import Any

import pytest

from fixtures.rule_samples import POLICY, facts
from maildesk.rules import engine
from maildesk.rules.load import load
from maildesk.settings import yaml
from rules.mailbox import rows, tables

FILES = sorted((Path(__file__).parents[2] / "rules").glob("*.yaml"))


def judged_otherwise(table: str) -> list[tuple[str, dict[str, Any]]]:
    """The subjects that the rules judge otherwise, each with what they say in place of what is right."""
    policy, rules, _ = load([yaml.parse(file.read_text("utf-8"), file.name) for file in FILES], POLICY)
    found = []
    for right, mail in rows(table):
        text, subject, sender = mail["text"], mail["subject"], mail["sender"]
        result = engine.classify(facts(text, subject=subject, sender=sender), rules, policy)
        wrong = {key: getattr(result, key) for key, value in right.items() if getattr(result, key) != value}
        if wrong:
            found.append((mail["subject"], wrong))
    return found


@pytest.mark.parametrize("table", tables())
def test_nine_mails_of_ten_are_judged_as_a_lead_would(table: str) -> None:
    wrong, all_of_them = judged_otherwise(table), rows(table)
    assert len(all_of_them) >= 60
    assert len(wrong) <= len(all_of_them) / 10, "\n".join(map(str, wrong))
