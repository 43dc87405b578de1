"""Figures counted as messages come in.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The tables stay empty: the first count reads all messages that are there."""
    op.create_table(
        "figure",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("district", sa.String(160), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("key", sa.String(240), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "district", "what", "key", name="pk_figure"),
    )
    op.create_table(
        "figure_talk",
        sa.Column("seller_id", ROW_ID, nullable=False, autoincrement=False),
        sa.Column("talk", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", name="pk_figure_talk"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_figure_talk_seller_id"),
    )
    op.create_table(
        "figure_place",
        sa.Column("name", sa.String(8), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_figure_place"),
    )


def downgrade() -> None:
    """The figures can be counted again."""
    for name in ("figure_place", "figure_talk", "figure"):
        op.drop_table(name)
