"""`senders ...`: whom the staff called a spammer, or none."""

from typing import Annotated

import typer

from maildesk import clock
from maildesk.cli.common import Json, clean, emit, local, records, say, table
from maildesk.errors import PermanentError
from maildesk.mail.subject import reference
from maildesk.store import senders
from maildesk.store.database import reading, transaction


def listing(as_json: Json = False) -> None:
    """List the senders that are remembered, the newest first."""
    with records() as opened, reading(opened.engine) as connection:
        policy, found = opened.policy, senders.listing(connection, clock.now())
        if as_json:
            emit(
                {
                    "address": one.address,
                    "verdict": one.judgement.verdict,
                    "by": one.judgement.by,
                    "at": one.judgement.at,
                    "until": one.until,
                    "ticket": one.judgement.ticket,
                }
                for one in found
            )
            return
        table(
            ("address", "is", "by", "since", "until", "ticket"),
            [
                (
                    one.address,
                    one.judgement.verdict,
                    one.judgement.by,
                    local(one.judgement.at, policy.timezone),
                    local(one.until, policy.timezone),
                    reference(one.judgement.ticket, policy.reference),
                )
                for one in found
            ],
            empty="No sender is remembered.",
        )


def forget(address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The sender.")]) -> None:
    """Forget what was said of a sender."""
    with records() as opened, transaction(opened.engine) as connection:
        if not senders.forget(connection, address):
            raise PermanentError(f"{clean(address)} is not remembered")
    say("Forgotten.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Senders that the staff called spammers, or none.", no_args_is_help=True)
    group.command("list")(listing)
    group.command()(forget)
    app.add_typer(group, name="senders")
