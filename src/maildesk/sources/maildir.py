"""A Maildir, with the same guarantees as a mailbox."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Maildir:
    """Settings of one Maildir."""

    name: str = "main"
    path: Path
    start_from: datetime | Literal["now", "all"] = "now"
    done: str = "keyword"  # "move:<folder>", "keyword" (flag S, into cur/) or "nothing"
    poll: float = 5.0  # seconds
