"""Any octets to a `Mail`: total, bounded, and nothing is lost. What is wrong with a mail becomes a defect of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from maildesk.mail import (
    addresses,
    attached,
    authentication,
    charset,
    dsn,
    forwarded,
    headers,
    ids,
    language,
    limits,
    mime,
    origin,
    parts,
    quoting,
    structure,
    wrapped,
)
from maildesk.mail.headers import Field
from maildesk.mail.model import Address, Hop, Mail
from maildesk.mail.parts import Content
from maildesk.mail.structure import Budget, Part

_MOST_DEFECTS = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """What the desk knows and a mail cannot say: the relay whose verdict counts, and the value of our loop header."""

    authserv_id: str = ""
    loop: str = ""


def parse(raw: bytes, reading: Reading = Reading()) -> Mail:
    """Read a mail. Never raises, on any octets; no text of the result holds NUL or a lone surrogate.

    Over a limit (PROTOCOLS 5) only what is safe is read, and `over_limit` names the limit.
    """
    over = limits.check(raw)
    octets = headers.repaired(limits.safe_part(raw) if over else raw)
    budget = Budget()
    root = structure.tree(octets, budget)
    hint = _hint(root)
    shown, odd = _headers(root.fields, hint)
    content = parts.content(octets, root, hint, cut=bool(over))
    envelope = addresses.envelope(root.fields, hint)
    sender, missing = _sender(envelope)
    subject = _first(shown, "subject")
    in_reply_to, references = ids.split(_first(shown, "in-reply-to")), ids.split(_first(shown, "references"))
    text, new_text = _own_text(content, is_answer=bool(in_reply_to or references))
    enclosed = attached.read(content.messages)
    passed_on = () if root.content_type == "multipart/report" else enclosed
    if not text:
        new_text = next((message.text for message in passed_on), "") or "\n\n".join(content.notes)
    content_type = _first(shown, "content-type") or root.content_type
    marks = filter(None, (*wrapped.marks(root), wrapped.pgp_mark(text)))
    defects = (*marks, *budget.defects, *odd, *envelope.defects, *missing, *content.defects)
    judged = origin.judge(shown, content_type, sender, text, reading.loop, envelope.date and envelope.date.date())
    bounce = dsn.read(mime.message(octets, root), subject, sender, text)
    return Mail(
        message_id=ids.canonical(_first(shown, "message-id")),
        in_reply_to=in_reply_to,
        references=references,
        subject=subject,
        sender=sender,
        reply_to=envelope.reply_to,
        to=envelope.to,
        cc=envelope.cc,
        date=envelope.date,
        text="\n\n".join(filter(None, (text, *content.notes, *(message.shown() for message in passed_on)))),
        new_text=new_text,
        plain="\n".join((*content.plain, *(text for message in enclosed for text in message.plain))),
        html="\n".join((*content.html, *(text for message in enclosed for text in message.html))),
        language=language.detect(new_text or text or subject),
        attachments=tuple(content.attachments),
        origin=origin.of_report(judged) if bounce else judged,
        spam=origin.spam(shown),
        authentication=authentication.judge(root.fields, reading.authserv_id),
        bounce=bounce,
        forwarded_from=forwarded.original_sender(subject, text, attached.sender(content.messages)),
        headers=shown,
        canonical_hash=canonical_hash(root.fields, octets[root.start :]),
        defects=tuple(dict.fromkeys(defects))[:_MOST_DEFECTS],
        over_limit=over or budget.over,
    )


def received(raw: bytes) -> tuple[Hop, ...]:
    """The way a mail came, its Received lines in the order they were written. Never raises."""
    octets = headers.repaired(limits.safe_part(raw) if limits.check(raw) else raw)
    return addresses.hops(headers.read(octets, 0, len(octets), root=True)[0])


def canonical_hash(fields: Sequence[Field], body: bytes) -> str:
    """sha256 over From, To, Subject, Date and body: equal for two deliveries of one mail (PROTOCOLS 1).

    Folding, line ends and blank lines at the end do not count, since relays change them.
    """
    digest = hashlib.sha256()
    for name in (b"from", b"to", b"subject", b"date"):
        value = b"\0".join(b" ".join(value.split()) for value in headers.values(fields, name))
        digest.update(name + b":" + value + b"\n")
    digest.update(body.replace(b"\r\n", b"\n").rstrip(b"\n"))
    return digest.hexdigest()


def _hint(root: Part) -> str:
    """The charset for octets without a label: that of the body, or what all such octets of the header look like."""
    if root.charset and charset.codec_of(root.charset) not in ("", "ascii"):
        return root.charset
    raw = b"\n".join(value for _, value in root.fields if not value.isascii())
    return charset.likely(raw) if raw else ""


def _headers(fields: Sequence[Field], hint: str) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    shown: list[tuple[str, str]] = []
    defects: list[str] = []
    for name, value in fields:
        text, defect = headers.text(value, hint)
        shown.append((name.decode("ascii"), parts.storable(text)))
        if defect:
            defects.append(f"{shown[-1][0]}: {defect}")
    return tuple(shown), defects


def _first(shown: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in shown if key.lower() == name), "")


def _sender(envelope: addresses.Envelope) -> tuple[Address | None, tuple[str, ...]]:
    """The first From that can be shown; the Reply-To where there is none, as some contact forms write."""
    if envelope.sender:
        return envelope.sender[0], ("more than one From",) if len(envelope.sender) > 1 else ()
    if envelope.reply_to:
        return envelope.reply_to[0], ("no From: the Reply-To is shown",)
    return None, ("no From",)


def _own_text(content: Content, *, is_answer: bool) -> tuple[str, str]:
    """The readable text of the mail itself, and what is new in it."""
    text = parts.readable(content.texts)
    if len(content.texts) == 1 and content.texts[0].kind == "html":
        new_text = quoting.new_text_html(content.texts[0].source, is_answer=is_answer)
    else:
        new_text = quoting.new_text(text, is_answer=is_answer)
    return text, parts.storable(new_text)
