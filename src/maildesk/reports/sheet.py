"""All figures of a report as CSV, for spreadsheets."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from maildesk.desk.policy import Policy
from maildesk.mail.subject import reference
from maildesk.reports.figures import Figures

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(now: Figures, before: Figures) -> Iterator[dict[str, Any]]:
    """One row a figure, in order of their names: how many, how many before, and mean and middle where they mean it."""
    for name in sorted({*now.entries, *before.entries}):
        valued = any(entry.value != 1.0 for entry in now.entries.get(name, ()))
        mean, middle = now.mean(name), now.median(name)
        yield {
            "figure": name,
            "count": now.count(name),
            "before": before.count(name),
            "mean": round(mean, 2) if valued and mean is not None else "",
            "median": round(middle, 2) if valued and middle is not None else "",
        }


def sheet(now: Figures, before: Figures) -> bytes:
    """The rows as CSV that spreadsheets read right: UTF-8 with its mark, no text that begins a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ("figure", "count", "before", "mean", "median"), lineterminator="\r\n")
    writer.writeheader()
    for row in rows(now, before):
        writer.writerow({**row, "figure": harmless(row["figure"])})
    return out.getvalue().encode("utf-8-sig", "replace")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def behind(figures: Figures, name: str, policy: Policy) -> Iterator[dict[str, Any]]:
    """The tickets behind a figure."""
    for entry in figures.entries.get(name, ()):
        yield {
            "ticket": reference(entry.number, policy.reference),
            "at": entry.at,
            "value": entry.value,
            "note": entry.note,
        }
