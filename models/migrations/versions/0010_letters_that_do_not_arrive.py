"""Letters that do not arrive: who is not on WhatsApp, the channel she likes, what was pushed to be approved.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
KEY = ("response", "language", "channel")


def upgrade() -> None:
    """New columns; stored templates of today stay, as those of an open window."""
    op.add_column("address", sa.Column("not_on_whatsapp_at", TIME, nullable=True))
    op.add_column("seller", sa.Column("prefers", sa.String(32), nullable=True))
    op.rename_table("content_template", "content_template_before")
    op.create_table(
        "content_template",
        *_key(),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("content_sid", sa.String(64), nullable=False),
        sa.Column("friendly_name", sa.String(160), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("approval", sa.String(16), nullable=True),
        sa.Column("variables", DOCUMENT, nullable=False),
        sa.Column("checked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint(*KEY, "form", name="pk_content_template_form"),
    )
    op.execute(
        "INSERT INTO content_template (response, language, channel, content_sid, form, variables)"
        " SELECT response, language, channel, content_sid, 'session', '[]' FROM content_template_before"
    )
    op.drop_table("content_template_before")


def downgrade() -> None:
    """Take it back; only the stored messages of an open window are kept."""
    op.rename_table("content_template", "content_template_after")
    op.create_table(
        "content_template",
        *_key(),
        sa.Column("content_sid", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name="pk_content_template"),
    )
    op.execute(
        "INSERT INTO content_template (response, language, channel, content_sid)"
        " SELECT response, language, channel, content_sid FROM content_template_after WHERE form = 'session'"
    )
    op.drop_table("content_template_after")
    with op.batch_alter_table("seller") as seller:
        seller.drop_column("prefers")
    with op.batch_alter_table("address") as address:
        address.drop_column("not_on_whatsapp_at")


def _key() -> list[sa.Column[str]]:
    widths = zip(KEY, (64, 16, 32), strict=True)
    return [sa.Column(name, sa.String(width), nullable=False) for name, width in widths]
