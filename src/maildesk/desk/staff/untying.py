"""What #undo does to other tickets: what tied them by the same act is taken back there too."""

from collections.abc import Sequence

from maildesk.desk import events
from maildesk.desk.draft import Draft
from maildesk.desk.model import Event
from maildesk.desk.staff import merging, undoing
from maildesk.desk.staff.command import Acting


def untie(draft: Draft, taken_back: Sequence[Event], acting: Acting) -> str:
    """The tickets that were merged, linked or split off go back to where they were; what is wrong, where one cannot."""
    split = [event for event in taken_back if event.kind == "split-off"]
    for event in split:
        wrong = _rejoin(draft, event, acting)
        if wrong:
            return wrong
    apart = {event.data["number"] for event in split}
    for event in taken_back:
        number = event.data.get("number", 0)
        if event.kind == "absorbed":
            if _take_back(draft, number, "merged", "into", acting):
                name = f"{acting.policy.reference}-{number}"
                return acting.say(f"{name} is not merged any more", f"{name} 已经不在合并状态")
        elif event.kind == "linked" and number not in apart:
            for kind, names in (("linked", "number"), ("attached", "parent")):
                _take_back(draft, number, kind, names, acting, cause=event.cause)
    return ""


def _take_back(draft: Draft, number: int, kind: str, names: str, acting: Acting, cause: str = "") -> bool:
    """Take back the latest event by which another ticket was tied to this one; whether there was none."""
    journal, own = acting.beside.lookup.journals.get(number, ()), draft.ticket.number
    gone = undoing.gone(journal)
    found = [
        version
        for version, event in enumerate(journal, start=1)
        if event.kind == kind
        and event.data.get(names) == own
        and version not in gone
        and (not cause or event.cause == cause)
    ]
    if not found:
        return True
    there = Draft(events.replay(journal), at=acting.at, actor=acting.actor, cause=draft.cause)
    there.take_back(journal, found[-1:])
    draft.along(there.decision(f"no longer {kind} with {acting.policy.reference}-{own}"))
    return False


def _rejoin(draft: Draft, event: Event, acting: Acting) -> str:
    """What was split off has had mails of its own: it becomes a part of its ticket again, as by #merge."""
    number = event.data["number"]
    journal = acting.beside.lookup.journals.get(number, ())
    name = f"{acting.policy.reference}-{number}"
    if not journal:
        return acting.say(f"there is no ticket {name}", f"没有工单 {name}")
    split = [version for version, one in enumerate(journal, start=1) if one.cause == event.cause]
    who = undoing.changed_since(journal, split, acting.actor)
    if who:
        english = f"{name} has gone on since: #merge it into this one"
        return acting.say(english, f"{name} 之后又有变化，请用 #合并 并回来")
    there = Draft(events.replay(journal), at=acting.at, actor=acting.actor, cause=draft.cause)
    merging.join(there, draft, acting, "taken back")
    draft.along(there.decision(f"part of {acting.policy.reference}-{draft.ticket.number} again"))
    return ""
