"""Mails from files and standard input: stored first, decided by whoever holds the desk."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from maildesk import clock
from maildesk.mail import limits, threads
from maildesk.mail.parse import parse
from maildesk.runners import intake
from maildesk.runners.desk import Desk
from maildesk.sources import stdin
from maildesk.store import inbound
from maildesk.store.database import transaction


def keep(desk: Desk, source: BinaryIO | Path, now: datetime) -> None:
    """Store one mail: from here on it cannot be lost. The same bytes twice are two mails.

    Raises PermanentError for what is no mail, TemporaryError when it cannot be kept now.
    """
    raw = stdin.read(source, uid=uuid.uuid4().hex, arrived=now)
    with transaction(desk.engine) as connection:
        inbound.keep(connection, [raw], 0)


def in_order(files: Sequence[Path]) -> list[Path]:
    """The files, every mail before those that answer it: an answer finds the ticket of what it answers."""
    mails = [parse(_head(file)) for file in files]
    return [files[place] for places in threads.threads(mails) for place in places]


def _head(file: Path) -> bytes:
    """The header of a mail; nothing of a file that cannot be read, and of standard input, which is read once."""
    try:
        with file.open("rb") as stream:
            return stream.read(limits.HEADER_BLOCK).partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]
    except OSError:
        return b""


def decide_waiting(desk: Desk, now: clock.Clock) -> None:
    """Decide everything that waits; its mails leave with the next `once` or `run`."""
    while intake.run_once(desk, now()).tried:
        pass
