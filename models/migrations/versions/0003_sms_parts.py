"""Parts of long SMS that wait for each other.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "sms_part",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("gateway", sa.String(32), nullable=False),
        sa.Column("address", sa.String(160), nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.String(160), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("joined_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sms_part"),
        sa.UniqueConstraint("gateway", "provider_id", name="uq_sms_part_gateway_provider_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sms_part_address_joined_at", "sms_part", ["address", "joined_at"])
    op.create_index("ix_sms_part_joined_at", "sms_part", ["joined_at"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("sms_part")
