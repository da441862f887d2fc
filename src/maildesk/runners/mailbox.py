"""A source's mails into the store, and the store's outcomes back to the source (PROTOCOLS 1, steps 1 to 4 and 8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from maildesk import clock
from maildesk.errors import TemporaryError
from maildesk.mail.model import RawMail
from maildesk.runners.desk import Desk, tell
from maildesk.runners.intake import quarantined
from maildesk.sources import imap, maildir
from maildesk.sources.base import Source
from maildesk.store import inbound
from maildesk.store.database import Connection, Engine, reading, transaction

GRACE = timedelta(hours=24)
log = structlog.get_logger("mailbox")
Settings = imap.Mailbox | maildir.Maildir


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLedger:
    """What the store knows of one folder, for its source."""

    engine: Engine
    account: str
    folder: str

    def epoch(self) -> tuple[int, int] | None:
        """UIDVALIDITY and the last uid stored, None at first contact."""
        with reading(self.engine) as connection:
            return inbound.epoch(connection, self.account, self.folder)

    def begin(self, uidvalidity: int, last_uid: int) -> None:
        """A new epoch starts behind `last_uid`."""
        with transaction(self.engine) as connection:
            inbound.begin(connection, self.account, self.folder, uidvalidity, last_uid)

    def missing(self, uidvalidity: int, uids: Sequence[str]) -> list[str]:
        """Those of some uids that are not stored."""
        with reading(self.engine) as connection:
            return inbound.missing(connection, self.account, self.folder, uidvalidity, uids)

    def kept(self, uidvalidity: int) -> set[str]:
        """All uids that are stored."""
        with reading(self.engine) as connection:
            return inbound.kept(connection, self.account, self.folder, uidvalidity)

    def polled(self) -> datetime | None:
        """When the folder was last read to its end."""
        with reading(self.engine) as connection:
            return inbound.polled(connection, self.account, self.folder)


def source(settings: Settings, engine: Engine, now: clock.Clock) -> Source:
    """The source that some mailbox settings describe."""
    if isinstance(settings, maildir.Maildir):
        ledger = StoredLedger(engine=engine, account=settings.name, folder=maildir.MaildirSource.folder)
        return maildir.open(settings, ledger, now)
    ledger = StoredLedger(engine=engine, account=settings.name, folder=settings.folder)
    return imap.open(settings, ledger, now)


def run_once(desk: Desk, mailbox: Source, now: datetime) -> int:
    """Store what is new; how many mails. The bytes are ours before the next batch is asked for."""
    count = 0
    with reading(desk.engine) as connection:
        before = inbound.polled(connection, mailbox.account, mailbox.folder)
    for raws, last_uid in mailbox.fetch():
        with transaction(desk.engine) as connection:
            count += inbound.keep(connection, [_believed(raw, before) for raw in raws], last_uid)
            _tell_unreadable(connection, desk, raws, now)
        log.info("kept", mailbox=mailbox.account, mails=len(raws), last_uid=last_uid)
    with transaction(desk.engine) as connection:
        inbound.read_to_end(connection, mailbox.account, mailbox.folder, now)
    return count


def _believed(raw: RawMail, before: datetime | None) -> RawMail:
    """A mail that was not there at the last poll did not arrive long before: whoever moves an old one into the
    mailbox keeps its old date, and its clocks would be breached at once (PROTOCOLS 7)."""
    if before is None or raw.historic:
        return raw
    return replace(raw, arrived=max(raw.arrived, before - GRACE))


def _tell_unreadable(connection: Connection, desk: Desk, raws: Sequence[RawMail], now: datetime) -> None:
    for raw in raws:
        if raw.state == "unreadable":
            reason = f"the server would not give out mail {raw.uid} of {raw.folder} ({raw.size} octets)"
            tell(connection, (quarantined(desk, int(raw.uid) if raw.uid.isdigit() else 0, reason, 3, now),), desk, now)


def settle(desk: Desk, mailbox: Source, limit: int = 500) -> int:
    """Mark on the server what the desk is done with: cosmetic, repeatable; how many."""
    with reading(desk.engine) as connection:
        settled = inbound.unsettled(connection, mailbox.account, mailbox.folder, limit)
    if not settled:
        return 0
    mailbox.settle(settled)
    with transaction(desk.engine) as connection:
        for validity in {s.uidvalidity for s in settled}:
            uids = [s.uid for s in settled if s.uidvalidity == validity]
            inbound.settled(connection, mailbox.account, mailbox.folder, validity, uids)
    return len(settled)


def settle_calmly(desk: Desk, mailbox: Source) -> None:
    """Cosmetic: a server that refuses a mark is no reason to stop reading it."""
    try:
        settle(desk, mailbox)
    except TemporaryError as error:
        log.warning("not settled", mailbox=mailbox.account, reason=str(error))
