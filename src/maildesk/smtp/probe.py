"""What `maildesk check --connect` says about the relay."""

import asyncio
import ssl

from aiosmtplib.errors import SMTPException

from maildesk.errors import ConfigError, Problem, TemporaryError
from maildesk.smtp.relay import Relay, UnusableError, words
from maildesk.smtp.session import Session, connect, tls_context


def probe(relay: Relay) -> list[str]:
    """Connect, encrypt, log in, and say in plain words what works. Sends no mail.

    Raises ConfigError where a setting must change (its `file` is only "maildesk.toml": the caller knows the real
    one), TemporaryError where the relay is not there now.
    """
    try:
        return asyncio.run(_probe(relay))
    except UnusableError as error:
        if error.setting:
            problem = Problem(file="maildesk.toml", line=0, key=f"relay.{error.setting}", message=error.text)
            raise ConfigError([problem]) from error
        raise TemporaryError(error.text) from error


async def _probe(relay: Relay) -> list[str]:
    session = await connect(relay, tls_context(relay))
    try:
        found = [f"connected to {relay.place}", _encryption(session)]
        found.append(f"logged in as {relay.login.user}" if relay.login else "no login is configured")
        found.extend(_extensions(session))
        found.append(await _null_sender(session))
    finally:
        await session.leave()
        await asyncio.sleep(0)
    return found


def _encryption(session: Session) -> str:
    encrypted = session.get_transport_info("ssl_object")
    if not isinstance(encrypted, (ssl.SSLObject, ssl.SSLSocket)):
        return "not encrypted"
    certificate = encrypted.getpeercert() or {}
    return f"{encrypted.version()}, certificate valid until {certificate.get('notAfter', 'an unknown time')}"


def _extensions(session: Session) -> list[str]:
    limit = session.esmtp_extensions.get("size", "")
    return [f"takes mails of up to {int(limit) / 1_000_000:.0f} MB"] if limit.isdecimal() and int(limit) else []


async def _null_sender(session: Session) -> str:
    """PROTOCOLS 2 asks for the empty envelope sender where the relay allows it."""
    try:
        await session.mail("")
    except SMTPException as error:
        return f'refuses the empty envelope sender ({words(str(error.message))}): keep "null_sender = false"'
    return 'takes the empty envelope sender at MAIL: "null_sender = true" may work'
