"""Everything a decision may want to know of a mail, in few statements, in the transaction that applies it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select

from maildesk.desk import lifecycle
from maildesk.desk.model import Facts, Judgement, Known, Lookup, Token, Work
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.requests.acknowledging import reply_address
from maildesk.desk.staff import merging, orders, splitting
from maildesk.desk.staff.command import Beside, Order
from maildesk.mail import subject
from maildesk.mail.ids import fold_address, from_plus, verify
from maildesk.mail.model import Mail
from maildesk.store import likeness, lookup
from maildesk.store.encoding import indexable
from maildesk.store.messages import latest
from maildesk.store.portable import AnyRow
from maildesk.store.tables import ACKNOWLEDGEMENT, TO_STRANGER, counter, inbound, message, outbox, sender, ticket
from maildesk.store.tickets import load, requests, with_targets

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

_NEXT_NUMBER = select(counter.c.next).where(counter.c.name == "ticket")
_NEXT_NUMBER_HELD = _NEXT_NUMBER.with_for_update()
_SAME_ID = (inbound.c.message_id == bindparam("message_id"), inbound.c.id != bindparam("inbound"))
_TO_SENDER = (ACKNOWLEDGEMENT, outbox.c.recipient_key == bindparam("address"))
_JUDGED = (sender.c.address == bindparam("sender"), sender.c.until > bindparam("now"))
_JUDGEMENT = ("verdict", "by", "at", "ticket")
_ABOUT = select(
    select(func.min(inbound.c.id))
    .where(*_SAME_ID, inbound.c.canonical_hash == bindparam("hash"))
    .scalar_subquery()
    .label("identical"),
    select(func.min(inbound.c.id)).where(*_SAME_ID).scalar_subquery().label("namesake"),
    select(func.count()).where(ticket.c.requester == bindparam("address")).scalar_subquery().label("history"),
    select(ticket.c.number)
    .join(message, message.c.ticket == ticket.c.number)
    .where(ticket.c.requester == bindparam("address"), message.c.direction == "out")
    .exists()
    .label("answered"),
    select(func.count()).where(*_TO_SENDER, outbox.c.created > bindparam("hour")).scalar_subquery().label("hour"),
    select(func.count()).where(*_TO_SENDER, outbox.c.created > bindparam("day")).scalar_subquery().label("day"),
    select(func.count()).where(TO_STRANGER, outbox.c.created > bindparam("hour")).scalar_subquery().label("strangers"),
    *(select(sender.c[key]).where(*_JUDGED).scalar_subquery().label(f"judged_{key}") for key in _JUDGEMENT),
)
_RECENT = 300  # tickets in which a group's turns are looked for
_OPEN = (
    select(ticket.c.assignee, func.count().label("tickets"))
    .where(ticket.c.status.in_(sorted(lifecycle.OPEN)), ticket.c.assignee != "")
    .group_by(ticket.c.assignee)
)
_LATEST = (
    select(ticket.c.group, ticket.c.assignee, ticket.c.state)
    .where(ticket.c.number > bindparam("since"), ticket.c.assignee != "")
    .order_by(ticket.c.number.desc())
)
_TICKET_OF = select(inbound.c.ticket).where(inbound.c.id == bindparam("row"))
_NAMELESS = select(func.min(inbound.c.id)).where(
    inbound.c.message_id.is_(None),
    inbound.c.canonical_hash == bindparam("hash"),
    inbound.c.arrived == bindparam("arrived"),
    inbound.c.id != bindparam("inbound"),
)
_SENT = select(
    *(outbox.c[name] for name in ("message_id", "ticket", "person", "audience", "recipient")),
).where(outbox.c.message_id.in_(bindparam("ids", expanding=True)))
_FIRST_HOLDER = (
    select(func.min(message.c.id))
    .where(message.c.message_id.in_(bindparam("ids", expanding=True)), message.c.direction == "in")
    .group_by(message.c.message_id)
)
_STORED = select(message.c.message_id, message.c.ticket).where(message.c.id.in_(_FIRST_HOLDER))


def gather(
    c: Connection,
    mail: Mail,
    *,
    inbound: int,
    mailbox: str,
    arrived: datetime,
    historic: bool,
    oversize: bool,
    key: bytes,
    policy: Policy,
    now: datetime,
) -> Facts:
    """The facts about the mail of ledger row `inbound`. `key` signs our Message-IDs (ids.ours).

    In a transaction that writes on PostgreSQL the next ticket number stays ours until it ends: other instances wait.
    """
    bare = Facts(mail=mail, inbound=inbound, mailbox=mailbox, arrived=arrived, historic=historic, oversize=oversize)
    number = _next_number(c)
    about = _about(c, mail, inbound, reply_address(bare, policy), now)
    known = _known(c, about, bare)
    plus = (from_plus(a.address, policy.address) for a in (*mail.to, *mail.cc)) if policy.plus_address else ()
    referring = dict.fromkeys((*mail.in_reply_to, *mail.references, *filter(None, plus)))
    original = mail.bounce.original_message_id if mail.bounce else ""
    sent = _sent(c, key, (*referring, original))
    tokens = tuple(sent[id] for id in referring if id in sent)
    stored = _stored(c, referring)
    named = subject.references(mail.subject, policy.reference)
    candidates = (t.ticket for t in sent.values())
    works = _handed_over(mail, tokens, policy)
    given = _orders(mail, policy)
    ordered = tuple(n for order in given for n in (order.ticket, *lookup.named(order)) if n)
    meant = (*(merging.numbers(mail.new_text) if works or ordered else ()), *ordered)
    again = (known.ticket,) if known and known.ticket else ()
    tickets = with_targets(c, load(c, (*candidates, *stored.values(), *named, *meant, *again)))
    at_work = [merging.final(tickets[n], tickets).number for n in (*works, *ordered) if n in tickets]
    tickets = {**likeness.together(c, (tickets[n] for n in at_work if n in tickets)), **tickets}
    return replace(
        bare,
        next_number=number,
        tickets=tickets,
        tokens=tokens,
        stored=stored,
        referenced=tuple(n for n in named if n in tickets),
        requests=requests(c, at_work),
        latest=latest(c, at_work) if splitting.wanted(mail.new_text) else {},
        lookup=lookup.look(c, given, at_work[:1]) if given else Lookup(),
        known=known,
        judgement=_judgement(about),
        bounced=sent.get(original),
        history=about.history,
        answered=about.answered,
        acknowledged_hour=about.hour,
        acknowledged_day=about.day,
        unverified_hour=about.strangers,
    )


def beside(c: Connection, number: int, given: Sequence[Order]) -> Beside:
    """What commands at the command line, as a mail would have them, need to know besides their ticket."""
    words = "\n".join(f"#{order.word} {order.argument}" for order in given)
    return Beside(
        tickets={
            **likeness.together(c, load(c, [number]).values()),
            **with_targets(c, load(c, merging.numbers(words))),
        },
        requests=requests(c, [number]),
        latest=latest(c, [number]) if splitting.wanted(words) else {},
        next_number=_next_number(c),
        lookup=lookup.look(c, given, [number]),
    )


def work(c: Connection) -> Work:
    """What the staff have on their hands: their open tickets, and whose each group's last tickets are."""
    latest: dict[str, list[str]] = {}
    turns: dict[str, dict[str, float]] = {}
    for row in c.execute(_LATEST, {"since": c.execute(_NEXT_NUMBER).scalar_one() - _RECENT}):
        latest.setdefault(row.group, []).append(row.assignee)
        turn = json.loads(row.state).get("turn", 0.0)
        if turn:
            held = turns.setdefault(row.group, {})
            held[row.assignee] = max(turn, held.get(row.assignee, 0.0))
    return Work(
        open={row.assignee: row.tickets for row in c.execute(_OPEN)},
        latest={group: tuple(keys) for group, keys in latest.items()},
        turns=turns,
    )


