"""The command line (FORMATS, Commands): thin, and every failure is an exit code and plain words."""

import sys
from collections.abc import Sequence

import click
import typer

from maildesk.cli import mails, queues, running, setup, tickets
from maildesk.cli.common import Exit, app, say_problem
from maildesk.errors import ConfigError, PermanentError, TemporaryError

__all__ = ["app", "main"]

setup.register(app)
running.register(app)
mails.register(app)
tickets.register(app)
queues.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code (sysexits)."""
    sys.exit(invoke(list(sys.argv[1:] if arguments is None else arguments)))


def invoke(arguments: list[str]) -> int:
    """The exit code of a command line."""
    try:
        result = typer.main.get_command(app).main(
            args=_config_first(arguments), prog_name="maildesk", standalone_mode=False
        )
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        error.show()
        return Exit.UNREADABLE
    except ConfigError as error:
        for problem in error.problems:
            say_problem(problem)
        return Exit.CONFIG
    except TemporaryError as error:
        sys.stderr.write(f"maildesk: {error}\n")
        return Exit.TRY_AGAIN
    except PermanentError as error:
        sys.stderr.write(f"maildesk: {error}\n")
        return Exit.WANTING
    except BrokenPipeError:
        return 0
    return result if isinstance(result, int) else 0


def _config_first(arguments: list[str]) -> list[str]:
    """`--config FILE` may stand anywhere; it belongs in front."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*front, *rest, word, *words]
        if word == "--config":
            front += [word, *[w for w in [next(words, None)] if w is not None]]
        elif word.startswith("--config="):
            front.append(word)
        else:
            rest.append(word)
    return front + rest
