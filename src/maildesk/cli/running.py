"""`run`, `once`, `ingest`, `status`."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from maildesk import clock, health
from maildesk.cli.common import (
    Exit,
    Json,
    complain,
    config,
    config_file,
    desk,
    emit,
    local,
    moment,
    progress,
    records,
    say,
    table,
)
from maildesk.errors import PermanentError, TemporaryError
from maildesk.store import database, leading, signature


def run(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every decision in detail.")] = False,
) -> None:
    """Run the desk until it is stopped."""
    from maildesk import daemon

    health.logs(sys.stderr, human=sys.stderr.isatty(), level="debug" if verbose else "info")
    daemon.run(config_file())


def once(
    now: Annotated[str, typer.Option("--now", help="Pretend that it is this time (ISO 8601).")] = "",
) -> None:
    """Do everything there is to do, then exit."""
    from maildesk import daemon
    from maildesk.runners import signing
    from maildesk.runners.outbox import recover

    health.logs(sys.stderr, human=sys.stderr.isatty(), level="warning")
    loaded = config()
    at = clock.fixed(moment(now, loaded.policy.timezone)) if now else clock.now
    loaded.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with database.lock_state(loaded.state), desk() as plain, leading.leading(plain.engine) as engine:
        opened = replace(plain, engine=engine)
        signing.begin(opened, opened.key, at())
        recover(opened, at())
        with progress() as bar:
            steps = {step: bar.add_task(step, total=None) for step in daemon.STEPS}
            unreachable = daemon.once(opened, at, lambda step, count: bar.advance(steps[step], count))
    for reason in unreachable:
        complain(reason)
    if unreachable:
        raise typer.Exit(Exit.UNREACHABLE)


def ingest(files: Annotated[list[Path], typer.Argument(help="Mails, or - for standard input.")]) -> None:
    """Take mails from files or standard input. They are safe before anything is parsed; a running desk decides them."""
    from maildesk.runners import ingest as ingesting

    health.logs(sys.stderr, human=sys.stderr.isatty(), level="warning")
    unreadable = False
    with desk() as opened, progress() as bar:
        for file in bar.track(ingesting.in_order(files), description="mails"):
            try:
                ingesting.keep(opened, sys.stdin.buffer if str(file) == "-" else file, clock.now())
            except PermanentError as error:
                unreadable = True
                complain(str(error))
        try:
            with database.lock_state(opened.settings.state), leading.leading(opened.engine) as engine:
                ingesting.decide_waiting(replace(opened, engine=engine), clock.now)
        except TemporaryError:
            pass  # a desk is running here: it decides within a second
    if unreadable:
        raise typer.Exit(Exit.UNREADABLE)


def status(as_json: Json = False) -> None:
    """How the desk is doing."""
    loaded = config()
    answer = health.ask(loaded.state)
    if answer is None:
        from maildesk import daemon

        with records() as opened:
            answer = daemon.status(opened, None)
    if as_json:
        emit([answer])
        return
    zone = loaded.policy.timezone
    say(_running(answer))
    if not answer.get("key_fits", True):
        say(f"{loaded.state / 'key'} {signature.FOREIGN}")
    table(
        ("mailbox", "state", "last poll", "waiting", "server = ledger", "why"),
        [
            (m["name"], m["state"], _time(m["last_poll"], zone), m["waiting"], _counted(m, zone), m.get("reason", ""))
            for m in answer["mailboxes"]
        ],
        empty="no mailboxes",
    )
    tickets, out = answer["tickets"], answer["outbox"]
    say(f"tickets: {tickets['open']} open, {tickets['breached']} past a target")
    held = f", {out['held']} held (maildesk outbox list --state unknown)" if out.get("held") else ""
    say(f"outbox: {out['ready']} ready, {out['deferred']} deferred, {out['dead']} dead{held}")
    if since := out.get("parked_since"):
        say(f"the outbox is parked since {_time(since, zone)}; P1 and escalations pass (maildesk outbox resume)")
    if muted := out.get("muted"):
        say(f"muted addresses: {muted} (maildesk outbox muted)")
    say(f"quarantine: {answer['quarantine']}")
    if ever := answer.get("standing"):
        say("ever: " + ", ".join(f"{ever[name]} {name}" for name in ("taken", "decided", "waiting", "parked", "sent")))
    if answer["next_check"]:
        say(f"next check: {_time(answer['next_check'], zone)}")


def _running(answer: Mapping[str, Any]) -> str:
    if not answer["running"]:
        led_by = answer.get("led_by")
        return f"The desk is not running here; {led_by} leads." if led_by else "The desk is not running."
    return "The desk is running." if answer["leader"] else f"Standing by; {answer['led_by'] or 'nobody'} leads."


def _counted(mailbox: Mapping[str, Any], zone: str) -> str:
    """The nightly count: `412 = 412 (2026-11-09 03:30)`."""
    if not mailbox.get("counted_at"):
        return ""
    server, ledger = mailbox["server"], mailbox["ledger"]
    return f"{server} {'=' if server == ledger else '≠'} {ledger} ({_time(mailbox['counted_at'], zone)})"


def _time(iso: str | None, zone: str) -> str:
    return local(datetime.fromisoformat(iso), zone) if iso else ""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (run, once, ingest, status):
        app.command()(command)
