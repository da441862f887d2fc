"""Whether keys go with this database: those that signed none of its mails would recognise none of their answers."""

from datetime import datetime

from sqlalchemy import Connection, select

from maildesk.mail.ids import fingerprint, ring, verify
from maildesk.store import moments
from maildesk.store.tables import outbox

SIGNS = "key"  # the moment that names the key that signs
RETIRED = "key-retired"
FOREIGN = (
    "goes with another database: it signed none of the mails of this one, and answers to them would not be recognised. "
    "Put back the one that did, from a backup or another machine (maildesk keys list compares them); "
    "if it is lost: maildesk keys adopt"
)
_NEWEST = select(outbox.c.message_id).order_by(outbox.c.id.desc()).limit(20)


def fits(c: Connection, keys: bytes) -> bool:
    """Whether the key that signed last is among these; where nobody wrote down which one it was, the mails tell."""
    noted = moments.get(c, SIGNS)
    if noted is not None:
        return noted.words["fingerprint"] in map(fingerprint, ring(keys))
    mails = c.execute(_NEWEST).scalars().all()
    return not mails or any(verify(keys, mail) is not None for mail in mails)


def note(c: Connection, keys: bytes, now: datetime) -> None:
    """The newest of these keys signs from now on."""
    words = {"fingerprint": fingerprint(ring(keys)[0])}
    noted = moments.get(c, SIGNS)
    if noted is None or noted.words != words:
        moments.put(c, SIGNS, now, words)


def given_up(c: Connection, keys: bytes, now: datetime) -> None:
    """A key is believed no more: what it signed can no longer be checked."""
    note(c, keys, now)
    moments.put(c, RETIRED, now)


def given_up_at(c: Connection) -> datetime | None:
    """When a key was last given up; None when none ever was."""
    found = moments.get(c, RETIRED)
    return found.at if found else None
