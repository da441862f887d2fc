"""A notice to the mail that tells it: one identity, one thread, headers that say what it is (PROTOCOLS 2, 3 and 6)."""

from datetime import datetime

from maildesk.desk import vendors
from maildesk.desk.model import Notice
from maildesk.desk.policy import Policy
from maildesk.errors import PermanentError
from maildesk.mail import ids, subject
from maildesk.mail.compose import Draft, compose
from maildesk.mail.model import Address, Lane, OutgoingMail
from maildesk.notify import context, words
from maildesk.notify.catalogue import EVENTS, LANGUAGES, Kind
from maildesk.notify.render import FAULTS, Rendered, render
from maildesk.notify.templates import Cell, Templates

_STRANGER = "acknowledged-stranger"
_OUTSIDE = ("requester", "participant", "vendor")  # audiences


def mail(notice: Notice, templates: Templates, policy: Policy, key: bytes, now: datetime) -> OutgoingMail | None:
    """The mail of a notice, None where the operator switched it off. The same notice gives the same identity.

    Raises PermanentError when the recipient is no address that mail can be sent to, or when the event is unknown.
    """
    kind = EVENTS.get(notice.event)
    if kind is None:
        raise PermanentError(f"no mail is known for the event {notice.event}")
    language, cell = _cell(notice, kind, templates, policy)
    if cell.template is None:
        return None
    number = notice.ticket.number if notice.ticket else None
    recipient = notice.to.address
    dedupe_key = f"{notice.event}:{number or 0}:{notice.n}:{ids.fold_address(recipient)}"
    message_id = ids.ours(key, dedupe_key, number, ids.domain_of(policy.address))
    draft = _draft(notice, _rendered(notice, cell, language, policy, now), policy, key, message_id, kind, now)
    return OutgoingMail(
        dedupe_key=dedupe_key,
        message_id=ids.canonical(message_id),
        event=notice.event,
        audience=notice.audience,
        ticket=number,
        person=notice.to.person,
        recipient=recipient,
        sender="" if kind.auto and policy.null_sender else policy.address,
        lane=_lane(notice, kind),
        expires_after=kind.expires_after,
        data=compose(draft),
        not_before=notice.not_before,
    )


def _cell(notice: Notice, kind: Kind, templates: Templates, policy: Policy) -> tuple[str, Cell]:
    """The template for this audience, in the reader's language. A person on a ladder is told as a manager is."""
    audience = notice.audience if notice.audience in kind.audiences else "manager"
    if audience not in kind.audiences:
        audience = kind.audiences[0]
    language = words.language(notice.to.language, words.language(policy.language, LANGUAGES[-1]))
    special = templates.cells.get((notice.event, f"{audience}.{notice.variant}", language))
    return language, special or templates.cells[notice.event, audience, language]


def _rendered(notice: Notice, cell: Cell, language: str, policy: Policy, now: datetime) -> Rendered:
    """An operator's template that fails on real values gives way to the shipped one: a mail is never lost to it."""
    values = context.build(notice, policy)
    reader, look = context.reader(notice, policy, language, now), context.look(notice, language)
    heading = values["ticket"]["reference"] if values["ticket"] else ""
    reason = ""
    for template in filter(None, (cell.template, cell.fallback)):
        try:
            return render(template, values, reader, look, heading)
        except FAULTS as error:
            reason = f"{template.filename}: {error}"
    raise PermanentError(f"the mail {notice.event}/{notice.audience} cannot be rendered: {reason}")


def rendered(notice: Notice, templates: Templates, policy: Policy, now: datetime) -> Rendered:
    """What the mail of a notice shows. Raises PermanentError where the operator switched it off."""
    language, cell = _cell(notice, EVENTS[notice.event], templates, policy)
    if cell.template is None:
        raise PermanentError(f"the mail {notice.event}/{notice.audience} is switched off")
    return _rendered(notice, cell, language, policy, now)


def is_automatic(notice: Notice) -> bool:
    """Whether the desk itself writes, not a person through it."""
    kind = EVENTS.get(notice.event)
    return kind is None or bool(kind.auto)


