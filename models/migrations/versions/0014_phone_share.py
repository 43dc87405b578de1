"""Several sellers on one phone.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One new table."""
    op.create_table(
        "phone_share",
        sa.Column("address_id", ROW_ID, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("address_id", "seller_id", name="pk_phone_share"),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name="fk_phone_share_address_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_phone_share_seller_id"),
    )
    op.create_index("ix_phone_share_seller_id", "phone_share", ["seller_id"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("phone_share")
