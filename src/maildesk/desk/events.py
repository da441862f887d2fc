"""The journal's vocabulary. A ticket is the fold of its events; each kind is one row of KINDS and one function here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from maildesk.desk.lifecycle import allows, entered
from maildesk.desk.model import Event, Link, Pause, Ticket
from maildesk.mail.ids import same_address
from maildesk.mail.model import Address

Fold = Callable[[Ticket, Event], Ticket]


def apply(ticket: Ticket | None, event: Event) -> Ticket:
    """The ticket after one more event.

    Raises ValueError for a kind that is not in KINDS, and when the first event is not `opened`.
    """
    if ticket is None:
        if event.kind != "opened":
            raise ValueError(f"a journal begins with opened, not {event.kind}")
        return _opened(event)
    fold = KINDS.get(event.kind)
    if fold is None:
        raise ValueError(f"unknown event {event.kind}")
    return replace(fold(ticket, event), version=ticket.version + 1)


def replay(events: Iterable[Event], ticket: Ticket | None = None) -> Ticket:
    """The fold of a journal, or of the rest of one on top of `ticket`. Raises ValueError when there is nothing."""
    for event in events:
        ticket = apply(ticket, event)
    if ticket is None:
        raise ValueError("an empty journal is no ticket")
    return ticket


def address_data(address: Address) -> dict[str, str]:
    """An address as event data."""
    return {"name": address.name, "address": address.address}


def read_address(data: Mapping[str, str]) -> Address:
    """The address that address_data wrote."""
    return Address(name=data["name"], address=data["address"])


def _opened(event: Event) -> Ticket:
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


def _if_allowed(fold: Fold) -> Fold:
    """Nothing happens where the status does not allow it: a closed ticket has no open pause."""

    def guarded(ticket: Ticket, event: Event) -> Ticket:
        return fold(ticket, event) if allows(ticket, event.kind) else ticket

    return guarded


def _kept(ticket: Ticket, event: Event) -> Ticket:
    """An event that is only remembered."""
    return ticket


def _received(ticket: Ticket, event: Event) -> Ticket:
    sender = event.data.get("from", "")
    fresh = [read_address(entry) for entry in event.data.get("participants", ())]
    known = [ticket.requester, *ticket.participants]
    joined = tuple(a for a in fresh if not any(same_address(a.address, k.address) for k in known))
    mine = same_address(sender, ticket.requester.address)
    return replace(
        ticket,
        participants=ticket.participants + joined,
        last_id=event.data.get("message_id") or ticket.last_id if mine else ticket.last_id,
    )


_CLASSIFIED = ("type", "category", "service", "language", "sla")
_PRIORITISED = ("impact", "urgency", "priority", "impact_reason", "urgency_reason", "priority_by", "priority_bound")


def _classified(ticket: Ticket, event: Event) -> Ticket:
    return replace(
        ticket,
        **{key: event.data[key] for key in _CLASSIFIED if key in event.data},
        tags=tuple(dict.fromkeys((*ticket.tags, *event.data.get("tags", ())))),
        fields={**ticket.fields, **event.data.get("fields", {})},
    )


def _prioritised(ticket: Ticket, event: Event) -> Ticket:
    changes = {key: event.data[key] for key in _PRIORITISED if key in event.data}
    return replace(ticket, ladder_stopped="", **changes)


def _dispatched(ticket: Ticket, event: Event) -> Ticket:
    return _handed(ticket, event, event.data["group"], assignee="")


def _assigned(ticket: Ticket, event: Event) -> Ticket:
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
        changes |= {"grouped_at": event.at, "rungs": _without(ticket, "ola")}
    return _move(ticket, event, group=group, assignee=assignee, **changes)


def _unassigned(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, again_at=datetime.fromisoformat(event.data["again"]))


def _unaccepted(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, offered_at=None, again_at=None)


def _aged(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, priority=event.data["priority"], aged=ticket.aged + 1)


def _asked(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, asked=tuple(event.data["facts"]))


def _without(ticket: Ticket, clock: str) -> tuple[str, ...]:
    """The rungs passed without those of a clock that begins anew."""
    return tuple(rung for rung in ticket.rungs if not rung.startswith(f"{clock} "))


def _taken(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event, assignee=event.data["assignee"])


def _answered(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event, responded_at=ticket.responded_at or event.at, **_updated(ticket, event))


def _updated(ticket: Ticket, event: Event) -> dict[str, Any]:
    """The requester heard from the staff: the update clock begins anew."""
    return {"updated_at": event.at, "rungs": _without(ticket, "update")}


def _pending(ticket: Ticket, event: Event) -> Ticket:
    until = event.data.get("until")
    reason = event.data.get("reason", "")
    goes_on = bool(ticket.pauses) and ticket.pauses[-1].end is None and ticket.pauses[-1].why == reason
    pauses = ticket.pauses if goes_on else (*_close_pause(ticket, event.at), Pause(start=event.at, why=reason))
    return _move(
        ticket,
        event,
        pauses=pauses,
        pending_reason=reason,
        pending_until=datetime.fromisoformat(until) if until else None,
        chased=(),
    )


def _resumed(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event)


def _resolved(ticket: Ticket, event: Event) -> Ticket:
    responded = ticket.responded_at or (event.at if event.data.get("told_requester") else None)
    updated = _updated(ticket, event) if event.data.get("told_requester") else {}
    return _move(ticket, event, resolved_at=event.at, responded_at=responded, chased=(), **updated)


def _closed(ticket: Ticket, event: Event) -> Ticket:
    return _move(ticket, event, closed_at=event.at, resolved_at=ticket.resolved_at or event.at)


def _reopened(ticket: Ticket, event: Event) -> Ticket:
    since = ticket.resolved_at or ticket.closed_at or event.at
    pauses = (*ticket.pauses, Pause(start=since, end=max(event.at, since), why="resolved"))
    changes: dict[str, Any] = {"pauses": pauses, "ladder_stopped": "", "chased": ()}
    return _move(ticket, event, resolved_at=None, closed_at=None, **changes)


def _held(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, held=event.data["reason"])


def _released(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, held="")


def _linked(ticket: Ticket, event: Event) -> Ticket:
    link = Link(kind=event.data["kind"], number=event.data["number"])
    return ticket if link in ticket.links else replace(ticket, links=(*ticket.links, link))


def rung_name(clock: str, at: str) -> str:
    """How a passed rung is kept on the ticket."""
    return f"{clock} {at}"


def _rung(ticket: Ticket, event: Event) -> Ticket:
    name = rung_name(event.data["clock"], event.data["at"])
    return ticket if name in ticket.rungs else replace(ticket, rungs=(*ticket.rungs, name))


def _extended(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, extended=ticket.extended + event.data["seconds"])


def _stopped(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, ladder_stopped=event.actor)


def _chased(ticket: Ticket, event: Event) -> Ticket:
    name = event.data["after"]
    return ticket if name in ticket.chased else replace(ticket, chased=(*ticket.chased, name))


KINDS: Mapping[str, Fold] = {
    "received": _received,  # a mail of the requester or of a participant
    "classified": _classified,
    "filled": _classified,  # the staff wrote down cause or solution
    "prioritised": _prioritised,
    "dispatched": _dispatched,  # to a group
    "assigned": _assigned,  # to a person
    "unassigned": _unassigned,  # nobody of its group can take it now: it waits with all of them
    "unaccepted": _unaccepted,  # everybody of its group had it, and nobody took it
    "taken": _taken,  # a person accepts it
    "answered": _answered,  # a person of the staff wrote to the requester
    "noted": _kept,  # an internal note
    "filed": _kept,  # an automatic mail: kept, changes nothing
    "pending": _if_allowed(_pending),
    "resumed": _if_allowed(_resumed),
    "resolved": _if_allowed(_resolved),
    "closed": _if_allowed(_closed),
    "reopened": _if_allowed(_reopened),
    "held": _held,
    "released": _released,
    "linked": _linked,
    "escalated": _rung,  # a rung was passed and people were told
    "progressed": _rung,  # before an update was due the requester or the assignee was written to
    "rung-skipped": _rung,  # a rung was passed while nobody could be told
    "extended": _extended,  # the resolution got more time, with a reason
    "seen": _kept,  # somebody acknowledged an escalation
    "ladder-stopped": _stopped,  # somebody has it in hand: the ladders say no more
    "chased": _chased,  # the requester was reminded that something waits for him
    "aged": _aged,  # it waited so long that its priority rose
    "told": _classified,  # the requester answered what he was asked for
    "alarmed": _kept,  # the leads were told of a major incident
    "asked": _asked,  # the requester was asked for what his mail does not say
    "rated": _kept,  # the requester's score and comment
    "suppressed": _kept,  # a mail was not sent, and why
    "bounced": _kept,  # a mail of ours came back
    "undelivered": _kept,  # the relay refused a mail for good
}