def lane(notice: Notice) -> Lane:
    """P1 and escalations leave first, and always."""
    kind = EVENTS.get(notice.event)
    return _lane(notice, kind) if kind else "normal"


def _lane(notice: Notice, kind: Kind) -> Lane:
    return "urgent" if kind.urgent or (notice.ticket is not None and notice.ticket.priority == "P1") else "normal"


def _draft(
    notice: Notice,
    rendered: Rendered,
    policy: Policy,
    key: bytes,
    message_id: str,
    kind: Kind,
    now: datetime,
) -> Draft:
    name = policy.name
    if notice.event == "answered" and notice.values.get("by"):
        name = f"{notice.values['by']} ({policy.name})"
    in_reply_to, references = _thread(notice, policy, key)
    return Draft(
        from_=Address(name=name, address=policy.address),
        to=Address(name="" if notice.event == _STRANGER else notice.to.name, address=notice.to.address),
        subject=_subject(notice, rendered.subject, policy),
        message_id=message_id,
        reply_to=_reply_to(notice, policy, message_id),
        in_reply_to=in_reply_to,
        references=references,
        date=now,
        text=rendered.text,
        html=rendered.html,
        attachments=() if notice.event == _STRANGER else notice.attachments,
        auto=kind.auto,
        headers=_headers(notice, kind, policy),
    )


def _reply_to(notice: Notice, policy: Policy, message_id: str) -> str:
    """The plus address. Whoever is in copy can read it: it gives commands only where the relay checks senders too."""
    wanted = policy.plus_address and notice.ticket is not None and (policy.authserv_id or not notice.to.person)
    return ids.plus_address(message_id, policy.address) if wanted else ""


def _subject(notice: Notice, rendered: str, policy: Policy) -> str:
    """`[MD-1042] ...` to staff, `Re: [MD-1042] ...` to the requester's side, whose mail it answers."""
    wanted = rendered if notice.event == _STRANGER else notice.subject or rendered
    if notice.ticket is None:
        return wanted
    if notice.audience == "vendor":
        wanted = vendors.title(notice.ticket, notice.to.address)
    elif notice.audience in _OUTSIDE:
        voice = notice.ticket.voices.get(ids.fold_address(notice.to.address))
        wanted = voice.subject if voice and voice.subject else wanted
    referenced = subject.with_reference(wanted, notice.ticket.number, policy.reference)
    answers = notice.audience in _OUTSIDE and (notice.audience != "vendor" or notice.in_reply_to)
    return f"Re: {referenced}" if answers else referenced


def _thread(notice: Notice, policy: Policy, key: bytes) -> tuple[str, tuple[str, ...]]:
    """In-Reply-To and References: one thread per ticket and person, hung on the mail that the requester sent."""
    if notice.ticket is None:
        return notice.in_reply_to, (notice.in_reply_to,) if notice.in_reply_to else ()
    ticket = notice.ticket
    root = ids.thread_root(key, ticket.number, notice.to.address, ids.domain_of(policy.address))
    origin = ticket.origin_id if notice.audience == "requester" else ""
    parent = notice.in_reply_to or origin or root
    return parent, tuple(dict.fromkeys(filter(None, (root, origin, notice.in_reply_to))))


def _headers(notice: Notice, kind: Kind, policy: Policy) -> tuple[tuple[str, str], ...]:
    """Our own header lines: the loop mark on every mail, what a staff member's client can filter by on his."""
    headers = [("X-Maildesk-Loop", policy.address)]
    if notice.audience not in _OUTSIDE:
        headers.append(("X-Maildesk-Event", notice.event))
        if notice.ticket is not None:
            ticket = notice.ticket
            headers += [
                ("X-Maildesk-Ticket", f"{policy.reference}-{ticket.number}"),
                ("X-Maildesk-Priority", ticket.priority),
                ("X-Maildesk-Status", ticket.status),
                ("X-Maildesk-Group", ticket.group or "-"),
            ]
        if _lane(notice, kind) == "urgent":
            headers += [("Importance", "high"), ("X-Priority", "1")]
    return tuple(headers)
