"""What tickets are compared by: their profiles, and an inverted index of their rarest grams."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likeness",
        sa.Column("ticket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("surge", sa.BigInteger()),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket"], ["ticket.number"], name=op.f("fk_likeness_ticket_ticket")),
        sa.PrimaryKeyConstraint("ticket", name=op.f("pk_likeness")),
    )
    op.create_index("ix_likeness_at", "likeness", ["at", "ticket"])
    only = {f"{dialect}_where": sa.text("surge IS NOT NULL") for dialect in ("sqlite", "postgresql")}
    op.create_index("ix_likeness_surge", "likeness", ["surge"], **only)  # type: ignore[arg-type]
    op.create_table(
        "gram",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tickets", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_gram")),
    )
    op.create_table(
        "gram_ticket",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "ticket", name=op.f("pk_gram_ticket")),
        sqlite_with_rowid=False,
    )
