"""May this mail be acknowledged, and how? Answering without becoming a weapon (PROTOCOLS 6)."""

from datetime import datetime, timedelta
from typing import Literal

from maildesk.desk.model import Facts
from maildesk.desk.people import directory
from maildesk.desk.policy import Policy
from maildesk.desk.requests import behalf
from maildesk.mail.ids import domain_of, fold_address, same_address

STALE = timedelta(hours=24)
Manner = Literal["full", "neutral"]


def manner(facts: Facts, policy: Policy, now: datetime) -> tuple[Manner | None, str]:
    """How to acknowledge a new ticket's mail: in full, neutrally, or (None, the reason) not at all."""
    reason = _never(facts, policy, now)
    if reason:
        return None, reason
    if _trusted(facts, reply_address(facts, policy), policy):
        return "full", ""
    if facts.acknowledged_day:
        return None, f"{reply_address(facts, policy)} is a stranger, and had the one mail of a day"
    if facts.unverified_hour >= policy.budget.unverified_hour:
        return None, f"{facts.unverified_hour} strangers were answered within the hour, the budget is spent"
    return "neutral", ""


def _trusted(facts: Facts, address: str, policy: Policy) -> bool:
    """Whether the address may read its own words again: internal, authenticated, or answered by a person before.

    To have written is not enough: anybody could write twice in the name of somebody else. Nor is any address of which
    the relay says that the mail is not from there.
    """
    trust = facts.mail.authentication
    if trust.result == "fail":
        return False
    passed = trust.result == "pass" and (
        same_address(address, trust.address) or behalf.requester(facts, policy) is not None
    )
    return passed or facts.answered or policy.is_internal(address) or directory.staff(address, policy) is not None


def _never(facts: Facts, policy: Policy, now: datetime) -> str:
    mail, budget = facts.mail, policy.budget
    address = reply_address(facts, policy)
    if mail.origin.kind != "human":
        return f"it is {mail.origin.kind} mail: " + "; ".join(mail.origin.reasons)
    if not mail.authentication.address:
        return "its From cannot be read without doubt"
    if policy.alerting.names(address) or (policy.alerting.trusts(address) and not policy.is_internal(address)):
        return f"{address} is a monitoring system's"
    if directory.is_nobody(address):
        return f"{address} is a role or list address"
    if directory.is_own(address, policy):
        return f"{address} is the desk's own address"
    if facts.historic:
        return "it was found again after the mailbox was renewed"
    if now - facts.arrived > STALE:
        return "it arrived more than 24 hours ago"
    if budget.per_ticket < 1:
        return "the budget allows no acknowledgements"
    if facts.acknowledged_hour >= budget.per_address_hour:
        return f"{address} had {facts.acknowledged_hour} acknowledgements within the hour"
    if facts.acknowledged_day >= budget.per_address_day:
        return f"{address} had {facts.acknowledged_day} acknowledgements within the day"
    return ""


def reply_address(facts: Facts, policy: Policy) -> str:
    """Where answers go: to From, never to Reply-To, unless the From domain is a trusted contact form.

    What the staff open for somebody else is answered to him.
    """
    mail = facts.mail
    other = behalf.requester(facts, policy)
    if other is not None:
        return other.address
    sender = mail.authentication.address or (mail.sender.address if mail.sender else "")
    trusted = {fold_address(d) for d in policy.trust_reply_to}
    if domain_of(mail.authentication.address) in trusted and len(mail.reply_to) == 1:
        named = mail.reply_to[0].address
        return sender if directory.is_own(named, policy) else named
    return sender
