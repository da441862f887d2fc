"""`outbox ...` and `quarantine ...`: what is waiting, parked, failed."""

from collections.abc import Callable
from typing import Annotated, cast, get_args

import typer

from maildesk import clock
from maildesk.cli.common import Json, actor, attempts, clean, emit, local, records, say, table, words
from maildesk.errors import PermanentError
from maildesk.mail.parse import parse
from maildesk.store import alarms, inbound, moments, outbox, restraint
from maildesk.store.database import Connection, reading, transaction

UNSENT: tuple[outbox.State, ...] = ("ready", "sending", "deferred", "unknown", "dead")
Id = Annotated[int, typer.Argument(metavar="ID")]
Ids = Annotated[list[int] | None, typer.Argument(metavar="ID")]


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
    """Try a dead or held mail again now."""
    with records() as opened, transaction(opened.engine) as connection:
        if not outbox.retry(connection, wanted, clock.now()):
            raise PermanentError(f"there is no mail {wanted} that could be tried again")
        say("A running desk sends it at once, `maildesk once` otherwise.")


def outbox_release(
    wanted: Ids = None, every: Annotated[bool, typer.Option("--all", help="All that are held.")] = False
) -> None:
    """Send mails that are held after a restore: the desk cannot know whether they were sent before."""
    _held(wanted, every, "Released", lambda connection, number: outbox.retry(connection, number, clock.now()))


def outbox_discard(
    wanted: Ids = None, every: Annotated[bool, typer.Option("--all", help="All that are held.")] = False
) -> None:
    """Give up mails that are held after a restore: they were sent before."""
    _held(
        wanted, every, "Given up", lambda connection, number: outbox.discard(connection, number, clock.now(), actor())
    )


def _held(wanted: list[int] | None, every: bool, what: str, act: Callable[[Connection, int], bool]) -> None:
    if bool(wanted) == every:
        raise typer.BadParameter("name some mails, or say --all")
    with records() as opened, transaction(opened.engine) as connection:
        held = outbox.held(connection)
        strange = [number for number in wanted or () if number not in held]
        if strange:
            raise PermanentError(f"there is no held mail {', '.join(map(str, strange))} in the outbox")
        done = [act(connection, number) for number in wanted or held]
        say(f"{what}: {sum(done)}.")


def outbox_resume() -> None:
    """Let a parked outbox go: what was queued so far counts no more."""
    with records() as opened, transaction(opened.engine) as connection:
        if alarms.clear(connection, restraint.PARKED) is None:
            raise PermanentError("the outbox is not parked")
        moments.put(connection, restraint.RESUMED, clock.now())
        say("The mails that waited leave now.")


def outbox_muted(as_json: Json = False) -> None:
    """List the addresses that get no automatic mail for a while, since one came back from there."""
    with records() as opened, reading(opened.engine) as connection:
        rows = restraint.all_muted(connection, clock.now())
        if as_json:
            emit({"address": row.address, "until": row.until, "reason": row.reason} for row in rows)
            return
        zone = opened.policy.timezone
        table(
            ("address", "until", "reason"),
            [(row.address, local(row.until, zone), row.reason) for row in rows],
            empty="No address is muted.",
        )


def outbox_unmute(address: Annotated[str, typer.Argument(metavar="ADDRESS")]) -> None:
    """Write to an address again."""
    with records() as opened, transaction(opened.engine) as connection:
        if not restraint.unmute(connection, address):
            raise PermanentError(f"{clean(address)} is not muted")
        say(f"{clean(address)} is written to again.")


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
    out.command("release")(outbox_release)
    out.command("discard")(outbox_discard)
    out.command("resume")(outbox_resume)
    out.command("muted")(outbox_muted)
    out.command("unmute")(outbox_unmute)
    app.add_typer(out, name="outbox")
    parked = typer.Typer(help="Mails that could not be taken in.", no_args_is_help=True)
    parked.command("list")(quarantine_list)
    parked.command("show")(quarantine_show)
    parked.command("retry")(quarantine_retry)
    parked.command("release")(quarantine_release)
    app.add_typer(parked, name="quarantine")
