"""Keyed hashes of the numbers of people who were erased: a stop outlives them, their numbers do not.

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


def upgrade() -> None:
    """One table of its own."""
    op.create_table(
        "forgotten",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_forgotten"),
    )


def downgrade() -> None:
    """Drop it; with it goes the memory of their stops."""
    op.drop_table("forgotten")
