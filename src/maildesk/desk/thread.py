"""To which ticket a mail belongs (PROTOCOLS 3): a reference is an offer, taking part is the permission."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from maildesk.desk import vendors
from maildesk.desk.model import Facts, Ticket, Token
from maildesk.desk.monitoring import alert_reading
from maildesk.desk.monitoring.alert import Alert
from maildesk.desk.people import directory
from maildesk.desk.people.requesters import same_person
from maildesk.desk.policy import Person, Policy
from maildesk.desk.requests import confirmation
from maildesk.desk.staff import merging
from maildesk.mail import subject
from maildesk.mail.ids import fold_address, same_address

Role = Literal["requester", "participant", "staff", "vendor", "bounce", "automatic"]
Way = Literal["signed id", "stored id", "references", "subject"]
_WEIGHT: dict[Way, int] = {"signed id": 8, "stored id": 4, "subject": 4, "references": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A ticket of its own. `claims` are tickets it names without a right to them, `follows` one closed for good."""

    reason: str
    claims: tuple[int, ...] = ()
    follows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongs:
    """Part of a ticket, in a role. `token` is the signed id that was this sender's own, if he showed it."""

    ticket: Ticket
    role: Role
    way: str
    person: Person | None = None
    token: Token | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """Nothing to do, and why. `ticket` is the one it is filed beside."""

    reason: str
    ticket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """A monitoring system writes: each alert goes to the ticket of its own key."""

    alerts: tuple[Alert, ...]


Thread = New | Belongs | Ignore


def match(facts: Facts, policy: Policy, now: datetime) -> Thread | Monitored:
    """Where a mail belongs. Deterministic: the best candidate wins, of equals the newest ticket."""
    found = _match(facts, policy, now)
    alerts = alert_reading.read(facts.mail, policy.alerting) if isinstance(found, New) else ()
    return Monitored(alerts=alerts) if alerts else found


def _match(facts: Facts, policy: Policy, now: datetime) -> Thread:
    mail = facts.mail
    if mail.origin.kind == "own":
        return Ignore(reason="a mail of the desk itself: " + "; ".join(mail.origin.reasons))
    if mail.sender is not None and directory.is_own(mail.sender.address, policy):
        return Ignore(reason=f"it comes from the desk's own address {mail.sender.address}")
    if facts.known is not None and facts.known.identical:
        return Ignore(reason=f"a second delivery of mail {facts.known.inbound}", ticket=facts.known.ticket)
    if mail.origin.kind == "bounce" and facts.bounced is not None and facts.bounced.ticket in facts.tickets:
        ticket = merging.final(facts.tickets[facts.bounced.ticket], facts.tickets)
        return Belongs(ticket=ticket, role="bounce", way="signed id", token=facts.bounced)
    claims: list[int] = []
    for number, way in _ranked(facts):
        offered = facts.tickets[number]
        ticket, role = _followed(facts, offered, _role(facts, offered, policy), policy)
        if role is None:
            claims.append(number)
        elif role in ("requester", "participant") and _closed_for_good(facts, ticket, policy, now):
            return New(reason=f"{_named([number], policy)} was closed too long ago to reopen", follows=number)
        elif not _meant_as_new(facts, offered, way, policy):
            return _belongs(facts, ticket, role, way, policy, number)
    if claims:
        return New(reason="its sender takes no part in " + _named(claims, policy), claims=tuple(claims))
    return New(reason="it refers to no ticket")


def _followed(facts: Facts, offered: Ticket, role: Role | None, policy: Policy) -> tuple[Ticket, Role | None]:
    """A merged ticket's mails go on where it went; whoever took part in it takes part there."""
    ticket = merging.final(offered, facts.tickets)
    if ticket is offered or role in (None, "staff"):
        return ticket, role
    return ticket, _role(facts, ticket, policy) or "participant"


def _named(numbers: list[int], policy: Policy) -> str:
    return ", ".join(f"{policy.reference}-{number}" for number in numbers)


