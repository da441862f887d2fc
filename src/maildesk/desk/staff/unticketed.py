"""A mail of the staff that is about no single ticket: commands for several, questions, an answer to a worklist."""

from datetime import datetime

from maildesk.desk import conversation, notices
from maildesk.desk.model import Decision, Facts
from maildesk.desk.people import directory
from maildesk.desk.policy import Person, Policy
from maildesk.desk.staff import orders, receipt, several
from maildesk.desk.staff.commands import COMMANDS
from maildesk.desk.staff.orders import Orders
from maildesk.desk.staff.several import Writer
from maildesk.desk.thread import Belongs
from maildesk.mail.ids import fold_address

_NOTHING = (
    "there is no command in it: a line such as 1042 take",
    "邮件里没有命令：请写成“1042 接单”这样一行",
)


def decide(facts: Facts, policy: Policy, now: datetime) -> Decision | None:
    """The decision about such a mail; None for any other, which becomes a ticket."""
    mail = facts.mail
    person = directory.staff(mail.authentication.address, policy)
    if person is None or mail.origin.kind != "human":
        return None
    writer = Writer(facts=facts, person=person, policy=policy, now=now)
    read = orders.read(mail.new_text, writer.language, policy.reference)
    answers = any(_his(facts, person, number=0))
    if not answers and not _complete(read):
        return None
    doubt = _doubt(facts, person, policy, writer)
    if doubt:
        return _unproven(writer, read, doubt)
    result: Decision | tuple[str, ...] = (writer.say(*_NOTHING),)
    if read.orders or read.errors:
        result = several.carry_out(writer, read)
    if isinstance(result, Decision):
        return result
    values = receipt.refused(None, policy, now, result)
    return Decision(
        reason="its commands were refused", notices=notices.to_writer("receipt", None, facts, person, policy, values)
    )


def _his(facts: Facts, person: Person, number: int | None = None) -> list[bool]:
    """For each mail of ours to him that this one refers to, about a ticket or about any: that it is one."""
    mine = {fold_address(address) for address in person.addresses}
    return [
        True
        for token in facts.tokens
        if token.person == person.key
        and fold_address(token.recipient) in mine
        and (number is None or token.ticket == number)
    ]


def _complete(read: Orders) -> bool:
    """Whether every command says by itself what it is about: anything else opens a ticket, as any mail."""
    return bool(read.orders) and all(order.ticket or COMMANDS[order.word].question for order in read.orders)


def _doubt(facts: Facts, person: Person, policy: Policy, writer: Writer) -> str:
    """Why it has no authority, "" when it has: it answers a mail of ours to him, or the mail server vouches for him."""
    trust = facts.mail.authentication
    if policy.authserv_id and trust.result != "pass":
        why = "; ".join(trust.reasons) or trust.result
        return writer.say(f"the sender was not authenticated: {why}", f"发件人没有通过邮件认证（{why}）")
    if policy.authserv_id or _his(facts, person):
        return ""
    english = "it answers no mail that the desk sent to this person: send it as a reply to any mail of the desk"
    return writer.say(english, "它不是对服务台发给您本人的邮件的回复；请回复服务台的任意一封来信再发")


def _unproven(writer: Writer, read: Orders, doubt: str) -> Decision:
    """Nothing is done or told; what it says stays with the first ticket that it names."""
    facts, policy = writer.facts, writer.policy
    named = next((order.ticket for order in read.orders if order.ticket in facts.tickets), 0)
    told: dict[str, object] = {"reason": doubt}
    if named:
        belongs = Belongs(ticket=facts.tickets[named], role="staff", way="command", person=writer.person)
        return conversation.kept_as_note(facts, belongs, policy, doubt, event="unverified-command", values=told)
    return Decision(
        reason=f"no authority: {doubt}",
        notices=notices.to_writer("unverified-command", None, facts, writer.person, policy, told),
    )
