"""What is left of the address of somebody who was erased.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "tombstone",
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("stopped_at", TIME, nullable=True),
        sa.Column("erased_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name="pk_tombstone"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("tombstone")
