"""From a host name to a logged-in session: TLS verified, STARTTLS never left out, passwords and OAuth2 (RFC 7628)."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from maildesk.clock import Clock
from maildesk.credentials import Login, bearer, forget, loopback, oauthbearer, password, xoauth2
from maildesk.errors import ConfigError, Problem, TemporaryError
from maildesk.sources.imap_session import RefusalError, Session, plain
from maildesk.sources.imap_wire import Client, Limits

_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")  # RFC 5530: no word about the password


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to connect, and as whom."""

    name: str  # of the mailbox, for messages
    host: str
    port: int
    login: Login
    tls: Literal["implicit", "starttls", "none"]
    ca_file: Path | None


def connect(place: Place, limits: Limits, now: Clock) -> Session:
    """A logged-in session. Raises TemporaryError, or ConfigError where the operator has to act; both in plain words."""
    context = _context(place)
    port = place.port or (993 if place.tls == "implicit" else 143)
    try:
        client = Client(place.host, port, context if place.tls == "implicit" else None, limits)
    except Exception as error:
        raise TemporaryError(plain(error, place.host)) from error
    session = Session(client, limits)
    try:
        if place.tls == "starttls":
            with session.command(limits.connect):
                client.starttls(context)
        _log_in(session, client, place, port, now)
        session.identify()
    except BaseException:
        session.drop()
        raise
    return session


def _context(place: Place) -> ssl.SSLContext | None:
    if place.tls == "none":
        if not loopback(place.host):
            _refuse(place, f'tls = "none" is for this machine alone, not for {place.host}')
        return None
    try:
        return ssl.create_default_context(cafile=place.ca_file)
    except OSError as error:  # ssl.SSLError is one
        _refuse(place, f"ca_file {place.ca_file} is no readable file of certificates: {error.strerror or error}")


def _refuse(place: Place, message: str) -> NoReturn:
    raise ConfigError([Problem(file=f"mailbox {place.name}", line=0, key="", message=message)])


def _log_in(session: Session, client: Client, place: Place, port: int, now: Clock) -> None:
    if place.login.oauth is None:
        _with_password(session, client, place)
    else:
        _with_token(session, client, place, port, place.login.oauth.mechanism, now)


def _with_password(session: Session, client: Client, place: Place) -> None:
    user, secret = place.login.user, password(place.login)
    if "LOGINDISABLED" in session.capabilities():
        _refuse(place, f"{place.host} takes no password on this connection: set tls")
    try:
        with session.command() as wire:
            if user.isascii() and secret.isascii():
                client.login(wire._quote(user), secret)
            else:
                client.sasl_login("PLAIN", lambda _: f"\0{user}\0{secret}")
    except RefusalError as refusal:
        said = str(refusal).replace(secret, "***")
        if any(code in said for code in _PASSING):
            raise TemporaryError(f"{place.host} takes no login now: {said}") from None
        _refuse(place, f"{place.host} does not accept the user {user} with this password: {said}")


def _with_token(session: Session, client: Client, place: Place, port: int, mechanism: str, now: Clock) -> None:
    user, token = place.login.user, bearer(place.login, now())
    first = xoauth2(user, token) if mechanism == "XOAUTH2" else oauthbearer(user, token, place.host, port)
    try:
        with session.command():
            client.sasl_login(mechanism, _once(first, "" if mechanism == "XOAUTH2" else "\x01"))
    except RefusalError as refusal:
        forget(place.login, now())
        said = str(refusal).replace(token, "***")
        raise TemporaryError(
            f"{place.host} does not accept the access token of {user}: {said}. A fresh one is used next time; "
            "if that fails too, check the scope and that IMAP is allowed for this mailbox"
        ) from None


def _once(first: str, then: str) -> Callable[[bytes], str]:
    """The initial response; then the empty answer to the server's error message, which makes it say NO."""
    answers = iter((first,))
    return lambda _: next(answers, then)
