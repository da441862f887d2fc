"""A mail that belongs to a ticket: the requester replies, staff work, a vendor or a machine reports."""

from dataclasses import replace
from datetime import datetime

from maildesk.desk import notices, ruling, vendors
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.events import address_data
from maildesk.desk.knowledge import offering
from maildesk.desk.model import Decision, Facts, Recipient, Ticket
from maildesk.desk.opening import others, received
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.requests import asking, confirmation, doubting, rating, typed, wishes
from maildesk.desk.staff import asking_back, orders, receipt, several
from maildesk.desk.staff.command import Order
from maildesk.desk.staff.orders import Orders
from maildesk.desk.staff.several import Writer
from maildesk.desk.thread import Belongs
from maildesk.mail.model import Address


def replied(facts: Facts, belongs: Belongs, classification: Classification, policy: Policy, now: datetime) -> Decision:
    """The decision for a mail within a ticket."""
    if facts.mail.origin.kind in ("automatic", "bounce"):
        return _filed(facts, belongs, policy)
    why = doubting.doubt(facts, belongs, policy)
    if why:
        sender = _sender(facts)
        return doubting.noted(_draft(facts, belongs.ticket, sender.address), sender, facts, policy, why)
    if belongs.role == "staff":
        decision = _staff(facts, belongs, policy, now)
    elif belongs.role == "vendor":
        decision = _vendor(facts, belongs, policy)
    else:
        decision = _requester(facts, belongs, policy)
    return ruling.added(decision, facts, classification, policy, now, staff=belongs.role == "staff")


def _draft(facts: Facts, ticket: Ticket, actor: str) -> Draft:
    """Events of a mail happen when it arrived, not when it was read: a late daemon costs nobody his clock."""
    return Draft(ticket, at=max(facts.arrived, ticket.opened_at), actor=actor, cause=f"inbound:{facts.inbound}")


def _sender(facts: Facts) -> Address:
    """Who wrote: the strictly read From where there is one, by the name he gives himself."""
    shown = facts.mail.sender or directory.UNKNOWN
    return replace(shown, address=facts.mail.authentication.address or shown.address)


def _filed(facts: Facts, belongs: Belongs, policy: Policy) -> Decision:
    """An automatic mail changes no state and no owner; a permanent bounce is told to the team."""
    mail, ticket = facts.mail, belongs.ticket
    sender = _sender(facts)
    draft = _draft(facts, ticket, sender.address)
    draft.keep(received(facts, sender, mail.text, internal=True))
    if mail.bounce is None:
        draft.add("filed", origin=mail.origin.kind, reasons=list(mail.origin.reasons))
        if belongs.role == "vendor":
            vendors.learn(draft, facts, policy)  # his tracker's receipt says his number
        return draft.decision(f"{mail.origin.kind} mail, filed: " + "; ".join(mail.origin.reasons))
    for lost in mail.bounce.recipients:
        recipient = belongs.token.recipient if belongs.token else lost.address
        permanent = lost.action in ("failed", "") and not lost.status.startswith(("2", "4"))
        draft.add("bounced", recipient=recipient, status=lost.status, permanent=permanent, diagnostic=lost.diagnostic)
        if permanent and ticket.closed_at is None:
            draft.tell(*notices.undelivered(draft.ticket, recipient, lost.diagnostic or lost.status, policy))
    return draft.decision("a delivery report about a mail of ours")


