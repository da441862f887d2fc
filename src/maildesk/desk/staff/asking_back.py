"""Commands in the name of a member of the staff without his reply token wait for his YES (PROTOCOLS 4).

The question goes to his own address, and only an answer to a mail of ours to him counts: who forged the commands can
read neither.
"""

import re
import unicodedata
from datetime import datetime, timedelta

from maildesk.desk.draft import Draft
from maildesk.desk.model import Facts, Ticket
from maildesk.desk.policy import Person
from maildesk.desk.staff.command import Order
from maildesk.desk.staff.commands import COMMANDS
from maildesk.desk.staff.orders import Orders

WITHIN = timedelta(hours=24)
_YES = re.compile(
    r"(?:yes|confirm(?:ed)?|是的?|确认|確認)"
    r"(?:[,，\s]*(?:please|do it|(?:that|it) was me|thanks|是我(?:本人)?(?:写的)?|请?执行))?[.!。！\s]*",
    re.IGNORECASE,
)
_SHORT = 200  # characters of a mail that can be no more than a YES and a name


def worth_asking(facts: Facts, read: Orders) -> bool:
    """Whether somebody may be asked: the mail server does not deny that it is his, and it holds plain commands."""
    plain = read.orders and not any(order.ticket or COMMANDS[order.word].question for order in read.orders)
    return bool(plain) and not read.errors and not read.preview and facts.mail.authentication.result != "fail"


def ask(draft: Draft, read: Orders, person: Person) -> list[str]:
    """The commands wait for his word; as he reads them again."""
    given = [[order.word, order.argument] for order in read.orders]
    draft.add("asked-back", person=person.key, orders=given)
    return [f"#{word} {argument}".strip() for word, argument in given]


def is_yes(text: str) -> bool:
    """Whether a mail says YES in its first line, and hardly anything else."""
    bare = unicodedata.normalize("NFKC", text).strip()
    return len(bare) <= _SHORT and _YES.fullmatch(bare.partition("\n")[0]) is not None


def waiting(ticket: Ticket, person: Person, at: datetime) -> tuple[Order, ...] | None:
    """The commands that wait for his word: none when it came too late, None when he never was asked."""
    held = ticket.unconfirmed.get(person.key)
    if held is None:
        return None
    fresh = at - held.at <= WITHIN
    return tuple(Order(word=word, argument=argument) for word, argument in held.orders) if fresh else ()
