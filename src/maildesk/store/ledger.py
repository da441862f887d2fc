"""The ledger as a source and tx 1 see it (PROTOCOLS 1): what is known of a folder, and what is kept of it."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, update

from maildesk.mail.model import RawMail, Settled
from maildesk.store.encoding import pack, uid_from_column, uid_to_column
from maildesk.store.portable import insert_new
from maildesk.store.tables import UNSETTLED, inbound, mailbox_epoch, raw_mail

_CHUNK = 500  # values in one IN (...)
_FOLDER = (inbound.c.account == bindparam("a"), inbound.c.folder == bindparam("f"))

_EPOCH = select(mailbox_epoch.c.uidvalidity, mailbox_epoch.c.last_uid).where(
    mailbox_epoch.c.account == bindparam("a"), mailbox_epoch.c.folder == bindparam("f")
)
_POLLED = select(mailbox_epoch.c.polled_at).where(
    mailbox_epoch.c.account == bindparam("a"), mailbox_epoch.c.folder == bindparam("f")
)
_FIRST_READ = select(mailbox_epoch.c.first_read).where(
    mailbox_epoch.c.account == bindparam("a"), mailbox_epoch.c.folder == bindparam("f")
)
_READ = (
    update(mailbox_epoch)
    .where(mailbox_epoch.c.account == bindparam("a"), mailbox_epoch.c.folder == bindparam("f"))
    .values(
        polled_at=bindparam("now"),
        first_read=func.coalesce(mailbox_epoch.c.first_read, bindparam("now", type_=mailbox_epoch.c.first_read.type)),
    )
)
_KNOWN = select(inbound.c.uid).where(
    *_FOLDER, inbound.c.uidvalidity == bindparam("v"), inbound.c.uid.in_(bindparam("uids", expanding=True))
)
_ALL = select(inbound.c.uid).where(*_FOLDER, inbound.c.uidvalidity == bindparam("v"))
_ADVANCE = (
    update(mailbox_epoch)
    .where(
        mailbox_epoch.c.account == bindparam("a"),
        mailbox_epoch.c.folder == bindparam("f"),
        mailbox_epoch.c.uidvalidity == bindparam("v"),
        mailbox_epoch.c.last_uid < bindparam("last"),
    )
    .values(last_uid=bindparam("last"))
)
_FORMER = (
    select(inbound.c.id, inbound.c.sha256)
    .where(
        *_FOLDER,
        inbound.c.uidvalidity != bindparam("v"),
        inbound.c.sha256.in_(bindparam("hashes", expanding=True)),
    )
    .order_by(inbound.c.id)
)
_REMAP = (
    update(inbound)
    .where(inbound.c.id == bindparam("row"))
    .values(uidvalidity=bindparam("v"), uid=bindparam("u"), settled=False)
)
_STALE = exists().where(
    mailbox_epoch.c.account == inbound.c.account,
    mailbox_epoch.c.folder == inbound.c.folder,
    mailbox_epoch.c.uidvalidity != inbound.c.uidvalidity,
)
_UNSETTLED = (
    select(inbound.c.uidvalidity, inbound.c.uid, inbound.c.state)
    .where(*_FOLDER, UNSETTLED, inbound.c.state.in_(("done", "quarantined")), ~_STALE)
    .order_by(inbound.c.id)
    .limit(bindparam("most"))
)
_SETTLE = (
    update(inbound)
    .where(
        *_FOLDER,
        inbound.c.uidvalidity == bindparam("v"),
        inbound.c.uid == bindparam("u"),
        inbound.c.state != "waiting",
    )
    .values(settled=True)
)


def epoch(c: Connection, account: str, folder: str) -> tuple[int, int] | None:
    """(uidvalidity, last uid) of a folder as far as it is kept; None before first contact."""
    row = c.execute(_EPOCH, {"a": account, "f": folder}).one_or_none()
    return (row.uidvalidity, row.last_uid) if row else None


def begin(c: Connection, account: str, folder: str, uidvalidity: int, last_uid: int) -> None:
    """Start an epoch of a folder: at first contact, or when its UIDVALIDITY changed (RFC 3501 section 2.3.1.1)."""
    place = (mailbox_epoch.c.account == account, mailbox_epoch.c.folder == folder)
    values = {"uidvalidity": uidvalidity, "last_uid": last_uid}
    if not insert_new(c, mailbox_epoch, [{"account": account, "folder": folder, **values}]):
        c.execute(update(mailbox_epoch).where(*place).values(values))


def polled(c: Connection, account: str, folder: str) -> datetime | None:
    """When the folder was last read to its end; None before the first time."""
    moment: datetime | None = c.execute(_POLLED, {"a": account, "f": folder}).scalar_one_or_none()
    return moment


def read_to_end(c: Connection, account: str, folder: str, now: datetime) -> None:
    """Note that everything in the folder is kept."""
    c.execute(_READ, {"a": account, "f": folder, "now": now})


def missing(c: Connection, account: str, folder: str, uidvalidity: int, uids: Sequence[str]) -> list[str]:
    """Those of `uids` that are not kept yet, in their order."""
    known: set[str] = set()
    columns = [uid_to_column(uid) for uid in uids]
    for start in range(0, len(columns), _CHUNK):
        asked = {"a": account, "f": folder, "v": uidvalidity, "uids": columns[start : start + _CHUNK]}
        known.update(c.execute(_KNOWN, asked).scalars())
    return [uid for uid, column in zip(uids, columns, strict=True) if column not in known]


def kept(c: Connection, account: str, folder: str, uidvalidity: int) -> set[str]:
    """All uids of a folder's epoch that are kept."""
    return {uid_from_column(uid) for uid in c.execute(_ALL, {"a": account, "f": folder, "v": uidvalidity}).scalars()}


