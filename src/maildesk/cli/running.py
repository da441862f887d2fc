"""`run`, `once`, `ingest`, `status`."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from maildesk import clock, daemon, health
from maildesk.cli.common import Exit, Json, config, config_file, desk, emit, local, moment, say, table
from maildesk.errors import PermanentError, TemporaryError
from maildesk.runners import ingest as ingesting
from maildesk.runners.outbox import recover
from maildesk.store import database


def run(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every decision in detail.")] = False,
) -> None:
    """Run the desk until it is stopped."""
    health.logs(sys.stderr, human=sys.stderr.isatty(), level="debug" if verbose else "info")
    daemon.run(config_file())


def once(
    now: Annotated[str, typer.Option("--now", help="Pretend that it is this time (ISO 8601).")] = "",
) -> None:
    """Do everything there is to do, then exit."""
    health.logs(sys.stderr, human=sys.stderr.isatty(), level="warning")
    loaded = config()
    at = clock.fixed(moment(now, loaded.policy.timezone)) if now else clock.now
    loaded.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with database.lock_state(loaded.state), desk() as opened:
        recover(opened, at())
        unreachable = daemon.once(opened, at)
    for reason in unreachable:
        sys.stderr.write(f"maildesk: {reason}\n")
    if unreachable:
        raise typer.Exit(Exit.UNREACHABLE)


def ingest(files: Annotated[list[Path], typer.Argument(help="Mails, or - for standard input.")]) -> None:
    """Take mails from files or standard input. They are safe before anything is parsed; a running desk decides them."""
    health.logs(sys.stderr, human=sys.stderr.isatty(), level="warning")
    unreadable = False
    with desk() as opened:
        for file in files:
            try:
                ingesting.keep(opened, sys.stdin.buffer if str(file) == "-" else file, clock.now())
            except PermanentError as error:
                unreadable = True
                sys.stderr.write(f"maildesk: {error}\n")
        try:
            with database.lock_state(opened.settings.state):
                ingesting.decide_waiting(opened, clock.now)
        except TemporaryError:
            pass  # a desk is running here: it decides within a second
    if unreadable:
        raise typer.Exit(Exit.UNREADABLE)


def status(as_json: Json = False) -> None:
    """How the desk is doing."""
    loaded = config()
    answer = health.ask(loaded.state)
    if answer is None:
        with desk() as opened:
            answer = daemon.status(opened, None)
    if as_json:
        emit([answer])
        return
    zone = loaded.policy.timezone
    say("The desk is running." if answer["running"] else "The desk is not running.")
    table(
        ("mailbox", "state", "last poll", "waiting"),
        [(m["name"], m["state"], m["last_poll"] or "", m["waiting"]) for m in answer["mailboxes"]],
        empty="no mailboxes",
    )
    tickets, out = answer["tickets"], answer["outbox"]
    say(f"tickets: {tickets['open']} open, {tickets['breached']} past a target")
    say(f"outbox: {out['ready']} ready, {out['deferred']} deferred, {out['dead']} dead")
    say(f"quarantine: {answer['quarantine']}")
    if answer["next_check"]:
        say(f"next check: {local(datetime.fromisoformat(answer['next_check']), zone)}")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (run, once, ingest, status):
        app.command()(command)
