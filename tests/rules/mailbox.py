"""Mails of a believable company, and how the lead of a service desk would judge each: the tables in mails/*.txt.

type | category | impact | urgency | group | subject | text. I incident, R service request, A alert, C change,
N information; h, m, l. A subject that begins with @ is from monitoring. Every table after the first was written
without a look at the words of the rules, to measure them; what came out wrong then taught them.
"""

from pathlib import Path

_FOLDER = Path(__file__).with_name("mails")
_TYPES = {"I": "incident", "R": "service request", "A": "alert", "C": "change", "N": "information"}
_DEGREES = {"h": "high", "m": "medium", "l": "low"}

Row = tuple[dict[str, str], dict[str, str]]


def tables() -> list[str]:
    return sorted(file.stem for file in _FOLDER.glob("*.txt"))


def rows(table: str = "everyday") -> list[Row]:
    """(what is right, the mail) of each."""
    return [_row(line) for line in (_FOLDER / f"{table}.txt").read_text("utf-8").splitlines()]


def _row(line: str) -> Row:
    kind, category, impact, urgency, group, subject, text = line.split("|")
    right = {
        "type": _TYPES[kind],
        "category": category,
        "impact": _DEGREES[impact],
        "urgency": _DEGREES[urgency],
        "group": group,
    }
    sender = "alerts@monitoring.example" if subject.startswith("@") else "ann@corp.example"
    return right, {"subject": subject.removeprefix("@"), "text": text, "sender": sender}
