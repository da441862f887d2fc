"""The post office of the demo: an SMTP server on loopback that takes what the desk sends, and what one sends to it."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from socket import create_server
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from maildesk.mail.model import Mail
from maildesk.mail.parse import parse

DESK = "it@corp.example"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that came to somebody who is not the desk."""

    to: str
    mail: Mail
    file: Path

    @property
    def event(self) -> str:
        return next(self.mail.values("X-Maildesk-Event"), "")


class Office:
    """Mail to the desk falls into its Maildir; any other is kept as a file, and shown."""

    def __init__(self, inbox: Path, kept: Path, came: Callable[[Letter], None]) -> None:
        self.inbox, self.kept = inbox, kept
        self.letters: list[Letter] = []
        self._came = came
        self._numbers = count(1)
        for folder in ("new", "cur", "tmp"):
            (inbox / folder).mkdir(parents=True, exist_ok=True)
        kept.mkdir(parents=True, exist_ok=True)
        with create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        data: Any = envelope.content
        for recipient in envelope.rcpt_tos:
            if recipient.casefold() == DESK:
                self.deliver(data, time.time())
            else:
                self._keep(recipient, data)
        return "250 2.0.0 taken"

    def deliver(self, data: bytes, at: float) -> None:
        """Put a mail into the desk's mailbox, as of a moment."""
        name = f"{int(at)}.{next(self._numbers)}.demo"
        part = self.inbox / "tmp" / name
        part.write_bytes(data)
        os.utime(part, (at, at))
        part.rename(self.inbox / "new" / name)

    def _keep(self, recipient: str, data: bytes) -> None:
        mail = parse(data)
        event = next(mail.values("X-Maildesk-Event"), "") or "to-requester"
        file = self.kept / f"{len(self.letters) + 1:02}-{event}-{recipient.partition('@')[0]}.eml"
        file.write_bytes(data)
        if mail.html:
            file.with_suffix(".html").write_text(mail.html, encoding="utf-8")
        letter = Letter(recipient, mail, file)
        self.letters.append(letter)
        self._came(letter)

    def latest(self, to: str, number: int | None = None) -> Letter:
        """The last letter somebody got, about a ticket if one is named."""
        wanted = f"-{number}]" if number else ""
        return next(letter for letter in reversed(self.letters) if letter.to == to and wanted in letter.mail.subject)
