"""`report`: how the desk does, on the terminal, as files for other programs, and the tickets behind each figure."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maildesk import clock
from maildesk.cli.common import Json, desk, emit, local, say, table

if TYPE_CHECKING:
    from maildesk.desk.policy import Policy
    from maildesk.desk.reporting import Period
    from maildesk.reports.figures import Figures


class Kind(StrEnum):
    """The reports that there are."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Tongue(StrEnum):
    """The languages that there are."""

    ZH = "zh"
    EN = "en"


def report(
    name: Annotated[Kind, typer.Argument(help="daily, weekly or monthly: the last whole one.")],
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Another period: its first day.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Its last day; without it, today.")
    ] = None,
    language: Annotated[Tongue | None, typer.Option(help="zh or en; else the desk's.")] = None,
    explain: Annotated[
        str, typer.Option(help='The tickets behind a figure such as opened.priority.P1; "list" names all figures.')
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="All figures as CSV.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the page as its mail shows it into this file.")] = None,
    as_json: Json = False,
) -> None:
    """Say how the desk does in a period, compared with the one before. It mails nobody."""
    from maildesk.desk import reporting
    from maildesk.reports import sheet
    from maildesk.runners import reports

    with desk() as opened:
        policy, now = opened.policy, clock.now()
        span = reporting.period(name.value, now, policy.timezone)
        if first is not None or last is not None:
            span = _between(first, last, now, policy)
        found = reports.both(opened, span)
        tongue = language.value if language else policy.language
        if explain:
            _explain(explain, found, policy, as_json=as_json)
        elif as_json:
            emit(sheet.rows(*found))
        elif as_csv:
            say(sheet.sheet(*found).decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n"))
        else:
            text, page = reports.shown(name.value, found, opened, tongue, now)
            if html is not None:
                html.write_text(page, encoding="utf-8")
            else:
                say(text.rstrip("\n"))


def _between(first: datetime | None, last: datetime | None, now: datetime, policy: "Policy") -> "Period":
    from zoneinfo import ZoneInfo

    from maildesk.desk import reporting
    from maildesk.errors import PermanentError

    end = last.date() if last else now.astimezone(ZoneInfo(policy.timezone)).date()
    begin = first.date() if first else end
    if begin > end:
        raise PermanentError(f"the period ends on {end} before it begins on {begin}")
    return reporting.between(begin, end, policy.timezone)


def _explain(name: str, found: "tuple[Figures, Figures]", policy: "Policy", *, as_json: bool) -> None:
    """The tickets behind a figure, or the names of all figures."""
    from maildesk.errors import PermanentError
    from maildesk.reports import sheet

    now, before = found
    if name == "list":
        rows = list(sheet.rows(now, before))
        if as_json:
            emit(rows)
        else:
            table(
                ("figure", "count", "before"),
                [(r["figure"], str(r["count"]), str(r["before"])) for r in rows],
                empty="",
            )
        return
    if name not in now.entries and name not in before.entries:
        raise PermanentError(f"there is no figure {name}: --explain list names those that there are")
    behind = list(sheet.behind(now, name, policy))
    if as_json:
        emit(behind)
        return
    zone = policy.timezone
    cells = [(r["ticket"], local(r["at"], zone), f"{r['value']:g}", r["note"]) for r in behind]
    table(("ticket", "at", "counts for", "note"), cells, empty="No ticket.")
    say(f"{name} = {len(behind)}")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(report)
