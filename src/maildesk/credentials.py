"""How the desk proves who it is to a server: passwords and OAuth2 tokens, never from the command line, never logged."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret stands: exactly one of a file (0600 or a systemd credential) and an environment variable."""

    file: Path | None = None
    env: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """How to get an access token: a refresh-token grant (RFC 6749 section 6), or a command that prints one."""

    token_url: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: str = ""
    cache: Path | None = None  # where tokens are kept, 0600; a rotated refresh token too
    token_command: tuple[str, ...] = ()
    mechanism: str = "XOAUTH2"  # or OAUTHBEARER


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user with a password or with OAuth2, never both."""

    user: str
    secret: Secret | None = None
    oauth: OAuth | None = None
