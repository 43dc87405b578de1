"""Reps, flows begun for people, and photos that another phone sent for a listing.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Four new tables."""
    op.create_table(
        "rep",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("districts", DOCUMENT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rep"),
        sa.UniqueConstraint("phone", name="uq_rep_phone"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "start",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("flow", sa.String(64), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(160), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ready_at", TIME, nullable=True),
        sa.Column("done_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_start"),
        sa.UniqueConstraint("key", name="uq_start_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_start_done_at_ready_at", "start", ["done_at", "ready_at"])
    op.create_table(
        "start_row",
        sa.Column("start_id", ROW_ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=True),
        sa.Column("address", sa.String(160), nullable=True),
        sa.Column("facts", DOCUMENT, nullable=True),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("start_id", "line", name="pk_start_row"),
        sa.ForeignKeyConstraint(["start_id"], ["start.id"], name="fk_start_row_start_id"),
    )
    op.create_table(
        "photo_offer",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("sender_id", ROW_ID, nullable=False),
        sa.Column("listing_id", sa.String(36), nullable=True),
        sa.Column("photos", DOCUMENT, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_photo_offer"),
        sa.ForeignKeyConstraint(["sender_id"], ["seller.id"], name="fk_photo_offer_sender_id"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_photo_offer_listing_id"),
    )
    op.create_index("ix_photo_offer_sender_id_created_at", "photo_offer", ["sender_id", "created_at"])
    op.create_index("ix_photo_offer_listing_id_status", "photo_offer", ["listing_id", "status"])


def downgrade() -> None:
    """Drop them again."""
    for table in ("photo_offer", "start_row", "start", "rep"):
        op.drop_table(table)
