"""The first tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _only(condition: str) -> dict[str, Any]:
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql")}


def upgrade() -> None:
    _alarm()
    _blob()
    _counter()
    _mailbox_epoch()
    _outbox()
    _raw_mail()
    _ticket()
    _event()
    _inbound()
    _message()
    _attachment()
    op.execute("INSERT INTO counter (name, next) VALUES ('ticket', 1001)")


def _alarm() -> None:
    op.create_table(
        "alarm",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alarm")),
    )


def _blob() -> None:
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )


def _mailbox_epoch() -> None:
    op.create_table(
        "mailbox_epoch",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("first_read", _MOMENT),
        sa.Column("polled_at", _MOMENT),
        sa.PrimaryKeyConstraint("account", "folder", name=op.f("pk_mailbox_epoch")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("ticket", sa.BigInteger()),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_key", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("due", _MOMENT),
        sa.Column("lease_until", _MOMENT),
        sa.Column("owner", sa.Text()),
        sa.Column("expires", _MOMENT, nullable=False),
        sa.Column("finished", _MOMENT),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_acknowledged",
        "outbox",
        ["recipient_key", "created"],
        **_only("event IN ('acknowledged', 'acknowledged-stranger')"),
    )
    op.create_index("ix_outbox_due", "outbox", ["lane", "due", "id"], **_only("due IS NOT NULL"))
    op.create_index("ix_outbox_strangers", "outbox", ["created"], **_only("event = 'acknowledged-stranger'"))
    op.create_index("ix_outbox_ticket", "outbox", ["ticket"])
    op.create_index("ix_outbox_unsent", "outbox", ["state"], **_only("state <> 'sent'"))


def _raw_mail() -> None:
    op.create_table(
        "raw_mail",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("compressed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_raw_mail")),
    )


def _ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("next_check", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_next_check", "ticket", ["next_check"], **_only("next_check IS NOT NULL"))
    op.create_index("ix_ticket_due_at", "ticket", ["due_at"], **_only("due_at IS NOT NULL"))
    op.create_index("ix_ticket_requester", "ticket", ["requester"])
    op.create_index("ix_ticket_status", "ticket", ["status", "number"])


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("ticket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_event_ticket_ticket")),
        sa.PrimaryKeyConstraint("ticket", "version", name=op.f("pk_event")),
    )


def _inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text()),
        sa.Column("arrived", _MOMENT, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ticket", sa.BigInteger()),
        sa.Column("message_id", sa.Text()),
        sa.Column("canonical_hash", sa.Text()),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["raw_mail.sha256"], name=op.f("fk_inbound_sha256_raw_mail")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint(
            "account", "folder", "uidvalidity", "uid", name=op.f("uq_inbound_account_folder_uidvalidity_uid")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbound_message_id", "inbound", ["message_id", "canonical_hash", "id"])
    op.create_index(
        "ix_inbound_nameless",
        "inbound",
        ["canonical_hash"],
        **_only("message_id IS NULL AND canonical_hash IS NOT NULL"),
    )
    op.create_index("ix_inbound_quarantined", "inbound", ["id"], **_only("state = 'quarantined'"))
    op.create_index("ix_inbound_sha256", "inbound", ["sha256"])
    op.create_index("ix_inbound_unsettled", "inbound", ["account", "folder", "id"], **_only("NOT settled"))
    op.create_index("ix_inbound_waiting", "inbound", ["attempts", "id"], **_only("state = 'waiting'"))


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("ticket", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.Text()),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_message_ticket_ticket")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_message_id", "message", ["message_id"])
    op.create_index("ix_message_ticket", "message", ["ticket", "id"])


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("message", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name=op.f("fk_attachment_message_message")),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"], name=op.f("fk_attachment_sha256_blob")),
        sa.PrimaryKeyConstraint("message", "position", name=op.f("pk_attachment")),
    )
