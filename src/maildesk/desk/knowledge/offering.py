"""Known solutions in the desk's mails: offered with acknowledgement and dispatch, and credited when they help."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maildesk.desk.classification import Classification
from maildesk.desk.draft import Draft
from maildesk.desk.knowledge import known
from maildesk.desk.knowledge.known import Fit
from maildesk.desk.model import Event, Facts, Ticket
from maildesk.desk.policy import Policy
from maildesk.desk.requests import confirmation

_CHOICE = re.compile(
    r"^(?P<says>.*?(?:solved|fixed|works|解决了?|好了|可以了))\s*[,，:：.。]?\s*(?:by|with|用|按|第)?\s*(?:no\.?|number|#)?\s*"
    r"(?P<number>[1-3一二三])\s*(?:条|个|号|种)?\s*[.。!！]*$",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 200  # characters of an answer that is no more than a yes
_NUMBERS = {"一": 1, "二": 2, "三": 3}
_MARK = re.compile(r"^\s*(?:[-*+]|\d{1,2}[.)])\s+")


def for_requester(facts: Facts, language: str, policy: Policy) -> tuple[Fit, ...]:
    """What his acknowledgement offers: articles for requesters alone."""
    return known.offered(facts.solutions, language, policy.offering.most)


def for_staff(facts: Facts, language: str) -> tuple[Fit, ...]:
    """What the dispatch shows: all audiences."""
    return known.offered(facts.solutions, language, known.MOST, staff=True)


def withheld(classification: Classification, ticket: Ticket, *, surge: bool) -> str:
    """Why nothing is offered however well it fits: who reports an outage must not be told to restart his computer.

    What a service brings by itself counts for one person as well; what a rule read in the mail is about many.
    """
    if surge:
        return "it is one of a surge"
    why = classification.set_by.get("impact", "")
    if ticket.impact == "major" or (ticket.impact in ("medium", "high") and why.startswith("rule ")):
        return f"many are affected: {why}" if why else "many are affected"
    return "its priority is P1" if ticket.priority == "P1" else ""


def offer(draft: Draft, fits: tuple[Fit, ...]) -> None:
    """Keep on the ticket which articles its requester was offered, and why."""
    if fits:
        draft.add(
            "solutions-offered",
            articles=[fit.article.key for fit in fits],
            why=[{"key": fit.article.key, "percent": fit.percent, "words": list(fit.words)} for fit in fits],
        )


def shown(fits: Iterable[Fit]) -> list[dict[str, Any]]:
    """Articles as a template lists them: the steps are plain lines, whatever Markdown they were."""
    return [
        {
            "title": fit.article.title,
            "key": fit.article.key,
            "percent": fit.percent,
            "steps": steps(fit.article.solution),
        }
        for fit in fits
    ]


def steps(solution: str) -> list[str]:
    """The lines of a solution without the marks of lists and headings."""
    lines = (_MARK.sub("", line).strip().lstrip("#").strip() for line in solution.splitlines())
    return [line for line in lines if line]


def credited(ticket: Ticket, text: str) -> str:
    """The article that solved it, by an answer that says so to an acknowledgement that offered some; "" for none."""
    if (
        not ticket.solutions
        or ticket.responded_at is not None
        or ticket.status not in ("new", "assigned", "in progress")
    ):
        return ""
    match = _CHOICE.match(text.strip()) if len(text) <= _LONGEST else None
    if match and confirmation.confirms(match["says"]) == "solved":
        number = _NUMBERS.get(match["number"]) or int(match["number"])
        return ticket.solutions[number - 1] if number <= len(ticket.solutions) else ticket.solutions[0]
    return ticket.solutions[0] if confirmation.confirms(text) == "solved" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How often known solutions were offered and helped, in some journals."""

    offered: int = 0  # tickets
    solved: int = 0
    by_article: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # key -> offered, solved

    @property
    def rate(self) -> float:
        """The share of tickets with an offer that it solved."""
        return self.solved / self.offered if self.offered else 0.0


def used(events: Iterable[Event]) -> Use:
    """What the events of some tickets say about their known solutions."""
    offers = solved = 0
    articles: dict[str, tuple[int, int]] = {}
    for event in events:
        if event.kind == "solutions-offered":
            offers += 1
            for key in event.data["articles"]:
                many, good = articles.get(key, (0, 0))
                articles[key] = (many + 1, good)
        elif event.kind == "solved-by":
            solved += 1
            many, good = articles.get(event.data["article"], (0, 0))
            articles[event.data["article"]] = (many, good + 1)
    return Use(offered=offers, solved=solved, by_article=articles)
