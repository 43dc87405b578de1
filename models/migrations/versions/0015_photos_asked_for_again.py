"""Photos that a rep asks for again.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "retake",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("listing_id", sa.String(36), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_retake"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_retake_listing_id"),
    )
    op.create_index("ix_retake_listing_id_asked_at", "retake", ["listing_id", "asked_at"])


def downgrade() -> None:
    """Drop it again: nobody waits for a photo any more."""
    op.drop_table("retake")
