"""How well it was done: first contact, reopened, escalated, duplicates, known solutions, satisfaction."""

from collections.abc import Iterable, Iterator

from maildesk.desk.model import Event
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.reports.story import Entry, Story

_SIMPLE = {  # event of the journal -> figure: what else the desk comes to know is one more row
    "reopened": "reopened",
    "handed-over": "escalated.functional",
    "escalated": "escalated.hierarchic",
    "repeated": "duplicates",
    "merged": "duplicates",
    "solutions-offered": "knowledge.offered",
    "solved-by": "knowledge.solved",
    "flapping": "alerts.flapping",
}


def entries(stories: Iterable[Story], period: Period, policy: Policy) -> Iterator[tuple[str, Entry]]:
    """The tickets behind each figure. A ticket counts once in each, however often it happened to it."""
    for story in stories:
        seen: set[str] = set()
        for event in story.during(period, *_SIMPLE, "linked"):
            for figure in _articles(event):
                if figure not in seen:
                    seen.add(figure)
                    yield figure, story.entry(event.at)
            figure = "duplicates" if event.kind == "linked" else _SIMPLE[event.kind]
            if figure not in seen and not (event.kind == "linked" and "percent" not in event.data):
                seen.add(figure)
                yield figure, story.entry(event.at)
        done = story.done_at
        if done is not None and period.has(done) and _first_contact(story):
            yield "first contact", story.entry(done)
        for rated in story.during(period, "rated"):
            score = float(rated.data["score"])
            yield "rated", story.entry(rated.at, score, str(rated.data.get("comment", "")))
            if score <= 2:
                yield "rated.low", story.entry(rated.at, score, str(rated.data.get("comment", "")))


def _articles(event: Event) -> Iterator[str]:
    """The figures of the known solutions that an event is about."""
    if event.kind == "solutions-offered":
        yield from (f"knowledge.offered.article.{key}" for key in event.data.get("articles", ()))
    elif event.kind == "solved-by":
        yield f"knowledge.solved.article.{event.data['article']}"


def _first_contact(story: Story) -> bool:
    """Resolved with one answer at most, by the first group, never opened again; an alert's end is nobody's merit."""
    kinds = [event.kind for event in story.events]
    groups = {event.data.get("group") for event in story.events if event.kind == "dispatched"}
    return (
        not story.ticket.alert
        and kinds.count("answered") <= 1
        and len(groups) <= 1
        and not {"reopened", "handed-over", "merged"} & set(kinds)
    )
