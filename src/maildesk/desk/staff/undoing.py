"""#undo: what somebody's last commands did to a ticket is taken back. The journal keeps it, the fold leaves it out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from maildesk.desk.model import Event

UNDONE = "undone"
WITHIN = timedelta(minutes=30)
# What took place outside the ticket, and stays: words were written, mails arrived or came back.
LASTING = frozenset(
    {"answered", "noted", "filed", "received", "bounced", "undelivered", "suppressed", "handed-over", "confirmed"}
)
# What many people were told of: to go back is a decision of its own.
FINAL = frozenset({"opened", "all-clear", "bulletin"})


def gone(journal: Sequence[Event]) -> set[int]:
    """The versions that were taken back."""
    return {version for event in journal if event.kind == UNDONE for version in event.data["versions"]}


def standing(past: Sequence[Event], before: int) -> Iterator[Event]:
    """The events of a journal that count, those behind version `before`: what was taken back is left out.

    The requester did read what went to him with a resolution, so that stays an answer.
    """
    taken = gone(past)
    for version, event in enumerate(past, start=before + 1):
        if event.kind == UNDONE:
            continue
        if version not in taken:
            yield event
        elif event.kind == "resolved" and event.data.get("told_requester"):
            yield replace(event, kind="answered", data={})


def last_act(journal: Sequence[Event], actor: str) -> tuple[int, ...]:
    """The versions of what somebody last did to a ticket; none when there is nothing that could be taken back."""
    taken = gone(journal)
    mine = [
        (version, event)
        for version, event in enumerate(journal, start=1)
        if event.actor == actor and event.kind not in LASTING and event.kind != UNDONE and version not in taken
    ]
    if not mine:
        return ()
    latest = mine[-1][1]
    return tuple(version for version, event in mine if (event.cause, event.at) == (latest.cause, latest.at))


def final(journal: Sequence[Event], versions: Sequence[int]) -> bool:
    """Whether there is something among these events that cannot be taken back."""
    return any(journal[version - 1].kind in FINAL for version in versions)


def tied(journal: Sequence[Event]) -> tuple[int, ...]:
    """The tickets that an act of late tied to this one: taken back, it is taken back there too."""
    since = journal[-1].at - WITHIN if journal else None
    kinds = ("absorbed", "linked", "split-off")
    found = (e.data["number"] for e in journal if e.kind in kinds and since is not None and e.at >= since)
    return tuple(dict.fromkeys(found))


def changed_since(journal: Sequence[Event], versions: Sequence[int], actor: str) -> str:
    """Who else changed the ticket after some events; "" when nobody did but the desk by itself."""
    later = journal[max(versions) :]
    return next((e.actor for e in later if e.actor not in (actor, "desk") and e.kind not in ("noted", "filed")), "")