def _ranked(facts: Facts) -> list[tuple[int, Way]]:
    """The candidate tickets with the strongest way each is referred to, best first."""
    best: dict[int, tuple[int, Way]] = {}
    scores: dict[int, int] = {}
    for number, way in _offers(facts):
        if number not in facts.tickets:
            continue
        weight = _WEIGHT[way]
        scores[number] = scores.get(number, 0) + weight
        if number not in best or weight > best[number][0]:
            best[number] = (weight, way)
    order = sorted(scores, key=lambda number: (best[number][0], scores[number], number), reverse=True)
    return [(number, best[number][1]) for number in order]


def _offers(facts: Facts) -> Iterator[tuple[int, Way]]:
    sender = _sender(facts)
    for token in facts.tokens:
        yield token.ticket, "signed id"
        if same_address(token.recipient, sender):
            yield token.ticket, "signed id"
    direct = set(facts.mail.in_reply_to)
    for message_id, number in facts.stored.items():
        yield number, "stored id" if message_id in direct else "references"
    for number in facts.referenced:
        yield number, "subject"


def _sender(facts: Facts) -> str:
    """The address a mail may act as: the strictly read From, nothing else."""
    return facts.mail.authentication.address


def _role(facts: Facts, ticket: Ticket, policy: Policy) -> Role | None:
    """The part a sender takes in a ticket; None for a stranger."""
    sender = _sender(facts)
    person = directory.staff(sender, policy)
    if person is not None and (own_token(facts, ticket.number, person) or not _is(sender, ticket, policy)):
        return "staff"
    if not sender:
        return None
    if _is(sender, ticket, policy):
        return "requester"
    if any(same_person(sender, a.address, policy.requesters) for a in ticket.participants):
        return "participant"
    group = policy.groups.get(ticket.group)
    tokens = [t for t in facts.tokens if t.ticket == ticket.number]
    if group is not None and group.address and same_address(sender, group.address):
        return "vendor"
    if vendors.takes_part(sender, ticket, policy):
        return "vendor"
    if any(g.address and same_address(sender, g.address) for g in policy.groups.values()) and any(
        same_address(t.recipient, sender) for t in tokens
    ):
        return "vendor"  # of an earlier dispatch: what he answers belongs here, whoever has the ticket now
    if facts.mail.origin.kind in ("automatic", "bounce") and tokens:
        return "automatic"
    return None


def _is(sender: str, ticket: Ticket, policy: Policy) -> bool:
    return same_person(sender, ticket.requester.address, policy.requesters)


def own_token(facts: Facts, number: int, person: Person) -> Token | None:
    """The signed id by which a mail proves that it answers one that we sent to this member of the staff."""
    mine = {fold_address(a) for a in person.addresses}
    for token in facts.tokens:
        if token.ticket == number and token.person == person.key and fold_address(token.recipient) in mine:
            return token
    return None


def _meant_as_new(facts: Facts, ticket: Ticket, way: Way, policy: Policy) -> bool:
    """References alone do not glue: a forward, or another subject, is a matter of its own."""
    if way != "references":
        return False
    if subject.is_forward(facts.mail.subject):
        return True
    called = {ticket.subject.casefold(), *(voice.subject.casefold() for voice in ticket.voices.values())}
    return subject.base(facts.mail.subject, policy.reference)[:250].casefold() not in called


def _closed_for_good(facts: Facts, ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """A word of thanks is kept on a ticket of any age; a new complaint about an old one is a new ticket."""
    if ticket.closed_at is None or now - ticket.closed_at <= timedelta(days=policy.reopen_days):
        return False
    return confirmation.confirms(facts.mail.new_text) not in ("solved", "thanks")


def _belongs(facts: Facts, ticket: Ticket, role: Role, way: Way, policy: Policy, number: int) -> Belongs:
    """`number` is the ticket that was referred to: of a merged one its own mails are answered."""
    person = directory.staff(_sender(facts), policy) if role == "staff" else None
    token = own_token(facts, number, person) if person else None
    return Belongs(ticket=ticket, role=role, way=way, person=person, token=token)
