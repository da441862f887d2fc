"""One connection to the relay: opened, encrypted, logged in; and the step that must be known for certain, the dot."""

import asyncio
import base64
import re
import ssl
from collections.abc import Awaitable, Callable
from socket import gethostname

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from aiosmtplib.response import SMTPResponse

from maildesk import clock, credentials
from maildesk.credentials import Login
from maildesk.errors import ConfigError, MaildeskError
from maildesk.smtp.relay import Relay, UnusableError, words

_MECHANISMS = ("plain", "login", "cram-md5")  # the password is safe in TLS; without TLS the relay is this machine
_UNKNOWN_MECHANISM = (500, 502, 504)
_HOST_NAME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_CONSENT = (250, 251)
_PIECE = 65_536
_FAREWELL = 2.0


def tls_context(relay: Relay) -> ssl.SSLContext | None:
    """What the relay's certificate is checked with: `ca_file` alone where it is set. Raises UnusableError."""
    if relay.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=relay.ca_file)
    except OSError as error:  # ssl.SSLError too
        reason = error.strerror or str(error)
        raise UnusableError(f"cannot read the certificates in {relay.ca_file}: {reason}", setting="ca_file") from error


class Session(aiosmtplib.SMTP):
    """A connection that knows how far its current mail has come."""

    def __init__(self, relay: Relay, context: ssl.SSLContext | None) -> None:
        super().__init__(
            hostname=relay.host,
            port=relay.real_port,
            use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls",
            tls_context=context,
            timeout=relay.timeout,
            local_hostname=_own_name(),
        )
        self.relay = relay
        self.mails = 0  # begun on this connection
        self.open_envelope = False  # a mail was refused half way: RSET before the next
        self.dotted = False  # the final dot of the current mail may have reached the relay

    async def envelope(self, verb: bytes, address: str, *options: str, encoding: str) -> None:
        """`MAIL FROM` or `RCPT TO` a bare address; aiosmtplib's own would parse it once more, for every mail.

        Raises SMTPResponseException unless the relay consents.
        """
        parameters = [option.encode("ascii") for option in options]
        response = await self.execute_command(verb + b":<" + address.encode(encoding) + b">", *parameters)
        if response.code not in _CONSENT:
            raise SMTPResponseException(response.code, response.message)

    async def hand_over(self, body: bytes) -> SMTPResponse:
        """DATA, the body (lines already end in CR LF), the dot, and the reply to it, whatever it says.

        aiosmtplib's `data` cannot tell a connection lost before the dot from one lost after it: here the last piece
        leaves alone, and `dotted` is set with it. Raises SMTPDataError when DATA itself is refused.
        """
        start = await self.execute_command(b"DATA")
        protocol = self.protocol
        if start.code != 354:
            raise SMTPDataError(start.code, start.message)
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        stuffed = body.replace(b"\n.", b"\n..")
        wire = (b"." if body.startswith(b".") else b"") + stuffed + b".\r\n"
        sent = 0
        async with asyncio.timeout(self.relay.data_timeout):
            while len(wire) - sent > _PIECE:
                protocol.write(wire[sent : sent + _PIECE])
                sent += _PIECE
                await protocol._drain_helper()
        protocol.write(wire[sent:])
        self.dotted = True
        return await protocol.read_response(timeout=self.relay.data_timeout)

    def close(self) -> None:
        """Let go of the connection at once: aiosmtplib's close waits for the peer's end of TLS, in the background."""
        transport = self.transport
        super().close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    async def leave(self) -> None:
        """Say QUIT, wait a moment for the answer, and let go."""
        try:
            async with asyncio.timeout(_FAREWELL):
                await self.quit()
        except (SMTPException, OSError):  # TimeoutError too
            pass
        finally:
            self.close()


def _own_name() -> str:
    """What EHLO says: the host's full name, else an address literal (RFC 5321 section 4.1.4). Asks no DNS."""
    name = gethostname()
    return name if _HOST_NAME.fullmatch(name) else "[127.0.0.1]"


async def connect(relay: Relay, context: ssl.SSLContext | None) -> Session:
    """A session ready for its first mail. Raises UnusableError, within `relay.timeout` seconds."""
    session = Session(relay, context)
    try:
        async with asyncio.timeout(relay.timeout):
            await session.connect()
            await _greet(session)
            if relay.login is not None:
                await _log_in(session, relay.login)
    except BaseException as error:
        session.close()
        if isinstance(error, UnusableError) or not isinstance(error, Exception):
            raise
        raise _unusable(error, relay) from error
    return session


