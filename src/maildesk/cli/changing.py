"""`ticket take`, `assign`, `comment` ...: the changes that mail commands make."""

from datetime import datetime
from typing import Annotated

import typer

from maildesk import clock
from maildesk.cli import numbers
from maildesk.cli.common import actor, desk, local, say, words
from maildesk.cli.numbers import Number
from maildesk.desk import acting, owners
from maildesk.desk.acting import Act
from maildesk.desk.command import Order, nearest
from maildesk.desk.draft import Draft
from maildesk.desk.model import Ticket
from maildesk.errors import PermanentError
from maildesk.mail.subject import reference
from maildesk.runners import tickets as changing
from maildesk.store.database import Connection

Text = Annotated[list[str] | None, typer.Argument(help="Words.")]


def _change(
    wanted: str, orders: tuple[Order, ...], *, text: str = "", internal: bool = False, as_person: str = ""
) -> None:
    """Carry out what a mail command would, and say what changed. Exit 1 when it cannot be done."""
    with desk() as opened:
        policy = opened.policy
        person = owners.find_person(as_person, policy) if as_person else None
        if as_person and person is None:
            raise PermanentError(f"there is no person {as_person}{nearest(as_person, list(policy.people))}")
        act = Act(actor=actor(), cause="cli", person=person, orders=orders, text=text, internal=internal)
        before, after = changing.act(opened, numbers.number(wanted, opened.policy), act, clock.now())
        say(f"{reference(after.number, policy.reference)} {after.subject}")
        for line in acting.receipt_lines(before, after, policy):
            old, new = (_shown(line[key], policy.timezone) for key in ("old", "new"))
            say(f"  {line['what']}: {old} -> {new}")


def _shown(value: str, timezone: str) -> str:
    """A value for people: moments on the desk's clock."""
    try:
        return local(datetime.fromisoformat(value), timezone)
    except ValueError:
        return value or "-"


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
    if not words(text).strip():
        raise typer.BadParameter("a comment needs words")
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
        number, to = numbers.number(ticket, opened.policy), numbers.number(other, opened.policy)

        def decide(before: Ticket, connection: Connection) -> Draft:
            numbers.ticket(connection, to, opened.policy)
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
        changing.release(opened, numbers.number(ticket, opened.policy), actor(), clock.now())
        say("Released and dispatched.")


def register(ticket: typer.Typer) -> None:
    """Add these commands to those of tickets."""
    for command in (take, assign, comment, pending, resume, resolve, close, reopen, priority, link, release):
        ticket.command()(command)
