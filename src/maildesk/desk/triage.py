"""From facts to a decision: the one place every mail passes."""

from datetime import datetime

from maildesk.desk import conversation, opening
from maildesk.desk.classification import Classification
from maildesk.desk.knowledge import duplicates, repeating
from maildesk.desk.model import Decision, Facts
from maildesk.desk.policy import Policy
from maildesk.desk.staff import unticketed
from maildesk.desk.thread import Belongs, Ignore, Thread


def decide(facts: Facts, thread: Thread, classification: Classification, policy: Policy, now: datetime) -> Decision:
    """What the desk does about a mail. The classification is by rules for new mail or for replies, as `thread` says."""
    if isinstance(thread, Ignore):
        before = facts.tickets.get(thread.ticket) if thread.ticket is not None else None
        return Decision(reason=thread.reason, before=before, ticket=before)
    if classification.ignore:
        return Decision(reason=f"ignored: {classification.ignore}")
    if isinstance(thread, Belongs):
        return conversation.replied(facts, thread, classification, policy, now)
    of_staff = unticketed.decide(facts, policy, now)
    if of_staff is not None:
        return of_staff
    joins = duplicates.joins(facts, policy)
    doubted = policy.authserv_id and facts.mail.authentication.result != "pass"  # likeness proves nobody
    if joins is not None and thread.follows is None and not thread.claims and not doubted:
        return repeating.joined(facts, joins, policy, now)
    return opening.opened(facts, classification, policy, now, thread)
