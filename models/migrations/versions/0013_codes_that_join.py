"""Codes by which a second phone becomes hers too.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "join_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name="pk_join_code"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_join_code_seller_id"),
    )
    op.create_index("ix_join_code_seller_id", "join_code", ["seller_id"])
    op.create_index("ix_join_code_expires_at", "join_code", ["expires_at"])


def downgrade() -> None:
    """Drop it again: nobody's code counts any more."""
    op.drop_table("join_code")
