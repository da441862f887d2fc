"""The review sheet of a major incident: what happened when, from its journal, for the one who led it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from maildesk.desk import notices
from maildesk.desk.knowledge import major
from maildesk.desk.model import Event, Notice, Ticket
from maildesk.desk.policy import Policy

_SAYS: Mapping[str, tuple[str, str]] = {
    "opened": ("first mail on this ticket", "本工单的第一封来信"),
    "surged": ("the surge was noticed", "发现同类来信激增"),
    "major-declared": ("declared a major incident", "宣布为重大故障"),
    "alarmed": ("managers told", "通知管理者"),
    "taken": ("taken", "接单"),
    "assigned": ("assigned", "指派"),
    "dispatched": ("dispatched", "派单"),
    "bulletin": ("bulletin sent", "发出通报"),
    "escalated": ("escalated", "升级提醒"),
    "pending": ("clocks paused", "暂停计时"),
    "resumed": ("clocks run again", "恢复计时"),
    "all-clear": ("all-clear", "宣布恢复"),
}
_MOST = 60


def rows(events: Iterable[Event], language: str) -> list[dict[str, Any]]:
    """The timeline: a row for each event that mattered."""
    found = []
    for event in events:
        says = _SAYS.get(event.kind)
        if says is not None:
            by = "" if event.actor == "desk" or "@" in event.actor else event.actor
            detail = str(event.data.get("text") or event.data.get("group") or event.data.get("assignee") or "")
            what = says[1] if language == "zh" else says[0]
            found.append({"at": event.at, "what": what, "by": by, "detail": detail.replace("\n", " ")[:200]})
    return found[:_MOST]


def sheet(ticket: Ticket, events: tuple[Event, ...], policy: Policy) -> tuple[Notice, ...]:
    """The mail to the lead once it is over."""
    told: list[Notice] = []
    declared = next((event.at for event in events if event.kind == "major-declared"), ticket.opened_at)
    over = next((event.at for event in reversed(events) if event.kind == "all-clear"), declared)
    affected = next((event.data["affected"] for event in reversed(events) if event.kind == "all-clear"), 1)
    for to in major.lead_of(ticket, policy):
        values = {
            "rows": rows(events, to.language),
            "affected": affected,
            "lasted": _seconds(ticket.opened_at, over),
            "noticed": _seconds(ticket.opened_at, declared),
            "bulletins": sum(event.kind == "bulletin" for event in events),
        }
        role = "lead" if to.person else "owner"
        told += notices.told("major-review", role, ticket, policy, (to,), values=values)
    return tuple(told)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
