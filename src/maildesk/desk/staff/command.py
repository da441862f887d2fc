"""What a command is: its row in the table, who gives it, and the sentences that refuse it."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from maildesk.desk import lifecycle
from maildesk.desk.draft import Draft
from maildesk.desk.model import Lookup, Message, Status, Ticket, Work
from maildesk.desk.policy import Person, Policy
from maildesk.mail.model import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command as written: its canonical word and what stood behind it."""

    word: str
    argument: str = ""
    ticket: int = 0  # the one it names in front of the word; 0 is the one that the mail answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What an order may need to know besides its own ticket, read in the same transaction."""

    tickets: Mapping[int, Ticket] = field(default_factory=dict)  # those that the orders name
    requests: Mapping[int, Message] = field(default_factory=dict)  # what opened them
    latest: Mapping[int, Message] = field(default_factory=dict)  # by ticket: the requester's last mail but that one
    next_number: int = 0  # of a ticket that is opened
    lookup: Lookup = Lookup()
    work: Work = Work()  # of the staff, where somebody is chosen among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Who gives an order, about what text, when."""

    actor: str
    person: Person | None
    text: str
    internal: bool  # the text is a note: nothing of it goes to the requester
    policy: Policy
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    language: str = "en"  # in which he hears what is wrong
    beside: Beside = Beside()

    def say(self, english: str, chinese: str) -> str:
        """A sentence in his language."""
        return chinese if self.language == "zh" else english


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table. `run` adds events and returns what is wrong, "" when nothing is."""

    words: tuple[str, ...]
    run: Callable[[Draft, str, Acting], str]
    text: Literal["requester", "note"] = "requester"  # where the mail's own text goes
    glued: bool = False  # a Chinese word may run on into its argument
    remark: bool = False  # takes no argument: what stands behind it is kept as a note
    colon: str = ""  # what a value must be like for `word: value` to be the command; "" is that it needs its #
    bare: str | None = (
        None  # what may stand behind it where a mail is nothing but commands; None is that it needs its #
    )
    alone: bool = False  # stands beside no other command on its ticket
    question: bool = False  # is answered by a mail and changes nothing

    @property
    def chinese(self) -> str:
        """Its name in Chinese."""
        return next(word for word in self.words if not word.isascii())


STATUS_ZH: Mapping[Status, str] = {
    "new": "新建",
    "assigned": "已分派",
    "in progress": "处理中",
    "pending": "挂起",
    "resolved": "已解决",
    "closed": "已关闭",
}


def blocked(draft: Draft, change: str, acting: Acting) -> str:
    """Why the ticket's status forbids a change, "" when it allows it."""
    if lifecycle.allows(draft.ticket, change):
        return ""
    status = draft.ticket.status
    return acting.say(f"the ticket is {status}: reopen it first", f"工单的状态是“{STATUS_ZH[status]}”，请先 #重开")


def nearest(word: str, known: Mapping[str, object] | list[str], language: str = "en") -> str:
    """`; did you mean X?` when something is close, else what there is."""
    folded = word.casefold()
    close = [one for one in known if not one.isascii() and folded.startswith(one)]
    close += difflib.get_close_matches(folded, list(known), n=1, cutoff=0.6)
    if language == "zh":
        return f"；是不是 {close[0]}？" if close else f"；可用的有：{'、'.join(list(known)[:20])}"
    return f"; did you mean {close[0]}?" if close else f"; there is {', '.join(list(known)[:20])}"
