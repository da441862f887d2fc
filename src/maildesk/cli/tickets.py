"""`ticket ...`: look at tickets, and the changes that mail commands make."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer

from maildesk import clock
from maildesk.cli import shapes
from maildesk.cli.common import Json, actor, clean, desk, emit, local, say, table, words
from maildesk.cli.explaining import sentences
from maildesk.desk import acting, commands, hours, sla
from maildesk.desk.acting import Act
from maildesk.desk.commands import Order
from maildesk.desk.draft import Draft
from maildesk.desk.lifecycle import OPEN, STATUSES
from maildesk.desk.model import Ticket
from maildesk.errors import PermanentError
from maildesk.mail.subject import reference, references
from maildesk.runners import tickets as changing
from maildesk.runners.desk import Desk
from maildesk.store import journal, messages, tickets
from maildesk.store.database import Connection, reading

Number = Annotated[str, typer.Argument(metavar="TICKET", help="1042, MD-1042 or [MD-1042].")]
Text = Annotated[list[str] | None, typer.Argument(help="Words.")]


def _number(text: str, desk: Desk) -> int:
    bare = text.strip()
    if bare.isascii() and bare.isdecimal():
        return int(bare)
    found = references(bare if bare.startswith("[") else f"[{bare}]", desk.policy.reference)
    if not found:
        raise typer.BadParameter(f"{clean(text)} is no ticket: 1042 or {desk.policy.reference}-1042")
    return found[0]


def _get(connection: Connection, number: int, desk: Desk) -> Ticket:
    ticket = tickets.get(connection, number)
    if ticket is None:
        raise PermanentError(f"there is no ticket {desk.policy.reference}-{number}")
    return ticket


@contextmanager
def _looking(text: str) -> Iterator[tuple[Desk, Connection, Ticket]]:
    with desk() as opened, reading(opened.engine) as connection:
        yield opened, connection, _get(connection, _number(text, opened), opened)


def listing(
    status: Annotated[
        str, typer.Option(help="new, assigned, in progress, pending, resolved, closed; default: open.")
    ] = "",
    group: Annotated[str, typer.Option(help="Only this group's.")] = "",
    assignee: Annotated[str, typer.Option(help="Only this person's.")] = "",
    limit: Annotated[int, typer.Option(help="At most so many, newest first.")] = 100,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: Json = False,
) -> None:
    """List tickets, newest first."""
    if status and status not in STATUSES:
        raise typer.BadParameter(f"{clean(status)} is no status: {', '.join(STATUSES)}")
    now = clock.now()
    with desk() as opened, reading(opened.engine) as connection:
        found = tickets.listing(
            connection,
            status=None if everything else status if status else OPEN,
            group=group or None,
            assignee=assignee or None,
            limit=limit,
        )
        policy = opened.policy
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


def _due(ticket: Ticket, opened: Desk, now: datetime) -> str:
    """The next deadline on the desk's clock, with a ! when it has passed."""
    running = (c.due_at for c in sla.clocks(ticket, opened.policy, now) if sla.ticks(c))
    due = min(running, default=None)
    return local(due, opened.policy.timezone)[5:] + (" !" if due and due < now else "")


def show(ticket: Number, as_json: Json = False) -> None:
    """Show one ticket with its clocks and its conversation."""
    now = clock.now()
    with _looking(ticket) as (opened, connection, found):
        entries = messages.messages(connection, found.number)
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
            target = hours.format_duration(c.target)
            say(f"  {c.kind + ':':11} {c.state}, target {target}, due {local(c.due_at, zone)}")
        for stored in entries:
            entry = stored.message
            arrow = "note by" if entry.internal else "from" if entry.direction == "in" else "answered by"
            say(f"\n--- {stored.id}  {local(entry.at, zone)}  {arrow} {entry.sender.name or entry.sender.address}")
            say(entry.text)
            for attachment in entry.attachments:
                say(f"    [{attachment.filename}, {attachment.size} octets]")


def explain(ticket: Number) -> None:
    """Say why a ticket is as it is."""
    with _looking(ticket) as (opened, connection, found):
        for line in sentences(found, journal.events(connection, found.number), opened.policy):
            say(line)


def events(ticket: Number, as_json: Json = False) -> None:
    """Show a ticket's journal."""
    with _looking(ticket) as (opened, connection, found):
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


