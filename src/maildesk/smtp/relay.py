"""Where the relay is, and how to speak of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maildesk.credentials import Login

_PORTS = {"implicit": 465, "starttls": 587, "none": 25}
_LONGEST = 500


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
    timeout: float = 60.0  # seconds for opening a connection, and for each other step
    idle: float = 30.0  # seconds an unused connection is kept

    @property
    def real_port(self) -> int:
        """The port to connect to."""
        return self.port or _PORTS[self.tls]

    @property
    def place(self) -> str:
        """Host and port, as they stand in a message."""
        return f"{self.host}:{self.real_port}"


class UnusableError(Exception):
    """The relay cannot be used now: no connection, no TLS or no login. No mail was tried.

    `code` is the reply that said so, 0 when there was none; `setting` names the setting an operator should look at,
    "" when waiting may cure it.
    """

    def __init__(self, text: str, *, code: int = 0, setting: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.setting = setting


def words(reply: str) -> str:
    """A reply as one printable line of at most 500 characters: UTF-8, else the GB 18030 that Chinese relays send.

    aiosmtplib gives octets that are not UTF-8 as lone surrogates.
    """
    octets = reply.encode("utf-8", "surrogateescape")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("gb18030", "replace")
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else "\ufffd" for c in line)[:_LONGEST]
