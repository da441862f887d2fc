"""A mail that is a new ticket: opened, classified, prioritised, acknowledged, dispatched."""

from dataclasses import asdict, replace
from datetime import datetime

from maildesk.desk import notices, priority, ruling, weighing
from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.events import address_data
from maildesk.desk.knowledge import affected, duplicates, offering
from maildesk.desk.model import Decision, Facts, Message
from maildesk.desk.people import assignment, directory
from maildesk.desk.policy import Policy
from maildesk.desk.requests import acknowledging, asking, behalf
from maildesk.desk.staff import judging
from maildesk.desk.thread import New
from maildesk.mail import absence, subject
from maildesk.mail.ids import same_address
from maildesk.mail.model import Address, Mail

_MOST_PARTICIPANTS = 50


def opened(
    facts: Facts,
    classification: Classification,
    policy: Policy,
    now: datetime,
    new: New,
) -> Decision:
    """The decision that opens a ticket for a mail."""
    classification = weighing.weighed(classification, facts, policy)
    mail = facts.mail
    sender = acknowledging.reply_address(facts, policy) or directory.UNKNOWN.address
    other = behalf.requester(facts, policy)
    requester = other or replace(mail.sender or directory.UNKNOWN, address=sender)
    draft = Draft(None, at=now, actor=_actor(facts, requester, policy), cause=f"inbound:{facts.inbound}")
    draft.add(
        "opened",
        number=facts.next_number,
        mailbox=facts.mailbox,
        opened_at=facts.arrived.isoformat(),
        subject=title(mail, policy.reference),
        requester=address_data(requester),
        language=classification.language or mail.language,
        participants=[address_data(a) for a in others(mail, requester.address, policy)],
        message_id=mail.message_id if other is None else "",  # he never had that mail
    )
    draft.keep(received(facts, requester if other is None else mail.sender or requester, _text(facts, policy)))
    if other is not None:
        draft.add("opened-for", fields={"channel": behalf.channel(facts)})
    _classify(draft, classification, reused=facts.known is not None)
    draft.add(
        "prioritised",
        impact=classification.impact,
        urgency=classification.urgency,
        priority=priority.decide(classification, policy),
        priority_bound=priority.bound(classification, policy) or None,
        impact_reason=classification.set_by.get("impact", ""),
        urgency_reason=classification.set_by.get("urgency", ""),
    )
    ruling.besides(draft, classification, facts, policy)
    for number in new.claims:
        draft.add("linked", kind="claims", number=number)
    if new.follows is not None:
        draft.add("linked", kind="follows", number=new.follows)
    held = holding(facts, classification, policy)
    if held:
        draft.add("held", reason=held, group=classification.group or None)
    leading = affected.parent(facts, draft.ticket, policy) if not held else None
    if leading is not None:
        affected.join(draft, leading, policy)
        affected.bulletin(draft, leading, facts, policy)
        return draft.decision(f"a new ticket, part of {policy.reference}-{leading.number}: {new.reason}")
    _acknowledge(draft, facts, classification, policy, now)
    if not held:
        _dispatch(draft, facts, classification, policy, now)
        weighing.alarm(draft, policy, now)
        affected.count(draft, facts, policy)
        if not draft.ticket.major:
            duplicates.link(draft, duplicates.linked(facts, policy))
        behalf.answer(draft, facts, policy, now)
        if draft.ticket.asked and policy.asking.clock == "pauses":
            draft.add("pending", reason="requester")
    return draft.decision(f"a new ticket: {new.reason}")


def _actor(facts: Facts, requester: Address, policy: Policy) -> str:
    """Who opens it: the requester, or the member of the staff who does it for him."""
    if behalf.requester(facts, policy) is None:
        return requester.address
    person = directory.staff(facts.mail.authentication.address, policy)
    return person.key if person else requester.address


def _text(facts: Facts, policy: Policy) -> str:
    return facts.mail.text if behalf.requester(facts, policy) is None else behalf.text(facts)


def title(mail: Mail, prefix: str) -> str:
    """What the ticket is called: the subject without marks, else the first line of the text, else the attachment."""
    bare = subject.base(mail.subject, prefix).strip()
    if bare:
        return bare[:250]
    first = next((line.strip() for line in mail.text.splitlines() if line.strip()), "")
    return first[:80] or (mail.attachments[0].filename if mail.attachments else "(no subject)")


def others(mail: Mail, sender: str, policy: Policy) -> list[Address]:
    """Who else the mail went to: they take part, the desk itself does not."""
    found: dict[str, Address] = {}
    for address in (*mail.to, *mail.cc):
        if not same_address(address.address, sender) and not directory.is_own(address.address, policy):
            found.setdefault(address.address, address)
    return list(found.values())[:_MOST_PARTICIPANTS]


def received(facts: Facts, sender: Address, text: str, *, internal: bool = False) -> Message:
    """A mail as an entry of the conversation."""
    return Message(
        at=facts.arrived,
        direction="in",
        sender=sender,
        to=facts.mail.to,
        text=text,
        internal=internal,
        message_id=facts.mail.message_id,
        attachments=facts.mail.attachments,
    )


