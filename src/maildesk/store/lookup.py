"""What the staff's questions and #undo are answered from."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from sqlalchemy import Connection, bindparam, select

from maildesk.desk import lifecycle
from maildesk.desk.model import Lookup, Posted, Ticket
from maildesk.desk.staff import undoing
from maildesk.desk.staff.command import Order
from maildesk.store import journal, messages, tickets
from maildesk.store.portable import findable
from maildesk.store.tables import message, outbox, ticket

_JOURNAL = frozenset({"undo", "history", "why"})
_BOARD = frozenset({"list", "report"})
_MOST_OPEN = 5_000
_MOST_FOUND, _MOST_LOOKED, _MOST_WORDS = 30, 2_000, 8
_POSTED = (
    select(*(outbox.c[name] for name in ("event", "audience", "recipient", "person", "created")))
    .where(outbox.c.ticket == bindparam("number"))
    .order_by(outbox.c.id.desc())
    .limit(50)
)


def look(c: Connection, orders: Sequence[Order], own: Collection[int]) -> Lookup:
    """What some orders need; `own` are the tickets that those without a number are about."""

    def about(words: Collection[str]) -> list[int]:
        numbers: Iterable[int] = (
            n for o in orders if o.word in words for n in ((o.ticket,) if o.ticket else named(o) or tuple(own))
        )
        return list(dict.fromkeys(numbers))

    given = {order.word for order in orders}
    journals = {number: journal.events(c, number) for number in about(_JOURNAL)}
    parting = [number for entries in journals.values() for number in undoing.tied(entries)]
    journals |= {number: journal.events(c, number) for number in parting if "undo" in given}
    return Lookup(
        journals=journals,
        posted={number: _posted(c, number) for number in about({"undo"})},
        conversations={
            number: tuple(entry.message for entry in messages.conversation(c, one))
            for number, one in tickets.load(c, about({"show"})).items()
        },
        board=tuple(tickets.listing(c, status=lifecycle.OPEN, limit=_MOST_OPEN)) if given & _BOARD else (),
        found={o.argument: find(c, o.argument) for o in orders if o.word == "find" and o.argument},
    )


def named(order: Order) -> tuple[int, ...]:
    """The ticket that a question names behind its word: #show 1042."""
    digits = order.argument.rpartition("-")[2].strip("#＃ ")
    return (int(digits),) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else ()


def _posted(c: Connection, number: int) -> tuple[Posted, ...]:
    return tuple(
        Posted(event=row.event, audience=row.audience, recipient=row.recipient, person=row.person, at=row.created)
        for row in c.execute(_POSTED, {"number": findable(number)})
    )


def find(c: Connection, text: str) -> tuple[Ticket, ...]:
    """Tickets whose title, people or conversation hold all of some words, the newest first."""
    words = text.casefold().split()[:_MOST_WORDS]
    candidates: set[int] | None = None
    told: dict[str, set[int]] = {}
    for word in words:
        said = select(message.c.ticket).where(message.c.text.icontains(word, autoescape=True))
        told[word] = set(c.execute(said.order_by(message.c.id.desc()).limit(_MOST_LOOKED)).scalars())
        kept = select(ticket.c.number).where(ticket.c.state.icontains(word, autoescape=True))
        found = told[word] | set(c.execute(kept.order_by(ticket.c.number.desc()).limit(_MOST_LOOKED)).scalars())
        candidates = found if candidates is None else candidates & found
    loaded = sorted(tickets.load(c, candidates or ()).values(), key=lambda one: one.number, reverse=True)
    fits = (one for one in loaded if all(one.number in told[word] or word in _face(one) for word in words))
    return tuple(islice(fits, _MOST_FOUND))


def _face(one: Ticket) -> str:
    """What a ticket is known by."""
    people = (f"{who.name} {who.address}" for who in (one.requester, *one.participants))
    return " ".join((str(one.number), one.subject, *people, *one.fields.values())).casefold()
