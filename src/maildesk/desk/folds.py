"""What each kind of event does to a ticket: the folds that events.KINDS names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from maildesk.desk.lifecycle import allows, entered
from maildesk.desk.model import Event, Pause, Ticket, Unconfirmed, Voice
from maildesk.mail.ids import fold_address, same_address
from maildesk.mail.model import Address

Fold = Callable[[Ticket, Event], Ticket]


def address_data(address: Address) -> dict[str, str]:
    """An address as event data."""
    return {"name": address.name, "address": address.address}


def read_address(data: Mapping[str, str]) -> Address:
    """The address that address_data wrote."""
    return Address(name=data["name"], address=data["address"])


def opened(event: Event) -> Ticket:
    data = event.data
    return Ticket(
        number=data["number"],
        version=1,
        mailbox=data.get("mailbox", ""),
        opened_at=datetime.fromisoformat(data["opened_at"]) if "opened_at" in data else event.at,
        subject=data.get("subject", ""),
        requester=read_address(data["requester"]),
        language=data.get("language", ""),
        participants=tuple(read_address(entry) for entry in data.get("participants", ())),
        origin_id=data.get("message_id", ""),
        last_id=data.get("message_id", ""),
        held=data.get("held", ""),
    )


def _close_pause(ticket: Ticket, at: datetime) -> tuple[Pause, ...]:
    return tuple(p if p.end else replace(p, end=max(at, p.start)) for p in ticket.pauses)


def _move(ticket: Ticket, event: Event, **changes: Any) -> Ticket:
    """Enter the status that lifecycle names; leaving pending lets the clocks run again."""
    status = entered(replace(ticket, **{k: v for k, v in changes.items() if k in {"group", "assignee"}}), event.kind)
    if ticket.status == "pending" and status != "pending":
        changes |= {"pauses": _close_pause(ticket, event.at), "pending_reason": "", "pending_until": None, "chased": ()}
    return replace(ticket, status=status, **changes)


def if_allowed(fold: Fold) -> Fold:
    """Nothing happens where the status does not allow it: a closed ticket has no open pause."""

    def guarded(ticket: Ticket, event: Event) -> Ticket:
        return fold(ticket, event) if allows(ticket, event.kind) else ticket

    return guarded


def kept(ticket: Ticket, event: Event) -> Ticket:
    """An event that is only remembered."""
    return ticket


def received(ticket: Ticket, event: Event) -> Ticket:
    sender = event.data.get("from", "")
    fresh = [read_address(entry) for entry in event.data.get("participants", ())]
    known = [ticket.requester, *ticket.participants]
    joined = tuple(a for a in fresh if not any(same_address(a.address, k.address) for k in known))
    participants, said = ticket.participants + joined, event.data.get("message_id")
    if same_address(sender, ticket.requester.address):
        return replace(ticket, participants=participants, last_id=said or ticket.last_id)
    if not any(same_address(sender, a.address) for a in ticket.participants):
        return replace(ticket, participants=participants)
    heard = ticket.voices.get(fold_address(sender), Voice())
    voice = replace(heard, language=event.data.get("language") or heard.language, last_id=said or heard.last_id)
    return replace(ticket, participants=participants, voices={**ticket.voices, fold_address(sender): voice})


_CLASSIFIED = ("type", "category", "service", "language", "sla")
_PRIORITISED = ("impact", "urgency", "priority", "impact_reason", "urgency_reason", "priority_by", "priority_bound")


def classified(ticket: Ticket, event: Event) -> Ticket:
    return replace(
        ticket,
        **{key: event.data[key] for key in _CLASSIFIED if key in event.data},
        tags=tuple(dict.fromkeys((*ticket.tags, *event.data.get("tags", ())))),
        fields={**ticket.fields, **event.data.get("fields", {})},
    )


def prioritised(ticket: Ticket, event: Event) -> Ticket:
    changes = {key: event.data[key] for key in _PRIORITISED if key in event.data}
    return replace(ticket, ladder_stopped="", seen=(), **changes)


def dispatched(ticket: Ticket, event: Event) -> Ticket:
    return _handed(ticket, event, event.data["group"], assignee="")


def assigned(ticket: Ticket, event: Event) -> Ticket:
    handed = _handed(ticket, event, event.data.get("group", ticket.group), assignee=event.data["assignee"])
    return replace(handed, turn=event.data.get("turn", 0.0))


def _handed(ticket: Ticket, event: Event, group: str, *, assignee: str) -> Ticket:
    """Somebody else has it: its ladders run again, and the clock of a new group begins."""
    had = ticket.offered if group == ticket.group else ()
    changes: dict[str, Any] = {
        "ladder_stopped": "",
        "offered": tuple(dict.fromkeys((*had, assignee))) if assignee else had,
        "offered_at": event.at,
        "again_at": None,
    }
    if group != ticket.group:
        changes |= {"grouped_at": event.at, **_anew(ticket, "ola")}
    return _move(ticket, event, group=group, assignee=assignee, **changes)


def unassigned(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, again_at=datetime.fromisoformat(event.data["again"]))


def unaccepted(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, offered_at=None, again_at=None)


def aged(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, priority=event.data["priority"], aged=ticket.aged + 1)


def asked(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, asked=tuple(event.data["facts"]))


def _anew(ticket: Ticket, clock: str) -> dict[str, Any]:
    """A clock that begins anew has passed no rung, and nobody has acknowledged anything of it."""
    return {
        "rungs": tuple(rung for rung in ticket.rungs if not rung.startswith(f"{clock} ")),
        "seen": tuple(name for name in ticket.seen if f" {clock} " not in name),
    }


def taken(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event, assignee=event.data["assignee"])


def answered(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event, responded_at=ticket.responded_at or event.at, **_updated(ticket, event))


def _updated(ticket: Ticket, event: Event) -> dict[str, Any]:
    """The requester heard from the staff: the update clock begins anew."""
    return {"updated_at": event.at, **_anew(ticket, "update")}


def pending(ticket: Ticket, event: Event) -> Ticket:
    until = event.data.get("until")
    reason = event.data.get("reason", "")
    # Asked again, the requester has as long again to answer: the wait begins anew, the clocks stand still throughout.
    pauses = (*_close_pause(ticket, event.at), Pause(start=event.at, why=reason))
    return _move(
        ticket,
        event,
        pauses=pauses,
        pending_reason=reason,
        pending_until=datetime.fromisoformat(until) if until else None,
        chased=(),
    )


def resumed(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event)


def resolved(ticket: Ticket, event: Event) -> Ticket:
    responded = ticket.responded_at or (event.at if event.data.get("told_requester") else None)
    updated = _updated(ticket, event) if event.data.get("told_requester") else {}
    return _move(ticket, event, resolved_at=event.at, responded_at=responded, chased=(), **updated)


def closed(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event, closed_at=event.at, resolved_at=ticket.resolved_at or event.at)


def reopened(ticket: Ticket, event: Event) -> Ticket:
    since = ticket.resolved_at or ticket.closed_at or event.at
    pauses = (*ticket.pauses, Pause(start=since, end=max(event.at, since), why="resolved"))
    changes: dict[str, Any] = {"pauses": pauses, "ladder_stopped": "", "seen": (), "chased": (), "attached": 0}
    return _move(ticket, event, resolved_at=None, closed_at=None, **changes)


def status_told(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, status_told=(*ticket.status_told[-9:], event.at))


def held(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, held=event.data["reason"], meant_for=event.data.get("group", ""))


def judged(ticket: Ticket, event: Event) -> Ticket:
    if event.data["verdict"] == "ham":
        return replace(ticket, held="")
    why = ticket.held or f"spam: {event.actor} says so"
    return replace(ticket, held=why, meant_for=ticket.meant_for or ticket.group)


def released(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, held="")


def rung_name(clock: str, at: str) -> str:
    """How a passed rung is kept on the ticket."""
    return f"{clock} {at}"


def rung(ticket: Ticket, event: Event) -> Ticket:
    name = rung_name(event.data["clock"], event.data["at"])
    return ticket if name in ticket.rungs else replace(ticket, rungs=(*ticket.rungs, name))


def seen_name(person: str, clock: str, stage: str) -> str:
    """How an acknowledgement is kept on the ticket; the stage is warned or breached."""
    return f"{person} {clock} {stage}"


def seen(ticket: Ticket, event: Event) -> Ticket:
    names = (
        seen_name(event.actor, clock, stage) for stage in ("warned", "breached") for clock in event.data.get(stage, ())
    )
    return replace(ticket, seen=tuple(dict.fromkeys((*ticket.seen, *names))))


def asked_back(ticket: Ticket, event: Event) -> Ticket:
    orders = tuple((word, argument) for word, argument in event.data["orders"])
    held = {**ticket.unconfirmed, event.data["person"]: Unconfirmed(at=event.at, orders=orders)}
    return replace(ticket, unconfirmed=held)


def confirmed(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, unconfirmed={**ticket.unconfirmed, event.actor: Unconfirmed(at=event.at)})


def extended(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, extended=ticket.extended + event.data["seconds"])


def stopped(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, ladder_stopped=event.actor)


def chased(ticket: Ticket, event: Event) -> Ticket:
    name = event.data["after"]
    return ticket if name in ticket.chased else replace(ticket, chased=(*ticket.chased, name))


def solutions_offered(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, solutions=tuple(event.data["articles"]))


def drafted(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, article=event.data["article"])
