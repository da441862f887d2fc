"""What goes wrong with an IMAP server, for a person."""

import imaplib
import socket
import ssl

from maildesk.errors import TemporaryError


class RefusalError(TemporaryError):
    """A tagged NO: the session is still good."""


def cleaned(error: object) -> str:
    """A server's words for a log line: printable, short."""
    said = error.args[0] if isinstance(error, Exception) and error.args else error
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return "".join(c if c.isprintable() else " " for c in text[:200])


def plain(error: BaseException, host: str) -> str:
    """What went wrong, for a person."""
    match error:
        case socket.gaierror():
            return f"the host {host} is unknown: check its name and the DNS"
        case ssl.SSLCertVerificationError():
            return f"the certificate of {host} is not trusted: {error.verify_message}"
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError):
            return f"{host} does not speak TLS as expected ({error.reason or 'no reason given'}): check tls and port"
        case ConnectionRefusedError():
            return f"{host} refuses the connection: check the port, and whether the server runs"
        case TimeoutError():
            return f"{host} is too slow: {cleaned(error.args[-1] if error.args else 'no answer')}"
        case imaplib.IMAP4.error():
            return f"trouble with {host}: {cleaned(error)}"
        case OSError():
            return f"no connection to {host}: {cleaned(error.strerror or error)}"
        case _:
            return f"{host} answers what cannot be understood ({type(error).__name__})"
