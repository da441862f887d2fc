"""`calendar ...`: business time by the calendars of the rules, or of a file."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from maildesk import clock
from maildesk.cli.common import Json, clean, config, emit, moment, say, table
from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import Calendar
from maildesk.errors import PermanentError
from maildesk.settings import calendars

Name = Annotated[str, typer.Argument(metavar="CALENDAR", help="One of `calendars` in the rules, or always.")]
File = Annotated[
    Path | None, typer.Option("--file", help="A YAML file with `calendars`, in place of the desk's own rules.")
]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _calendar(name: str, file: Path | None) -> Calendar:
    known = calendars(file) if file else config().policy.calendars
    if name not in known:
        raise PermanentError(f"there is no calendar {clean(name)}; there is {', '.join(known)}")
    return known[name]


def _moment(text: str, calendar: Calendar) -> datetime:
    return clock.now() if text == "now" else moment(text, calendar.timezone)


Start = Annotated[
    str, typer.Argument(metavar="START", help="ISO 8601, in the calendar's zone if it names none; or now.")
]


def add(
    name: Name,
    start: Start,
    length: Annotated[str, typer.Argument(metavar="LENGTH", help="30m, 4h, 1h30m of working time; 2d working days.")],
    back: Annotated[bool, typer.Option("--back", help="Backwards: when it must begin to be over by START.")] = False,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Say when a length of business time is over that begins at START."""
    calendar = _calendar(name, file)
    begin = _moment(start, calendar)
    try:
        reached = (hours.back if back else hours.add)(calendar, begin, hours.parse_duration(length))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except OverflowError as error:
        raise PermanentError(str(error)) from None
    at = reached.astimezone(ZoneInfo(calendar.timezone))
    if as_json:
        emit([{"at": at}])
        return
    say(f"{at:%Y-%m-%d %H:%M:%S%z} {_DAYS[at.weekday()]}")


def between(
    name: Name,
    start: Start,
    end: Annotated[str, typer.Argument(metavar="END", help="As START.")],
    file: File = None,
    as_json: Json = False,
) -> None:
    """Say how much business time lies between START and END."""
    calendar = _calendar(name, file)
    seconds = hours.between(calendar, _moment(start, calendar), _moment(end, calendar))
    if as_json:
        emit([{"seconds": seconds}])
        return
    say(hours.format_duration(hours.Duration(seconds=seconds)))


def show(
    name: Name,
    first: Annotated[str, typer.Option("--from", help="The first day, 2026-10-01; else today.")] = "",
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days.")] = 14,
    file: File = None,
    as_json: Json = False,
) -> None:
    """Show which hours of which days are working time."""
    calendar = _calendar(name, file)
    try:
        begin = date.fromisoformat(first) if first else clock.now().astimezone(ZoneInfo(calendar.timezone)).date()
    except ValueError:
        raise typer.BadParameter(f"{clean(first)} is no date such as 2026-10-01") from None
    shown = list(_shown(calendar, begin, days))
    if as_json:
        emit({"date": day.isoformat(), "hours": spans, "why": why} for day, spans, why in shown)
        return
    say(f"{name}: {calendar.timezone}")
    table(
        ("day", "", "working time", ""),
        [(day.isoformat(), _DAYS[day.weekday()], ", ".join(spans) or "-", why) for day, spans, why in shown],
        empty="no days",
    )
    unknown = sorted({day.year for day, _, _ in shown if not hours.known_year(calendar, day.year)})
    for year in unknown:
        say(f"The holidays of {calendar.country} in {year} are not announced yet: they are a guess.", error=True)


def _shown(calendar: Calendar, begin: date, days: int) -> Iterator[tuple[date, list[str], str]]:
    """Each day with its spans, and why they are not those of the week."""
    for number in range(days):
        day = begin + timedelta(days=number)
        spans = hours.spans_of(calendar, day)
        usual = ((0, 1440),) if calendar.always else calendar.week[day.weekday()]
        why = "" if spans == usual else "make-up workday" if spans else "holiday"
        yield day, [f"{_wall(start)}-{_wall(end)}" for start, end in spans], why


def _wall(minutes: int) -> str:
    """A time of day; past midnight it is that of the next day, and 24:00 the end of this one."""
    shown = minutes if minutes <= 1440 else minutes - 1440
    return f"{shown // 60:02}:{shown % 60:02}"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    calendar = typer.Typer(help="Business time.", no_args_is_help=True)
    calendar.command()(add)
    calendar.command()(between)
    calendar.command()(show)
    app.add_typer(calendar, name="calendar")