def _next_number(c: Connection) -> int:
    readonly = c.get_execution_options().get("readonly", False)
    number: int = c.execute(_NEXT_NUMBER if readonly else _NEXT_NUMBER_HELD).scalar_one()
    return number


def _about(c: Connection, mail: Mail, inbound: int, address: str, now: datetime) -> AnyRow:
    asked = {
        "message_id": indexable(mail.message_id) or None,
        "inbound": inbound,
        "hash": mail.canonical_hash,
        "address": indexable(fold_address(address)),
        "sender": indexable(fold_address(mail.authentication.address)),
        "now": now,
        "hour": now - _HOUR,
        "day": now - _DAY,
    }
    return c.execute(_ABOUT, asked).one()


def _judgement(about: AnyRow) -> Judgement | None:
    """What the staff said of the sender."""
    if about.judged_verdict is None:
        return None
    return Judgement(**{key: getattr(about, f"judged_{key}") for key in _JUDGEMENT})


def _known(c: Connection, about: AnyRow, bare: Facts) -> Known | None:
    """What is held of the same Message-ID; of a mail found again without one, what has its hash and arrival time."""
    identical, found = about.identical is not None, about.identical or about.namesake
    if bare.historic and not bare.mail.message_id and bare.mail.canonical_hash:
        asked = {"hash": bare.mail.canonical_hash, "arrived": bare.arrived, "inbound": bare.inbound}
        found = c.execute(_NAMELESS, asked).scalar_one()
        identical = found is not None
    if found is None:
        return None
    return Known(inbound=found, ticket=c.execute(_TICKET_OF, {"row": found}).scalar_one(), identical=identical)


def _sent(c: Connection, key: bytes, ids: Iterable[str]) -> dict[str, Token]:
    """Mails of ours among `ids`: the signature holds, and the row it names is about the ticket it names."""
    signed = {id: number for id in ids if (number := verify(key, id)) is not None}
    if not signed:
        return {}
    return {
        row.message_id: Token(
            message_id=row.message_id,
            ticket=row.ticket or 0,
            person=row.person,
            audience=row.audience,
            recipient=row.recipient,
        )
        for row in c.execute(_SENT, {"ids": list(signed)})
        if (row.ticket or 0) == signed[row.message_id]
    }


def _stored(c: Connection, ids: Iterable[str]) -> dict[str, int]:
    """Tickets that hold a mail of this id; of several the first one: an id used again proves nothing."""
    wanted = {indexable(id): id for id in ids}
    if not wanted:
        return {}
    return {wanted[row.message_id]: row.ticket for row in c.execute(_STORED, {"ids": list(wanted)})}


def _orders(mail: Mail, policy: Policy) -> tuple[Order, ...]:
    """The commands and questions of a mail that a member of the staff wrote, or somebody in his name."""
    if mail.origin.kind != "human" or directory.staff(mail.authentication.address, policy) is None:
        return ()
    return orders.read(mail.new_text, reference=policy.reference).orders


def _handed_over(mail: Mail, tokens: Iterable[Token], policy: Policy) -> list[int]:
    """Tickets that this member of the staff may pass on: he answers a mail we sent him about them."""
    person = directory.staff(mail.authentication.address, policy)
    if person is None:
        return []
    return list(dict.fromkeys(token.ticket for token in tokens if token.person == person.key and token.ticket))
