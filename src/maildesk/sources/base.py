"""What every source of mail does, and no more."""

from collections.abc import Iterable, Iterator
from threading import Event
from typing import Protocol

from maildesk.mail.model import RawMail, Settled


class Source(Protocol):
    """A place mail comes from. It never parses a mail and never decides anything about one."""

    account: str
    folder: str

    def fetch(self) -> Iterator[tuple[list[RawMail], int]]:
        """Batches of mails that the ledger does not have, oldest first, with the last uid each batch completes.

        Changes nothing on the server. Raises TemporaryError when the source cannot be read now.
        """
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
