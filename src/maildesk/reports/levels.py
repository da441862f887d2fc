"""Response and resolution against their targets, and why those were missed that were."""

from collections.abc import Iterable, Iterator

from maildesk.desk.clocks.sla import Clock
from maildesk.desk.model import Event
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.reports.story import Entry, Story

CLOCKS = ("response", "resolution")
_HANDED = ("dispatched", "assigned", "handed-over")


def entries(stories: Iterable[Story], period: Period, policy: Policy) -> Iterator[tuple[str, Entry]]:
    """The tickets behind each figure. A target counts in the period in which it was met, or ran out."""
    for story in stories:
        for kind in CLOCKS:
            clock = story.clocks.get(kind)
            verdict = _verdict(clock, period) if clock else ""
            if clock is None or not verdict:
                continue
            entry = story.entry(clock.stopped_at or clock.due_at, clock.elapsed_seconds)
            ticket = story.ticket
            scopes = ("", f".priority.{ticket.priority}", f".group.{ticket.group or '-'}")
            for scope in (*scopes, f".engineer.{ticket.assignee or '-'}"):
                yield f"{kind}.{verdict}{scope}", entry
            if verdict == "missed":
                for reason in reasons(story, clock):
                    yield f"breach.{reason}", story.entry(clock.due_at, note=kind)


def _verdict(clock: Clock, period: Period) -> str:
    """met, missed, or "" where the target was decided in another period."""
    if clock.state == "met":
        return "met" if period.has(clock.stopped_at) else ""
    if clock.state in ("missed", "breached"):
        return "missed" if period.has(clock.due_at) else ""
    return ""


def reasons(story: Story, clock: Clock) -> tuple[str, ...]:
    """Why a target was missed, as far as the journal says: the first of them weighs most."""
    before = [event for event in story.events if event.at <= clock.due_at]
    kinds = [event.kind for event in before]
    found = []
    if not {"taken", "answered"} & set(kinds) and not story.ticket.assignee:
        found.append("nobody took it")
    elif not {"taken", "answered"} & set(kinds):
        found.append("taken too late")
    if sum(event.kind in _HANDED and _by_hand(event) for event in before) >= 2:
        found.append("handed on several times")
    if "reopened" in kinds:
        found.append("reopened")
    if any(event.kind == "prioritised" and event.data.get("priority_by") for event in before):
        found.append("priority raised by hand")
    if any(pause.why == "vendor" for pause in story.ticket.pauses):
        found.append("waited for a vendor")
    return tuple(found) or ("worked on for too long",)


def _by_hand(event: Event) -> bool:
    return event.kind == "handed-over" or not event.cause.startswith("inbound") or event.actor != "desk"
