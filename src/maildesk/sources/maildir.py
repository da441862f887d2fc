"""A Maildir (cr.yp.to/proto/maildir.html; folders as in Maildir++), with the same guarantees as a mailbox."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Literal

from imapclient.imap_utf7 import encode as encode_utf7

from maildesk.clock import Clock, monotonic
from maildesk.errors import TemporaryError
from maildesk.mail.model import RawMail, Settled
from maildesk.sources.base import EXCERPT, LARGEST, STRIKES, Count, Ledger, batches, excerpt, unkept

_SLICE = 1.0  # seconds between looks at the directory
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_PLACES = ("new", "cur")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maildir:
    """Settings of one Maildir."""

    name: str = "main"
    path: Path
    start_from: datetime | Literal["now", "all"] = "now"
    done: str = "keyword"  # "move:<folder>", "keyword" (flag S, into cur/) or "nothing"
    poll: float = 5.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A message file. `uid` is its base name; octets that are no UTF-8 are written as escapes."""

    uid: str
    place: str  # new or cur
    name: str
    size: int
    modified: int  # nanoseconds since the epoch


def open(maildir: Maildir, ledger: Ledger, now: Clock) -> "MaildirSource":
    """A source over the directory. For one thread."""
    return MaildirSource(maildir, ledger, now)


def probe(maildir: Maildir) -> list[str]:
    """What `check --connect` says of a Maildir. Raises TemporaryError where there is none."""
    with _places(maildir.path) as places:
        waiting = len(_entries(places))
    writable = all(os.access(maildir.path / place, os.W_OK) for place in _PLACES)
    advice = "" if writable or maildir.done == "nothing" else "; it cannot be written to, so nothing can be marked"
    return [f"{maildir.name}: {waiting} messages in {maildir.path}{advice}"]


