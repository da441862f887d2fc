"""Messages attached to a mail (message/rfc822): kept as files with their octets, and shown as text."""

from collections.abc import Sequence
from typing import NamedTuple

from maildesk.mail import addresses, headers, parts, structure
from maildesk.mail.model import Address
from maildesk.mail.structure import Budget

_MOST = 10  # messages that are shown
_MOST_PARTS = 100  # of each
_LONGEST = 1024 * 1024  # octets of each that are looked at
_SHOWN = ("From", "To", "Date", "Subject")


class Attached(NamedTuple):
    """One attached message: the header lines a reader wants, and its text."""

    head: str
    text: str
    plain: tuple[str, ...]
    html: tuple[str, ...]

    def shown(self) -> str:
        """The message as it stands in the text of the mail that carries it."""
        return f"---------- Attached message ----------\n{self.head}\n\n{self.text}".rstrip()


def read(messages: Sequence[bytes]) -> tuple[Attached, ...]:
    """What attached messages say. Their own attachments stay inside them."""
    return tuple(_read(headers.repaired(octets[:_LONGEST])) for octets in messages[:_MOST])


def _read(octets: bytes) -> Attached:
    root = structure.tree(octets, Budget(parts=_MOST_PARTS))
    pairs = ((name, headers.first(root.fields, name.lower().encode())) for name in _SHOWN)
    head = "\n".join(f"{name}: {headers.text(value, root.charset)[0]}" for name, value in pairs if value)
    content = parts.content(octets, root, root.charset, cut=True)
    text = "\n\n".join(filter(None, (parts.readable(content.texts), *content.notes)))
    return Attached(parts.storable(head), text, tuple(content.plain), tuple(content.html))


def sender(messages: Sequence[bytes]) -> Address | None:
    """The From of the first attached message."""
    if not messages:
        return None
    octets = headers.repaired(messages[0][:_LONGEST])
    people = addresses.envelope(headers.read(octets, 0, len(octets), root=True)[0]).sender
    return people[0] if people else None
