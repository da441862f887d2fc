"""Staff act on a ticket, by mail or from the command line: commands, answers, notes, and who hears of them."""

from dataclasses import dataclass
from datetime import datetime

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.knowledge import drafting
from maildesk.desk.model import Decision, Message, Notice, Ticket
from maildesk.desk.people import assignment, directory, handover, owners
from maildesk.desk.policy import Person, Policy
from maildesk.desk.staff import commands
from maildesk.desk.staff.command import Acting, Beside, Order
from maildesk.mail.model import Address, Attachment

_HAND_OVER = ("assign", "escalate")


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
    language: str = "en"  # in which the actor hears what is wrong
    request: Message | None = None  # what opened the ticket: a hand-over carries it along
    beside: Beside = Beside()


_NOBODY_THERE = (
    "there is nobody to write to: the mail that opened the ticket had no readable sender; #note keeps your words",
    "没有人可以回复：开单的邮件没有可读的发件人；用 #备注 可以把话记在工单上",
)


def carry_out(
    before: Ticket, act: Act, policy: Policy, now: datetime, at: datetime | None = None
) -> Decision | tuple[str, ...]:
    """The decision, or what is wrong with the orders; then nothing at all changes.

    `at` is when the act took place (the arrival of the mail), `now` when it is decided.
    """
    when = at or now
    draft = Draft(before, at=when, actor=act.actor, cause=act.cause)
    internal = act.internal or commands.text_goes(act.orders) == "note"
    acting = Acting(
        actor=act.actor,
        person=act.person,
        text=act.text,
        attachments=act.attachments,
        internal=internal,
        policy=policy,
        at=when,
        language=act.language,
        beside=act.beside,
    )
    if _joins(before, act, internal, policy):
        draft.add("taken", assignee=act.person.key if act.person else "")
    errors = commands.run(draft, act.orders, acting)
    if not directory.reachable(before) and (_said(act, internal) or (act.attachments and not internal)):
        errors += (acting.say(*_NOBODY_THERE),)
    if errors:
        return errors
    handover.record(draft, policy)
    if _gave(act, *_HAND_OVER):
        assignment.place(draft, policy, now, act.beside.work)
    note = _note(act, internal, policy)
    _keep_note(draft, act, note, internal, policy, when)
    _answer(draft, act, internal, policy, when)
    drafting.propose(draft, _said(act, internal) if _gave(act, "resolve") else "", policy)
    _tell(draft, act, note, internal, policy, now)
    words = sorted({order.word for order in act.orders})
    did = ", ".join(f"#{word}" for word in words) or ("a note" if internal else "an answer")
    if not draft.changed:
        return draft.decision(f"nothing but quoted text from {act.actor} on {policy.reference}-{before.number}")
    return draft.decision(f"{act.actor} acted on {policy.reference}-{before.number}: {did}")


def _gave(act: Act, *words: str) -> list[str]:
    """The arguments of the orders of some words."""
    return [order.argument for order in act.orders if order.word in words]


def _joins(before: Ticket, act: Act, internal: bool, policy: Policy) -> bool:
    """The first answer of a member of the group makes him the assignee; so does a resolution."""
    group = policy.groups.get(before.group)
    member = act.person is not None and (group is None or act.person.key in group.members)
    answers = (bool(act.text or act.attachments) and not internal) or bool(_gave(act, "resolve"))
    return (
        member and answers and not before.assignee and not _gave(act, "take", *_HAND_OVER) and before.closed_at is None
    )


def _note(act: Act, internal: bool, policy: Policy) -> str:
    """What stays inside: the words of #note, those behind a command that takes none, and the text if it is a note."""
    remarks = [order.argument for order in act.orders if commands.COMMANDS[order.word].remark]
    handed = [owners.new_owner(argument, policy)[1] for argument in _gave(act, "assign")]
    handed += _gave(act, "escalate")
    text = act.text if internal and not _for_vendor(act) else ""
    return "\n\n".join(filter(None, [*_gave(act, "note"), *remarks, *handed, text]))


def _for_vendor(act: Act) -> bool:
    """Whether the mail's text and files are for the vendor, who is told them by the command itself."""
    return bool(_gave(act, "vendor"))


def _keep_note(draft: Draft, act: Act, note: str, internal: bool, policy: Policy, at: datetime) -> None:
    attachments = act.attachments if internal and not _for_vendor(act) else ()
    if note or attachments:
        draft.keep(_message(act, note, policy, at, internal=True, attachments=attachments))
        draft.add("noted", text=note)


def _message(
    act: Act,
    text: str,
    policy: Policy,
    at: datetime,
    *,
    internal: bool,
    attachments: tuple[Attachment, ...],
    to: Address | None = None,
) -> Message:
    return Message(
        at=at,
        direction="in" if internal else "out",
        sender=Address(name=act.person.name if act.person else policy.name, address=act.address or policy.address),
        to=(to,) if to else (),
        text=text,
        internal=internal,
        message_id=act.message_id,
        attachments=attachments,
    )


def _said(act: Act, internal: bool) -> str:
    """What the requester may read."""
    return "\n\n".join(filter(None, [*_gave(act, "resolve"), "" if internal else act.text]))


def _answer(draft: Draft, act: Act, internal: bool, policy: Policy, at: datetime) -> None:
    """The text goes to the requester: as an answer, or with the resolution, which `_tell` sends."""
    text = _said(act, internal)
    attachments = () if internal else act.attachments
    if not text and not attachments:
        return
    to = draft.ticket.requester
    draft.keep(_message(act, text, policy, at, internal=False, attachments=attachments, to=to))
    if _gave(act, "resolve"):
        return
    draft.add("answered", message_id=act.message_id or None)
    values = {"by": act.person.name if act.person else policy.name}
    draft.tell(
        *notices.to_outside(
            "answered", draft.ticket, policy, values=values, text=text, attachments=attachments, but=act.address
        )
    )


def _tell(draft: Draft, act: Act, note: str, internal: bool, policy: Policy, now: datetime) -> None:
    """Who hears: the requester of resolved and closed, the new owner of his dispatch, who had it of who has it."""
    before, ticket = draft.before, draft.ticket
    name = act.person.name if act.person else policy.name  # a requester is not told of cli:root
    solution = _said(act, internal)
    if _gave(act, "resolve") and (solution or not ticket.held):
        values = {"by": name, "close_days": policy.close_days}
        attachments = () if internal else act.attachments
        draft.tell(
            *notices.to_outside(
                "resolved", ticket, policy, values=values, text=solution, attachments=attachments, but=act.address
            )
        )
    if _gave(act, "close") and not ticket.held:
        values = {"why": "by staff", "reopen_days": policy.reopen_days}
        draft.tell(*notices.to_requester("closed", ticket, policy, values=values))
    if _gave(act, *_HAND_OVER):
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
                before=before,
            )
        )
    if before is not None:
        draft.tell(*_handed_over(before, ticket, act, policy))


def _handed_over(before: Ticket, ticket: Ticket, act: Act, policy: Policy) -> tuple[Notice, ...]:
    """Those who had the ticket hear who has it now."""
    if (before.group, before.assignee) == (ticket.group, ticket.assignee):
        return ()
    owner = policy.people.get(ticket.assignee)
    now_have = {r.person for r in directory.recipients("assignee", ticket, policy)}
    if act.person is not None:
        now_have.add(act.person.key)
    had = directory.recipients("assignee", before, policy) if before.assignee or before.group else ()
    others = [r for r in had if r.person and r.person not in now_have]
    values = {"by": owner.name if owner else ticket.group}
    return notices.told("taken", "group", ticket, policy, others, values=values)
