"""What a condition looks at, and the ways in which all of them look."""

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Any

from maildesk.desk.classification import Match
from maildesk.desk.model import Facts, Ticket
from maildesk.desk.policy import Policy
from maildesk.desk.thread import Role
from maildesk.mail.model import Mail
from maildesk.rules import words as matching
from maildesk.rules.patterns import Pattern
from maildesk.rules.words import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a condition may look at. `ticket` is the one a reply belongs to, None for new mail; `role` who replies.

    `standing` are the normal forms of all words of the rules that stand in the mail, word borders aside: no other
    needs to be looked for. None when nobody has looked.
    """

    facts: Facts
    policy: Policy
    ticket: Ticket | None = None
    role: Role | None = None
    standing: Set[str] | None = None


Condition = Callable[[Case, Any], Match | None]


def body(mail: Mail) -> str:
    """The text that rules read: without quotes and signature, unless nothing else was written or it was forwarded."""
    return mail.new_text if mail.new_text.strip() and mail.forwarded_from is None else mail.text


def sender_of(mail: Mail) -> str:
    """The strictly read From, else the one that can be shown."""
    return mail.authentication.address or (mail.sender.address if mail.sender else "")


def phrase(case: Case, texts: Iterable[str], phrases: Iterable[Phrase]) -> Match | None:
    """The first of some phrases that stands in one of the texts."""
    likely = [p for p in phrases if case.standing is None or p.normal in case.standing]
    normal = [matching.normalise(text) for text in texts] if likely else []
    found = (p for p in likely if any(matching.holds(text, p) for text in normal))
    return next((Match(text=one.text) for one in found), None)


def search(texts: Iterable[str], pattern: Pattern) -> Match | None:
    """The first piece of the texts that matches."""
    found = (pattern.search(text) for text in texts)
    return next((Match(text=one[0], fields=one[1]) for one in found if one is not None), None)


def yes(wanted: bool, holds: bool, text: str = "") -> Match | None:
    """A question that is answered by yes or no."""
    return Match(text=text) if wanted == holds else None


def among(value: str, wanted: Iterable[str]) -> Match | None:
    """A value that is one of those wanted; an empty one never is."""
    return Match(text=value) if value and value in wanted else None
