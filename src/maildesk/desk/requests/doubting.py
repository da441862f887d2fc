"""Mails in the name of somebody who takes part in a ticket, of whom the desk cannot be sure (PROTOCOLS 4)."""

from dataclasses import replace

from maildesk.desk import notices
from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Facts
from maildesk.desk.opening import received
from maildesk.desk.policy import Policy
from maildesk.desk.thread import Belongs
from maildesk.mail.ids import same_address
from maildesk.mail.model import Address


def doubt(facts: Facts, belongs: Belongs, policy: Policy) -> str:
    """Why a mail of a requester, participant or vendor moves nothing; "" when it counts.

    Where a relay checks senders, one that fails never counts; one that the relay says nothing about must answer a mail
    that the desk sent to that very address. Where no relay does, the strictly read From is all there is.
    """
    trust = facts.mail.authentication
    if not policy.authserv_id or trust.result == "pass" or belongs.role == "staff":
        return ""
    answers = any(
        token.ticket == belongs.ticket.number and same_address(token.recipient, trust.address) for token in facts.tokens
    )
    if answers and trust.result != "fail":
        return ""
    return unauthenticated(facts)


def unauthenticated(facts: Facts, language: str = "en") -> str:
    """What the relay says against a sender, in a language."""
    trust = facts.mail.authentication
    why = "; ".join(trust.reasons) or trust.result
    return f"发件人没有通过邮件认证（{why}）" if language == "zh" else f"the sender was not authenticated: {why}"


def marked(sender: Address) -> Address:
    """Who is said to have written, as every reader of the conversation sees it: nobody is sure that it was he."""
    return replace(sender, name=f"{sender.name or sender.address} (unverified / 未核实)")


def noted(draft: Draft, sender: Address, facts: Facts, policy: Policy, why: str) -> Decision:
    """The text becomes a note marked unverified, and the team is told; no state, no people, no clock changes."""
    mail = facts.mail
    text = mail.new_text or mail.text
    draft.keep(received(facts, marked(sender), text, internal=True))
    draft.add("noted", text=text, unverified=True, why=why)
    if not draft.ticket.held:
        told = notices.to_team("unverified-reply", draft.ticket, policy, values={"by": sender.address}, text=text)
        for notice in told:
            reason = unauthenticated(facts, notice.to.language)
            draft.tell(replace(notice, values={**notice.values, "reason": reason}))
    return draft.decision(f"kept as a note: {why}")
