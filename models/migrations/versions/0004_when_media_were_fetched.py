"""When the bytes of a photo or note came to us: the bytes of a day are counted by it.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column with its index; what came before is not counted."""
    op.add_column("media", sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_media_seller_id_fetched_at", "media", ["seller_id", "fetched_at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_media_seller_id_fetched_at", "media")
    with op.batch_alter_table("media") as media:
        media.drop_column("fetched_at")
