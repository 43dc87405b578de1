"""Renditions (what is made from a photo, a note or a text) and the desk's transcriptions.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two new tables, and the question that a note answered."""
    op.add_column("media", sa.Column("asks", sa.String(64), nullable=True))
    op.create_table(
        "rendition",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("source", "kind", name="pk_rendition"),
    )
    op.create_index("ix_rendition_sha256", "rendition", ["sha256"])
    op.create_table(
        "transcription",
        sa.Column("media_id", ROW_ID, nullable=False, autoincrement=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("claimed_by", sa.String(64), nullable=True),
        sa.Column("claim_token", sa.String(32), nullable=True),
        sa.Column("claimed_until", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("media_id", name="pk_transcription"),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name="fk_transcription_media_id"),
    )
    op.create_index("ix_transcription_status_created_at", "transcription", ["status", "created_at"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("transcription")
    op.drop_table("rendition")
    with op.batch_alter_table("media") as media:
        media.drop_column("asks")