def keep(c: Connection, raws: Sequence[RawMail], last_uid: int) -> int:
    """tx 1: store mails of one folder and how far it is complete; returns how many were new.

    Repeatable. A historic mail whose bytes an earlier epoch of the folder holds takes over that row, one to one, and
    is not new; one that lay there before the desk first read the folder is none of ours: done, unread.
    `unreadable` and `gone` are stored as done, and never parsed.
    """
    if not raws:
        return 0
    first = raws[0]
    place = {"a": first.account, "f": first.folder, "v": first.uidvalidity}
    fresh = _remap(c, raws, place)
    first_read = c.execute(_FIRST_READ, place).scalar_one_or_none() if any(raw.historic for raw in fresh) else None
    rows = [_row(raw, first_read) for raw in fresh]
    bodies = {row["sha256"]: raw.data for row, raw in zip(rows, fresh, strict=True) if row["sha256"]}
    insert_new(c, raw_mail, [_packed(sha256, data) for sha256, data in bodies.items()])
    new = insert_new(c, inbound, rows)
    c.execute(_ADVANCE, place | {"last": last_uid})
    return new


def _packed(sha256: str, data: bytes) -> dict[str, Any]:
    kept, compressed = pack(data)
    return {"sha256": sha256, "bytes": kept, "compressed": compressed}


def _digest(raw: RawMail) -> str | None:
    return hashlib.sha256(raw.data).hexdigest() if raw.state in ("whole", "oversize") else None


def _row(raw: RawMail, first_read: datetime | None) -> dict[str, Any]:
    ancient = raw.historic and first_read is not None and raw.arrived < first_read
    came = raw.state in ("whole", "oversize")
    reasons = {"unreadable": "the server could not give this mail", "gone": "expunged before it was fetched"}
    return {
        "account": raw.account,
        "folder": raw.folder,
        "uidvalidity": raw.uidvalidity,
        "uid": uid_to_column(raw.uid),
        "sha256": _digest(raw),
        "arrived": raw.arrived,
        "size": raw.size,
        "kind": raw.state,
        "historic": raw.historic,
        "state": "waiting" if came and not ancient else "done",
        "settled": not came or ancient,
        "attempts": 0,
        "reason": "it lay in the mailbox before the desk first read it" if ancient else reasons.get(raw.state, ""),
        "sender": "",
        "subject": "",
    }


def _remap(c: Connection, raws: Sequence[RawMail], place: dict[str, Any]) -> list[RawMail]:
    """Give rows of earlier epochs the places of historic mails; returns the mails that found none."""
    historic = [raw for raw in raws if raw.historic and _digest(raw)]
    if not historic:
        return list(raws)
    unknown = set(missing(c, place["a"], place["f"], place["v"], [raw.uid for raw in historic]))
    by_digest = {raw.uid: _digest(raw) for raw in historic if raw.uid in unknown}
    former: defaultdict[str, list[int]] = defaultdict(list)
    hashes = list(set(by_digest.values()))
    for start in range(0, len(hashes), _CHUNK):
        for row in c.execute(_FORMER, place | {"hashes": hashes[start : start + _CHUNK]}):
            former[row.sha256].append(row.id)
    moves = {uid: former[sha].pop(0) for uid, sha in by_digest.items() if sha and former[sha]}
    if moves:
        c.execute(_REMAP, [{"row": row, "v": place["v"], "u": uid_to_column(uid)} for uid, row in moves.items()])
    return [raw for raw in raws if raw.uid not in moves]


def unsettled(c: Connection, account: str, folder: str, limit: int) -> list[Settled]:
    """Mails whose fate the source was not told yet, oldest first; those of a former epoch cannot be told."""
    rows = c.execute(_UNSETTLED, {"a": account, "f": folder, "most": limit})
    return [
        Settled(
            uidvalidity=row.uidvalidity,
            uid=uid_from_column(row.uid),
            outcome="quarantined" if row.state == "quarantined" else "done",
        )
        for row in rows
    ]


def settled(c: Connection, account: str, folder: str, uidvalidity: int, uids: Sequence[str]) -> None:
    """The source was told what became of these; one that waits again meanwhile is to be told anew."""
    if uids:
        c.execute(_SETTLE, [{"a": account, "f": folder, "v": uidvalidity, "u": uid_to_column(uid)} for uid in uids])