def _requester(facts: Facts, belongs: Belongs, policy: Policy) -> Decision:
    mail, ticket = facts.mail, belongs.ticket
    done = bool(ticket.resolved_at)
    says: str = confirmation.confirms(mail.new_text) if done or ticket.status == "pending" else ""
    if not done and says != "solved":
        says = ""  # while it is pending, only that it has solved itself is more than an answer
    rated = rating.rating(mail.new_text) if done and belongs.role == "requester" else None
    sender = _sender(facts)
    draft = _draft(facts, ticket, sender.address)
    draft.keep(received(facts, sender, mail.new_text or mail.text))
    asks = belongs.role == "requester"
    cc = [address_data(a) for a in others(mail, sender.address, policy)] if asks else []
    draft.add(
        "received",
        **{"from": sender.address},
        message_id=mail.message_id or None,
        participants=cc,
        language=None if asks else mail.language or None,
    )
    if ticket.held:
        return draft.decision("a reply on a held ticket: kept")
    granted = wishes.grant(draft, facts.mail, sender, belongs.role, policy)
    if granted:
        return draft.decision(granted)
    if ticket.asked and belongs.role == "requester":
        found = asking.answers(ticket, mail.new_text)
        if found:
            fields, odd = typed.answered(found, policy.field_types)
            draft.add("told", fields=fields, misfits=odd or None)
    if rated is not None:
        draft.add("rated", score=rated.score, comment=rated.comment)
        says = "" if rated.doubt else "solved" if rated.score >= rating.CONTENT else "displeased"
    article = offering.credited(ticket, mail.new_text) if belongs.role == "requester" else ""
    if article:
        draft.add("solved-by", article=article)
        draft.add("closed", why="confirmed")
    reopened = not article and _follow(draft, says, is_requester=belongs.role == "requester", text=mail.new_text)
    _tell_reply(draft, facts, says, policy, reopened=reopened)
    return draft.decision(f"a reply of the {belongs.role}, by its {belongs.way}")


def _follow(draft: Draft, says: str, *, is_requester: bool, text: str) -> bool:
    """Move the ticket as the requester's words demand; whether it came back to life."""
    ticket = draft.ticket
    if ticket.status == "pending" and says == "solved" and is_requester:
        draft.add("closed", why="confirmed")
    elif ticket.status == "pending":
        draft.add("resumed", why="the requester answered")
    elif ticket.status == "resolved" and says == "solved" and is_requester:
        draft.add("closed", why="confirmed")
    elif ticket.status in ("resolved", "closed") and says not in ("solved", "thanks", "displeased"):
        draft.add("reopened", why=text[:200])
        return True
    return False


def _tell_reply(draft: Draft, facts: Facts, says: str, policy: Policy, *, reopened: bool) -> None:
    mail, ticket = facts.mail, draft.ticket
    if draft.before is not None and ticket.status == "closed" and draft.before.status != "closed":
        values = {"why": "confirmed", "reopen_days": policy.reopen_days}
        draft.tell(*notices.to_requester("closed", ticket, policy, values=values))
    if says in ("thanks", "solved") and not reopened:
        return
    sender = _sender(facts)
    draft.tell(
        *notices.to_team(
            "reopened" if reopened else "requester-replied",
            ticket,
            policy,
            but=sender.address,
            values={"by": directory.called(sender, policy)} | ({} if reopened else {"reopened": False}),
            text=mail.new_text or mail.text,
            attachments=mail.attachments,
        )
    )


def _vendor(facts: Facts, belongs: Belongs, policy: Policy) -> Decision:
    """A vendor's mail is for the team: nothing of it goes to the requester by itself."""
    sender = _sender(facts)
    draft = _draft(facts, belongs.ticket, sender.address)
    text = facts.mail.new_text or facts.mail.text
    draft.keep(received(facts, sender, text, internal=True))
    draft.add("noted", text=text)
    vendors.answered(draft, facts, sender, policy)
    return draft.decision("a mail of the vendor")


def authority(facts: Facts, belongs: Belongs, policy: Policy, language: str = "en") -> str:
    """Why a staff mail has no authority, in a language; "" when it has (PROTOCOLS 4)."""
    trust, chinese = facts.mail.authentication, language == "zh"
    if belongs.token is None:
        english = "it answers no mail that the desk sent to this person about this ticket"
        return "它不是对服务台发给您本人的、关于这张工单的邮件的回复" if chinese else english
    if policy.authserv_id and trust.result != "pass":
        return doubting.unauthenticated(facts, language)
    return ""


