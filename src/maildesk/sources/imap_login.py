"""From a host name to a logged-in session: TLS verified, STARTTLS never left out, passwords and OAuth2 (RFC 7628)."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NoReturn

from maildesk.clock import Clock
from maildesk.credentials import Login, bearer, forget, loopback, oauthbearer, password, xoauth2
from maildesk.errors import ConfigError, Problem, TemporaryError
from maildesk.sources.imap_errors import RefusalError, plain
from maildesk.sources.imap_session import Session
from maildesk.sources.imap_wire import Client, Limits

_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530: no word about the password


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


def connect(mailbox: Mailbox, limits: Limits, now: Clock) -> Session:
    """A logged-in session. Raises TemporaryError, or ConfigError where the operator has to act; both in plain words."""
    context = _context(mailbox)
    port = mailbox.port or (993 if mailbox.tls == "implicit" else 143)
    try:
        client = Client(mailbox.host, port, context if mailbox.tls == "implicit" else None, limits)
    except Exception as error:
        raise TemporaryError(plain(error, mailbox.host)) from error
    session = Session(client, limits)
    try:
        if mailbox.tls == "starttls":
            with session.command(limits.connect):
                client.starttls(context)
        _log_in(session, client, mailbox, port, now)
        session.identify()
    except BaseException:
        session.drop()
        raise
    return session


def _context(mailbox: Mailbox) -> ssl.SSLContext | None:
    if mailbox.tls == "none":
        if not loopback(mailbox.host):
            _refuse(mailbox, f'tls = "none" is for this machine alone, not for {mailbox.host}')
        return None
    try:
        return ssl.create_default_context(cafile=mailbox.ca_file)
    except OSError as error:  # ssl.SSLError is one
        _refuse(mailbox, f"ca_file {mailbox.ca_file} is no readable file of certificates: {error.strerror or error}")


def _refuse(mailbox: Mailbox, message: str) -> NoReturn:
    raise ConfigError([Problem(file=f"mailbox {mailbox.name}", line=0, key="", message=message)])


def _log_in(session: Session, client: Client, mailbox: Mailbox, port: int, now: Clock) -> None:
    if mailbox.login.oauth is None:
        _with_password(session, client, mailbox)
    else:
        _with_token(session, client, mailbox, port, mailbox.login.oauth.mechanism, now)


def _with_password(session: Session, client: Client, mailbox: Mailbox) -> None:
    user, secret = mailbox.login.user, password(mailbox.login)
    if "LOGINDISABLED" in session.capabilities():
        _refuse(mailbox, f"{mailbox.host} takes no password on this connection: set tls")
    try:
        with session.command() as wire:
            if user.isascii() and secret.isascii():
                client.login(wire._quote(user), secret)
            else:
                client.sasl_login("PLAIN", lambda _: f"\0{user}\0{secret}")
    except RefusalError as refusal:
        said = str(refusal).replace(secret, "***")
        if any(code in said for code in _PASSING):
            raise TemporaryError(f"{mailbox.host} takes no login now: {said}") from None
        _refuse(mailbox, f"{mailbox.host} does not accept the user {user} with this password: {said}")


def _with_token(session: Session, client: Client, mailbox: Mailbox, port: int, mechanism: str, now: Clock) -> None:
    user, token = mailbox.login.user, bearer(mailbox.login, now())
    first = xoauth2(user, token) if mechanism == "XOAUTH2" else oauthbearer(user, token, mailbox.host, port)
    try:
        with session.command():
            client.sasl_login(mechanism, _once(first, "" if mechanism == "XOAUTH2" else "\x01"))
    except RefusalError as refusal:
        forget(mailbox.login, now())
        said = str(refusal).replace(token, "***")
        raise TemporaryError(
            f"{mailbox.host} does not accept the access token of {user}: {said}. A fresh one is used next time; "
            "if that fails too, check the scope and that IMAP is allowed for this mailbox"
        ) from None


def _once(first: str, then: str) -> Callable[[bytes], str]:
    """The initial response; then the empty answer to the server's error message, which makes it say NO."""
    answers = iter((first,))
    return lambda _: next(answers, then)
