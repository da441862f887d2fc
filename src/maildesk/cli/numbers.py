"""Which ticket a command line speaks of."""

from typing import Annotated

import typer

from maildesk.cli.common import clean
from maildesk.desk.model import Ticket
from maildesk.desk.policy import Policy
from maildesk.errors import PermanentError
from maildesk.mail.subject import references
from maildesk.store import tickets
from maildesk.store.database import Connection

Number = Annotated[str, typer.Argument(metavar="TICKET", help="1042, MD-1042 or [MD-1042].")]


def number(text: str, policy: Policy) -> int:
    """Of a ticket. Raises a usage error for what is none."""
    bare = text.strip()
    if bare.isascii() and bare.isdecimal():
        return int(bare)
    found = references(bare if bare.startswith("[") else f"[{bare}]", policy.reference)
    if not found:
        raise typer.BadParameter(f"{clean(text)} is no ticket: 1042 or {policy.reference}-1042")
    return found[0]


def ticket(connection: Connection, number: int, policy: Policy) -> Ticket:
    """The ticket of a number. Raises PermanentError when there is none."""
    found = tickets.get(connection, number)
    if found is None:
        raise PermanentError(f"there is no ticket {policy.reference}-{number}")
    return found