def _staff(facts: Facts, belongs: Belongs, policy: Policy, now: datetime) -> Decision:
    mail, ticket, person = facts.mail, belongs.ticket, belongs.person
    if person is None:
        raise ValueError("a staff role has a person")
    doubt = authority(facts, belongs, policy)
    language = _reader(facts, belongs, policy).language
    if doubt:
        told: dict[str, object] = {"reason": authority(facts, belongs, policy, language)}
        read = orders.read(mail.new_text, language, policy.reference)
        if belongs.token is None and asking_back.worth_asking(facts, read):
            return _asked_back(facts, belongs, policy, doubt, told, read)
        return kept_as_note(facts, belongs, policy, doubt, event="unverified-command", values=told)
    read = orders.read(mail.new_text, language, policy.reference, belongs.token.audience if belongs.token else "")
    held = asking_back.waiting(ticket, person, facts.arrived) if asking_back.is_yes(mail.new_text) else None
    writer = Writer(facts=facts, person=person, policy=policy, now=now, own=ticket)
    result = several.carry_out(writer, read) if held is None else _confirmed(writer, held)
    if isinstance(result, tuple):
        values = receipt.refused(ticket, policy, now, result)
        return kept_as_note(facts, belongs, policy, "; ".join(result), event="receipt", values=values)
    return result


def _asked_back(
    facts: Facts, belongs: Belongs, policy: Policy, why: str, told: dict[str, object], read: Orders
) -> Decision:
    """What was said is a note of which nobody is sure; its commands wait for the word of him in whose name it came."""
    if belongs.person is None:
        raise ValueError("a staff role has a person")
    draft = _draft(facts, belongs.ticket, _sender(facts).address)
    told = {**told, "commands": asking_back.ask(draft, read, belongs.person)}
    asked = draft.decision("")
    noted = kept_as_note(
        facts, replace(belongs, ticket=draft.ticket), policy, why, event="unverified-command", values=told
    )
    return replace(noted, before=belongs.ticket, events=(*asked.events, *noted.events))


def _confirmed(writer: Writer, held: tuple[Order, ...]) -> Decision | tuple[str, ...]:
    """His YES: what waited is carried out, once."""
    ticket = writer.own
    if ticket is None or not held:
        english = "no command waits for your YES: it was done, or is more than 24 hours old"
        return (writer.say(english, "没有等您确认的命令：已经执行过，或者超过了 24 小时"),)
    draft = _draft(writer.facts, ticket, writer.person.key)
    draft.add("confirmed")
    done = several.carry_out(replace(writer, own=draft.ticket), Orders(orders=held))
    if not isinstance(done, Decision):
        return done
    return replace(done, before=ticket, events=(*draft.decision("").events, *done.events))


def _reader(facts: Facts, belongs: Belongs, policy: Policy) -> Recipient:
    """The member of the staff who wrote, answered at his first address."""
    if belongs.person is None:
        return directory.owner(policy)
    return directory.recipient(belongs.person, policy)


def kept_as_note(
    facts: Facts, belongs: Belongs, policy: Policy, why: str, *, event: str, values: dict[str, object]
) -> Decision:
    """Nothing is carried out, nothing is lost: the text becomes a note, and the writer is told."""
    mail, sender = facts.mail, _sender(facts)
    draft = _draft(facts, belongs.ticket, sender.address)
    unverified = event == "unverified-command"
    writer = doubting.marked(sender) if unverified else sender
    draft.keep(received(facts, writer, mail.new_text or mail.text, internal=True))
    draft.add("noted", text=mail.new_text, unverified=unverified, why=why)
    if mail.origin.kind == "human":
        reader = _reader(facts, belongs, policy)
        draft.tell(
            *notices.told(
                event, "assignee", draft.ticket, policy, (reader,), values=values, in_reply_to=mail.message_id
            )
        )
    short = (
        why if event == "unverified-command" else "its commands were refused"
    )  # a refusal quotes them, and is logged
    return draft.decision(f"kept as a note: {short}")
