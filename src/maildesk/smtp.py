"""Handing mail to the relay (RFC 5321, 3207, 4954): every outcome is a value. The only asyncio."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maildesk.credentials import Login


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Settings of the relay."""

    host: str
    port: int = 0  # 0: 587, 465 with implicit TLS, 25 with none
    tls: Literal["implicit", "starttls", "none"] = "starttls"  # none: loopback only
    ca_file: Path | None = None
    login: Login | None = None
    connections: int = 4
    data_timeout: float = 600.0  # seconds to wait for the reply after the final dot (RFC 5321 section 4.5.3.2.6)
