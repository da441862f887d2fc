"""The leave that the staff took by mail, beside that of the rule files."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, select

from maildesk.desk.model import LeaveWord
from maildesk.desk.policy import Leave, Policy
from maildesk.store import moments
from maildesk.store.tables import moment

_NAME = "leave of "
_ALL = select(moment.c.name, moment.c.words).where(moment.c.name.startswith(_NAME, autoescape=True))


def save(c: Connection, word: LeaveWord) -> None:
    """Keep what somebody said of his leave; what was cancelled stays, marked."""
    kept = moments.get(c, _NAME + word.person)
    entries = list(kept.words["entries"]) if kept else []
    if word.first is None or word.last is None:
        today = word.at.date().isoformat()
        entries = [
            {**entry, "cancelled": word.cause} if entry["last"] >= today and not entry["cancelled"] else entry
            for entry in entries
        ]
    else:
        span = {"first": word.first.isoformat(), "last": word.last.isoformat(), "deputy": word.deputy}
        entries.append({**span, "at": word.at.isoformat(), "cause": word.cause, "cancelled": ""})
    moments.put(c, _NAME + word.person, word.at, {"entries": entries})


def by_person(c: Connection) -> Mapping[str, tuple[Leave, ...]]:
    """The leave that holds, by the person's key."""
    return {
        row.name.removeprefix(_NAME): tuple(
            Leave(
                first=date.fromisoformat(entry["first"]), last=date.fromisoformat(entry["last"]), deputy=entry["deputy"]
            )
            for entry in json.loads(row.words)["entries"]
            if not entry["cancelled"]
        )
        for row in c.execute(_ALL)
    }


def added(c: Connection, policy: Policy) -> Policy:
    """The policy with what the staff said of their leave."""
    leave = {key: spans for key, spans in by_person(c).items() if key in policy.people and spans}
    if not leave:
        return policy
    fresh = {
        key: replace(policy.people[key], leave=(*spans, *policy.people[key].leave)) for key, spans in leave.items()
    }
    return replace(policy, people={**policy.people, **fresh})
