"""What all commands share: the configuration they speak of, the store, output for people and for programs."""

import json
import os
import pwd
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from maildesk import __version__
from maildesk.errors import ConfigError, Problem

# A command imports what it needs when it needs it: small ones answer at once.
if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from maildesk.runners.desk import Desk
    from maildesk.runners.records import Records
    from maildesk.settings import Settings


class Exit(IntEnum):
    """Exit codes (sysexits.h)."""

    DONE = 0
    WANTING = 1
    USAGE = 64
    UNREADABLE = 65
    UNREACHABLE = 69
    DEFECT = 70
    CANNOT_CREATE = 73
    TRY_AGAIN = 75
    CONFIG = 78


_chosen: dict[str, Path | None] = {"config": None}
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"maildesk {__version__}")
        raise typer.Exit


def new_app() -> typer.Typer:
    """A command line without commands."""
    app = typer.Typer(
        name="maildesk",
        help="An IT service desk that lives in a mailbox.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    return app


def options(
    config: Annotated[
        Path | None, typer.Option("--config", help="maildesk.toml; else $MAILDESK_CONFIG, ./, /etc/maildesk/.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """An IT service desk that lives in a mailbox."""
    _chosen["config"] = config


def config_file() -> Path:
    """The configuration the command line speaks of. Raises ConfigError when there is none."""
    from maildesk import settings

    return settings.find(_chosen["config"], os.environ)


def config() -> "Settings":
    """The loaded configuration. Raises ConfigError with everything wrong in it."""
    from maildesk import settings

    return settings.load(config_file())


def config_or_none() -> "Settings | None":
    """The configuration when there is one: commands that only look at files work without."""
    from maildesk import settings

    try:
        file = config_file()
    except ConfigError:
        if _chosen["config"] is not None:
            raise
        return None
    return settings.load(file)


@contextmanager
def desk() -> "Iterator[Desk]":
    """The desk with its store, made when it is new. Closed afterwards."""
    from maildesk.runners.desk import open_desk

    opened = open_desk(config(), create=True)
    try:
        yield opened
    finally:
        opened.engine.dispose()


@contextmanager
def records() -> "Iterator[Records]":
    """The desk as far as it writes no mail: much faster to open than `desk`. Closed afterwards."""
    from maildesk.runners.records import open_records

    opened = open_records(config(), create=True)
    try:
        yield opened
    finally:
        opened.engine.dispose()


def console(*, error: bool = False) -> "Console":
    """Colour and tables on a terminal; plain lines of any length elsewhere."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty())


@contextmanager
def progress() -> "Iterator[Progress]":
    """A bar for long work, on standard error and only where that is a terminal; gone when the work is done."""
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"))
    out = console(error=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        yield bar


def emit(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line; what could steer a terminal, or what its encoding lacks, as \\uXXXX."""
    from maildesk.health import escaped

    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    for row in rows:
        line = json.dumps(row, ensure_ascii=ascii_only, default=_plain)
        sys.stdout.write(escaped(line) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, last_cut: bool = False) -> None:
    """A table on a terminal; elsewhere a line a row, cells parted by tabs. `empty` is said when there are no rows.

    With `last_cut` a row is one line on a terminal too: its last cell gets the room that is left. Mail text cannot
    steer the terminal, nor break a line.
    """
    from rich.table import Table
    from rich.text import Text

    filled = [[" ".join(clean(str("" if cell is None else cell)).split()) for cell in row] for row in rows]
    out = console()
    if not filled:
        out.print(empty)
    elif not out.is_terminal:
        sys.stdout.writelines("\t".join(row) + "\n" for row in filled)
    else:
        grid = Table(box=None, header_style="bold", pad_edge=False, expand=last_cut)
        for name in columns:
            cut = last_cut and name == columns[-1]
            grid.add_column(name, overflow="ellipsis" if cut else "fold", no_wrap=last_cut, ratio=1 if cut else None)
        for row in filled:
            grid.add_row(*map(Text, row))
        out.print(grid)


def clean(text: str) -> str:
    """Text without characters that could steer a terminal; line ends, tabs and blanks of any width stay."""
    return "".join(c if c in "\n\t" or c.isprintable() or unicodedata.category(c) == "Zs" else "\ufffd" for c in text)


def local(moment: datetime | None, policy_timezone: str) -> str:
    """A moment on the desk's clock, for people."""
    return moment.astimezone(ZoneInfo(policy_timezone)).strftime("%Y-%m-%d %H:%M") if moment else ""


def say_problem(problem: Problem) -> None:
    """A configuration problem on standard error, file and line first."""
    from rich.text import Text

    out = console(error=True)
    style = "red" if problem.level == "error" else "yellow"
    out.print(Text(problem.level, style=f"bold {style}"), Text(clean(str(problem))))


def say(text: str, *, error: bool = False) -> None:
    """Words for people, on standard output unless they are about the command itself."""
    from rich.text import Text

    console(error=error).print(Text(clean(text)))


def complain(text: str) -> None:
    """What is wrong, in words, on standard error."""
    sys.stderr.write(f"maildesk: {clean(text)}\n")


def attempts(count: int) -> str:
    """How often something was tried."""
    return "1 attempt" if count == 1 else f"{count} attempts"


def words(parts: Sequence[str] | None) -> str:
    """Words of a command line as one text."""
    return " ".join(parts or ())


def moment(text: str, timezone: str) -> datetime:
    """A TIME argument: ISO 8601; without an offset it is the desk's zone. Raises a usage error."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no time: 2026-10-08T09:00 or 2026-10-08T09:00+08:00") from None
    return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(timezone))


def actor() -> str:
    """Who works at this command line, for the journal."""
    return f"cli:{os.environ.get('SUDO_USER') or os.environ.get('USER') or _account()}"


def _account() -> str:
    """The name of the account, as a service or a cron job has it without any environment."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number that nobody named
        return str(os.getuid())
