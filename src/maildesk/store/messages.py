"""The conversation on a ticket, and the files that came with it."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select

from maildesk.desk.events import address_data, read_address
from maildesk.desk.model import Message, Ticket
from maildesk.errors import PermanentError
from maildesk.mail.model import Attachment
from maildesk.store.encoding import indexable, storable, to_json
from maildesk.store.portable import AnyRow, findable, insert_new
from maildesk.store.tables import attachment, blob, message

_SHOWN = 300  # characters of a file name or a media type
_COLUMNS = ("id", "ticket", "at", "direction", "sender", "recipients", "text", "internal", "message_id")
_ADD = insert(message)
_ATTACH = insert(attachment)
_READ = select(*(message.c[name] for name in _COLUMNS))
_OF_TICKET = _READ.where(message.c.ticket == bindparam("number")).order_by(message.c.id)
_FIRST = _READ.where(
    message.c.id.in_(
        select(func.min(message.c.id))
        .where(message.c.ticket.in_(bindparam("numbers", expanding=True)), message.c.direction == "in")
        .group_by(message.c.ticket)
    )
)
_LATEST = _READ.where(
    message.c.id.in_(
        select(func.max(message.c.id))
        .where(
            message.c.ticket.in_(bindparam("numbers", expanding=True)),
            message.c.direction == "in",
            ~message.c.internal,
        )
        .group_by(message.c.ticket)
        .having(func.count() > 1)
    )
)
_LATER = (
    _READ.where(message.c.ticket == bindparam("number"), message.c.text != "")
    .where(
        message.c.id > select(func.min(message.c.id)).where(message.c.ticket == bindparam("number")).scalar_subquery()
    )
    .order_by(message.c.id.desc())
    .limit(bindparam("most"))
)
_FILES = (
    select(attachment)
    .where(attachment.c.message.in_(bindparam("ids", expanding=True)))
    .order_by(attachment.c.message, attachment.c.position)
)
_FILES_WITH_BYTES = _FILES.add_columns(blob.c.bytes).join(blob, blob.c.sha256 == attachment.c.sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """An entry of the conversation with its id; its attachments come without their bytes."""

    id: int
    message: Message


def add(c: Connection, number: int, entries: Sequence[Message]) -> None:
    """Append to the conversation of a ticket. Called by tickets.save, in its transaction."""
    for entry in entries:
        row = {
            "ticket": number,
            "at": entry.at,
            "direction": entry.direction,
            "sender": to_json(address_data(entry.sender)),
            "recipients": to_json([address_data(a) for a in entry.to]),
            "text": storable(entry.text),
            "internal": entry.internal,
            "message_id": indexable(entry.message_id) or None,
        }
        key = c.execute(_ADD, row).inserted_primary_key
        if entry.attachments and key:
            _attach(c, key[0], entry.attachments)


def _attach(c: Connection, id: int, files: Sequence[Attachment]) -> None:
    kept = {file.sha256: {"sha256": file.sha256, "bytes": file.data} for file in files}
    insert_new(c, blob, list(kept.values()))
    rows = [
        {
            "message": id,
            "position": position,
            "filename": storable(file.filename, _SHOWN),
            "content_type": storable(file.content_type, _SHOWN),
            "size": file.size,
            "sha256": file.sha256,
            "inline": file.inline,
            "content_id": storable(file.content_id, _SHOWN),
        }
        for position, file in enumerate(files)
    ]
    c.execute(_ATTACH, rows)


def messages(c: Connection, number: int) -> list[StoredMessage]:
    """The conversation of a ticket, in the order it was kept."""
    rows = c.execute(_OF_TICKET, {"number": findable(number)}).all()
    files = _files(c, [row.id for row in rows], with_bytes=False)
    return [StoredMessage(id=row.id, message=_message(row, files[row.id])) for row in rows]


def later(c: Connection, number: int, most: int) -> list[Message]:
    """What was said on a ticket after it was opened, the newest first, without the files."""
    rows = c.execute(_LATER, {"number": findable(number), "most": most})
    return [_message(row, ()) for row in rows]


def conversation(c: Connection, ticket: Ticket) -> list[StoredMessage]:
    """The conversation of a ticket with that of the tickets that were merged into it, by time."""
    numbers = (ticket.number, *(link.number for link in ticket.links if link.kind == "absorbed"))
    found = [entry for number in numbers for entry in messages(c, number)]
    return sorted(found, key=lambda entry: (entry.message.at, entry.id)) if len(numbers) > 1 else found


def requests(c: Connection, numbers: Sequence[int]) -> dict[int, Message]:
    """The mail that opened each ticket, with the bytes of its attachments."""
    return _whole(c, _FIRST, numbers)


def latest(c: Connection, numbers: Sequence[int]) -> dict[int, Message]:
    """The last mail from outside on each ticket but the one that opened it, with the bytes of its attachments."""
    return _whole(c, _LATEST, numbers)


def _whole(c: Connection, statement: Select[Any], numbers: Sequence[int]) -> dict[int, Message]:
    if not numbers:
        return {}
    rows = c.execute(statement, {"numbers": list(numbers)}).all()
    files = _files(c, [row.id for row in rows], with_bytes=True)
    return {row.ticket: _message(row, files[row.id]) for row in rows}


def file(c: Connection, sha256: str) -> bytes:
    """The bytes of an attachment. Raises PermanentError when there are none."""
    found: bytes | None = c.execute(select(blob.c.bytes).where(blob.c.sha256 == sha256)).scalar_one_or_none()
    if found is None:
        raise PermanentError(f"no attachment {sha256} is kept")
    return bytes(found)


def _files(c: Connection, ids: Sequence[int], *, with_bytes: bool) -> dict[int, list[Attachment]]:
    found: defaultdict[int, list[Attachment]] = defaultdict(list)
    if ids:
        for row in c.execute(_FILES_WITH_BYTES if with_bytes else _FILES, {"ids": list(ids)}):
            found[row.message].append(_attachment(row, bytes(row.bytes) if with_bytes else b""))
    return found


def _attachment(row: AnyRow, data: bytes) -> Attachment:
    return Attachment(
        filename=row.filename,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        inline=row.inline,
        content_id=row.content_id,
        data=data,
    )


def _message(row: AnyRow, files: Sequence[Attachment]) -> Message:
    return Message(
        at=row.at,
        direction=row.direction,
        sender=read_address(json.loads(row.sender)),
        to=tuple(read_address(entry) for entry in json.loads(row.recipients)),
        text=row.text,
        internal=row.internal,
        message_id=row.message_id or "",
        attachments=tuple(files),
    )
