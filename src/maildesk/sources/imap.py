"""A mailbox over IMAP (RFC 3501, 2177, 6851), behind a guard: TRAPS.md, section IMAP."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Event

from maildesk.clock import Clock, monotonic
from maildesk.clock import now as wall_clock
from maildesk.errors import ConfigError, TemporaryError
from maildesk.mail.model import RawMail, Settled
from maildesk.sources.base import Count, Ledger, unkept
from maildesk.sources.imap_errors import RefusalError
from maildesk.sources.imap_login import Mailbox, connect
from maildesk.sources.imap_reading import Reading
from maildesk.sources.imap_session import Selected, Session
from maildesk.sources.imap_wire import Limits

__all__ = ["ImapSource", "Mailbox", "open", "probe"]

DONE = b"$MaildeskDone"
QUARANTINED = b"$MaildeskQuarantined"
_ANY_KEYWORD = b"\\*"  # in PERMANENTFLAGS: keywords of one's own are kept
_FULL_SEARCH = 600.0  # seconds between searches for mails that came to light late, under a uid already passed
_SETTLED_AT_ONCE = 100
_PORTION = 10_000  # uids the ledger is asked about at a time
_SHORT_IDLE = 10.0  # seconds; an IDLE that fails sooner is not tried again at once


def open(mailbox: Mailbox, ledger: Ledger, now: Clock, limits: Limits | None = None) -> "ImapSource":
    """A source that connects when it is first asked. For one thread."""
    return ImapSource(mailbox, ledger, now, limits or Limits())


def probe(mailbox: Mailbox, limits: Limits | None = None) -> list[str]:
    """What `check --connect` says of a mailbox, after logging in. Changes nothing.

    Raises TemporaryError or ConfigError in plain words: wrong password, unknown host, bad certificate, no such folder.
    """
    session = connect(mailbox, limits or Limits(), wall_clock)
    try:
        inbox = session.select(mailbox.folder, readonly=True)
        offered = session.capabilities()
    finally:
        session.logout()
    taken = {
        "now": f"mail is taken from uid {inbox.uidnext} on, the {inbox.exists} that are there are left alone",
        "all": f"all {inbox.exists} messages are taken",
    }
    return [
        f"{mailbox.name}: logged in to {mailbox.host} as {mailbox.login.user}, TLS {mailbox.tls}",
        f"{mailbox.name}: {inbox.exists} messages in {mailbox.folder}, next uid {inbox.uidnext}",
        f"{mailbox.name}: at first contact "
        + (taken.get(str(mailbox.start_from)) or f"mail is taken that arrived since {mailbox.start_from}"),
        f"{mailbox.name}: IDLE {_yes('IDLE' in offered)}, MOVE {_yes('MOVE' in offered)}; "
        f"the server offers {' '.join(sorted(offered))}",
    ]


def _yes(there: bool) -> str:
    return "yes" if there else "no"


@contextmanager
def _temporary() -> Iterator[None]:
    """While the desk runs, a password or folder that is wrong now is waited for like a server that is away."""
    try:
        yield
    except ConfigError as error:
        raise TemporaryError(str(error)) from error


class ImapSource:
    """One folder of one account. Between calls the session stays open; after a failure the next call connects anew."""

    def __init__(self, mailbox: Mailbox, ledger: Ledger, now: Clock, limits: Limits) -> None:
        self.account = mailbox.name
        self.folder = mailbox.folder
        self._mailbox = mailbox
        self._ledger = ledger
        self._now = now
        self._limits = limits
        self._session: Session | None = None
        self._inbox: Selected | None = None
        self._strikes: dict[int, int] = {}
        self._skipped: set[int] = set()  # arrived before start_from
        self._passed: set[int] | None = None  # uids that were there when the last full search was made
        self._next_full_search = 0.0
        self._short_idles = 0
        self._target = ""

    def fetch(self) -> Iterator[tuple[list[RawMail], int]]:
        """See Source. Mails are read in batches of at most 100 and 8 MB; a larger one comes by itself."""
        with _temporary():
            session, inbox = self._selected()
            epoch = self._ledger.epoch()
            if epoch is None:
                epoch = (inbox.uidvalidity, self._first_uid(session, inbox) - 1)
                self._ledger.begin(*epoch)
            historic = epoch[0] != inbox.uidvalidity
            last = 0 if historic else epoch[1]
            found = [uid for uid in session.search("UID", f"{last + 1}:*") if uid > last]
            if not historic:
                found = self._late(session, inbox, last) + found
            reading = self._reading(session, inbox, historic)
            unfinished: set[int] = set()
            for at in range(0, len(found), _PORTION):
                portion = found[at : at + _PORTION]
                waiting = self._unkept(inbox, portion)
                unfinished |= waiting
                top = max(last, portion[-1])
                for mails in reading.batches(sorted(waiting)):
                    unfinished -= {int(mail.uid) for mail in mails} | reading.skipped
                    yield mails, min((uid for uid in unfinished if uid > last), default=top + 1) - 1
            # Only now: if the desk dies before, it finds the old epoch again and these mails are still historic.
            if historic and not unfinished - reading.skipped:
                self._ledger.begin(inbox.uidvalidity, max(found, default=max(0, inbox.uidnext - 1)))

    def _reading(self, session: Session, inbox: Selected, historic: bool) -> Reading:
        stem = RawMail(
            account=self.account,
            folder=self.folder,
            uidvalidity=inbox.uidvalidity,
            uid="",
            arrived=self._now(),
            size=0,
            data=b"",
            historic=historic,
        )
        return Reading(
            session=session,
            stem=stem,
            largest=self._limits.largest,
            strikes=self._strikes,
            wanted=self._wanted,
            skipped=self._skipped,
        )

    def _selected(self) -> tuple[Session, Selected]:
        """The session with its folder newly selected: that is what shows new mail and a new epoch for certain."""
        if self._session is None or not self._session.open:
            self._session = connect(self._mailbox, self._limits, self._now)
        inbox = self._session.select(self.folder, readonly=self._mailbox.done == "nothing")
        if self._inbox is None or self._inbox.uidvalidity != inbox.uidvalidity:
            self._strikes, self._skipped, self._passed = {}, set(), None
        self._inbox = inbox
        return self._session, inbox

    def _current(self) -> tuple[Session, Selected]:
        """The session and folder as fetch left them. Selecting anew would swallow the news of mail that came since."""
        if self._session and self._session.open and self._inbox:
            return self._session, self._inbox
        session, inbox = self._selected()
        session.behind = True  # what came before this SELECT was not searched for yet
        return session, inbox

    def _first_uid(self, session: Session, inbox: Selected) -> int:
        """At first contact: the uid from which on mail is taken."""
        start = self._mailbox.start_from
        if start == "all":
            return 1
        following = inbox.uidnext or max(session.search("ALL"), default=0) + 1
        if start == "now":
            return following
        since = session.since(start.astimezone(UTC).date() - timedelta(days=1))
        for at in range(0, len(since), 500):
            for one in sorted(session.sizes(since[at : at + 500]), key=lambda one: one.uid):
                if one.arrived and one.arrived >= start:
                    return one.uid
        return following

    def _wanted(self, arrived: datetime) -> bool:
        start = self._mailbox.start_from
        return isinstance(start, str) or arrived >= start

    def _late(self, session: Session, inbox: Selected, last: int) -> list[int]:
        """Every ten minutes: uids at or below `last` that have come to light since the search before."""
        if self._passed is not None and monotonic() < self._next_full_search:
            return []
        self._next_full_search = monotonic() + _FULL_SEARCH
        there = {uid for uid in session.search("UID", f"1:{last}") if uid <= last} if last else set()
        late = self._unkept(inbox, there - self._passed) if self._passed is not None else set()
        self._passed = there - late
        return sorted(late)

    def count(self) -> Count:
        """See Source. What lay there before the first contact is none of ours: it lies before the first kept mail."""
        with _temporary():
            session, inbox = self._current()
            epoch = self._ledger.epoch()
            if epoch is None or epoch[0] != inbox.uidvalidity or not epoch[1]:
                return Count(server=0, ledger=0)
            kept = {int(uid) for uid in self._ledger.kept(inbox.uidvalidity)}
            first, last = min(kept, default=epoch[1] + 1), epoch[1]
            all_ = {uid for uid in session.search("UID", f"1:{last}") if uid <= last}
            there = {uid for uid in all_ if uid >= first}
            missing = sorted(there - kept - self._skipped)
            for at in range(0, len(missing), 500):
                sized = session.sizes(missing[at : at + 500])
                self._skipped |= {one.uid for one in sized if one.arrived and not self._wanted(one.arrived)}
        owed = set(missing) - self._skipped
        if owed:  # the next full search, now due, finds them as if they had come to light late
            self._passed, self._next_full_search = all_ - owed, 0.0
        ours = there - self._skipped
        return Count(server=len(ours), ledger=len(ours & kept), missing=tuple(map(str, sorted(owed))))

    def _unkept(self, inbox: Selected, uids: Iterable[int]) -> set[int]:
        asked = sorted(set(uids) - self._skipped)
        return {int(uid) for uid in unkept(self._ledger, inbox.uidvalidity, [str(uid) for uid in asked])}

    def settle(self, settled: Iterable[Settled]) -> None:
        """See Source. Raises TemporaryError when the server cannot or will not."""
        settled = list(settled)
        if not settled or self._mailbox.done == "nothing":
            return
        with _temporary():
            session, inbox = self._current()
            current = [one for one in settled if one.uidvalidity == inbox.uidvalidity]
            done = sorted(int(one.uid) for one in current if one.outcome == "done")
            parked = sorted(int(one.uid) for one in current if one.outcome == "quarantined")
            for at in range(0, len(done), _SETTLED_AT_ONCE):
                self._mark_done(session, inbox, done[at : at + _SETTLED_AT_ONCE])
            for at in range(0, len(parked), _SETTLED_AT_ONCE):
                mark = QUARANTINED if _keeps(inbox, QUARANTINED) else b"\\Flagged"
                session.flag(parked[at : at + _SETTLED_AT_ONCE], mark)

    def _mark_done(self, session: Session, inbox: Selected, uids: list[int]) -> None:
        kind, _, folder = self._mailbox.done.partition(":")
        if kind == "keyword":
            session.flag(uids, b"\\Seen", *([DONE] if _keeps(inbox, DONE) else []))
            return
        self._target = self._target or session.own(folder)
        try:
            session.move(uids, self._target)
        except RefusalError:
            with suppress(RefusalError):  # it may be there: then it is the move that is refused, and says why
                session.create(self._target)
            session.move(uids, self._target)

    def wait(self, stop: Event, seconds: float) -> None:
        """See Source. Waits in IDLE where the server has it and the session is open, else by the clock."""
        session = self._session
        if session is None or not session.open:
            stop.wait(seconds)
            return
        begun = monotonic()
        try:
            idle = session.behind or (self._mailbox.idle and "IDLE" in session.capabilities())
            if idle and not session.behind:
                session.idle(stop, seconds)
                self._short_idles = 0
        except TemporaryError:
            # The next fetch connects anew and says what is wrong. A server that ends every IDLE at once is polled.
            idle = monotonic() - begun >= _SHORT_IDLE or self._short_idles == 0
            self._short_idles += 1
        if not idle:
            stop.wait(max(0.0, seconds - (monotonic() - begun)))

    def close(self) -> None:
        """See Source."""
        if self._session is not None:
            self._session.logout()
            self._session = None


def _keeps(inbox: Selected, keyword: bytes) -> bool:
    return _ANY_KEYWORD in inbox.flags or keyword.lower() in inbox.flags
