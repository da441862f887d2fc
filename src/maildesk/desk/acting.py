"""Staff act on a ticket, by mail or from the command line: commands, answers, notes, and who hears of them."""

from dataclasses import dataclass
from datetime import datetime

from maildesk.desk import commands, directory, notices
from maildesk.desk.commands import Acting, Order
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Message, Ticket
from maildesk.desk.policy import Person, Policy
from maildesk.mail.model import Address, Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What staff do in one go. `text` goes to the requester unless a command or `internal` says no."""

    actor: str  # a person's key, or cli:<user>
    cause: str
    person: Person | None = None
    orders: tuple[Order, ...] = ()
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    internal: bool = False
    message_id: str = ""
    address: str = ""  # from which he wrote, "" from the command line
    request: Message | None = None  # what opened the ticket: a hand-over carries it along


def carry_out(
    before: Ticket, act: Act, policy: Policy, now: datetime, at: datetime | None = None
) -> Decision | tuple[str, ...]:
    """The decision, or what is wrong with the orders; then nothing at all changes.

    `at` is when the act took place (the arrival of the mail), `now` when it is decided.
    """
    when = at or now
    draft = Draft(before, at=when, actor=act.actor, cause=act.cause)
    acting = Acting(actor=act.actor, person=act.person, text=act.text, policy=policy, at=when)
    internal = act.internal or commands.text_goes(act.orders) == "note"
    words = {order.word for order in act.orders}
    if _joins(before, act, internal, words, policy):
        draft.add("taken", assignee=act.person.key if act.person else "")
    errors = commands.run(draft, act.orders, acting)
    if errors:
        return errors
    _say(draft, act, internal=internal, resolves="resolve" in words, policy=policy, at=when)
    _tell(draft, act, words, policy, now)
    did = ", ".join(f"#{word}" for word in sorted(words)) or ("a note" if internal else "an answer")
    return draft.decision(f"{act.actor} acted on {policy.reference}-{before.number}: {did}")


def _joins(before: Ticket, act: Act, internal: bool, words: set[str], policy: Policy) -> bool:
    """The first answer of a member of the group makes him the assignee."""
    group = policy.groups.get(before.group)
    member = act.person is not None and (group is None or act.person.key in group.members)
    answers = bool(act.text or act.attachments) and not internal
    return member and answers and not before.assignee and not words & {"take", "assign"} and before.closed_at is None


def _say(draft: Draft, act: Act, *, internal: bool, resolves: bool, policy: Policy, at: datetime) -> None:
    """Put the text where it belongs: to the requester, or into the notes."""
    notes = [o.argument for o in act.orders if o.word == "note"]
    text = "\n\n".join(filter(None, [*notes, act.text])) if internal else act.text
    if not text and not act.attachments:
        return
    name = act.person.name if act.person else policy.name
    message = Message(
        at=at,
        direction="in" if internal else "out",
        sender=Address(name=name, address=act.address or policy.address),
        to=() if internal else (draft.ticket.requester,),
        text=text,
        internal=internal,
        message_id=act.message_id,
        attachments=act.attachments,
    )
    draft.keep(message)
    if internal:
        draft.add("noted", text=text)
        return
    if not resolves:
        draft.add("answered", message_id=act.message_id or None)
        values = {"by": name}
        draft.tell(
            *notices.to_requester(
                "answered", draft.ticket, policy, values=values, text=text, attachments=act.attachments
            )
        )


def _tell(draft: Draft, act: Act, words: set[str], policy: Policy, now: datetime) -> None:
    """Who hears: the requester of resolved and closed, the new owner of his dispatch, the others of a taking."""
    before, ticket = draft.before, draft.ticket
    name = act.person.name if act.person else act.actor
    if "resolve" in words:
        solution = "\n\n".join(filter(None, [*(o.argument for o in act.orders if o.word == "resolve"), act.text]))
        values = {"by": name, "close_days": policy.close_days}
        draft.tell(
            *notices.to_requester("resolved", ticket, policy, values=values, text=solution, attachments=act.attachments)
        )
    if "close" in words and not ticket.held:
        values = {"why": "by staff", "reopen_days": policy.reopen_days}
        draft.tell(*notices.to_requester("closed", ticket, policy, values=values))
    if "assign" in words:
        note = "\n\n".join(filter(None, [*(o.argument for o in act.orders if o.word == "note"), act.text]))
        request = act.request
        draft.tell(
            *notices.dispatched(
                ticket,
                policy,
                now,
                text=request.text if request else "",
                attachments=request.attachments if request else (),
                by=name,
                note=note,
                but=act.address,
            )
        )
    elif before is not None and ticket.assignee != before.assignee and not before.assignee:
        people = directory.recipients("group", ticket, policy)
        others = [r for r in people if r.person and r.person != ticket.assignee]
        draft.tell(*notices.told("taken", "group", ticket, policy, others, values={"by": name}))


def receipt_lines(before: Ticket, after: Ticket, policy: Policy) -> list[dict[str, str]]:
    """What changed, old and new, for a receipt: keys the templates put into words."""

    def shown(ticket: Ticket) -> dict[str, str]:
        person = policy.people.get(ticket.assignee)
        return {
            "status": ticket.status,
            "assignee": person.name if person else "",
            "group": ticket.group,
            "priority": ticket.priority,
            "pending_reason": ticket.pending_reason,
            "pending_until": ticket.pending_until.isoformat() if ticket.pending_until else "",
        }

    old, new = shown(before), shown(after)
    return [{"what": key, "old": old[key], "new": new[key]} for key in old if old[key] != new[key]]
