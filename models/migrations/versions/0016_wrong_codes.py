"""Wrong join codes: counted by number, and against every code that they could have met.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new table and one column."""
    op.create_table(
        "join_try",
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", name="pk_join_try"),
    )
    op.create_index("ix_join_try_day", "join_try", ["day"])
    op.add_column("join_code", sa.Column("guesses", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("join_code", "guesses")
    op.drop_table("join_try")