class MaildirSource:
    """new/ and cur/ of one Maildir. uidvalidity is 0; the ledger's last_uid is the time of the start, in seconds."""

    folder = "INBOX"

    def __init__(self, maildir: Maildir, ledger: Ledger, now: Clock) -> None:
        self.account = maildir.name
        self._maildir = maildir
        self._ledger = ledger
        self._now = now
        self._strikes: dict[str, int] = {}
        self._seen: tuple[int, ...] = ()

    def fetch(self) -> Iterator[tuple[list[RawMail], int]]:
        """See Source. A mail that vanishes while it is read is skipped: it was renamed and comes again, or is gone."""
        epoch = self._ledger.epoch()
        if epoch is None:
            epoch = (0, self._start())
            self._ledger.begin(*epoch)
        with _places(self._maildir.path) as places:
            self._seen = _changed(places)
            entries = [one for one in _entries(places) if one.modified // 10**9 >= epoch[1]]
            missing = unkept(self._ledger, 0, [one.uid for one in entries])
            for run in batches([one for one in entries if one.uid in missing], lambda one: one.size):
                if mails := [mail for one in run if (mail := self._read(places[one.place], one))]:
                    yield mails, epoch[1]

    def count(self) -> Count:
        """See Source."""
        epoch = self._ledger.epoch()
        if epoch is None:
            return Count(server=0, ledger=0)
        polled = self._ledger.polled()
        until = polled.timestamp() if polled else 0.0  # what came later waits for its first look
        with _places(self._maildir.path) as places:
            there = {one.uid for one in _entries(places) if epoch[1] <= one.modified // 10**9 <= until}
        missing = there - self._ledger.kept(0)
        return Count(server=len(there), ledger=len(there) - len(missing), missing=tuple(sorted(missing)))

    def _start(self) -> int:
        start = self._maildir.start_from
        if start == "all":
            return 0
        return int((self._now() if start == "now" else start).timestamp())

    def _read(self, directory: int, one: _Entry) -> RawMail | None:
        """The mail, None when it cannot be had this time."""
        try:
            with os.fdopen(os.open(one.name, _FILE, dir_fd=directory), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                data = file.read(2 * EXCERPT if size > LARGEST else size)
        except FileNotFoundError:
            return None
        except OSError:
            self._strikes[one.uid] = self._strikes.get(one.uid, 0) + 1
            if self._strikes[one.uid] < STRIKES:
                return None
            del self._strikes[one.uid]
            return self._mail(one, b"", one.size, "unreadable")
        self._strikes.pop(one.uid, None)
        if size > LARGEST:
            return self._mail(one, excerpt(data), size, "oversize")
        return self._mail(one, data, len(data), "whole")

    def _mail(self, one: _Entry, data: bytes, size: int, state: Literal["whole", "oversize", "unreadable"]) -> RawMail:
        return RawMail(
            account=self.account,
            folder=self.folder,
            uidvalidity=0,
            uid=one.uid,
            arrived=self._arrived(one),
            size=size,
            data=data,
            state=state,
        )

    def _arrived(self, one: _Entry) -> datetime:
        """The file time; a time to come is now."""
        now = self._now()
        seconds = one.modified // 10**9
        return datetime.fromtimestamp(seconds, UTC) if seconds < now.timestamp() else now

    def settle(self, settled: Iterable[Settled]) -> None:
        """See Source. Quarantined mails get the flag F and stay. Raises TemporaryError when the directory refuses."""
        outcomes = {one.uid: one.outcome for one in settled}
        if not outcomes or self._maildir.done == "nothing":
            return
        folder = self._maildir.done.removeprefix("move:")
        move = folder != self._maildir.done
        try:
            with _places(self._maildir.path) as places, ExitStack() as stack:
                target = stack.enter_context(_subfolder(self._maildir.path, folder)) if move else places["cur"]
                for one in _entries(places):
                    outcome = outcomes.get(one.uid)
                    if outcome == "done":
                        _rename(places[one.place], one, "S", target)
                    elif outcome == "quarantined":
                        _rename(places[one.place], one, "F", places["cur"])
        except OSError as error:
            raise TemporaryError(f"{self._maildir.path} cannot be changed: {error.strerror}") from error

    def wait(self, stop: Event, seconds: float) -> None:
        """See Source: looks once a second whether a file came or went."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not stop.wait(min(_SLICE, left)):
            with suppress(TemporaryError), _places(self._maildir.path) as places:
                if _changed(places) != self._seen:
                    return

    def close(self) -> None:
        """See Source. There is nothing to let go of."""


@contextmanager
def _places(path: Path) -> Iterator[dict[str, int]]:
    """Descriptors of new/ and cur/, so that no link put in their place is followed later."""
    opened: dict[str, int] = {}
    try:
        try:
            for place in _PLACES:
                opened[place] = os.open(path / place, _DIRECTORY)
        except OSError as error:
            raise TemporaryError(f"{path} is no Maildir that can be read: {place}/: {error.strerror}") from error
        yield opened
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


def _changed(places: dict[str, int]) -> tuple[int, ...]:
    return tuple(os.fstat(descriptor).st_mtime_ns for descriptor in places.values())


def _entries(places: dict[str, int]) -> list[_Entry]:
    """The message files, oldest first, each base name once. Links, directories and hidden files are none."""
    found: dict[str, _Entry] = {}
    for place, descriptor in places.items():
        with os.scandir(descriptor) as listing:
            for item in listing:
                with suppress(FileNotFoundError):
                    status = item.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode) and not item.name.startswith("."):
                        one = _entry(place, item.name, status)
                        found.setdefault(one.uid, one)
    return sorted(found.values(), key=lambda one: (one.modified, one.uid))


def _entry(place: str, name: str, status: os.stat_result) -> _Entry:
    base = os.fsencode(name.partition(":")[0]).decode("utf-8", "backslashreplace")
    return _Entry(uid=base, place=place, name=name, size=status.st_size, modified=status.st_mtime_ns)


@contextmanager
def _subfolder(path: Path, folder: str) -> Iterator[int]:
    """A descriptor of cur/ in a Maildir++ folder, which is made when it is missing; `/` parts levels."""
    levels = [level for level in folder.replace("/", ".").split(".") if level]
    directory = path / ("." + ".".join(encode_utf7(level).decode("ascii") for level in levels))
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
        (directory / "maildirfolder").touch(mode=0o600)
    outer = os.open(directory, _DIRECTORY)
    try:
        for place in ("tmp", "new", "cur"):
            with suppress(FileExistsError):
                os.mkdir(place, mode=0o700, dir_fd=outer)
        inner = os.open("cur", _DIRECTORY, dir_fd=outer)
        try:
            yield inner
        finally:
            os.close(inner)
    finally:
        os.close(outer)


def _rename(source: int, one: _Entry, flag: str, target: int) -> None:
    """Into a cur/, with a flag more."""
    base, _, after = one.name.partition(":")
    flags = {*after.removeprefix("2,"), flag} if after.startswith("2,") else {flag}
    with suppress(FileNotFoundError):  # someone else renamed or removed it
        os.rename(one.name, f"{base}:2,{''.join(sorted(flags))}", src_dir_fd=source, dst_dir_fd=target)
