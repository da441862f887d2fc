"""Every mail the desk can send: who gets it, what its template may say, whether it may be switched off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

LANGUAGES = ("zh", "en")
_TEAM = ("assignee", "group")
_OUTSIDE = ("requester", "participant")  # who takes part besides the requester: those in copy
_LADDER = (*_TEAM, "lead", "manager", "owner", "requester")
_DAY = 86_400
_AT = datetime(2026, 8, 3, 6, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One event that people are told of. `values` names what its notices carry, each with a sample."""

    audiences: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False  # may not be switched off
    ticket: bool = True  # is about a ticket
    ticketless: tuple[str, ...] = ()  # audiences whose mail may come without one all the same
    auto: Literal["", "auto-replied", "auto-generated"] = "auto-generated"
    urgent: bool = False  # leaves first, whatever the ticket's priority
    expires_after: int = 5 * _DAY  # seconds
    look: Literal["card", "letter"] = "card"  # a letter is a person's words, without any decoration


_TARGETS = {"response_due": _AT, "resolution_due": _AT, "priority_reason": "impact high, urgency high"}
_KNOWN: Mapping[str, Any] = {
    "contact": "ext. 4123",
    "department": "Finance",
    "vip": True,
    "fields": [{"name": "asset", "value": "PC-4711"}],
    "had": ["Han Mei Mei"],
    "from_group": "l1",
    "responded_at": _AT,
}
_EARLIER = [{"at": _AT, "by": "Han Mei Mei", "internal": True, "text": "the cable is fine"}]
_CLOCK = {"clock": "response", "due_at": _AT, "rung": "80%", "share": 0.8, "priority_reason": "impact high"} | {
    "also": [{"clock": "resolution", "due_at": _AT}]
}
_TOGETHER = {"by": "Li Lei", "into": "MD-1043", "other": "MD-1042"}
_ROW = {
    "reference": "MD-1007",
    "subject": "VPN",
    "priority": "P2",
    "clock": "response",
    "due_at": _AT,
    "overdue": 1800,
    "remaining": 1800,
    "owner": "Li Lei",
    "why": "untaken",
}

_TILE = {"label": "opened", "value": "84", "change": "+12 %", "tone": "bad"}
_BAR = {"label": "P1", "value": "12", "share": 0.4, "change": "+3", "tone": "bad"}
_LINE = {
    "number": 1007,
    "reference": "MD-1007",
    "subject": "VPN",
    "priority": "P2",
    "status": "in progress",
    "owner": "Li Lei",
    "group": "l2-network",
    "requester": "Wang Fang",
    "clock": "resolution",
    "due_at": _AT,
    "overdue": 0,
    "remaining": 1800,
}
_SECTION: Mapping[str, Any] = {
    "kind": "list",
    "title": "your tickets",
    "rows": [_LINE],
    "count": 1,
    "left_off": 2,
    "text": "",
    "facts": [],
    "tickets": [],
}

_ALIKE = {
    "reference": "MD-1007",
    "percent": 82,
    "why": "same service; same words: vpn",
    "requester": "Wang Fang",
    "status": "in progress",
    "owner": "Li Lei",
}
_SOLUTION = {
    "title": "The VPN does not connect",
    "key": "vpn.en",
    "percent": 82,
    "steps": ["Restart it.", "Try again."],
}

