"""What a template can speak of: the desk, the reader, the ticket, and the values of its event."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from maildesk.desk.model import Notice, Recipient, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address, Attachment
from maildesk.notify import words
from maildesk.notify.catalogue import BLANKS, EVENTS
from maildesk.notify.render import Look, Reader

_DESK = ("name", "address")
_TO = ("name", "address", "staff")
_TICKET = (
    "reference number subject type category service status priority priority_reason impact urgency group assignee"
    " requester opened_at tags pending_reason pending_until"
).split()
_PLAIN = ("text", "quoted", "written", "attachments", "omitted")

Context = dict[str, Any]


def names(event: str) -> Mapping[str, tuple[str, ...]]:
    """Every name that a template of this event may use, with its fields where it has some."""
    ticket = {"ticket": tuple(_TICKET)} if EVENTS[event].ticket else {}
    return {"desk": _DESK, "to": _TO} | ticket | dict.fromkeys((*_PLAIN, *EVENTS[event].values), ())


def build(notice: Notice, policy: Policy) -> Context:
    """The context of a notice: plain values only. A value that the notice does not carry is blank.

    A stranger's mail knows the ticket's reference and nothing else: not a byte of his own text comes back to him.
    """
    stranger = notice.event == "acknowledged-stranger"
    outsider = stranger or notice.audience == "vendor"  # knows the reference and what was written for him
    to = notice.to
    values: Context = {**BLANKS[notice.event], **notice.values}
    values["desk"] = {"name": policy.name, "address": policy.address}
    values["to"] = {"name": "" if stranger else to.name, "address": to.address, "staff": bool(to.person)}
    values["ticket"] = _ticket(notice, policy, stranger=outsider)
    values["text"] = "" if stranger else notice.text
    values["attachments"] = [] if stranger else [attachment.filename for attachment in notice.attachments]
    values["omitted"] = [] if stranger else list(notice.omitted)
    return values


def _requester(notice: Notice, ticket: Ticket, policy: Policy) -> Context:
    """Who asks, as far as the reader may know: nobody outside but himself, and of the staff as the policy says."""
    if notice.audience == "requester":
        return {"name": ticket.requester.name, "address": ticket.requester.address}
    outside = not notice.to.person and notice.to.address != policy.owner
    if notice.audience == "participant" or (notice.audience in ("assignee", "group") and outside):
        return {"name": "", "address": ""}  # in copy, or a vendor
    return {"name": ticket.requester.name, "address": ticket.requester.address if policy.show_addresses else ""}


def _ticket(notice: Notice, policy: Policy, *, stranger: bool) -> Context | None:
    ticket, values = notice.ticket, notice.values
    if ticket is None:
        return None
    named = {"reference": f"{policy.reference}-{ticket.number}", "number": ticket.number}
    if stranger:
        return {**dict.fromkeys(_TICKET, ""), **named, "tags": [], "requester": {"name": "", "address": ""}}
    assignee = policy.people.get(ticket.assignee)
    return {
        **named,
        "subject": ticket.subject,
        "type": ticket.type,
        "category": ticket.category,
        "service": ticket.service,
        "status": ticket.status,
        "priority": ticket.priority,
        "priority_reason": values.get("priority_reason", ""),
        "impact": ticket.impact,
        "urgency": ticket.urgency,
        "group": ticket.group,
        "assignee": assignee.name if assignee else ticket.assignee,
        "requester": _requester(notice, ticket, policy),
        "opened_at": ticket.opened_at,
        "tags": list(ticket.tags),
        "pending_reason": ticket.pending_reason,
        "pending_until": ticket.pending_until,
    }


def reader(notice: Notice, policy: Policy, language: str, now: datetime) -> Reader:
    """Whose mail it is. The language is that of the template."""
    return Reader(language=language, zone=words.zone(notice.to.timezone, policy.timezone), now=now)


def look(notice: Notice, language: str) -> Look:
    """How the mail is dressed: in the colour of its priority, red when a clock ran out or the desk is in trouble."""
    kind = EVENTS[notice.event]
    stranger = notice.event == "acknowledged-stranger"
    return Look(
        language=language,
        priority=notice.ticket.priority if notice.ticket and not stranger else "",
        alarming=notice.event in ("sla-breached", "alarm", "digest"),
        letter=kind.look == "letter",
    )


def sample(event: str, audience: str, language: str, *, full: bool) -> tuple[Context, Reader, Look]:
    """Something to try a template on: every value there, or as good as none."""
    kind = EVENTS[event]
    at = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)
    person = Address(name="Wang Fang" if full else "", address="wang@corp.example")
    ticket = Ticket(
        number=1042,
        opened_at=at,
        subject="VPN" if full else "",
        service="vpn" if full else "",
        group="l2-network" if full else "",
        assignee="li" if full else "",
        tags=("outage",) if full else (),
        pending_until=at if full else None,
        requester=person,
    )
    file = Attachment(filename="screen.png", content_type="image/png", size=1, sha256="", inline=False, data=b"x")
    notice = Notice(
        event=event,
        audience=audience,
        to=Recipient(address=person.address, name=person.name, language=language, person="li" if full else ""),
        n="1",
        ticket=ticket if kind.ticket and (full or audience not in kind.ticketless) else None,
        values=kind.values if full else {},
        text="first line\n  second line" if full else "",
        attachments=(file,) if full else (),
        omitted=("core.dump (80.0 MB)",) if full else (),
    )
    policy = Policy(address="it@corp.example", owner="ops@corp.example")
    return build(notice, policy), reader(notice, policy, language, at), look(notice, language)
