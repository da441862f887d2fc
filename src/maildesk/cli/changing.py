"""`ticket take`, `assign`, `comment` ...: the changes that mail commands make."""

from datetime import datetime
from typing import Annotated

import typer

from maildesk import clock
from maildesk.cli import numbers
from maildesk.cli.common import actor, desk, local, records, say, words
from maildesk.cli.numbers import Number
from maildesk.desk.people import owners
from maildesk.desk.staff import merging, receipt
from maildesk.desk.staff.acting import Act
from maildesk.desk.staff.command import Order, nearest
from maildesk.errors import PermanentError
from maildesk.mail.subject import reference
from maildesk.runners import tickets as changing

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
        for line in receipt.lines(before, after, policy):
            old, new = (_shown(line[key], policy.timezone) for key in ("old", "new"))
            say(f"  {line['what']}: {old} -> {new}")


def _shown(value: str, timezone: str) -> str:
    """A value for people: moments on the desk's clock."""
    try:
        return local(datetime.fromisoformat(value), timezone)
    except ValueError:
        return value or "-"


Other = Annotated[str, typer.Argument(metavar="OTHER", help="The other ticket.")]
As = Annotated[str, typer.Option("--as", help="The member of the staff who does it.")]


def take(ticket: Number, by: Annotated[str, typer.Argument(help="The member of the staff who takes it.")]) -> None:
    """Make a member of the staff the assignee, in progress."""
    _change(ticket, (Order(word="take"),), as_person=by)


def assign(ticket: Number, to: Annotated[str, typer.Argument(help="A person or a group.")], note: Text = None) -> None:
    """Hand a ticket to a person or a group; they get the dispatch mail."""
    _change(ticket, (Order(word="assign", argument=to),), text=words(note))


def escalate(ticket: Number, note: Text = None, by: As = "") -> None:
    """Hand a ticket to the group that its group escalates to; what is known so far goes along."""
    _change(ticket, (Order(word="escalate", argument=words(note)),), as_person=by)


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


def undo(ticket: Number) -> None:
    """Take back what you last changed on a ticket, within 30 minutes; mails that left are not taken back."""
    _change(ticket, (Order(word="undo"),))


def priority(ticket: Number, value: Annotated[str, typer.Argument(help="P1, P2, P3 or P4.")]) -> None:
    """Set the priority by hand; the clocks are recomputed from the opening."""
    _change(ticket, (Order(word="priority", argument=value),))


def link(
    ticket: Number,
    other: Other,
    kind: Annotated[str, typer.Option(help="related, duplicate, parent, child or follows.")] = "related",
) -> None:
    """Link a ticket to another one: the other one is its duplicate, parent ..."""
    if kind not in merging.LINKS:
        raise typer.BadParameter(f"{kind} is no kind of link: related, duplicate, parent, child or follows")
    _change(ticket, (Order(word="link", argument=f"{_plain(other)} {kind}"),))


def merge(ticket: Number, into: Other, why: Text = None) -> None:
    """Make a ticket part of another one: its people and mails are there from now on; its requester hears so."""
    _change(ticket, (Order(word="merge", argument=f"{_plain(into)} {words(why)}".strip()),))


def split(ticket: Number, subject: Text = None) -> None:
    """Make a ticket of its own of the last mail from outside; its writer hears the number."""
    _change(ticket, (Order(word="split", argument=words(subject)),))


def _plain(wanted: str) -> int:
    """The number of a ticket as written."""
    with records() as opened:
        return numbers.number(wanted, opened.policy)


def major(ticket: Number, why: Text = None, by: As = "") -> None:
    """Make a ticket lead a major incident: the managers hear at once, the like tickets are attached."""
    _change(ticket, (Order(word="major", argument=words(why)),), as_person=by)


def bulletin(ticket: Number, text: Annotated[list[str], typer.Argument(help="Words.")], by: As = "") -> None:
    """Tell everybody whom a major incident affects, each on his own ticket."""
    _change(ticket, (Order(word="bulletin", argument=words(text)),), as_person=by)


def all_clear(ticket: Number, text: Text = None, by: As = "") -> None:
    """End a major incident: all its tickets are resolved, each requester is asked, the lead gets the review sheet."""
    _change(ticket, (Order(word="all-clear", argument=words(text)),), as_person=by)


def spam(ticket: Number, why: Text = None) -> None:
    """Call a ticket spam: it is closed without a mail, and the next ones of its sender are held."""
    _change(ticket, (Order(word="spam", argument=words(why)),))


def ham(ticket: Number, why: Text = None) -> None:
    """A held ticket is no spam: it is acknowledged and dispatched, and so are the next ones of its sender."""
    _change(ticket, (Order(word="ham", argument=words(why)),))


def release(ticket: Number) -> None:
    """Let a held ticket (spam, bulk) go the usual way, without remembering its sender."""
    with desk() as opened:
        changing.release(opened, numbers.number(ticket, opened.policy), actor(), clock.now())
        say("Released: acknowledged and dispatched.")


def register(ticket: typer.Typer) -> None:
    """Add these commands to those of tickets."""
    for command in (
        take,
        assign,
        escalate,
        comment,
        pending,
        resume,
        resolve,
        close,
        reopen,
        priority,
        undo,
        link,
        merge,
        split,
        major,
        bulletin,
        all_clear,
        spam,
        ham,
        release,
    ):
        ticket.command()(command)
