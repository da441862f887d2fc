"""Mails that came in (PROTOCOLS 1): which wait to be decided, and what was done with each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, TextClause, Update, bindparam, func, select, update

from maildesk.errors import PermanentError, TemporaryError
from maildesk.mail.ids import canonical
from maildesk.mail.model import Mail
from maildesk.store.encoding import indexable, storable, uid_from_column, unpack
from maildesk.store.ledger import begin, epoch, keep, kept, missing, polled, read_to_end, settled, unsettled
from maildesk.store.portable import AnyRow, findable
from maildesk.store.tables import QUARANTINED, WAITING, inbound, raw_mail

__all__ = [
    "Kept",
    "Waiting",
    "backlog",
    "begin",
    "claim",
    "done",
    "epoch",
    "failed",
    "find",
    "give_back",
    "keep",
    "kept",
    "list_quarantine",
    "missing",
    "newest",
    "polled",
    "quarantine",
    "raw",
    "read_to_end",
    "release",
    "retry",
    "settled",
    "unsettled",
]

_CLAIM_OCTETS = 32 * 1024 * 1024  # of raw mail in memory at once; a single mail may be larger
_SHOWN = 500  # characters of a subject or reason that listings keep

State = Literal["waiting", "done", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A mail that was claimed to be decided: its attempt is counted."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: str
    arrived: datetime
    size: int  # octets on the server
    state: Literal["whole", "oversize"]
    historic: bool
    attempts: int  # this one included
    kept: bytes = field(repr=False)
    compressed: bool

    @property
    def data(self) -> bytes:
        """The mail as it came. Raises zlib.error when the disk has spoiled it: that mail's fault, no other's."""
        return unpack(self.kept, self.compressed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A row of the ledger, without the mail itself."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: str
    arrived: datetime
    size: int
    kind: Literal["whole", "oversize", "unreadable", "gone"]
    historic: bool
    state: State
    attempts: int
    reason: str
    ticket: int | None
    message_id: str
    sender: str
    subject: str


_KEPT = select(*(inbound.c[name] for name in Kept.__slots__))
_CANDIDATES = select(inbound.c.id, inbound.c.size, inbound.c.attempts).where(WAITING).with_for_update(skip_locked=True)
_SUSPECT = _CANDIDATES.where(inbound.c.attempts > 0).order_by(inbound.c.attempts, inbound.c.id).limit(1)
_FRESH = _CANDIDATES.where(inbound.c.attempts == 0).order_by(inbound.c.id)
_IDS = inbound.c.id.in_(bindparam("ids", expanding=True))
_COUNT = update(inbound).where(_IDS).values(attempts=inbound.c.attempts + 1)
_LOAD = (
    select(
        *(inbound.c[name] for name in ("id", "account", "folder", "uidvalidity", "uid", "arrived", "size")),
        *(inbound.c[name] for name in ("kind", "historic", "attempts")),
        raw_mail.c.bytes,
        raw_mail.c.compressed,
    )
    .join(raw_mail, raw_mail.c.sha256 == inbound.c.sha256)
    .where(_IDS)
    .order_by(inbound.c.id)
)
_GIVE_BACK = update(inbound).where(_IDS, WAITING, inbound.c.attempts > 0).values(attempts=inbound.c.attempts - 1)
_ONE_WAITING = update(inbound).where(inbound.c.id == bindparam("row"), WAITING)
_DONE = _ONE_WAITING.values(
    {name: bindparam(name) for name in ("ticket", "reason", "message_id", "canonical_hash", "sender", "subject")}
    | {"state": "done", "settled": False}
)
_FAILED = _ONE_WAITING.values(reason=bindparam("reason"))
_PARK = _ONE_WAITING.values(
    {name: bindparam(name) for name in ("reason", "sender", "subject")} | {"state": "quarantined", "settled": False}
)
_PARKED = update(inbound).where(inbound.c.id == bindparam("row"), QUARANTINED)
_RETRY = _PARKED.values(state="waiting", attempts=0, settled=False)
_RELEASE = _PARKED.values(state="done", settled=False, reason=bindparam("reason"))
_RAW = (
    select(raw_mail.c.bytes, raw_mail.c.compressed)
    .join(inbound, raw_mail.c.sha256 == inbound.c.sha256)
    .where(inbound.c.id == bindparam("row"))
)


def claim(c: Connection, limit: int, *, accounts: Collection[str] | None = None) -> list[Waiting]:
    """tx 2a: at most `limit` waiting mails, oldest first, each attempt counted; the caller commits before parsing.

    A mail that was tried before is taken alone, the least tried first, so that one which kills the process costs no
    neighbour an attempt. `accounts` narrows to the mailboxes this instance leads.
    """
    mine = () if accounts is None else (inbound.c.account.in_(tuple(accounts)),)
    rows = c.execute(_SUSPECT.where(*mine)).all() or c.execute(_FRESH.where(*mine).limit(limit)).all()
    if not rows:
        return []
    ids = _affordable(rows)
    c.execute(_COUNT, {"ids": ids})
    return [_waiting(row) for row in c.execute(_LOAD, {"ids": ids})]


def _affordable(rows: Sequence[AnyRow]) -> list[int]:
    """The first rows that fit into memory together, one at least."""
    ids: list[int] = []
    octets = 0
    for row in rows:
        octets += row.size
        if ids and octets > _CLAIM_OCTETS:
            break
        ids.append(row.id)
    return ids


def _waiting(row: AnyRow) -> Waiting:
    return Waiting(
        id=row.id,
        account=row.account,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=uid_from_column(row.uid),
        arrived=row.arrived,
        size=row.size,
        state=row.kind,
        historic=row.historic,
        attempts=row.attempts,
        kept=row.bytes,
        compressed=row.compressed,
    )


def give_back(c: Connection, ids: Sequence[int]) -> None:
    """Claimed mails that were not tried after all: their attempt does not count."""
    if ids:
        c.execute(_GIVE_BACK, {"ids": list(ids)})


def done(c: Connection, id: int, *, ticket: int | None, reason: str, mail: Mail) -> None:
    """tx 2b: a mail is decided. Raises TemporaryError when another instance decided it meanwhile."""
    decided = {
        "ticket": ticket,
        "reason": storable(reason, _SHOWN),
        "message_id": indexable(mail.message_id) or None,
        "canonical_hash": mail.canonical_hash or None,
    }
    _one(c, _DONE, id, decided | _shown(mail))


def failed(c: Connection, id: int, reason: str) -> None:
    """An attempt failed by the mail's own fault: it waits for the next one. Raises TemporaryError as `done` does."""
    _one(c, _FAILED, id, {"reason": storable(reason, _SHOWN)})