def holding(facts: Facts, classification: Classification, policy: Policy) -> str:
    """Why a ticket is neither acknowledged nor dispatched; "" when it is."""
    mail = facts.mail
    said, trust = facts.judgement, mail.authentication
    if said is not None and said.verdict == "ham" and trust.result != "fail":
        return "" if mail.origin.kind in ("human", "bulk") else _unasked(facts, classification)
    if classification.hold:
        return classification.hold
    judged = judging.reason(said, trust.address, policy)
    if judged:
        return judged
    if mail.spam:
        return f"spam: {mail.spam}"
    return _unasked(facts, classification)


def _unasked(facts: Facts, classification: Classification) -> str:
    """Why a mail that no person wrote to us is held."""
    mail = facts.mail
    if mail.origin.kind == "bounce":
        return "a delivery report about no mail of ours"
    reasons = "; ".join(mail.origin.reasons)
    if mail.origin.kind == "automatic" and _is_automatic_reply(mail):
        return f"an automatic reply about no ticket: {reasons}"
    if mail.origin.kind == "bulk" and not classification.hits:
        return f"bulk mail that no rule speaks of: {reasons}"
    return ""


def _most(mail: Mail) -> str:
    """How large a mail may be, where it was larger; "" where another limit was passed."""
    said = mail.over_limit or "larger than 25 MB"
    return said.removeprefix("larger than ") if said.startswith("larger than ") else ""


def _is_automatic_reply(mail: Mail) -> bool:
    """Whether a robot answers us, by RFC 3834, its subject or the day somebody returns; others may report a fault."""
    said = any("auto-replied" in reason.lower() for reason in mail.origin.reasons)
    return said or absence.by_subject(mail.subject) or mail.origin.returns is not None


def _classify(draft: Draft, classification: Classification, *, reused: bool) -> None:
    """What the rules say; `reused` flags a mail that bears the Message-ID of another one (PROTOCOLS 1)."""
    draft.add(
        "classified",
        type=classification.type,
        category=classification.category,
        service=classification.service,
        tags=[*classification.tags, *(["reused-message-id"] if reused else [])],
        fields=dict(classification.fields),
        hits=[{"rule": hit.rule, "condition": hit.condition, "text": hit.text} for hit in classification.hits],
        misfits=[asdict(misfit) for misfit in classification.misfits] or None,
        set_by=dict(classification.set_by),
        sla=classification.sla or None,
        version=classification.version or None,
    )


def _acknowledge(draft: Draft, facts: Facts, classification: Classification, policy: Policy, now: datetime) -> None:
    mail = facts.mail
    manner, reason = acknowledging.manner(facts, policy, now)
    if draft.ticket.held:
        manner, reason = None, f"the ticket is held: {draft.ticket.held}"
    if manner is None:
        draft.add("suppressed", event="acknowledged", recipient=draft.ticket.requester.address, reason=reason)
    elif manner == "neutral":
        draft.tell(notices.acknowledged_stranger(draft.ticket, mail, policy))
    elif mail.over_limit or facts.oversize:
        draft.tell(notices.oversize(draft.ticket, mail, policy, _most(mail)))
    else:
        lacking = asking.missing(classification, mail.subject, mail.new_text or mail.text, policy)
        if lacking:
            draft.add("asked", facts=list(lacking))
        notice = notices.acknowledged(draft.ticket, mail, policy, now, questions=lacking)
        fits = offering.for_requester(facts, notice.to.language, policy)
        why = offering.withheld(classification, draft.ticket, surge=affected.of_surge(facts, draft.ticket, policy))
        if fits and why:
            draft.add("solutions-withheld", articles=[fit.article.key for fit in fits], why=why)
            fits = ()
        offering.offer(draft, fits)
        values = {**notice.values, "solutions": offering.shown(fits)}
        draft.tell(behalf.told(replace(notice, variant=classification.template, values=values), facts, policy))


def _dispatch(draft: Draft, facts: Facts, classification: Classification, policy: Policy, now: datetime) -> None:
    why = classification.set_by.get("group", "default")
    group = classification.group if classification.group in policy.groups else ""
    if group:
        read = directory.members(policy.groups[group], policy)
        draft.add("dispatched", group=group, why=why if read else f"{why}; nobody there gets mail: told the owner")
    if classification.assignee in policy.people:
        draft.add("assigned", assignee=classification.assignee, why=classification.set_by.get("assignee", "default"))
    assignment.place(draft, policy, now, facts.work)
    mail = facts.mail
    note = "\n\n".join(classification.notes)
    alike = duplicates.linked(facts, policy)
    for work in notices.dispatched(
        draft.ticket, policy, now, text=_text(facts, policy), attachments=mail.attachments, history=facts.history
    ):
        fits = offering.shown(offering.for_staff(facts, work.to.language))
        rows = duplicates.shown(alike, draft.ticket.service, policy, work.to.language)
        inside = (
            {"note": note} if work.to.person or work.values["unread"] else {}
        )  # what a rule notes is for the staff, not for a vendor
        draft.tell(replace(work, values={**work.values, "alike": rows, "solutions": fits, **inside}))