def _change(
    wanted: str, orders: tuple[Order, ...], *, text: str = "", internal: bool = False, as_person: str = ""
) -> None:
    """Carry out what a mail command would, and say what changed. Exit 1 when it cannot be done."""
    with desk() as opened:
        policy = opened.policy
        person = commands.find_person(as_person, policy) if as_person else None
        if as_person and person is None:
            raise PermanentError(f"there is no person {as_person}{commands.nearest(as_person, list(policy.people))}")
        act = Act(actor=actor(), cause="cli", person=person, orders=orders, text=text, internal=internal)
        before, after = changing.act(opened, _number(wanted, opened), act, clock.now())
        say(f"{reference(after.number, policy.reference)} {after.subject}")
        for line in acting.receipt_lines(before, after, policy):
            say(f"  {line['what']}: {line['old'] or '-'} -> {line['new'] or '-'}")


As = Annotated[str, typer.Option("--as", help="The member of the staff who does it.")]


def take(ticket: Number, by: Annotated[str, typer.Argument(help="The member of the staff who takes it.")]) -> None:
    """Make a member of the staff the assignee, in progress."""
    _change(ticket, (Order(word="take"),), as_person=by)


def assign(ticket: Number, to: Annotated[str, typer.Argument(help="A person or a group.")], note: Text = None) -> None:
    """Hand a ticket to a person or a group; they get the dispatch mail."""
    _change(ticket, (Order(word="assign", argument=to),), text=words(note))


def comment(
    ticket: Number,
    text: Annotated[list[str], typer.Argument(help="Words.")],
    to_requester: Annotated[bool, typer.Option("--to-requester", help="Send it to the requester.")] = False,
    by: As = "",
) -> None:
    """Add an internal note, or an answer to the requester."""
    _change(ticket, (), text=words(text), internal=not to_requester, as_person=by)


def pending(
    ticket: Number,
    reason: Text = None,
    until: Annotated[str, typer.Option("--until", help="A date, a time or a business duration (2d).")] = "",
) -> None:
    """Stop the clocks: wait for the requester, a vendor or a date."""
    argument = " ".join([f"until {until}" if until else "", *(reason or [])]).strip()
    _change(ticket, (Order(word="pending", argument=argument),))


def resume(ticket: Number) -> None:
    """Let the clocks of a pending ticket run again."""
    _change(ticket, (Order(word="resume"),))


def resolve(ticket: Number, solution: Text = None, by: As = "") -> None:
    """Call a ticket resolved; the requester is asked to confirm."""
    _change(ticket, (Order(word="resolve", argument=words(solution)),), as_person=by)


def close(ticket: Number) -> None:
    """Close a ticket."""
    _change(ticket, (Order(word="close"),))


def reopen(ticket: Number, why: Text = None) -> None:
    """Open a resolved or closed ticket again."""
    _change(ticket, (Order(word="reopen", argument=words(why)),))


def priority(ticket: Number, value: Annotated[str, typer.Argument(help="P1, P2, P3 or P4.")]) -> None:
    """Set the priority by hand; the clocks are recomputed from the opening."""
    _change(ticket, (Order(word="priority", argument=value),))


def link(
    ticket: Number,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other ticket.")],
    kind: Annotated[str, typer.Option(help="related, duplicate, parent, child or follows.")] = "related",
) -> None:
    """Link a ticket to another one."""
    if kind not in ("related", "duplicate", "parent", "child", "follows"):
        raise typer.BadParameter(f"{kind} is no kind of link: related, duplicate, parent, child or follows")
    with desk() as opened:
        number, to = _number(ticket, opened), _number(other, opened)

        def decide(before: Ticket, connection: Connection) -> Draft:
            _get(connection, to, opened)
            if to == number:
                raise PermanentError("a ticket is not linked to itself")
            draft = Draft(before, at=clock.now(), actor=actor(), cause="cli")
            draft.add("linked", kind=kind, number=to)
            return draft

        changing.change(opened, number, lambda before, c: decide(before, c).decision("linked"), clock.now())
        say(f"{opened.policy.reference}-{number} {kind} {opened.policy.reference}-{to}")


def release(ticket: Number) -> None:
    """Let a held ticket (spam, bulk) go the usual way: it is dispatched now."""
    with desk() as opened:
        changing.release(opened, _number(ticket, opened), actor(), clock.now())
        say("Released and dispatched.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    ticket = typer.Typer(help="Tickets.", no_args_is_help=True)
    ticket.command("list")(listing)
    for command in (show, explain, events, take, assign, comment, pending, resume, resolve, close, reopen, priority):
        ticket.command()(command)
    ticket.command()(link)
    ticket.command()(release)
    app.add_typer(ticket, name="ticket")
