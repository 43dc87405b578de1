"""What lists of listings are filtered by, in columns.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
FILTERS = ("category", "status", "photos_pending")


def upgrade() -> None:
    """New columns, filled from the messages that are there."""
    with op.batch_alter_table("listing") as listing:
        listing.add_column(sa.Column("category", sa.String(64), nullable=True))
        listing.add_column(
            sa.Column("photos_pending", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    conn = op.get_bind()
    rows = sa.table(
        "listing",
        sa.column("message", DOCUMENT),
        sa.column("category", sa.String),
        sa.column("photos_pending", sa.Boolean),
    )
    conn.execute(
        sa.update(rows).values(
            category=rows.c.message["product"]["category"].as_string(),
            photos_pending=sa.func.coalesce(rows.c.message["photos_pending"].as_boolean(), sa.false()),
        )
    )
    with op.batch_alter_table("listing") as listing:
        listing.alter_column("photos_pending", server_default=None)
        for name in FILTERS:
            listing.create_index(f"ix_listing_{name}_number", [name, "number"])


def downgrade() -> None:
    with op.batch_alter_table("listing") as listing:
        for name in FILTERS:
            listing.drop_index(f"ix_listing_{name}_number")
        listing.drop_column("photos_pending")
        listing.drop_column("category")
