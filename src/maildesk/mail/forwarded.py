"""Who really wrote: the sender inside a forwarded mail, so that a forwarding colleague is not the requester."""

import re

from maildesk.mail import citation
from maildesk.mail import subject as subjects
from maildesk.mail.model import Address

_FIRST_LINES = 5  # in which `for: a@b` is looked for
_LINES = 400  # of the text that are looked at for a header block
_FOR = re.compile(
    r"\s*[#＃]?\s*(?:for|on behalf of|requester|für|pour|para|代|代表|代为|替|申请人)\s*[:：]\s*(.{3,300})",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"(?:\s{0,3}[>＞]){0,20}\s?")
_MARKUP = re.compile(r"\[?mailto:|[<\[(]?https?://\S+", re.IGNORECASE)


def original_sender(subject: str, text: str, attached: Address | None) -> Address | None:
    """The sender of the mail that this one passes on, None when it passes none on or does not name one.

    `for: a@b` (代: a@b) in the first lines wins; then a forwarded header block; then `attached`, the sender of an
    attached message. A reply that quotes a header block forwards nothing: the subject must say so, or a divider.
    """
    lines = text.splitlines()[:_LINES]
    named = _named(lines)
    if named is not None:
        return named
    by_subject = subjects.is_forward(subject)
    for index, line in enumerate(lines):
        bare = _QUOTE.sub("", line, count=1)
        if citation.is_forward(bare):
            found = _block_sender(lines[index + 1 :])
            if found is not None:
                return found
        elif by_subject and (found := _sender_at(lines, index)) is not None:
            return found
    passed_on = by_subject or not text.strip()
    return attached if passed_on else None


def names(line: str) -> bool:
    """Whether a line says for whom a mail is: `for: a@b`."""
    match = _FOR.fullmatch(line.rstrip())
    return match is not None and mailbox(match[1]) is not None


def _named(lines: list[str]) -> Address | None:
    """The address after `for:`, when the line holds nothing but one mailbox."""
    for line in [line for line in lines if line.strip()][:_FIRST_LINES]:
        match = _FOR.fullmatch(line.rstrip())
        if match and (found := mailbox(match[1])) is not None:
            return found
    return None


def _block_sender(lines: list[str]) -> Address | None:
    """The sender in the block right below a forward divider."""
    for index, line in enumerate(lines[:4]):
        if _QUOTE.sub("", line, count=1).strip():
            return _sender_at(lines, index)
    return None


def _sender_at(lines: list[str], index: int) -> Address | None:
    window = [_QUOTE.sub("", line, count=1) for line in lines[index : index + 20]]
    if citation.field(window[0]) is None:
        return None
    block = citation.header_block(window, 0)
    return mailbox(block[1].get("from", "")) if block else None


def mailbox(value: str) -> Address | None:
    """The name and address of `Name <a@b>`, `"Name" [mailto:a@b]`, `a@b` as mail programs quote them."""
    value = _MARKUP.sub(" ", value[:400])
    match = citation.ADDRESS.search(value)
    if match is None:
        return None
    name = re.split(r"[<\[(（]", value[: match.start()], maxsplit=1)[0].strip(" \t\"'“”*|;,:：")
    local, _, domain = match[0].rpartition("@")
    return Address(name=name, address=f"{local}@{domain.lower().rstrip('.')}")
