"""What a rule can ask besides the mail itself: who the sender is, what time it is, the ticket that a reply is about."""

from maildesk.desk.classification import Match
from maildesk.desk.clocks import hours
from maildesk.desk.people import directory
from maildesk.rules import arguments
from maildesk.rules.case import Case, Condition, among, search, sender_of, yes


def department(case: Case, argument: arguments.Names) -> Match | None:
    """The sender belongs to one of these departments, as the directory says; letter case is ignored."""
    known = directory.known_as(sender_of(case.facts.mail), case.policy)
    wanted = {name.casefold() for name in argument}
    return Match(text=known.department) if known and known.department.casefold() in wanted else None


def vip(case: Case, argument: arguments.YesNo) -> Match | None:
    """The directory calls the sender a VIP. From is easily forged: add `authenticated: true` where much hangs on it."""
    address = sender_of(case.facts.mail)
    known = directory.known_as(address, case.policy)
    return yes(argument, known is not None and known.vip, address)


def person(case: Case, argument: arguments.Names) -> Match | None:
    """The sender is one of these `people`, by any of his addresses."""
    found = directory.staff(sender_of(case.facts.mail), case.policy)
    return among(found.key, argument) if found else None


def calendar(case: Case, argument: arguments.Openings) -> Match | None:
    """Each of these calendars was open or closed when the mail arrived: `{office: closed}`."""
    now = {
        name: "open" if hours.is_open(case.policy.calendars[name], case.facts.arrived) else "closed"
        for name in argument
        if name in case.policy.calendars
    }
    return Match(text=", ".join(f"{k} {v}" for k, v in now.items())) if now == argument else None


def forwarded(case: Case, argument: arguments.YesNo) -> Match | None:
    """The mail hands on somebody else's mail; its words are then read from the whole text."""
    first = case.facts.mail.forwarded_from
    return yes(argument, first is not None, first.address if first else "")


def authentication(case: Case, argument: arguments.Verdicts) -> Match | None:
    """What the relay that `trust.authserv_id` names says of the sender's address; `none` when it says nothing."""
    return among(case.facts.mail.authentication.result, argument)


def is_reply(case: Case, argument: arguments.YesNo) -> Match | None:
    """The mail belongs to a ticket; for a rule with `on: [new, reply]`."""
    return yes(argument, case.ticket is not None)


def reply_from(case: Case, argument: arguments.Repliers) -> Match | None:
    """Who replies: the requester, the staff, a vendor, or another who takes part in the conversation."""
    return among("other" if case.role == "participant" else case.role or "", argument)


def status(case: Case, argument: arguments.Statuses) -> Match | None:
    """The ticket that a reply belongs to has this status; only with `on: [reply]`."""
    return among(case.ticket.status, argument) if case.ticket else None


def ticket_type(case: Case, argument: arguments.Kinds) -> Match | None:
    """The ticket that a reply belongs to is one of these."""
    return among(case.ticket.type, argument) if case.ticket else None


def ticket_category(case: Case, argument: arguments.Names) -> Match | None:
    """The ticket that a reply belongs to has this category."""
    return among(case.ticket.category, argument) if case.ticket else None


def ticket_service(case: Case, argument: arguments.Names) -> Match | None:
    """The ticket that a reply belongs to is about this service."""
    return among(case.ticket.service, argument) if case.ticket else None


def ticket_priority(case: Case, argument: arguments.Priorities) -> Match | None:
    """The ticket that a reply belongs to has this priority."""
    return among(case.ticket.priority, argument) if case.ticket else None


def ticket_group(case: Case, argument: arguments.Names) -> Match | None:
    """The ticket that a reply belongs to is with this group."""
    return among(case.ticket.group, argument) if case.ticket else None


def ticket_assignee(case: Case, argument: arguments.Names) -> Match | None:
    """The ticket that a reply belongs to is assigned to this person."""
    return among(case.ticket.assignee, argument) if case.ticket else None


def ticket_tag(case: Case, argument: arguments.Names) -> Match | None:
    """The ticket that a reply belongs to bears one of these tags."""
    tags = case.ticket.tags if case.ticket else ()
    return next((Match(text=tag) for tag in tags if tag in argument), None)


def ticket_field(case: Case, argument: arguments.FieldRegexes) -> Match | None:
    """Each of these fields of the ticket that a reply belongs to matches: `{site: '^上海'}`."""
    values = case.ticket.fields if case.ticket else {}
    found = [search([values[name]] if name in values else [], pattern) for name, pattern in argument.items()]
    held = [match.text for match in found if match is not None]
    return Match(text=", ".join(held)) if len(held) == len(found) else None


REPLIES_ONLY = (
    reply_from,
    status,
    ticket_type,
    ticket_category,
    ticket_service,
    ticket_priority,
    ticket_group,
    ticket_assignee,
    ticket_tag,
    ticket_field,
)
CONDITIONS: dict[str, Condition] = {
    condition.__name__: condition
    for condition in (department, vip, person, calendar, forwarded, authentication, is_reply)
} | {condition.__name__: condition for condition in REPLIES_ONLY}
