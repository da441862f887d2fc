"""Who is who: staff by address, and the people behind a role."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maildesk.desk.model import Recipient, Ticket, Voice
from maildesk.desk.people.requesters import NOBODY, Requester, find
from maildesk.desk.policy import Group, Person, Policy
from maildesk.mail.ids import fold_address, same_address, split_plus
from maildesk.mail.model import Address


def staff(address: str, policy: Policy) -> Person | None:
    """The member of the staff who writes from this address."""
    wanted = fold_address(address)
    if not wanted:
        return None
    return next((p for p in policy.people.values() if wanted in map(fold_address, p.addresses)), None)


def known_as(address: str, policy: Policy) -> Requester | None:
    """What the operator says of an address, else of its domain; the staff are known by their own entries."""
    found = find(address, policy.requesters)
    person = staff(address, policy)
    if person is None:
        return found
    known = found or NOBODY
    return replace(
        known,
        name=person.name,
        language=person.language or known.language,
        timezone=person.timezone or known.timezone,
    )


def language(detected: str, policy: Policy) -> str:
    """The language to answer in, zh or en: what was detected, else the desk's."""
    if not detected:
        return policy.language
    return "zh" if detected.startswith("zh") else "en"


def recipient(person: Person, policy: Policy) -> Recipient:
    """A member of the staff as the reader of a mail."""
    return Recipient(
        address=person.addresses[0],
        name=person.name,
        language=person.language or policy.language,
        timezone=person.timezone or policy.timezone,
        person=person.key,
    )


def owner(policy: Policy) -> Recipient:
    """The desk's owner: hears of what nobody else would."""
    person = staff(policy.owner, policy)
    if person is not None:
        return replace(recipient(person, policy), address=policy.owner)
    return Recipient(address=policy.owner, language=policy.language, timezone=policy.timezone)


def requester(ticket: Ticket, policy: Policy) -> Recipient:
    """The requester as the reader of a mail: as he is known, else in the language he wrote in."""
    address = ticket.requester
    known = known_as(address.address, policy) or NOBODY
    return Recipient(
        address=address.address,
        name=address.name or known.name,
        language=known.language or language(ticket.language, policy),
        timezone=known.timezone or policy.timezone,
    )


def participants(ticket: Ticket, policy: Policy) -> tuple[tuple[Recipient, Voice], ...]:
    """Those who take part besides the requester, each as the reader of a mail and with what is known of his thread.

    Lists, robots, vendors and the desk itself are left out.
    """
    vendors = {fold_address(group.address) for group in policy.groups.values() if group.address}
    found = []
    for address in ticket.participants:
        key = fold_address(address.address)
        if is_nobody(key) or key in vendors or is_own(key, policy):
            continue
        known, person = known_as(key, policy) or NOBODY, staff(key, policy)
        voice = ticket.voices.get(key, Voice())
        reader = Recipient(
            address=address.address,
            name=address.name or known.name,
            language=known.language or language(voice.language or ticket.language, policy),
            timezone=known.timezone or policy.timezone,
            person=person.key if person else "",
        )
        found.append((reader, voice))
    return tuple(found)


def outside(address: str, ticket: Ticket, policy: Policy) -> Recipient:
    """Who takes part in a ticket with an address, as the reader of a mail."""
    if same_address(address, ticket.requester.address):
        return requester(ticket, policy)
    found = (reader for reader, _ in participants(ticket, policy) if same_address(reader.address, address))
    plain = Recipient(address=address, language=language(ticket.language, policy), timezone=policy.timezone)
    return next(found, plain)


def called(address: Address, policy: Policy) -> str:
    """What the staff read of somebody outside: his name, else his address as far as they may know it."""
    return address.name or (address.address if policy.show_addresses else address.address.partition("@")[0])


def _assignee(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    person = policy.people.get(ticket.assignee)
    return (recipient(person, policy),) if person else _group(ticket, policy)


def members(group: Group, policy: Policy) -> tuple[Recipient, ...]:
    """Those who read a group's dispatches: its members, or the vendor's one address."""
    people = tuple(recipient(policy.people[key], policy) for key in group.members if key in policy.people)
    if people or not group.address:
        return people
    return (Recipient(address=group.address, name=group.key, language=policy.language, timezone=policy.timezone),)


def _group(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    group = policy.groups.get(ticket.group)
    return members(group, policy) if group else ()


def _lead(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    group = policy.groups.get(ticket.group)
    person = policy.people.get(group.lead) if group else None
    return (recipient(person, policy),) if person else _manager(ticket, policy)


def _manager(ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """The manager of the assignee, else of the group's lead, else of its first member."""
    group = policy.groups.get(ticket.group)
    keys = (ticket.assignee, *((group.lead, *group.members) if group else ()))
    for person in filter(None, map(policy.people.get, keys)):
        above = policy.people.get(person.manager)
        if above is not None:
            return (recipient(above, policy),)
    return ()


UNKNOWN = Address(address="unknown@invalid")  # stands for a sender that cannot be read

ROLES: Mapping[str, Callable[[Ticket, Policy], tuple[Recipient, ...]]] = {
    "assignee": _assignee,
    "group": _group,
    "lead": _lead,
    "manager": _manager,
    "owner": lambda ticket, policy: (owner(policy),),
    "requester": lambda ticket, policy: (requester(ticket, policy),),
}


def recipients(role: str, ticket: Ticket, policy: Policy) -> tuple[Recipient, ...]:
    """The people behind a role or a person's key; the owner when there is nobody, so that nothing goes nowhere."""
    if role in ROLES:
        found = ROLES[role](ticket, policy)
    else:
        person = policy.people.get(role)
        found = (recipient(person, policy),) if person else ()
    usable = tuple(r for r in found if not is_own(r.address, policy))
    return usable or (owner(policy),)


def reachable(ticket: Ticket) -> bool:
    """Whether the requester can be written to: the mail that opened the ticket had a sender that could be read."""
    return ticket.requester.address != UNKNOWN.address and not ticket.alert


def is_own(address: str, policy: Policy) -> bool:
    """Whether an address is the desk's own, by itself or with something behind a plus sign."""
    bare = split_plus(address)[0]
    return any(same_address(one, own) for own in (policy.address, *policy.aliases) for one in (address, bare))


_NOBODY = frozenset(
    "abuse bounce bounces daemon do-not-reply donotreply hostmaster list listserv mailer-daemon majordomo"
    " news no-reply no_reply nobody noreply postmaster root usenet uucp webmaster www-data".split()
)


def is_nobody(address: str) -> bool:
    """Whether an address stands for a list, a role or a robot: nobody there waits for an answer."""
    local = fold_address(address).partition("@")[0].partition("+")[0]
    return local in _NOBODY or local.startswith(("owner-", "noreply", "no-reply", "bounce-", "bounces-"))