EVENTS: Mapping[str, Kind] = {
    "acknowledged": Kind(
        audiences=("requester",),
        values={
            **_TARGETS,
            "questions": ["what", "since", "scope", "contact", "urgency"],
            "solutions": [_SOLUTION],
            "by": "Li Lei",
        },
        required=True,
        auto="auto-replied",
        expires_after=_DAY,
    ),
    "acknowledged-stranger": Kind(audiences=("requester",), auto="auto-replied", expires_after=_DAY),
    "dispatched": Kind(
        audiences=_TEAM,
        values={
            **_TARGETS,
            "group_name": "l2-network",
            "unread": False,
            "by": "Li Lei",
            "note": "see the router",
            "history": 3,
            "alike": [_ALIKE],
            "solutions": [_SOLUTION],
            "earlier": _EARLIER,
            **_KNOWN,
        },
    ),
    "major": Kind(audiences=("lead", "manager", "owner"), values=_TARGETS, required=True, urgent=True),
    "surge": Kind(
        audiences=("lead", "owner"),
        values={
            "count": 5,
            "people": 4,
            "within": 900,
            "words": ["vpn"],
            "rows": [{"reference": "MD-1007", "subject": "VPN", "requester": "Wang Fang"}],
        },
        required=True,
        urgent=True,
    ),
    "bulletin": Kind(audiences=("requester",), values={"by": "Li Lei"}, required=True, urgent=True, look="letter"),
    "major-review": Kind(
        audiences=("lead", "owner"),
        values={
            "rows": [{"at": _AT, "what": "bulletin sent", "by": "li", "detail": "we are on it"}],
            "affected": 12,
            "lasted": 7200,
            "noticed": 600,
            "bulletins": 2,
        },
    ),
    "article-draft": Kind(audiences=("lead", "owner"), values={"title": "VPN after the update", "service": "vpn"}),
    "unaccepted": Kind(
        audiences=("lead", "owner"),
        values={"tried": ["Li Lei"], "within": "30m", "taker": "l2-network"},
        required=True,
        urgent=True,
    ),
    "taken": Kind(audiences=("group",), values={"by": "Li Lei"}),
    "answered": Kind(audiences=_OUTSIDE, values={"by": "Li Lei"}, required=True, auto="", look="letter"),
    "requester-replied": Kind(
        audiences=_TEAM, values={"by": "Wang Fang", "reopened": True, "joined": "82 % (same words: vpn)"}
    ),
    "unverified-reply": Kind(audiences=_TEAM, values={"by": "fang@corp.example", "reason": "dmarc=fail"}),
    "status": Kind(
        audiences=_OUTSIDE,
        values={**_TARGETS, "waits": "requester", "updated_at": _AT, "done_at": _AT},
        auto="auto-replied",
        expires_after=_DAY,
    ),
    "registered": Kind(audiences=("assignee",), values={**_TARGETS, "requester": "Wang Fang"}, auto="auto-replied"),
    "cancelled": Kind(audiences=_TEAM, values={"by": "Wang Fang"}),
    "vendor": Kind(
        audiences=("vendor",), values={"by": "Li Lei", "ref": "SR-88123"}, required=True, auto="", look="letter"
    ),
    "vendor-replied": Kind(audiences=("assignee",), values={"by": "NOC", "ref": "SR-88123"}, required=True),
    "merged": Kind(audiences=("requester", "group"), values=_TOGETHER, required=True),
    "absorbed": Kind(audiences=_TEAM, values={**_TOGETHER, "requester": "Wang Fang wang@corp.example"}),
    "split": Kind(audiences=("requester",), values=_TARGETS, required=True, expires_after=_DAY),
    "sla-warned": Kind(
        audiences=_LADDER,
        values={**_CLOCK, "remaining": 1800},
        urgent=True,
        expires_after=3 * _DAY,
    ),
    "sla-breached": Kind(
        audiences=_LADDER,
        values={**_CLOCK, "overdue": 1800},
        required=True,
        urgent=True,
        expires_after=3 * _DAY,
    ),
    "asked-in": Kind(
        audiences=("group",),
        values={"clock": "resolution", "due_at": _AT, "waited": 7200, "state": "running", "earlier": _EARLIER},
    ),
    "progress": Kind(
        audiences=("requester", *_TEAM), values={"due_at": _AT, "since": _AT, "told_at": _AT}, expires_after=_DAY
    ),
    "alert-flapping": Kind(
        audiences=_TEAM, values={"alert": "db1: disk", "changes": 5, "within": 1800, "quiet": 900}, expires_after=_DAY
    ),
    "alert-recovered": Kind(audiences=_TEAM, values={"alerts": 3}, expires_after=_DAY),
    "alert-worse": Kind(
        audiences=_TEAM, values={"alert": "db1: disk", "severity": "critical", "old": "P3"}, urgent=True
    ),
    "alert-storm": Kind(
        audiences=_TEAM,
        values={
            "alert": "db1: disk",
            "count": 21,
            "within": 300,
            "rows": [{"reference": "MD-1007", "subject": "db1: disk"}],
        },
        required=True,
        urgent=True,
    ),
    "chased": Kind(audiences=("requester",), values={"closes_at": _AT, "since": _AT, "reopen_days": 14}),
    "confirm": Kind(audiences=("requester",), values={"closes_at": _AT, "since": _AT, "reopen_days": 14}),
    "resumed": Kind(audiences=_TEAM, values={"reason": "requester", "since": _AT}),
    "digest": Kind(
        audiences=("manager",),
        values={"rows": [_ROW], "count": 12, "left_off": 2, "down_from": _AT, "down_to": _AT},
        required=True,
        ticket=False,
        urgent=True,
        expires_after=3 * _DAY,
    ),
    "forecast": Kind(
        audiences=("manager",),
        values={"rows": [_ROW], "count": 12, "left_off": 2, "until": _AT, "late": 3},
        ticket=False,
        expires_after=_DAY // 3,
    ),
    "report": Kind(
        audiences=("manager",),
        values={
            "name": "weekly",
            "period": "2026-08-03 - 2026-08-09",
            "subject_line": "84 opened, 79 resolved, 41 open",
            "tiles": [_TILE],
            "remarks": ["The backlog grew by 12."],
            "sections": [{"title": "By priority", "rows": [_BAR], "note": "of 84"}],
        },
        ticket=False,
        expires_after=3 * _DAY,
    ),
    "resolved": Kind(audiences=_OUTSIDE, values={"by": "Li Lei", "close_days": 5}),
    "closed": Kind(audiences=("requester",), values={"why": "confirmed", "reopen_days": 14}),
    "reopened": Kind(audiences=_TEAM, values={"by": "Wang Fang"}),
    "undelivered": Kind(
        audiences=(*_TEAM, "owner"),
        values={"recipient": "wang@corp.example", "reason": "550 no such user"},
        ticketless=("owner",),
    ),
    "oversize": Kind(audiences=("requester",), values={"limit": "25 MB"}, auto="auto-replied"),
    "quarantined": Kind(
        audiences=("owner",),
        values={"inbound": 17, "sender": "wang@corp.example", "subject": "VPN", "reason": "ValueError", "attempts": 3},
        required=True,
        ticket=False,
    ),
    "receipt": Kind(
        audiences=("assignee",),
        values={
            "ok": True,
            "lines": [{"what": "status", "old": "assigned", "new": "pending"}],
            "errors": ["#tke is no command; did you mean take?"],
            "ask": ["cause"],
            "seen": {"warned": ["resolution"], "breached": ["response"]},
            "response_due": _AT,
            "resolution_due": _AT,
            "others": [
                {
                    "reference": "MD-1043",
                    "subject": "VPN",
                    "lines": [{"what": "status", "old": "assigned", "new": "pending"}],
                    "response_due": _AT,
                    "resolution_due": _AT,
                }
            ],
            "preview": True,
            "told": ["Wang Fang"],
            "undo": True,
            "undone": True,
            "left": [{"event": "resolved", "to": "Wang Fang"}],
        },
        required=True,
        ticketless=("assignee",),
        auto="auto-replied",
    ),
    "worklist": Kind(
        audiences=("assignee",),
        values={"sections": [_SECTION], "count": 3, "late_from": _AT},
        ticket=False,
        expires_after=_DAY // 3,
    ),
    "answer-to-staff": Kind(
        audiences=("assignee",),
        values={"title": "your tickets", "sections": [_SECTION]},
        required=True,
        ticketless=("assignee",),
        auto="auto-replied",
        expires_after=_DAY,
    ),
    "unverified-command": Kind(
        audiences=("assignee",),
        values={"reason": "no token", "commands": ["#close"]},
        ticketless=("assignee",),
        auto="auto-replied",
    ),
    "alarm": Kind(
        audiences=("owner",),
        values={"part": "mailbox", "what": "main", "reason": "refused", "since": _AT, "advice": "check the login"},
        required=True,
        ticket=False,
        urgent=True,
    ),
    "recovered": Kind(
        audiences=("owner",),
        values={"part": "mailbox", "what": "main", "waited": 12, "since": _AT},
        ticket=False,
    ),
}

# "dispatched" to a single assignee may be switched off; without the mail to the group nobody would learn of a ticket.
_REQUIRED_ALONE = frozenset({("dispatched", "group")})


def required(event: str, audience: str) -> bool:
    """Whether a cell of the grid may not be empty."""
    return (EVENTS[event].required and audience != "participant") or (event, audience) in _REQUIRED_ALONE


def blank(value: Any) -> Any:
    """The neutral value of a sample's kind: what a template sees where a notice does not carry the value."""
    return None if isinstance(value, datetime) else type(value)()


BLANKS: Mapping[str, Mapping[str, Any]] = {
    event: {name: blank(value) for name, value in kind.values.items()} for event, kind in EVENTS.items()
}
