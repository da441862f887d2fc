"""The commands and questions of one mail of the staff, for one ticket or several: all of them, or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maildesk.desk import notices
from maildesk.desk.model import Decision, Facts, LeaveWord, Notice, Ticket
from maildesk.desk.people import directory
from maildesk.desk.policy import Person, Policy
from maildesk.desk.staff import acting, merging, questions, receipt
from maildesk.desk.staff.acting import Act
from maildesk.desk.staff.command import Beside, Order
from maildesk.desk.staff.commands import COMMANDS
from maildesk.desk.staff.orders import Orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A member of the staff whose mail has authority, and what it answers."""

    facts: Facts
    person: Person
    policy: Policy
    now: datetime
    own: Ticket | None = None  # the ticket that his mail is about; None for a worklist, or a mail of its own

    @property
    def language(self) -> str:
        """In which he is answered."""
        return directory.recipient(self.person, self.policy).language

    def say(self, english: str, chinese: str) -> str:
        """A sentence in his language."""
        return chinese if self.language == "zh" else english


def carry_out(writer: Writer, read: Orders) -> Decision | tuple[str, ...]:
    """The decision about a mail, or what is wrong with it; then nothing at all changes."""
    plain = [order for order in read.orders if not COMMANDS[order.word].question]
    asked = [order for order in read.orders if COMMANDS[order.word].question]
    errors = (*read.errors, *_unknown(writer, read.orders))
    if errors:
        return errors
    done: list[Decision] = []
    for act, ticket in _acts(writer, plain, read.text, inside=bool(asked)):
        at = max(writer.facts.arrived, ticket.opened_at)
        result = acting.carry_out(ticket, act, writer.policy, writer.now, at=at)
        if isinstance(result, tuple):
            errors += tuple(_named(writer, ticket, error) for error in result)
        else:
            done.append(result)
    errors += _clash(writer, done)
    if errors:
        return errors
    told = _receipt(writer, read, plain, done) + questions.answers(
        writer.facts, writer.person, writer.own, asked, writer.policy, writer.now
    )
    leave = () if read.preview else _leave(writer, asked)
    if read.preview or not done:
        why = "a preview" if read.preview else "questions of the staff"
        return Decision(reason=why, before=writer.own, ticket=writer.own, notices=told, leave=leave)
    first, *others = done
    return replace(first, notices=(*first.notices, *told), also=(*first.also, *others), leave=leave)


def _leave(writer: Writer, asked: Sequence[Order]) -> tuple[LeaveWord, ...]:
    """What he says of his leave."""
    words = (
        questions.leave_word(order, writer.facts, writer.person, writer.policy)
        for order in asked
        if order.word == "leave"
    )
    return tuple(word for word in words if isinstance(word, LeaveWord))


def _unknown(writer: Writer, orders: Sequence[Order]) -> Iterator[str]:
    """What is wrong with the tickets that commands are for."""
    prefix = writer.policy.reference
    for number in dict.fromkeys(order.ticket for order in orders if order.ticket):
        if number not in writer.facts.tickets:
            yield writer.say(f"there is no ticket {prefix}-{number}", f"没有工单 {prefix}-{number}")
    for order in orders:
        if not order.ticket and writer.own is None and not COMMANDS[order.word].question:
            english = f"#{order.word}: say for which ticket: 1042 {order.word}"
            name = COMMANDS[order.word].chinese
            yield writer.say(english, f"#{name}：请写明哪张工单，例如 1042 {name}")


def _acts(writer: Writer, plain: Sequence[Order], text: str, *, inside: bool) -> Iterator[tuple[Act, Ticket]]:
    """What he does to each ticket. Words beside commands for other tickets stay inside: they may be about any."""
    facts, own = writer.facts, writer.own
    given: dict[int, list[Order]] = {}
    for order in plain:
        target = merging.final(facts.tickets[order.ticket], facts.tickets) if order.ticket else own
        if target is not None:
            given.setdefault(target.number, []).append(order)
    elsewhere = any(number != (own.number if own else 0) for number in given)
    if own is not None and (text or facts.mail.attachments):
        given.setdefault(own.number, [])
    for number, orders in given.items():
        mine = own is not None and number == own.number
        ticket = own if own is not None and mine else facts.tickets[number]
        act = _act(writer, ticket, tuple(orders))
        if mine:
            act = replace(act, text=text, attachments=facts.mail.attachments, internal=inside or elsewhere)
        yield act, ticket


def _act(writer: Writer, ticket: Ticket, orders: tuple[Order, ...]) -> Act:
    facts, person = writer.facts, writer.person
    return Act(
        actor=person.key,
        cause=f"inbound:{facts.inbound}",
        person=person,
        orders=orders,
        message_id=facts.mail.message_id,
        address=facts.mail.authentication.address,
        language=writer.language,
        request=facts.requests.get(ticket.number),
        beside=Beside(
            tickets=facts.tickets,
            requests=facts.requests,
            latest=facts.latest,
            next_number=facts.next_number,
            lookup=facts.lookup,
            work=facts.work,
        ),
    )


def _named(writer: Writer, ticket: Ticket, error: str) -> str:
    """What is wrong, with the ticket in front where it is not the one that was answered."""
    own = writer.own is not None and ticket.number == writer.own.number
    return error if own else f"{writer.policy.reference}-{ticket.number} {error}"


def _clash(writer: Writer, done: Sequence[Decision]) -> tuple[str, ...]:
    """Two commands of one mail that would change the same ticket, each by itself."""
    touched: set[int] = set()
    for number in (ticket for decision in done for ticket in _touched(decision)):
        if number in touched:
            name = f"{writer.policy.reference}-{number}"
            english = f"two commands of this mail change {name} (merge, link or split): send them in two mails"
            return (writer.say(english, f"这封邮件里有两条命令都要改 {name}（合并、关联或拆分），请分两封邮件发"),)
        touched.add(number)
    return ()


def _touched(decision: Decision) -> Iterator[int]:
    if decision.ticket is not None:
        yield decision.ticket.number
    for other in decision.also:
        yield from _touched(other)


def _receipt(writer: Writer, read: Orders, plain: Sequence[Order], done: Sequence[Decision]) -> tuple[Notice, ...]:
    """What became of his commands, or what would."""
    if not plain:
        return ()
    own = next((d for d in done if writer.own and d.ticket and d.ticket.number == writer.own.number), None)
    first = own or (done[0] if len(done) == 1 else None)
    about = (first.before if read.preview else first.ticket) if first else None
    values = receipt.of_several(
        first, [d for d in done if d is not first], writer.policy, writer.now, preview=read.preview, but=writer.person
    )
    if any(order.word == "undo" for order in plain):
        values |= receipt.taken_back(done, writer.facts.lookup, writer.policy, writer.person)
    return notices.to_writer("receipt", about, writer.facts, writer.person, writer.policy, values)
