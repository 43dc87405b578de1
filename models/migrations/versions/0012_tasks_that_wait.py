"""Open tasks are read in the order in which they wait.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = "ix_rep_task_waits"
OPEN = sa.text("done_at IS NULL")


def upgrade() -> None:
    """One index more."""
    op.create_index(NAME, "rep_task", ["created_at", "seller_id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index(NAME, "rep_task")