async def _greet(session: Session) -> None:
    """EHLO, with HELO for a relay that knows no extensions."""
    try:
        await session.ehlo()
    except SMTPHeloError as error:
        if error.code not in _UNKNOWN_MECHANISM or not session.is_connected:
            raise
        await session.helo()


async def _log_in(session: Session, login: Login) -> None:
    """Raises UnusableError when the login is refused, or the secret cannot be had."""
    try:
        if login.oauth is not None:
            await _log_in_by_token(session, login, login.oauth.mechanism)
        else:
            await _log_in_by_password(session, login.user, credentials.password(login))
    except MaildeskError as error:
        setting = "user" if isinstance(error, ConfigError) else ""
        raise UnusableError(f"no secret for {login.user}: {error}", setting=setting) from error
    except SMTPAuthenticationError as error:
        text = f"login refused for {login.user}: {error.code} {words(error.message)}"
        setting = "user" if error.code >= 500 else ""
        raise UnusableError(text, code=max(error.code, 0), setting=setting) from error


async def _log_in_by_password(session: Session, user: str, password: str) -> None:
    """One attempt, by the first mechanism both sides know: a wrong password tried thrice may lock the account."""
    ways: dict[str, Callable[[str, str], Awaitable[SMTPResponse]]] = {
        "plain": session.auth_plain,
        "login": session.auth_login,
        "cram-md5": session.auth_crammd5,
    }
    offered = [name for name in _MECHANISMS if name in session.server_auth_methods]
    if not offered:
        raise _no_mechanism(session, "a password")
    for name in offered:
        try:
            await ways[name](user, password)
        except SMTPAuthenticationError as error:
            if error.code not in _UNKNOWN_MECHANISM or name == offered[-1]:
                raise
        else:
            return


async def _log_in_by_token(session: Session, login: Login, mechanism: str) -> None:
    """XOAUTH2, or OAUTHBEARER (RFC 7628), which aiosmtplib does not speak."""
    if mechanism.lower() not in session.server_auth_methods:
        raise _no_mechanism(session, mechanism)
    token = await asyncio.to_thread(credentials.bearer, login, clock.now())
    if mechanism == "XOAUTH2":
        initial, acknowledge = credentials.xoauth2(login.user, token), b""
    else:
        relay = session.relay
        initial, acknowledge = credentials.oauthbearer(login.user, token, relay.host, relay.real_port), b"AQ=="
    response = await session.execute_command(b"AUTH", mechanism.encode(), base64.b64encode(initial.encode()))
    if response.code == 334:  # what is wrong, in JSON: the final reply comes once it is acknowledged
        response = await session.execute_command(acknowledge)
    if response.code != 235:
        await asyncio.to_thread(credentials.forget, login, clock.now())
        raise SMTPAuthenticationError(response.code, response.message)


def _no_mechanism(session: Session, wanted: str) -> UnusableError:
    offered = " ".join(session.server_auth_methods).upper() or "none"
    return UnusableError(
        f"{session.relay.place} takes no login by {wanted}: it offers {words(offered)}", setting="user"
    )


def _unusable(error: Exception, relay: Relay) -> UnusableError:
    """Why a connection could not be made, in the operator's words."""
    causes = [error, error.__cause__]
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            text = f"the certificate of {relay.place} is not trusted: {words(cause.verify_message)}"
            return UnusableError(text, setting="ca_file")
        if isinstance(cause, ssl.SSLError):
            reason = words(cause.reason or str(cause)).replace("_", " ").lower()
            return UnusableError(f"TLS with {relay.place} failed: {reason}", setting="tls")
        if isinstance(cause, SMTPServerDisconnected):
            return UnusableError(f"{relay.place} closed the connection")
    if isinstance(error, SMTPResponseException):
        code = max(error.code, 0)  # aiosmtplib numbers nonsense -1
        reply = f"{code} {words(error.message)}" if code else words(error.message)
        return UnusableError(f"{relay.place} answered: {reply}", code=code)
    if isinstance(error, (SMTPTimeoutError, TimeoutError)):
        return UnusableError(f"{relay.place} did not answer within {relay.timeout:g} s")
    if isinstance(error, SMTPException) and "STARTTLS" in error.message:
        return UnusableError(f'{relay.place} offers no STARTTLS, which tls = "starttls" demands', setting="tls")
    reason = next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), str(error))
    return UnusableError(f"cannot connect to {relay.place}: {words(reason)}")
