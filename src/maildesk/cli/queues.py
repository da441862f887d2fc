"""`outbox ...` and `quarantine ...`: what is waiting, parked, failed."""

from typing import Annotated, cast, get_args

import typer

from maildesk import clock
from maildesk.cli.common import Json, attempts, clean, emit, local, records, say, table, words
from maildesk.errors import PermanentError
from maildesk.mail.parse import parse
from maildesk.store import inbound, outbox
from maildesk.store.database import reading, transaction

UNSENT: tuple[outbox.State, ...] = ("ready", "sending", "deferred", "unknown", "dead")
Id = Annotated[int, typer.Argument(metavar="ID")]


def outbox_list(
    state: Annotated[
        str, typer.Option(help="ready, sending, sent, deferred, unknown, dead; default: all but sent.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List the mails that wait, and those that could not be sent."""
    if state and state not in get_args(outbox.State):
        raise typer.BadParameter(f"{clean(state)} is no state: {', '.join(get_args(outbox.State))}")
    with records() as opened, reading(opened.engine) as connection:
        rows = outbox.listing(connection, cast("outbox.State", state) if state else UNSENT)
        if as_json:
            emit(
                {
                    "id": r.id,
                    "event": r.event,
                    "ticket": r.ticket,
                    "recipient": r.recipient,
                    "message_id": r.message_id,
                    "state": r.state,
                    "attempts": r.attempts,
                    "due": r.due,
                    "result": r.result,
                }
                for r in rows
            )
            return
        zone = opened.policy.timezone
        table(
            ("id", "event", "ticket", "recipient", "state", "attempts", "due", "result"),
            [(r.id, r.event, r.ticket, r.recipient, r.state, r.attempts, local(r.due, zone), r.result) for r in rows],
            empty="The outbox is empty.",
        )


def outbox_show(
    wanted: Id, raw: Annotated[bool, typer.Option("--raw", help="The mail as it is sent.")] = False
) -> None:
    """Show one outgoing mail."""
    with records() as opened, reading(opened.engine) as connection:
        row = outbox.get(connection, wanted)
        if row is None:
            raise PermanentError(f"there is no mail {wanted} in the outbox")
        if raw:
            typer.echo(row.data, nl=False)
            return
        say(f"{row.event} to {row.recipient}: {row.state}, {attempts(row.attempts)}, {row.result or 'no result yet'}")
        mail = parse(row.data)
        say(f"Subject: {mail.subject}\n\n{mail.text}")


def outbox_retry(wanted: Id) -> None:
    """Try a dead or deferred mail again now."""
    with records() as opened, transaction(opened.engine) as connection:
        if not outbox.retry(connection, wanted, clock.now()):
            raise PermanentError(f"there is no mail {wanted} that could be tried again")
        say("A running desk sends it at once, `maildesk once` otherwise.")


def quarantine_list(as_json: Json = False) -> None:
    """List the mails that could not be taken in."""
    with records() as opened, reading(opened.engine) as connection:
        rows = inbound.list_quarantine(connection)
        if as_json:
            emit(
                {
                    "id": row.id,
                    "arrived": row.arrived,
                    "from": row.sender,
                    "subject": row.subject,
                    "reason": row.reason,
                    "attempts": row.attempts,
                }
                for row in rows
            )
            return
        zone = opened.policy.timezone
        table(
            ("id", "arrived", "from", "subject", "reason", "attempts"),
            [(r.id, local(r.arrived, zone), r.sender, r.subject, r.reason, r.attempts) for r in rows],
            empty="The quarantine is empty.",
        )


def quarantine_show(wanted: Id) -> None:
    """Write the raw mail to standard output."""
    with records() as opened, reading(opened.engine) as connection:
        if not any(row.id == wanted for row in inbound.list_quarantine(connection)):
            raise PermanentError(f"there is no mail {wanted} in quarantine")
        typer.echo(inbound.raw(connection, wanted), nl=False)


def quarantine_retry(wanted: Id) -> None:
    """Take a mail in again, with three new attempts."""
    with records() as opened, transaction(opened.engine) as connection:
        if not inbound.retry(connection, wanted):
            raise PermanentError(f"there is no mail {wanted} in quarantine")
        say("A running desk takes it in at once, `maildesk once` otherwise.")


def quarantine_release(
    wanted: Id, reason: Annotated[list[str] | None, typer.Argument(help="Why, for the record.")] = None
) -> None:
    """Call a mail dealt with, without a ticket; its bytes stay kept."""
    with records() as opened, transaction(opened.engine) as connection:
        if not inbound.release(connection, wanted, reason=words(reason) or "released by hand"):
            raise PermanentError(f"there is no mail {wanted} in quarantine")
        say("Released.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    out = typer.Typer(help="Outgoing mail.", no_args_is_help=True)
    out.command("list")(outbox_list)
    out.command("show")(outbox_show)
    out.command("retry")(outbox_retry)
    app.add_typer(out, name="outbox")
    parked = typer.Typer(help="Mails that could not be taken in.", no_args_is_help=True)
    parked.command("list")(quarantine_list)
    parked.command("show")(quarantine_show)
    parked.command("retry")(quarantine_retry)
    parked.command("release")(quarantine_release)
    app.add_typer(parked, name="quarantine")
