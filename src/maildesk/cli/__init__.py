"""The command line (FORMATS, Commands): thin, and every failure is an exit code and plain words."""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import typer

from maildesk.cli.common import Exit, complain, new_app, say_problem
from maildesk.errors import ConfigError, PermanentError, TemporaryError

__all__ = ["app", "invoke", "main"]

_USAGE = 2  # what typer leaves with when the words are off; sysexits has a number of its own
_HOMES: Mapping[str, tuple[str, ...]] = {  # the modules, and the first words that are theirs
    "setup": ("init", "check"),
    "upkeep": ("db",),
    "running": ("run", "once", "ingest", "status"),
    "mails": ("mail",),
    "rules": ("rules",),
    "tickets": ("ticket",),
    "sla": ("sla",),
    "calendar": ("calendar",),
    "simulate": ("simulate",),
    "report": ("report",),
    "kb": ("kb",),
    "senders": ("senders",),
    "queues": ("outbox", "quarantine"),
    "keys": ("keys",),
}


def app(first: str = "") -> typer.Typer:
    """The command line with every command, or with the one of a first word alone: the others are not even imported."""
    made = new_app()
    homes = [] if first == "--version" else [home for home, words in _HOMES.items() if first in words] or _HOMES
    for home in homes:
        import_module(f"maildesk.cli.{home}").register(made)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code (sysexits)."""
    code = invoke(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except OSError:  # whoever read it has gone, as `head` does: there is nothing left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def invoke(arguments: list[str]) -> int:
    """The exit code of a command line."""
    try:
        front, rest = _config_first(arguments)
        app(*rest[:1])(args=front + rest, prog_name="maildesk")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
        return Exit.USAGE if code == _USAGE else code
    except ConfigError as error:
        for problem in error.problems:
            say_problem(problem)
        return Exit.CONFIG
    except TemporaryError as error:
        complain(str(error))
        return Exit.TRY_AGAIN
    except PermanentError as error:
        complain(str(error))
        return Exit.WANTING
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        complain(f"a defect of maildesk itself, please report it: {type(error).__name__}: {error} ({place})")
        return Exit.DEFECT
    return Exit.DONE


def _config_first(arguments: list[str]) -> tuple[list[str], list[str]]:
    """`--config FILE` may stand anywhere; it belongs in front. That, and the other words."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--config":
            front += [word, *[w for w in [next(words, None)] if w is not None]]
        elif word.startswith("--config="):
            front.append(word)
        else:
            rest.append(word)
    return front, rest
