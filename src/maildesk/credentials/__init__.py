"""How the desk proves who it is to a server: passwords and OAuth2 tokens, never from the command line, never logged."""

from dataclasses import dataclass
from datetime import datetime

from maildesk.credentials.oauth import OAuth, access_token, drop, loopback
from maildesk.credentials.secret import Secret, read, refuse

__all__ = ["Login", "OAuth", "Secret", "bearer", "forget", "loopback", "oauthbearer", "password", "read", "xoauth2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user with a password or with OAuth2, never both."""

    user: str
    secret: Secret | None = None
    oauth: OAuth | None = None


def password(login: Login) -> str:
    """The password of a login. Raises ConfigError where it is missing, unreadable or open to others."""
    if login.secret is None:
        refuse("credentials", f"no password is configured for {login.user}")
    return read(login.secret)


def bearer(login: Login, now: datetime) -> str:
    """An OAuth2 access token of a login that holds for at least a minute.

    Raises TemporaryError when the token server cannot be asked now, ConfigError when the operator has to act.
    """
    if login.oauth is None:
        refuse("credentials", f"no OAuth2 is configured for {login.user}")
    return access_token(login.oauth, now)


def forget(login: Login, now: datetime) -> None:
    """The server refused the access token: `bearer` gets another one next time."""
    if login.oauth is not None:
        drop(login.oauth, now)


def xoauth2(user: str, token: str) -> str:
    """The initial response of XOAUTH2, before base64 (developers.google.com/workspace/gmail/imap/xoauth2-protocol)."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def oauthbearer(user: str, token: str, host: str, port: int) -> str:
    """The initial response of OAUTHBEARER, before base64 (RFC 7628 section 3.1)."""
    saslname = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={saslname},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
