"""The same person writes again of the same thing without answering a mail: his mail joins the ticket he has."""

from dataclasses import replace
from datetime import datetime

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.folds import address_data
from maildesk.desk.knowledge import duplicates
from maildesk.desk.model import Alike, Decision, Facts
from maildesk.desk.opening import others, received
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.requests import acknowledging


def joined(facts: Facts, alike: Alike, policy: Policy, now: datetime) -> Decision:
    """The same person wrote again of the same thing: his mail is part of the ticket he has."""
    mail, ticket = facts.mail, alike.ticket
    sender = replace(mail.sender or ticket.requester, address=mail.authentication.address)
    draft = Draft(
        ticket, at=max(facts.arrived, ticket.opened_at), actor=sender.address, cause=f"inbound:{facts.inbound}"
    )
    text = "\n\n".join(filter(None, (mail.subject.strip(), mail.text)))
    draft.keep(received(facts, sender, text))
    proven = mail.authentication.result == "pass"  # else anybody who guesses the matter could let himself in
    cc = [address_data(a) for a in others(mail, sender.address, policy)] if proven else []
    draft.add("received", **{"from": sender.address}, message_id=mail.message_id or None, participants=cc)
    draft.add("repeated", **duplicates.reason(alike, ticket))
    if ticket.status == "pending":
        draft.add("resumed", why="the requester wrote again")
    _tell(draft, facts, alike, text, policy, now)
    return draft.decision(
        f"{alike.percent} % like {policy.reference}-{ticket.number}, of the same person: joined to it"
    )


def _tell(draft: Draft, facts: Facts, alike: Alike, text: str, policy: Policy, now: datetime) -> None:
    """The team, with the reason; the requester, by the rules of an acknowledgement, under the number he has."""
    mail, ticket = facts.mail, draft.ticket
    audience = "assignee" if ticket.assignee else "group"
    for to in directory.recipients("assignee", ticket, policy):
        values = {
            "by": ticket.requester.name or ticket.requester.address,
            "reopened": False,
            "joined": f"{alike.percent} %"
            + (f" ({words})" if (words := duplicates.why(alike, "", to.language)) else ""),
        }
        draft.tell(
            *notices.told(
                "requester-replied",
                audience,
                ticket,
                policy,
                (to,),
                but=mail.authentication.address,
                values=values,
                text=text,
                attachments=mail.attachments,
            )
        )
    manner, reason = acknowledging.manner(facts, policy, now)
    if manner == "full":
        notice = notices.acknowledged(ticket, mail, policy, now)
        draft.tell(replace(notice, n=f"again-{facts.inbound}", variant="again"))
    else:
        recipient = ticket.requester.address
        draft.add(
            "suppressed", event="acknowledged", recipient=recipient, reason=reason or "the sender is not verified"
        )
