"""The tables. A change here needs a migration beside it; a test compares the two."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    TypeDecorator,
    UniqueConstraint,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, in and out: SQLite has no zones and gives back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same instant, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


ROW_ID = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself on SQLite


def _only(condition: TextClause) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


metadata = MetaData(naming_convention=NAMING)

mailbox_epoch = Table(
    "mailbox_epoch",
    metadata,
    Column("account", Text, primary_key=True),
    Column("folder", Text, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("first_read", UtcDateTime),  # when the folder was read to its end for the first time
    Column("polled_at", UtcDateTime),  # when everything up to last_uid was last known to be all there is
)

raw_mail = Table(
    "raw_mail",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("compressed", Boolean, nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("account", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", Text, nullable=False),
    Column("sha256", Text, ForeignKey(raw_mail.c.sha256)),  # null: no bytes ever came
    Column("arrived", UtcDateTime, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # RawMail.state
    Column("historic", Boolean, nullable=False),
    Column("state", Text, nullable=False),  # waiting | done | quarantined
    Column("settled", Boolean, nullable=False),  # the source was told
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ticket", BigInteger),
    Column("message_id", Text),  # known once done; null for a mail without one
    Column("canonical_hash", Text),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    UniqueConstraint("account", "folder", "uidvalidity", "uid"),
    sqlite_autoincrement=True,  # journals name these ids: none is ever used twice
)
WAITING = text("state = 'waiting'")
QUARANTINED = text("state = 'quarantined'")
UNSETTLED = text("NOT settled")
NAMELESS = text("message_id IS NULL AND canonical_hash IS NOT NULL")
Index("ix_inbound_waiting", inbound.c.attempts, inbound.c.id, **_only(WAITING))
Index("ix_inbound_quarantined", inbound.c.id, **_only(QUARANTINED))
Index(
    "ix_inbound_unsettled",
    inbound.c.account,
    inbound.c.folder,
    inbound.c.id,
    **_only(UNSETTLED),
)
Index("ix_inbound_sha256", inbound.c.sha256)
Index("ix_inbound_message_id", inbound.c.message_id, inbound.c.canonical_hash, inbound.c.id)
Index("ix_inbound_nameless", inbound.c.canonical_hash, **_only(NAMELESS))

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("requester", Text, nullable=False),  # folded
    Column("opened_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),  # of its latest event
    Column("next_check", UtcDateTime),  # null: no clock runs
    Column("due_at", UtcDateTime),  # the first target to be missed; null: no clock runs
    Column("state", Text, nullable=False),  # the whole Ticket, as JSON
)
_CHECKED = text("next_check IS NOT NULL")
_OWED = text("due_at IS NOT NULL")
Index("ix_ticket_next_check", ticket.c.next_check, **_only(_CHECKED))
Index("ix_ticket_due_at", ticket.c.due_at, **_only(_OWED))
Index("ix_ticket_status", ticket.c.status, ticket.c.number)
Index("ix_ticket_requester", ticket.c.requester)

event = Table(
    "event",
    metadata,
    Column("ticket", BigInteger, ForeignKey(ticket.c.number), primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("data", Text, nullable=False),  # JSON
)

message = Table(
    "message",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("ticket", BigInteger, ForeignKey(ticket.c.number), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("direction", Text, nullable=False),  # in | out
    Column("sender", Text, nullable=False),  # JSON
    Column("recipients", Text, nullable=False),  # JSON
    Column("text", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("message_id", Text),
)
Index("ix_message_ticket", message.c.ticket, message.c.id)
Index("ix_message_message_id", message.c.message_id)

blob = Table(
    "blob",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("message", ROW_ID, ForeignKey(message.c.id), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, ForeignKey(blob.c.sha256), nullable=False),
    Column("inline", Boolean, nullable=False),
    Column("content_id", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("dedupe_key", Text, nullable=False, unique=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("lane", Text, nullable=False),  # urgent | normal
    Column("event", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("ticket", BigInteger),
    Column("person", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("recipient_key", Text, nullable=False),  # folded, for the budgets
    Column("sender", Text, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),  # ready | sending | sent | deferred | unknown | dead
    Column("attempts", Integer, nullable=False),
    Column("unknowns", Integer, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("due", UtcDateTime),  # when something is next to be done; null once sent or dead
    Column("lease_until", UtcDateTime),
    Column("owner", Text),
    Column("expires", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),  # when it was sent or died
    Column("result", Text, nullable=False),
)
_OPEN = text("due IS NOT NULL")
UNSENT = text("state <> 'sent'")
ACKNOWLEDGEMENT = text("event IN ('acknowledged', 'acknowledged-stranger')")
TO_STRANGER = text("event = 'acknowledged-stranger'")
Index("ix_outbox_due", outbox.c.lane, outbox.c.due, outbox.c.id, **_only(_OPEN))
Index("ix_outbox_unsent", outbox.c.state, **_only(UNSENT))
Index("ix_outbox_ticket", outbox.c.ticket)
Index(
    "ix_outbox_acknowledged",
    outbox.c.recipient_key,
    outbox.c.created,
    **_only(ACKNOWLEDGEMENT),
)
Index("ix_outbox_strangers", outbox.c.created, **_only(TO_STRANGER))

alarm = Table(
    "alarm",
    metadata,
    Column("name", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
)

moment = Table(
    "moment",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("words", Text, nullable=False),  # JSON
)

alert = Table(  # how the keys of monitoring alerts stand
    "alert",
    metadata,
    Column("key", Text, primary_key=True),
    Column("ticket", BigInteger, nullable=False),
    Column("firing", Boolean, nullable=False),
    Column("began", UtcDateTime, nullable=False),
    Column("changes", Text, nullable=False),  # JSON: when it last came and went
)
Index("ix_alert_began", alert.c.began)
Index("ix_alert_ticket", alert.c.ticket)

likeness = Table(  # what tickets are compared by (desk/knowledge/similarity.py)
    "likeness",
    metadata,
    Column("ticket", BigInteger, ForeignKey(ticket.c.number), primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("requester", Text, nullable=False),  # folded
    Column("service", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("surge", BigInteger),  # the ticket that the surge it belongs to is known by
    Column("profile", Text, nullable=False),  # JSON
)
_IN_SURGE = text("surge IS NOT NULL")
Index("ix_likeness_at", likeness.c.at, likeness.c.ticket)
Index("ix_likeness_surge", likeness.c.surge, **_only(_IN_SURGE))

gram = Table(  # how many tickets hold a gram; a row of its own for each ticket that it finds
    "gram",
    metadata,
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("tickets", BigInteger, nullable=False),
)

gram_ticket = Table(
    "gram_ticket",
    metadata,
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

article = Table(  # known solutions that came from tickets
    "article",
    metadata,
    Column("key", Text, primary_key=True),
    Column("ticket", BigInteger, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("content", Text, nullable=False),  # JSON
)

sender = Table(  # whom the staff called a spammer, or none
    "sender",
    metadata,
    Column("address", Text, primary_key=True),  # folded
    Column("verdict", Text, nullable=False),  # spam | ham
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("ticket", BigInteger, nullable=False),
)

leader = Table(
    "leader",
    metadata,
    Column("name", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
