"""Delivery reports: RFC 3464, and the dialects of servers that do not write it."""

import re
from collections.abc import Iterator
from email.message import Message

from maildesk.mail import dialects, mime, structure
from maildesk.mail.ids import canonical
from maildesk.mail.model import Address, Bounce, BouncedRecipient
from maildesk.mail.origin import BOUNCER, ROBOT

_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_COPIES = {
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
}
_PARTS = 1_000
_BLOCKS = 500
_LONGEST = 200_000  # characters of a part that are looked at
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z-]{1,60})[ \t]{0,3}:[ \t]{0,3}(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_BARE = re.compile(r"[^\s<>()\[\],;:\"]{1,200}@[^\s<>()\[\],;:\"]{1,250}|[^\s<>()\[\],;:\"@]{1,200}")
_GATEWAY = re.compile(
    r"anti-?virus|gateway|^imss|interscan|mail-?(?:scan|sweeper|marshal|guard|relay)|smtp", re.IGNORECASE
)
_SYSTEM_NAME = re.compile(r"mailer-daemon|mail delivery (?:sub)?system|<>", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,200}@[^\s<>()\[\],;:\"]{1,250}")
_MESSAGE_ID = re.compile(r"^[ \t>]{0,8}message-id[ \t]{0,3}:\s{0,4}(<[^<>\s]{3,1000}>)", re.IGNORECASE | re.MULTILINE)


def read(message: Message, subject: str, sender: Address | None, text: str) -> Bounce | None:
    """The delivery report a mail is, None when it is none. `message` is parsed with compat32; never raises.

    A report of RFC 3464 counts whoever sent it. A dialect counts only in a mail from a mail system: null
    Return-Path, mailer-daemon, X-Failed-Recipients; or with such a subject, a list of addresses and a copy of a mail.
    """
    parts = list(_walk(message))
    by_subject = dialects.SUBJECT.match(subject[:1_000]) is not None
    system = _is_system(message, sender, by_subject=by_subject and not _is_answer(message))
    if system:
        parts.extend(_wrapped(parts))
    recipients = _standard(parts)
    if not recipients:  # a delivery-status part may name nobody, and the prose beside it may
        prose = _dialect(parts, sender, text, report=recipients is not None, by_subject=by_subject, system=system)
        recipients = prose if prose is not None else recipients
    if recipients is None:
        return None
    return Bounce(recipients=recipients, original_message_id=_original_id(parts, text))


def _walk(message: Message) -> Iterator[Message]:
    """The parts of this mail in order, without recursion, and not what is in the mails inside it.

    A colleague who passes a delivery report on as an attachment sends no delivery report.
    """
    waiting = [message]
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        if part.get_content_maintype() == "multipart":
            waiting.extend(reversed(_children(part)))


def _wrapped(parts: list[Message]) -> list[Message]:
    """The parts of the reports that a gateway has put, as messages, into a mail of its own."""
    inner = [child for part in parts if part.get_content_type() == "message/rfc822" for child in _children(part)]
    return [part for child in inner if child.get_content_type() == "multipart/report" for part in _walk(_split(child))]


def _split(message: Message) -> Message:
    """A message inside a mail with its own parts."""
    body = str(message.get_payload())
    octets = f"Content-Type: {message['Content-Type']}\n\n{body}".encode("utf-8", "surrogateescape")
    return mime.message(octets, structure.tree(octets, structure.Budget(parts=_PARTS)))


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _text_of(part: Message) -> str:
    """The text of a leaf, whatever its charset says: fields of reports are ASCII."""
    payload = part.get_payload(decode=True)
    return payload[:_LONGEST].decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(payload, bytes) else ""


# ------------------------------------------------------------------------------------------------- RFC 3464
def _standard(parts: list[Message]) -> tuple[BouncedRecipient, ...] | None:
    """The recipients of every delivery-status part, None when there is no such part."""
    found: dict[str, BouncedRecipient] = {}
    seen = False
    for part in parts:
        if part.get_content_type() not in _REPORTS:
            continue
        seen = True
        for fields in _blocks(part):
            recipient = _recipient(fields)
            if recipient is not None:
                found.setdefault(recipient.address.lower(), recipient)
    return tuple(found.values()) if seen else None


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """The groups of fields: the standard parser makes each a message, unless the part was encoded."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for block in payload[:_BLOCKS]:
            if isinstance(block, Message):
                yield {name.lower(): " ".join(str(value).split()) for name, value in block.items()}
        return
    for block_text in re.split(r"\n[ \t]*\n", _text_of(part))[:_BLOCKS]:
        yield {name.lower(): " ".join(value.split()) for name, value in _FIELD.findall(block_text)}


def _recipient(fields: dict[str, str]) -> BouncedRecipient | None:
    """One per-recipient group (RFC 3464 2.3); the address the sender used is preferred."""
    named = fields.get("original-recipient") or fields.get("final-recipient") or ""
    address = _bare(named)
    if not address:
        address = _bare(fields.get("final-recipient", "")) or _bare(fields.get("x-actual-recipient", ""))
    if not address:
        return None
    diagnostic = fields.get("diagnostic-code", "")
    status = _STATUS.search(fields.get("status", ""))
    action = re.split(r"[ ;(]", fields.get("action", "").lower(), maxsplit=1)[0]
    action = "failed" if action.startswith("fail") else action
    return BouncedRecipient(
        address=address, status=status[1] if status else "", action=action, diagnostic=_said(diagnostic)
    )


def _bare(value: str) -> str:
    """The address in `rfc822; <user@example.com>`."""
    match = _BARE.search(value.partition(";")[2] if ";" in value else value)
    return match[0].rstrip(".") if match else ""


def _said(value: str) -> str:
    return " ".join(value[:1_000].split())


# -------------------------------------------------------------------------------------------------- dialects
def _is_answer(message: Message) -> bool:
    return bool(message.get("In-Reply-To") or message.get("References"))


def _is_system(message: Message, sender: Address | None, *, by_subject: bool) -> bool:
    """Whether a mail system sends this: by its envelope or its name; a robot or a gateway also needs the subject."""
    address = sender.address if sender else ""
    local = address.rpartition("@")[0] or address
    return (
        str(message.get("Return-Path", "")).strip() == "<>"
        or BOUNCER.fullmatch(local) is not None
        or (by_subject and (ROBOT.fullmatch(local) is not None or _GATEWAY.search(local) is not None))
        or _SYSTEM_NAME.search(str(message.get("From", ""))[:1_000]) is not None
    )


def _dialect(
    parts: list[Message], sender: Address | None, text: str, *, report: bool, by_subject: bool, system: bool
) -> tuple[BouncedRecipient, ...] | None:
    """The recipients of a report in prose, None when the mail does not come from a mail system or reports nothing."""
    message = parts[0]
    address = sender.address if sender else ""
    failed = _ADDRESS.findall(str(message.get("X-Failed-Recipients", ""))[:_LONGEST])
    if report or failed or system:
        certain = report or bool(failed) or by_subject
        return dialects.recipients(text[:_LONGEST], address, certain=certain, failed=failed)
    if by_subject and not _is_answer(message):
        copied = any(part.get_content_type() in _COPIES for part in parts)
        return dialects.anonymous(text[:_LONGEST], address, copied=copied)
    return None


# ----------------------------------------------------------------------------------------- the original mail
def _original_id(parts: list[Message], text: str) -> str:
    """The canonical Message-ID of the mail that the report is about, "" when it does not say."""
    for part in parts:
        kind = part.get_content_type()
        payload = part.get_payload()
        if kind not in _COPIES:
            continue
        if isinstance(payload, list):
            found = next((str(inner.get("Message-ID", "")) for inner in payload if isinstance(inner, Message)), "")
        else:
            match = _MESSAGE_ID.search(_text_of(part))
            found = match[1] if match else ""
        if found.strip():
            return canonical(found[:1_000])
    match = _MESSAGE_ID.search(text[:_LONGEST])
    return canonical(match[1]) if match else ""
