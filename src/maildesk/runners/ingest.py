"""Mails from files and standard input: stored first, decided by whoever holds the desk."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from maildesk import clock
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


def decide_waiting(desk: Desk, now: clock.Clock) -> None:
    """Decide everything that waits; its mails leave with the next `once` or `run`."""
    while intake.run_once(desk, now()).tried:
        pass
