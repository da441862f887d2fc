"""What was said before, for those to whom a ticket is handed over or who are asked in: internal notes too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from maildesk.desk.model import Message, Notice
from maildesk.desk.policy import Policy
from maildesk.store import messages
from maildesk.store.database import Connection

_MOST = 8  # entries
_LONGEST = 600  # characters of each


def recalled(connection: Connection, notices: Sequence[Notice], policy: Policy) -> tuple[Notice, ...]:
    """The notices, and in those of a hand-over what was said on the ticket, the newest first.

    Only our own people get it: a vendor reads no internal note.
    """
    said: dict[int, list[dict[str, Any]]] = {}
    found = []
    for notice in notices:
        if notice.ticket is not None and notice.to.person and _handed_over(notice):
            number = notice.ticket.number
            if number not in said:
                said[number] = [_entry(one, policy) for one in messages.later(connection, number, _MOST)]
            notice = replace(notice, values={**notice.values, "earlier": said[number]})
        found.append(notice)
    return tuple(found)


def _handed_over(notice: Notice) -> bool:
    had = notice.values.get("from_group") or notice.values.get("had")
    return notice.event == "asked-in" or (notice.event == "dispatched" and bool(had))


def _entry(message: Message, policy: Policy) -> dict[str, Any]:
    text = message.text.strip()
    address = message.sender.address if policy.show_addresses else ""
    return {
        "at": message.at,
        "by": message.sender.name or address or policy.name,
        "internal": message.internal,
        "text": text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…",
    }
