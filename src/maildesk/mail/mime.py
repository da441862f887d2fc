"""The tree of a mail as the stdlib's `email.message.Message`, for the reading of delivery reports (RFC 3464)."""

import re
from email.message import Message

from maildesk.mail import headers, limits
from maildesk.mail.headers import Field
from maildesk.mail.structure import Part

_LONGEST = 64 * 1024  # octets of one part that are looked at
_CHARSET = re.compile(rb"(?i)charset")
_BLANK = re.compile(rb"\n\s*\n")


def message(raw: bytes, part: Part) -> Message:
    """A compat32 message of the tree. Texts and reports have their first 64 KB, other leaves are empty.

    As the stdlib's parser has it, message/delivery-status is a list of blocks, message/rfc822 a list of one message;
    that one's own parts are not split.
    """
    built = _headed(part.fields)
    built.set_default_type(part.content_type)
    octets = raw[part.start : min(part.end, part.start + _LONGEST)]
    if part.children:
        for child in part.children:
            built.attach(message(raw, child))
    elif part.content_type == "message/delivery-status":
        built.set_payload(_blocks(octets))
    elif part.content_type.startswith("message/"):
        built.set_payload([_attached(octets)])
    elif part.content_type.startswith(("text/", "multipart/")):
        built.set_payload(_string(octets))
    else:
        built.set_payload("")
    return built


def _string(octets: bytes) -> str:
    return octets.decode("ascii", "surrogateescape")


def _headed(fields: list[Field]) -> Message:
    """A message of these fields. It declares no charset: the stdlib raises on strange ones, and reports are ASCII."""
    built = Message()
    for name, value in fields:
        shown = _CHARSET.sub(b"x-charset", value) if name.lower() == b"content-type" else value
        built.set_raw(_string(name), _string(shown.replace(b"\0", b"")))
    return built


def _attached(octets: bytes) -> Message:
    fields, body, _ = headers.read(octets, 0, len(octets), root=True)
    built = _headed(fields)
    built.set_payload(_string(octets[body:]))
    return built


def _blocks(octets: bytes) -> list[Message | str]:
    """The per-message and per-recipient groups of fields (RFC 3464 section 2.1)."""
    texts = _BLANK.split(octets.replace(b"\r\n", b"\n").strip(b"\n"), maxsplit=limits.REPORT_BLOCKS)
    return [_headed(headers.fields_of(text)) for text in texts]
