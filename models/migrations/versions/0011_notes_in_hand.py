"""The note that somebody has in hand is found without reading all that wait.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "ix_transcription_claimed_by_claimed_until"


def upgrade() -> None:
    """One index more."""
    op.create_index(NAME, "transcription", ["claimed_by", "claimed_until"])


def downgrade() -> None:
    op.drop_index(NAME, "transcription")
