"""One logged-in IMAP session (RFC 3501, 2177, 4315, 6851) whose every failure is a TemporaryError in plain words.

Only a tagged NO keeps the session: after anything else it may be out of step with the server and is closed. No value
from a mail goes into a command: uids, constants and what the operator configured only.
"""

import imaplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from threading import Event
from typing import Any

from imapclient.datetime_util import format_criteria_date
from imapclient.response_parser import parse_fetch_response

from maildesk.clock import monotonic
from maildesk.errors import TemporaryError
from maildesk.sources.imap_errors import RefusalError, cleaned, plain
from maildesk.sources.imap_wire import Client, Limits, Wire

_SLACK = 256 * 1024  # octets an answer with bodies may hold beyond them
_LONGEST_IDLE = 28 * 60  # seconds; a server may drop an IDLE after 29 minutes (RFC 2177)
_SLICE = 1.0  # seconds after which a stop is noticed
_NUMBER = 2**32 - 1  # the largest uid and uidvalidity (RFC 3501 section 9)
_SIZE = 2**31 - 1  # octets; what claims to be larger is oversize in any case
_PARTING = 1.0  # seconds a server may take to say goodbye


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What SELECT said. `uidnext` is 0 where the server does not say it."""

    uidvalidity: int
    uidnext: int
    exists: int
    flags: tuple[bytes, ...]  # that can be set for good, lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """A message before its body is fetched. `arrived` is None where INTERNALDATE cannot be read."""

    uid: int
    size: int
    arrived: datetime | None


class Session:
    """Commands on one connection, for one thread."""

    def __init__(self, client: Client, limits: Limits) -> None:
        self._client = client
        self._limits = limits
        self._exists: int | None = None  # None: any EXISTS is news
        self.behind = False  # mail was announced since the folder was selected
        self.open = True

    @contextmanager
    def command(self, seconds: float = 0, octets: int = 0) -> Iterator[Wire]:
        """Guard one command: a NO raises RefusalError; anything else closes the session and raises TemporaryError."""
        wire = self._client.wire
        self._hear(wire)
        wire.untagged_responses.clear()  # imaplib lets them pile up for the life of a session
        wire.allow(seconds or self._limits.command, octets or self._limits.answer)
        try:
            yield wire
        except Exception as error:  # a zoo: imaplib's errors, OSError, ValueError, AttributeError, RecursionError
            if wire.verdict == "NO":
                raise RefusalError(f"the server refuses: {cleaned(wire.said)}") from None
            self.drop()
            raise TemporaryError(plain(error, self._client.host)) from error
        except BaseException:
            self.drop()
            raise

    def capabilities(self) -> tuple[str, ...]:
        """What the server offers, upper case."""
        with self.command():
            return tuple(word.decode("ascii", "replace") for word in self._client.capabilities())

    def identify(self) -> None:
        """Say who we are, where the server asks for it (RFC 2971): 163.com refuses SELECT to a client without ID."""
        if "ID" in self.capabilities():
            with suppress(RefusalError), self.command():
                self._client.id_({"name": "maildesk"})

    def select(self, folder: str, readonly: bool) -> Selected:
        """SELECT, or EXAMINE. Raises RefusalError with the nearest folder's name where there is none of that name."""
        try:
            with self.command():
                said = self._client.select_folder(folder, readonly=readonly)
                selected = Selected(
                    uidvalidity=_number(said[b"UIDVALIDITY"]),
                    uidnext=_number(said.get(b"UIDNEXT", 0)),
                    exists=said[b"EXISTS"],
                    flags=tuple(flag.lower() for flag in said.get(b"PERMANENTFLAGS", said.get(b"FLAGS", ()))),
                )
        except RefusalError as refused:
            raise RefusalError(f"folder {folder!r} cannot be opened: {refused}{self._nearest(folder)}") from None
        self._exists = selected.exists
        self.behind = False
        return selected

    def _nearest(self, folder: str) -> str:
        names = {name.casefold(): name for name in self.folders()}
        if folder.casefold() in names:
            return ""
        near = get_close_matches(folder.casefold(), names, n=1, cutoff=0)
        return f"; the nearest folder is {names[near[0]]!r}" if near else ""

    def folders(self) -> list[str]:
        """The names of all folders."""
        with self.command():
            return [str(name) for _, _, name in self._client.list_folders()]

    def search(self, *criteria: str) -> list[int]:
        """UID SEARCH with constant criteria; the uids, ascending."""
        with self.command() as wire:
            verdict, lines = wire.uid("SEARCH", *criteria)
            _must_be_ok(verdict, lines)
            uids = {int(word) for line in lines if line for word in line.split() if word.isdigit()}
            return sorted(uid for uid in uids if 0 < uid <= _NUMBER)

    def among(self, uids: Sequence[int]) -> set[int]:
        """Those of `uids` that the server has."""
        return set(self.search("UID", _joined(uids))).intersection(uids)

    def since(self, day: date) -> list[int]:
        """The uids of messages whose INTERNALDATE is on or after a day, as the server counts days."""
        return self.search("SINCE", format_criteria_date(day).decode("ascii"))

    def sizes(self, uids: Sequence[int]) -> list[Sized]:
        """RFC822.SIZE and INTERNALDATE of those of `uids` that the server still has."""
        answer = self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)", self._limits.command, self._limits.answer)
        return [
            Sized(uid=uid, size=min(fields[b"RFC822.SIZE"], _SIZE), arrived=_utc(fields.get(b"INTERNALDATE")))
            for uid, fields in answer.items()
            if isinstance(fields.get(b"RFC822.SIZE"), int)
        ]

    def bodies(self, uids: Sequence[int], octets: int, first: int = 0) -> dict[int, bytes]:
        """The raw mails, or their `first` octets. `octets` is how much they are known to be in all."""
        items = f"(UID BODY.PEEK[]<0.{first}>)" if first else "(UID BODY.PEEK[])"
        answer = self._fetch(uids, items, self._limits.body, octets + octets // 4 + _SLACK)
        found = ((uid, fields.get(b"BODY[]<0>" if first else b"BODY[]")) for uid, fields in answer.items())
        return {uid: _octets(body) for uid, body in found if body is not None}

    def _fetch(self, uids: Sequence[int], items: str, seconds: float, octets: int) -> dict[int, dict[bytes, Any]]:
        """UID FETCH. An answer that does not say its own uid, or says one not asked for, is dropped."""
        with self.command(seconds, octets) as wire:
            verdict, lines = wire.uid("FETCH", _joined(uids), items)
            _must_be_ok(verdict, lines)
            by_number = parse_fetch_response(lines, normalise_times=False, uid_is_key=False)
            asked = set(uids)
            return {fields[b"UID"]: fields for fields in by_number.values() if fields.get(b"UID") in asked}

    def flag(self, uids: Sequence[int], *flags: bytes) -> None:
        """Add flags."""
        with self.command():
            self._client.add_flags(uids, flags, silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """MOVE (RFC 6851); without it COPY and a delete that touches these messages alone (UIDPLUS, RFC 4315)."""
        self._exists = None
        offered = self.capabilities()
        if "MOVE" in offered:
            with self.command():
                self._client.move(uids, folder)
            return
        with self.command():
            self._client.copy(uids, folder)
        self.flag(uids, b"\\Deleted")
        if "UIDPLUS" in offered:
            with self.command():
                self._client.uid_expunge(uids)

    def create(self, folder: str) -> None:
        """CREATE and SUBSCRIBE a folder."""
        with self.command():
            self._client.create_folder(folder)
        with suppress(RefusalError), self.command():
            self._client.subscribe_folder(folder)

    def own(self, folder: str) -> str:
        """The server's full name of one of the user's own folders (RFC 2342); `/` parts levels."""
        if "NAMESPACE" not in self.capabilities():
            return folder
        with self.command():
            prefix, delimiter = (self._client.namespace().personal or [("", "/")])[0]
            name = folder.replace("/", delimiter or "/")
            return name if name.startswith(prefix) else prefix + name

    def idle(self, stop: Event, seconds: float) -> None:
        """IDLE until `behind`, `stop`, or `seconds` are over.

        NOOP first: mail that came between the last search and IDLE would else stay unseen until IDLE ends.
        """
        with self.command() as wire:
            wire.noop()
            self._hear(wire)
        if self.behind:
            return
        seconds = min(seconds, _LONGEST_IDLE)
        with self.command(seconds + self._limits.command) as wire:  # the answer of a whole IDLE is bounded too
            tag = wire._command("IDLE")
            while wire._get_response() is not None:
                if wire.tagged_commands[tag]:
                    _must_be_ok(*wire._command_complete("IDLE", tag))
            until = monotonic() + seconds
            while not (stop.is_set() or wire.untagged_responses.keys() & {"EXISTS", "BYE"}):
                if (left := until - monotonic()) <= 0:
                    break
                if wire.waiting(min(_SLICE, left)):
                    wire._get_response()
            wire.allow(_PARTING if stop.is_set() else self._limits.command, self._limits.answer)
            wire.send(b"DONE\r\n")
            wire._command_complete("IDLE", tag)
            self._hear(wire)

    def _hear(self, wire: Wire) -> None:
        """Any command's answer may announce mail, once; what repeats the known number is no announcement."""
        if "EXPUNGE" in wire.untagged_responses:
            self._exists = None
        counts: list[Any] = wire.untagged_responses.get("EXISTS", [])
        self.behind |= any(count != b"%d" % (self._exists or 0) for count in counts)

    def logout(self) -> None:
        """Part in peace where the server answers at once; let go of it in any case."""
        if self.open:
            with suppress(TemporaryError), self.command(_PARTING):
                self._client.logout()
        self.drop()

    def drop(self) -> None:
        """Close the connection without a word."""
        if self.open:
            self.open = False
            with suppress(OSError):
                self._client.shutdown()


def _must_be_ok(verdict: str, lines: Iterable[Any]) -> None:
    if verdict != "OK":
        raise imaplib.IMAP4.error(next(iter(lines), b""))


def _number(number: int) -> int:
    if number > _NUMBER:
        raise ValueError(number)
    return number


def _joined(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _octets(body: object) -> bytes:
    """imapclient reads a quoted string of digits as a number."""
    return body if isinstance(body, bytes) else str(body).encode()


def _utc(moment: datetime | None) -> datetime | None:
    with suppress(OverflowError, ValueError):
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    return None
