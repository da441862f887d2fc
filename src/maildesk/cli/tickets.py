"""`ticket ...`: look at tickets, and the changes that mail commands make."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from maildesk import clock
from maildesk.cli import changing, numbers, shapes
from maildesk.cli.common import Json, clean, emit, local, records, say, table
from maildesk.cli.explaining import sentences
from maildesk.cli.numbers import Number
from maildesk.cli.stating import clock_lines, handed_over_lines
from maildesk.desk.clocks import sla
from maildesk.desk.lifecycle import OPEN, STATUSES
from maildesk.desk.model import Ticket
from maildesk.desk.staff.command import nearest
from maildesk.desk.staff.questions import is_overdue
from maildesk.errors import PermanentError
from maildesk.mail.subject import reference
from maildesk.runners.records import Records
from maildesk.store import journal, messages, tickets
from maildesk.store.database import Connection, reading

_MOST = 5_000  # tickets that are looked through


@contextmanager
def looking(text: str) -> Iterator[tuple[Records, Connection, Ticket]]:
    """A ticket by its number or reference, and the store to look further. Raises PermanentError."""
    with records() as opened, reading(opened.engine) as connection:
        yield opened, connection, numbers.ticket(connection, numbers.number(text, opened.policy), opened.policy)


def listing(
    status: Annotated[
        str, typer.Option(help="new, assigned, in progress, pending, resolved, closed; default: open.")
    ] = "",
    group: Annotated[str, typer.Option(help="Only this group's.")] = "",
    assignee: Annotated[str, typer.Option(help="Only this person's.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, newest first.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    held: Annotated[bool, typer.Option("--held", help="Only those that are held as spam or bulk.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those with a target that has passed.")] = False,
    unassigned: Annotated[bool, typer.Option("--unassigned", help="Only those that nobody has taken.")] = False,
    as_json: Json = False,
) -> None:
    """List tickets, newest first."""
    if status and status not in STATUSES:
        raise typer.BadParameter(f"{clean(status)} is no status: {', '.join(STATUSES)}")
    now = clock.now()
    with records() as opened, reading(opened.engine) as connection:
        found = (
            tickets.held(connection, limit)
            if held
            else tickets.listing(
                connection,
                status=None if everything else status if status else OPEN,
                group=group or None,
                assignee=assignee or None,
                limit=_MOST if overdue or unassigned else limit,
            )
        )
        policy = opened.policy
        if overdue or unassigned:
            found = [
                t
                for t in found
                if (not overdue or is_overdue(t, policy, now)) and not (unassigned and (t.assignee or t.held))
            ][:limit]
        for wanted, known, noun in ((group, policy.groups, "group"), (assignee, policy.people, "person")):
            if wanted and wanted not in known and not found:
                raise PermanentError(f"there is no {noun} {clean(wanted)}{nearest(wanted, list(known))}")
        if as_json:
            emit(shapes.ticket(ticket, policy, now) for ticket in found)
            return
        table(
            ("ticket", "pri", "status", "with", "due", "subject"),
            [
                (
                    f"{policy.reference}-{t.number}",
                    t.priority,
                    t.status if not t.held else "held",
                    t.assignee or t.group,
                    _due(t, opened, now),
                    t.subject,
                )
                for t in found
            ],
            empty="No tickets.",
            last_cut=True,
        )


def _due(ticket: Ticket, opened: Records, now: datetime) -> str:
    """The next deadline on the desk's clock, with a ! when it has passed."""
    running = (c.due_at for c in sla.clocks(ticket, opened.policy, now) if sla.ticks(c))
    due = min(running, default=None)
    return local(due, opened.policy.timezone)[5:] + (" !" if due and due < now else "")


def show(ticket: Number, as_json: Json = False) -> None:
    """Show one ticket with its clocks and its conversation."""
    now = clock.now()
    with looking(ticket) as (opened, connection, found):
        entries = messages.conversation(connection, found)
        policy = opened.policy
        if as_json:
            links = [{"kind": link.kind, "number": link.number} for link in found.links]
            conversation = [shapes.message(entry.message, entry.id) for entry in entries]
            emit([{**shapes.ticket(found, policy, now), "messages": conversation, "links": links}])
            return
        say(f"{reference(found.number, policy.reference)} {found.subject}")
        zone = policy.timezone
        rows = {
            "status": found.status + (f": {found.pending_reason}" if found.pending_reason else ""),
            "held": found.held,
            "priority": f"{found.priority} (impact {found.impact}, urgency {found.urgency})",
            "type": f"{found.type}, {found.category}" + (f", {found.service}" if found.service else ""),
            "group": found.group,
            "assignee": found.assignee,
            "requester": f"{found.requester.name} <{found.requester.address}>".strip(),
            "opened": local(found.opened_at, zone),
            "tags": ", ".join(found.tags),
            "fields": ", ".join(f"{k}={v}" for k, v in found.fields.items()),
        }
        for key, value in rows.items():
            if value:
                say(f"  {key + ':':11} {value}")
        for c in sla.clocks(found, policy, now):
            for line in clock_lines(c, found, policy, now):
                say(line)
        for line in handed_over_lines(journal.events(connection, found.number), policy):
            say(line)
        for stored in entries:
            entry = stored.message
            arrow = "note by" if entry.internal else "from" if entry.direction == "in" else "answered by"
            say(f"\n--- {stored.id}  {local(entry.at, zone)}  {arrow} {entry.sender.name or entry.sender.address}")
            say(entry.text)
            for attachment in entry.attachments:
                say(f"    [{attachment.filename}, {attachment.size} octets]")


def explain(ticket: Number) -> None:
    """Say why a ticket is as it is."""
    with looking(ticket) as (opened, connection, found):
        for line in sentences(found, journal.events(connection, found.number), opened.policy):
            say(line)


def events(ticket: Number, as_json: Json = False) -> None:
    """Show a ticket's journal."""
    with looking(ticket) as (opened, connection, found):
        entries = journal.events(connection, found.number)
        if as_json:
            emit(shapes.event(entry) for entry in entries)
            return
        zone = opened.policy.timezone
        table(
            ("at", "kind", "actor", "cause", "what"),
            [
                (local(e.at, zone), e.kind, e.actor, e.cause, ", ".join(f"{k}={v}" for k, v in e.data.items()))
                for e in entries
            ],
            empty="No events.",
        )


def register(app: typer.Typer) -> None:
    """Add these commands, and those that change a ticket."""
    ticket = typer.Typer(help="Tickets.", no_args_is_help=True)
    ticket.command("list")(listing)
    for command in (show, explain, events):
        ticket.command()(command)
    changing.register(ticket)
    app.add_typer(ticket, name="ticket")