def quarantine(c: Connection, id: int, reason: str, *, mail: Mail | None = None) -> None:
    """Park a mail that cannot be decided. `mail`, when it could be read, is for listings. Raises as `done` does."""
    _one(c, _PARK, id, {"reason": storable(reason, _SHOWN)} | _shown(mail or Mail()))


def _shown(mail: Mail) -> dict[str, str]:
    sender = mail.sender.address if mail.sender else ""
    return {"sender": storable(sender, _SHOWN), "subject": storable(mail.subject, _SHOWN)}


def _one(c: Connection, statement: Update, id: int, values: Mapping[str, Any]) -> None:
    if c.execute(statement, {"row": id, **values}).rowcount != 1:
        raise TemporaryError(f"mail {id} is no longer waiting: another instance decided it")


def list_quarantine(c: Connection) -> list[Kept]:
    """The parked mails, oldest first."""
    return _select(c, QUARANTINED)


def retry(c: Connection, id: int) -> bool:
    """Let a parked mail be tried afresh; False when it is not parked."""
    return c.execute(_RETRY, {"row": findable(id)}).rowcount == 1


def release(c: Connection, id: int, *, reason: str = "released from quarantine without a ticket") -> bool:
    """Let go of a parked mail without a ticket; False when it is not parked."""
    return c.execute(_RELEASE, {"row": findable(id), "reason": storable(reason, _SHOWN)}).rowcount == 1


def find(c: Connection, message_id_or_id: str | int) -> list[Kept]:
    """The mails of a Message-ID (with or without angle brackets), or the one of an id of ours; oldest first."""
    asked = str(message_id_or_id).strip()
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        return _select(c, inbound.c.id == int(asked))
    return _select(c, inbound.c.message_id == indexable(canonical(asked)))


def _select(c: Connection, condition: ColumnElement[bool] | TextClause) -> list[Kept]:
    rows = c.execute(_KEPT.where(condition).order_by(inbound.c.id)).mappings()
    return [Kept(**{**row, "uid": uid_from_column(row["uid"]), "message_id": row["message_id"] or ""}) for row in rows]


def raw(c: Connection, id: int) -> bytes:
    """The bytes of a mail as they came. Raises PermanentError when none are kept under this id."""
    row = c.execute(_RAW, {"row": findable(id)}).one_or_none()
    if row is None:
        raise PermanentError(f"there is no mail {id}, or its bytes never came")
    return unpack(row.bytes, row.compressed)


def newest(c: Connection, limit: int) -> Iterator[tuple[int, bytes]]:
    """The mails of which the bytes are kept, the newest first, each with its number."""
    wanted = select(inbound.c.id).where(inbound.c.sha256.is_not(None)).order_by(inbound.c.id.desc()).limit(limit)
    for number in c.execute(wanted).scalars().all():
        row = c.execute(_RAW, {"row": number}).one_or_none()
        if row is not None:
            yield number, unpack(row.bytes, row.compressed)


def backlog(c: Connection) -> dict[str, int]:
    """How many mails wait to be decided, by account; accounts without any are absent."""
    counted = select(inbound.c.account, func.count()).where(WAITING).group_by(inbound.c.account)
    return dict(c.execute(counted).all())
