"""What the index of likeness says of a new mail, and what it learns of a new ticket."""

from dataclasses import replace
from datetime import timedelta

from maildesk.desk.knowledge import similarity
from maildesk.desk.knowledge.knowing import Near
from maildesk.desk.knowledge.similarity import Likeness
from maildesk.desk.model import Alike, Decision, Facts
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.mail import subject
from maildesk.mail.ids import fold_address
from maildesk.mail.model import Mail
from maildesk.store import likeness, tickets
from maildesk.store.database import Connection
from maildesk.store.encoding import indexable
from maildesk.store.likeness import Entry, Look

_RECENT = 40  # tickets that are compared with a mail for a surge


def profile(mail: Mail, policy: Policy) -> similarity.Profile:
    """What a mail is compared by: its subject without marks, and what its writer wrote himself."""
    return similarity.profile(subject.base(mail.subject, policy.reference), mail.new_text or mail.text)


def look(c: Connection, facts: Facts, policy: Policy) -> Look:
    """The tickets that a new mail may be like, within the times that the policy asks for."""
    wish, surge = policy.duplicates, policy.surging
    recent = facts.arrived - timedelta(seconds=surge.within)
    since = min(facts.arrived - timedelta(seconds=wish.within), recent)
    return likeness.look(
        c,
        profile(facts.mail, policy),
        since=since,
        recent=(recent, _RECENT) if surge.mails else None,
        worded=min(wish.at_least, surge.at_least) / 100 - 0.005,
    )


def told(c: Connection, found: Look, facts: Facts, policy: Policy) -> Facts:
    """The facts with the tickets that are like the mail, the most alike first, and those a surge is counted by."""
    wish, surging = policy.duplicates, policy.surging
    since = facts.arrived - timedelta(seconds=wish.within)
    like = [(one, how) for one, how in found.near if round(100 * how.score) >= wish.at_least and one.at >= since]
    near = tuple(_near(entry, how) for entry, how in found.near) if surging.mails else ()
    counted = [one for one in near if round(100 * one.score) >= surging.at_least or "similarity" not in surging.by]
    numbers = {entry.ticket for entry, _ in like} | {n for one in counted for n in (one.ticket, one.surge) if n}
    known = tickets.load_readable(c, numbers)
    alike = tuple(
        Alike(ticket=known[entry.ticket], score=how.score, words=how.words)
        for entry, how in like
        if entry.ticket in known
    )
    return replace(facts, alike=alike, near=near, tickets={**facts.tickets, **known})


def _near(entry: Entry, how: Likeness) -> Near:
    return Near(
        ticket=entry.ticket,
        at=entry.at,
        requester=entry.requester,
        service=entry.service,
        department=entry.department,
        score=how.score,
        words=how.words,
        surge=entry.surge or 0,
    )


def keep(c: Connection, decision: Decision, facts: Facts, policy: Policy) -> None:
    """A ticket that was opened can be found from now on."""
    ticket = decision.ticket
    if decision.before is not None or ticket is None or ticket.held:
        return
    known = directory.known_as(ticket.requester.address, policy)
    likeness.keep(
        c,
        Entry(
            ticket=ticket.number,
            at=ticket.opened_at,
            requester=indexable(fold_address(ticket.requester.address)),
            service=indexable(ticket.service),
            department=indexable(known.department if known else ""),
            profile=profile(facts.mail, policy),
            surge=ticket.surge or None,
        ),
    )
