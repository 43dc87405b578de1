"""The first schema: people, talks, media, jobs and the hand-over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITS = sa.text("acked_at IS NULL")


def upgrade() -> None:
    """Make every table, those that others refer to first."""
    op.create_table(
        "content_template",
        sa.Column("response", sa.String(64), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("content_sid", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("response", "language", "channel", name="pk_content_template"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "job",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(160), nullable=True),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("run_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("unique_key", sa.String(160), nullable=True),
        sa.Column("lane", sa.String(160), nullable=False),
        sa.Column("puts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("lane", "unique_key", name="uq_job_lane_unique_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_key_kind_id", "job", ["key", "kind", "id"])
    op.create_index("ix_job_lane_status_run_at_id", "job", ["lane", "status", "run_at", "id"])
    op.create_table(
        "seller",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("stopped_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seller"),
        sa.UniqueConstraint("key", name="uq_seller_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "address",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.String(160), nullable=False),
        sa.Column("user_id", sa.String(160), nullable=True),
        sa.Column("stopped_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_address"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_address_seller_id"),
        sa.UniqueConstraint("channel", "address", name="uq_address_channel_address"),
        sa.UniqueConstraint("user_id", name="uq_address_user_id"),
    )
    op.create_index("ix_address_seller_id", "address", ["seller_id"])
    op.create_table(
        "consent",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("message_id", sa.String(160), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_consent_seller_id"),
    )
    op.create_index("ix_consent_seller_id_id", "consent", ["seller_id", "id"])
    op.create_table(
        "conversation",
        sa.Column("seller_id", ROW_ID, nullable=False, autoincrement=False),
        sa.Column("state", DOCUMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("last_inbound_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("seller_id", name="pk_conversation"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_conversation_seller_id"),
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("message", DOCUMENT, nullable=False),
        sa.Column("slots", DOCUMENT, nullable=False),
        sa.Column("provenance", DOCUMENT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_listing"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_listing_seller_id"),
        sa.UniqueConstraint("number", name="uq_listing_number"),
    )
    op.create_index("ix_listing_seller_id_number", "listing", ["seller_id", "number"])
    op.create_table(
        "message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.String(160), nullable=False),
        sa.Column("provider_id", sa.String(160), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("body", DOCUMENT, nullable=False),
        sa.Column("events", DOCUMENT, nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_message_seller_id"),
        sa.UniqueConstraint("channel", "provider_id", name="uq_message_channel_provider_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_seller_id_id", "message", ["seller_id", "id"])
    op.create_table(
        "rep_task",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rep_task"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_rep_task_seller_id"),
    )
    op.create_index("ix_rep_task_seller_id_done_at", "rep_task", ["seller_id", "done_at"])
    op.create_table(
        "listing_event",
        sa.Column("sequence", ROW_ID, nullable=False),
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("listing_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("body", DOCUMENT, nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("acked_at", TIME, nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_listing_event"),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name="fk_listing_event_listing_id"),
        sa.UniqueConstraint("event_id", name="uq_listing_event_event_id"),
        sa.UniqueConstraint("listing_id", "version", name="uq_listing_event_listing_id_version"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_listing_event_waits", "listing_event", ["sequence"], sqlite_where=WAITS, postgresql_where=WAITS
    )
    op.create_table(
        "media",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("content_type", sa.String(160), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("verdict", DOCUMENT, nullable=True),
        sa.Column("transcript", sa.Text(), nullable=True),
        sa.Column("transcribed_by", sa.String(64), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_media_message_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_media_seller_id"),
        sa.UniqueConstraint("message_id", "position", name="uq_media_message_id_position"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_media_seller_id_status", "media", ["seller_id", "status"])
    op.create_index("ix_media_sha256", "media", ["sha256"])


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    op.drop_table("media")
    op.drop_table("listing_event")
    op.drop_table("rep_task")
    op.drop_table("message")
    op.drop_table("listing")
    op.drop_table("conversation")
    op.drop_table("consent")
    op.drop_table("address")
    op.drop_table("seller")
    op.drop_table("job")
    op.drop_table("counter")
    op.drop_table("content_template")
