"""A mailbox over IMAP (RFC 3501, 2177, 6851), behind a guard: TRAPS.md, section IMAP."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from maildesk.credentials import Login


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Settings of one IMAP mailbox."""

    name: str = "main"
    host: str
    port: int = 0  # 0: 993, or 143 with starttls and none
    login: Login
    tls: Literal["implicit", "starttls", "none"] = "implicit"  # none: loopback only
    ca_file: Path | None = None
    folder: str = "INBOX"
    start_from: datetime | Literal["now", "all"] = "now"
    done: str = "keyword"  # "move:<folder>", "keyword" or "nothing"
    poll: float = 60.0  # seconds
    idle: bool = True
