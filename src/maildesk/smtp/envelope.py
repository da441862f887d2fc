"""One mail on one connection, and what became of it."""

import asyncio
import re

from aiosmtplib.errors import SMTPResponseException, SMTPServerDisconnected, SMTPTimeoutError
from aiosmtplib.protocol import normalize_message_line_endings
from aiosmtplib.response import SMTPResponse

from maildesk.mail.model import Delivery, Parcel, Refused, Sent, Unknown
from maildesk.smtp.relay import words
from maildesk.smtp.session import Session

_LOGIN_WANTED = (530, 534, 535, 538)  # RFC 4954 section 6: about the login, whatever command they answer
_TIRED = (421, 530)  # of a kept connection: closing, or the login has expired
_OUT_OF_STEP = 503  # about the session, never about the mail
_LOCAL = r"""[^\s"(),:;<>@\[\\\]\x00-\x20\x7f\ud800-\udfff]+|"(?:[^"\\\x00-\x1f\x7f\ud800-\udfff]|\\[\x20-\x7e])*\""""
_ADDRESS = re.compile(rf"""(?P<local>{_LOCAL})@(?P<domain>[^\s"(),;<>@\\\x00-\x20\x7f]+)""")


class StaleError(Exception):
    """The relay had closed a kept connection before the mail began: nothing was tried."""


class UnsendableError(ValueError):
    """The mail cannot be put in words the relay understands."""


def bare(address: str) -> str:
    """An address as it stands in the envelope; a domain outside ASCII becomes its A-labels (RFC 5891).

    Raises UnsendableError for anything but one bare address.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise UnsendableError(f"not a bare mail address: {words(address)}")
    domain = match["domain"]
    if domain.isascii():
        return address
    try:
        return f"{match['local']}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise UnsendableError(f"not a domain name: {words(domain)}") from error


async def send(session: Session, parcel: Parcel) -> Delivery:
    """Hand one mail to the relay. Every outcome is a value; a session in doubt is dropped.

    Raises StaleError when a kept connection turned out to be closed: try once more on a new one.
    """
    kept = session.mails > 0
    session.mails += 1
    session.dotted = False
    try:
        response = await _transaction(session, parcel, kept=kept)
    except StaleError:
        session.close()
        raise
    except (Exception, asyncio.CancelledError) as error:  # also ours: an outcome must never be lost
        return _judged(session, parcel, error)
    return _replied(session, parcel, response)


async def _transaction(session: Session, parcel: Parcel, *, kept: bool) -> SMTPResponse:
    """The reply to the final dot; anything before it that is not a consent raises."""
    sender = bare(parcel.sender) if parcel.sender else ""
    recipient = bare(parcel.recipient)
    body = _crlf(parcel.data)
    options = _options(session, sender + recipient, body)
    encoding = "utf-8" if "SMTPUTF8" in options else "ascii"
    try:
        if session.open_envelope:
            await session.rset()
            session.open_envelope = False
        await session.envelope(b"MAIL FROM", sender, *options, encoding=encoding)
    except (SMTPServerDisconnected, SMTPTimeoutError, SMTPResponseException) as error:
        if kept and (not isinstance(error, SMTPResponseException) or error.code in _TIRED):
            raise StaleError from error
        raise
    session.open_envelope = True
    await session.envelope(b"RCPT TO", recipient, encoding=encoding)
    response = await session.hand_over(body)
    session.open_envelope = False
    return response


def _crlf(data: bytes) -> bytes:
    """A mail with CRLF line ends throughout, as those we compose have: looking is far cheaper than rewriting."""
    if data.endswith(b"\r\n") and data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n"):
        return data
    return normalize_message_line_endings(data)


def _options(session: Session, addresses: str, body: bytes) -> list[str]:
    """Parameters of MAIL (RFC 1870, 6152, 6531). Raises UnsendableError when the relay lacks a needed one."""
    options = [f"SIZE={len(body)}"] if session.supports_extension("size") else []
    if not addresses.isascii():
        if not session.supports_extension("smtputf8"):
            raise UnsendableError("the relay takes no mail address outside ASCII")
        options.append("SMTPUTF8")
    if session.supports_extension("8bitmime") and not body.isascii():
        options.append("BODY=8BITMIME")
    return options


def _replied(session: Session, parcel: Parcel, response: SMTPResponse) -> Delivery:
    """What the reply to the final dot means (RFC 5321 section 4.2.1: the first digit decides)."""
    if 200 <= response.code < 300:
        return Sent(id=parcel.id, response=f"{response.code} {words(response.message)}")
    return _judged(session, parcel, SMTPResponseException(response.code, response.message))


def _judged(session: Session, parcel: Parcel, error: BaseException) -> Delivery:
    """What a failure means for the mail, and whether the session can be used again."""
    if isinstance(error, UnsendableError):
        return Refused(id=parcel.id, code=0, text=str(error), permanent=True)
    if isinstance(error, SMTPResponseException) and 400 <= error.code < 600:
        return _refused(session, parcel, error.code, words(error.message))
    session.close()
    text = _failure(session, error)
    if session.dotted:
        return Unknown(id=parcel.id, text=f"after the final dot: {text}")
    return Refused(id=parcel.id, code=0, text=text, permanent=False)


def _refused(session: Session, parcel: Parcel, code: int, text: str) -> Refused:
    """A clear no. After the dot the session is not used again: a relay may have answered before it had read all."""
    if session.dotted or code in (421, _OUT_OF_STEP, *_LOGIN_WANTED):
        session.close()
    if code in _LOGIN_WANTED and not session.dotted:
        return Refused(id=parcel.id, code=code, text=f"login refused: {text}", permanent=False, scope="relay")
    return Refused(id=parcel.id, code=code, text=text, permanent=code >= 500 and code != _OUT_OF_STEP)


def _failure(session: Session, error: BaseException) -> str:
    match error:
        case SMTPResponseException():
            return f"{session.relay.place} answered what no relay may: {error.code} {words(error.message)}"
        case SMTPServerDisconnected() | ConnectionError():
            return f"{session.relay.place} closed the connection"
        case TimeoutError():
            return f"{session.relay.place} did not answer in time"
        case asyncio.CancelledError():
            return "given up, as the desk stops"
    return f"{type(error).__name__}: {words(str(error))}"
