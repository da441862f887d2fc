"""Folds of what ties a ticket to other tickets and to further people."""

from dataclasses import replace
from datetime import datetime

from maildesk.desk.model import Event, Link, Pause, Ticket, Voice
from maildesk.mail.ids import fold_address, same_address
from maildesk.mail.model import Address


def _with(ticket: Ticket, link: Link) -> tuple[Link, ...]:
    """The links with one more; that a ticket leads another says more than that both are alike."""
    weaker = ("related", "duplicate") if link.kind in ("parent", "child") else ()
    kept = tuple(one for one in ticket.links if one.number != link.number or one.kind not in weaker)
    return kept if link in kept else (*kept, link)


def linked(ticket: Ticket, event: Event) -> Ticket:
    number = event.data["number"]
    alike = (*ticket.alike, number) if "percent" in event.data and number not in ticket.alike else ticket.alike
    return replace(ticket, links=_with(ticket, Link(kind=event.data["kind"], number=number)), alike=alike)


def parted(ticket: Ticket, event: Event) -> Ticket:
    """The links that a likeness made to some tickets are taken back."""
    gone = event.data["numbers"]
    kinds = ("duplicate", "related")
    links = tuple(link for link in ticket.links if link.kind not in kinds or link.number not in gone)
    return replace(ticket, links=links, alike=tuple(number for number in ticket.alike if number not in gone))


def merged(ticket: Ticket, event: Event) -> Ticket:
    """It is over: what is still to be done is done on the other ticket."""
    return replace(
        ticket,
        status="closed",
        links=_with(ticket, Link(kind="merged", number=event.data["into"])),
        resolved_at=ticket.resolved_at or event.at,
        closed_at=ticket.closed_at or event.at,
        pauses=tuple(p if p.end else replace(p, end=max(event.at, p.start)) for p in ticket.pauses),
        pending_reason="",
        pending_until=None,
        again_at=None,
        offered_at=None,
    )


def absorbed(ticket: Ticket, event: Event) -> Ticket:
    """The clocks begin with the earlier opening. Until the later one the pauses of the earlier ticket count."""
    data = event.data
    opened = datetime.fromisoformat(data["opened_at"])
    earlier = tuple(
        Pause(
            start=datetime.fromisoformat(p["start"]),
            end=min(ticket.opened_at, datetime.fromisoformat(p["end"])) if p["end"] else ticket.opened_at,
            why=p["why"],
        )
        for p in data.get("pauses", ())
        if datetime.fromisoformat(p["start"]) < ticket.opened_at
    )
    answers = [at for at in (ticket.responded_at, _moment(data.get("responded_at"))) if at]
    return replace(
        joined(ticket, event),
        links=_with(ticket, Link(kind="absorbed", number=data["number"])),
        opened_at=min(ticket.opened_at, opened),
        pauses=(*earlier, *ticket.pauses),
        responded_at=min(answers, default=None),
    )


def joined(ticket: Ticket, event: Event) -> Ticket:
    """With the people of an event, who take part from now on; who does already stays as he is."""
    participants, voices = list(ticket.participants), dict(ticket.voices)
    for one in event.data.get("people", ()):
        address, key = one["address"], fold_address(one["address"])
        if any(same_address(address, a.address) for a in (ticket.requester, *participants)):
            continue
        participants.append(Address(name=one.get("name", ""), address=address))
        voice = Voice(**{name: one[name] for name in ("language", "subject", "last_id") if one.get(name)})
        if voice != Voice():
            voices[key] = voice
    return replace(ticket, participants=tuple(participants), voices=voices)


def renamed(ticket: Ticket, event: Event) -> Ticket:
    """Another subject for the staff. Those outside keep that of the thread they have."""
    voices = dict(ticket.voices)
    for address in (ticket.requester, *ticket.participants):
        key = fold_address(address.address)
        voice = voices.get(key, Voice())
        voices[key] = voice if voice.subject else replace(voice, subject=ticket.subject)
    return replace(ticket, subject=event.data["subject"], voices=voices)


def left(ticket: Ticket, event: Event) -> Ticket:
    gone = set(event.data["addresses"])
    return replace(ticket, participants=tuple(a for a in ticket.participants if fold_address(a.address) not in gone))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def surged(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, surge=event.data["number"], wave=tuple(event.data.get("like", ticket.wave)))


def major_declared(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, major=True, surge=ticket.number)


def attached(ticket: Ticket, event: Event) -> Ticket:
    """It follows a major incident, as urgent as that is."""
    number = event.data["parent"]
    links = _with(ticket, Link(kind="parent", number=number))
    return replace(
        ticket,
        attached=number,
        surge=number,
        priority=event.data["priority"],
        links=links,
        offered_at=None,
    )


def bulletin(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, bulletin=event.data["text"])


def vendor_asked(ticket: Ticket, event: Event) -> Ticket:
    """His clock begins; his thread keeps the title of its first mail."""
    key = fold_address(event.data["address"])
    voice = ticket.voices.get(key, Voice())
    voice = replace(voice, subject=voice.subject or event.data["title"])
    another = ticket.vendor not in ("", event.data["vendor"])
    return replace(
        ticket,
        vendor=event.data["vendor"],
        vendor_ref="" if another else ticket.vendor_ref,
        vendor_asked_at=event.at,
        vendor_answered_at=None,
        voices={**ticket.voices, key: voice},
        rungs=tuple(rung for rung in ticket.rungs if not rung.startswith("vendor ")),
    )


def vendor_answered(ticket: Ticket, event: Event) -> Ticket:
    key = fold_address(event.data["from"])
    voice = ticket.voices.get(key, Voice())
    heard = replace(voice, last_id=event.data.get("message_id") or voice.last_id)
    answered_at = ticket.vendor_answered_at or event.at
    return replace(ticket, vendor_answered_at=answered_at, voices={**ticket.voices, key: heard})


def vendor_numbered(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, vendor_ref=event.data["ref"])
