"""What every source of mail does, and no more; and the bounds they all keep."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Protocol, TypeVar

from maildesk.mail.model import RawMail, Settled

LARGEST = 25 * 1024 * 1024  # octets; a larger mail is `oversize`
EXCERPT = 256 * 1024  # octets kept of an oversize mail's header, and again of its body
BATCH_COUNT = 100
BATCH_OCTETS = 8 * 1024 * 1024
STRIKES = 3  # failures of one mail asked for by itself, after which it is `unreadable`

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A folder counted against the ledger: how many mails of ours lie there, and how many of them are kept."""

    server: int
    ledger: int
    missing: tuple[str, ...] = ()  # uids that lie there and are not kept; the next fetch takes them


class Source(Protocol):
    """A place mail comes from. It never parses a mail and never decides anything about one."""

    account: str
    folder: str

    def fetch(self) -> Iterator[tuple[list[RawMail], int]]:
        """Batches of mails that the ledger does not have, oldest first, with the last uid each batch completes.

        Changes nothing on the server. Raises TemporaryError when the source cannot be read now.
        """
        ...

    def count(self) -> Count:
        """Compare everything that was dealt with so far. Raises TemporaryError when the source cannot be read now."""
        ...

    def settle(self, settled: Iterable[Settled]) -> None:
        """Mark mails on the server after the commit: cosmetic, repeatable."""
        ...

    def wait(self, stop: Event, seconds: float) -> None:
        """Return when something may have come, after `seconds`, or when `stop` is set."""
        ...

    def close(self) -> None:
        """Let go of the server."""
        ...


class Ledger(Protocol):
    """What is already kept of one account and folder. The runner answers it from the store."""

    def epoch(self) -> tuple[int, int] | None:
        """(uidvalidity, last_uid) as last kept; None before the first contact."""
        ...

    def begin(self, uidvalidity: int, last_uid: int) -> None:
        """A new epoch, of which everything up to `last_uid` is dealt with."""
        ...

    def missing(self, uidvalidity: int, uids: Sequence[str]) -> list[str]:
        """Those of `uids` that are not kept."""
        ...

    def kept(self, uidvalidity: int) -> set[str]:
        """All uids that are kept."""
        ...

    def polled(self) -> datetime | None:
        """When the folder was last read to its end."""
        ...


def batches(items: Iterable[Item], octets: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Cut into runs of at most BATCH_COUNT items and BATCH_OCTETS; a larger item is a run of its own."""
    run: list[Item] = []
    total = 0
    for item in items:
        if run and (len(run) == BATCH_COUNT or total + octets(item) > BATCH_OCTETS):
            yield run
            run, total = [], 0
        run.append(item)
        total += octets(item)
    if run:
        yield run


def unkept(ledger: Ledger, uidvalidity: int, uids: Sequence[str]) -> set[str]:
    """Those of `uids` the ledger does not have, asked for in portions that suit a database."""
    asked = (uids[start : start + 1000] for start in range(0, len(uids), 1000))
    return {uid for portion in asked for uid in ledger.missing(uidvalidity, portion)}


def excerpt(data: bytes) -> bytes:
    """What is kept of an oversize mail: its header, cut at EXCERPT, and EXCERPT octets of its body.

    `data` holds the first 2 * EXCERPT octets of the mail, or more.
    """
    ends = [at for at in (data.find(b"\r\n\r\n", 0, EXCERPT), data.find(b"\n\n", 0, EXCERPT)) if at >= 0]
    return data[: min(ends, default=EXCERPT) + EXCERPT]
