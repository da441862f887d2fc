"""What stands before every command: where `--config` may stand, how little is imported, what a terminal shows."""

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from fixtures.commands import Commands, on_a_terminal
from fixtures.office import SARAH, ask
from fixtures.stage import Stage
from maildesk import cli

LONG = "三楼东侧的打印机从今天早上开始一直卡纸，重启过三次还是不行，请派人来看一看 and it smells of burning too"
SLOW = ("rich", "jinja2", "alembic", "sqlalchemy", "pydantic", "imapclient", "aiosmtplib", "holidays", "markdown_it")


def commands(group: Any) -> Iterator[str]:
    for name, command in group.commands.items():
        below = list(commands(command)) if hasattr(command, "commands") else []
        yield from [f"{name} {word}" for word in below] or [name]


def test_a_first_word_alone_brings_the_same_commands_as_the_whole() -> None:
    whole = typer.main.get_command(cli.app())
    alone = [line for word in whole.commands for line in commands(typer.main.get_command(cli.app(word)))]  # type: ignore[attr-defined]
    assert set(alone) == set(commands(whole))
    assert len(whole.commands) > len(typer.main.get_command(cli.app("ticket")).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (["--version"], SLOW),
        (["mail", "show", "--help"], ("jinja2", "alembic", "imapclient")),
        (["ticket", "list"], ("jinja2", "alembic", "markdown_it", "maildesk.daemon")),
        (["outbox", "list"], ("jinja2", "alembic", "markdown_it", "maildesk.daemon")),
    ],
)
def test_a_small_command_imports_little(
    stage: Stage, maildesk: Commands, words: list[str], unneeded: tuple[str]
) -> None:
    look = (
        f"import sys; from maildesk import cli; cli.invoke(sys.argv[1:]); print(*(set({unneeded}) & set(sys.modules)))"
    )
    line = [sys.executable, "-c", look, "--config", str(maildesk.config), *words]
    done = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == ""


def test_the_configuration_may_be_named_anywhere(stage: Stage, bare: Commands) -> None:
    ask(stage)
    file = str(stage.home / "maildesk.toml")
    for words in (
        ["--config", file, "ticket", "show", "1001"],
        [f"--config={file}", "ticket", "show", "1001"],
        ["ticket", "--config", file, "show", "1001"],
        ["ticket", "show", "--config", file, "1001"],
        ["ticket", "show", "1001", "--config", file],
        ["ticket", "show", "1001", f"--config={file}"],
    ):
        assert "Printer jams" in bare(*words).out, words


def test_words_behind_two_dashes_are_words(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    assert maildesk("ticket", "comment", "1001", "--", "--config", "is", "an", "option").code == 0
    assert "--config is an option" in maildesk("ticket", "show", "1001").out


def wide(line: str) -> int:
    line = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip())


def test_what_people_read_fits_80_columns(stage: Stage, maildesk: Commands) -> None:
    ask(stage, subject=LONG)
    stage.sink.script("RCPT", "550 5.1.1 " + "no such user at all here, " * 8)
    stage.write(SARAH, LONG, "x")
    assert maildesk("once").code == 0
    tables = ("ticket list", "ticket events 1001", "outbox list --state dead", "status", "check")
    for words in (*tables, "--help", "ticket assign --help"):
        said = on_a_terminal("--config", str(maildesk.config), *words.split())
        assert said.strip()
        assert [line for line in said.splitlines() if wide(line) > 80] == [], words
