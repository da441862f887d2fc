"""What crosses between the edges and the core: plain, frozen data of the mail world."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

OriginKind = Literal["human", "automatic", "bulk", "bounce", "own"]
Verdict = Literal["pass", "fail", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMail:
    """One mail as a source holds it, before anything is parsed.

    (account, folder, uidvalidity, uid) names it for ever. For IMAP `uid` is the decimal UID; a Maildir has
    uidvalidity 0 and the base name before `:`; what `ingest` takes has a uid of its own each time.
    """

    account: str
    folder: str
    uidvalidity: int
    uid: str
    arrived: datetime  # INTERNALDATE, file time, or now; UTC; never the Date header
    size: int  # octets on the server; len(data) unless state says otherwise
    data: bytes
    state: Literal["whole", "oversize", "unreadable", "gone"] = "whole"
    historic: bool = False  # found again after an epoch change: a ticket if unknown, never an acknowledgement


Outcome = Literal["done", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What the desk did with a raw mail, told to its source after the commit."""

    uidvalidity: int
    uid: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mailbox address. `address` is lower-cased in the domain only; compare with ids.same_address."""

    name: str = ""
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is a file. `filename` is cleaned (PROTOCOLS 5); `data` is byte-identical to what was sent."""

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool
    content_id: str = ""  # without angle brackets
    data: bytes = field(repr=False, default=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who or what wrote a mail, and the header lines that say so."""

    kind: OriginKind = "human"
    reasons: tuple[str, ...] = ()
    returns: date | None = None  # of an out-of-office: the day its writer is back, or until when he is away


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """How far the From can be believed.

    `address` is the single strictly read From (PROTOCOLS 4), "" when there is none. `result` is the trusted
    relay's verdict: pass, fail, or none where no trusted Authentication-Results stands on the mail.
    """

    address: str = ""
    result: Verdict = "none"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BouncedRecipient:
    """One recipient of a delivery report. `status` is the RFC 3463 code, "" when unknown."""

    address: str
    status: str = ""
    action: str = ""  # failed | delayed | delivered | relayed | expanded | ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery report (RFC 3464 or a provider's dialect)."""

    recipients: tuple[BouncedRecipient, ...] = ()
    original_message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One Received line."""

    by: str
    from_: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message, read. Total: any bytes give one; what was wrong with them is in `defects`.

    No field holds NUL or a lone surrogate. Message-IDs are canonical (ids.canonical), without angle brackets.
    """

    message_id: str = ""  # "" when the mail has none
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    subject: str = ""
    sender: Address | None = None  # the first From that can be shown; authority is authentication.address
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    text: str = ""  # the readable text of the whole mail
    new_text: str = ""  # without quotes and signature
    plain: str = ""  # what stood in text/plain, as sent; that of attached messages after it
    html: str = ""  # the same of text/html: hostile
    language: str = ""  # zh-Hans, zh-Hant, en, ...; "" unknown
    attachments: tuple[Attachment, ...] = ()
    origin: Origin = Origin()
    spam: str = ""  # the header line by which the relay called it spam; "" when it did not
    authentication: Authentication = Authentication()
    bounce: Bounce | None = None
    forwarded_from: Address | None = None
    headers: tuple[tuple[str, str], ...] = ()  # as they came, decoded, in order
    canonical_hash: str = ""  # sha256 over From, To, Subject, Date and body (PROTOCOLS 1)
    defects: tuple[str, ...] = ()
    over_limit: str = ""  # the limit of PROTOCOLS 5 that was passed, in words; "" when none

    def values(self, name: str) -> Iterator[str]:
        """Every value of a header, in order; the name in any letter case."""
        wanted = name.lower()
        return (value for key, value in self.headers if key.lower() == wanted)


Lane = Literal["urgent", "normal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """One rendered mail to one person, ready for the outbox. `data` is frozen: a retry is byte-identical."""

    dedupe_key: str  # <event>:<ticket>:<n>:<recipient>
    message_id: str  # canonical, derived from dedupe_key by ids.ours
    event: str
    audience: str
    ticket: int | None
    person: str  # key of a staff member, "" otherwise
    recipient: str  # one bare, checked address
    sender: str  # envelope sender; "" is <>
    lane: Lane
    expires_after: int  # seconds after which it is no longer worth sending
    data: bytes = field(repr=False)
    not_before: datetime | None = None  # when it may leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """An outbox row that was claimed for sending: its attempt is counted, its next try set."""

    id: int
    event: str
    ticket: int | None
    person: str
    recipient: str
    sender: str
    message_id: str
    attempts: int  # this one included
    unknowns: int  # earlier attempts that ended without a reply after the final dot
    created: datetime
    expires: datetime
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What the relay needs to know of a mail."""

    id: int
    sender: str
    recipient: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """250 after the final dot."""

    id: int
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The relay did not take it, for sure. `scope` "relay": no connection or no login: the mail was not tried."""

    id: int
    code: int  # SMTP reply code, 0 when there was no reply
    text: str
    permanent: bool
    scope: Literal["mail", "relay"] = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No reply after the final dot: it may have been taken."""

    id: int
    text: str


Delivery = Sent | Refused | Unknown
