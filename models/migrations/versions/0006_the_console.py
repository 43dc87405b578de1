"""The console: who may sign in, what was done, and columns for the lists of people.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
OPEN = sa.text("done_at IS NULL")
CARD = {"name": "seller_name", "village": "village", "district": "district", "block": "block"}


def upgrade() -> None:
    """New tables and columns, filled from the talks that are there."""
    _reps()
    _console()
    _people()
    _tasks()
    _fill()


def _reps() -> None:
    with op.batch_alter_table("rep") as rep:
        rep.add_column(sa.Column("role", sa.String(8), nullable=False, server_default="rep"))
        rep.add_column(sa.Column("blocks", DOCUMENT, nullable=False, server_default="[]"))
        rep.add_column(sa.Column("language", sa.String(8), nullable=False, server_default="hi"))
        rep.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        rep.add_column(sa.Column("password_hash", sa.String(160), nullable=True))
        rep.add_column(sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("rep") as rep:
        for name in ("role", "blocks", "language", "active", "must_change"):
            rep.alter_column(name, server_default=None)


def _console() -> None:
    op.create_table(
        "console_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("rep_id", ROW_ID, nullable=False),
        sa.Column("agent", sa.String(16), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_console_session"),
        sa.ForeignKeyConstraint(["rep_id"], ["rep.id"], name="fk_console_session_rep_id"),
    )
    op.create_index("ix_console_session_rep_id", "console_session", ["rep_id"])
    op.create_index("ix_console_session_expires_at", "console_session", ["expires_at"])
    op.create_table(
        "sign_in_try",
        sa.Column("who", sa.String(72), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_since", "sign_in_try", ["since"])
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("rep_id", ROW_ID, nullable=True),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=True),
        sa.Column("listing_id", sa.String(36), nullable=True),
        sa.Column("about", sa.String(80), nullable=True),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("after", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["rep_id"], ["rep.id"], name="fk_audit_rep_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_seller_id_id", "audit", ["seller_id", "id"])
    op.create_index("ix_audit_rep_id_id", "audit", ["rep_id", "id"])


def _people() -> None:
    texts = [sa.Column(name, sa.String(160)) for name in [*CARD, "block_key", "group_name"]]
    op.create_table(
        "seller_card",
        sa.Column("seller_id", ROW_ID, nullable=False, autoincrement=False),
        *texts,
        sa.Column("phone_last4", sa.String(4), nullable=True),
        sa.Column("rep_id", ROW_ID, nullable=True),
        sa.PrimaryKeyConstraint("seller_id", name="pk_seller_card"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_seller_card_seller_id"),
        sa.ForeignKeyConstraint(["rep_id"], ["rep.id"], name="fk_seller_card_rep_id"),
    )
    for name in ("district", "phone_last4", "rep_id"):
        op.create_index(f"ix_seller_card_{name}_seller_id", "seller_card", [name, "seller_id"])
    op.create_table(
        "seller_word",
        sa.Column("word", WORD, nullable=False),
        sa.Column("seller_id", ROW_ID, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("word", "seller_id", name="pk_seller_word"),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name="fk_seller_word_seller_id"),
    )
    op.create_index("ix_seller_word_seller_id", "seller_word", ["seller_id"])
    op.add_column("conversation", sa.Column("flow", sa.String(64), nullable=True))
    op.add_column("conversation", sa.Column("asks", sa.String(64), nullable=True))
    op.add_column("conversation", sa.Column("asks_since", TIME, nullable=True))
    op.create_index("ix_conversation_flow_asks_since", "conversation", ["flow", "asks_since"])


def _tasks() -> None:
    with op.batch_alter_table("rep_task") as task:
        task.add_column(sa.Column("done_by", ROW_ID, nullable=True))
        task.add_column(sa.Column("note", sa.Text(), nullable=True))
        task.create_foreign_key("fk_rep_task_done_by", "rep", ["done_by"], ["id"])
    op.create_index(
        "ix_rep_task_open", "rep_task", ["kind", "created_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def _fill() -> None:
    """Columns from the talks; the sounds of the names are the service's to find, in a job of its own."""
    conn, last = op.get_bind(), 0
    card = sa.text(
        "INSERT INTO seller_card (seller_id, name, village, district, block, group_name, phone_last4)"
        " VALUES (:seller_id, :name, :village, :district, :block, :group_name, :phone_last4)"
    )
    stands = sa.text(
        "UPDATE conversation SET flow = :flow, asks = :asks, asks_since = :since WHERE seller_id = :seller_id"
    )
    while rows := conn.execute(_TALKS, {"last": last}).mappings().all():
        conn.execute(card, [_card(row) for row in rows])
        open_talks = [each for row in rows if (each := _stands(row))]
        if open_talks:
            conn.execute(stands, open_talks)
        last = rows[-1]["id"]
    if last:
        conn.execute(_JOB)


_TALKS = sa.text(
    "SELECT seller.id, state, updated_at,"
    " (SELECT address FROM address WHERE seller_id = seller.id ORDER BY id LIMIT 1) AS address"
    " FROM seller LEFT JOIN conversation ON conversation.seller_id = seller.id"
    " WHERE seller.id > :last ORDER BY seller.id LIMIT 1000"
)
_JOB = sa.text(
    "INSERT INTO job (kind, payload, run_at, attempts, status, created_at, lane, puts, unique_key)"
    " VALUES ('find_words', '{}', CURRENT_TIMESTAMP, 0, 'ready', CURRENT_TIMESTAMP, '', 1, 'find_words')"
)


def _card(row: Any) -> dict[str, Any]:
    slots, digits = _state(row).get("slots") or {}, (row["address"] or "").rpartition("+")[2]
    texts = {name: _text(slots.get(slot)) for name, slot in [*CARD.items(), ("group_name", "group_name")]}
    return {"seller_id": row["id"], **texts, "phone_last4": digits[-4:] if digits.isdigit() else None}


def _stands(row: Any) -> dict[str, Any] | None:
    state = _state(row)
    running = [frame["flow"] for frame in state.get("stack") or [] if frame["kind"] != "pattern"]
    if not running and not state.get("asks"):
        return None
    flow = running[-1] if running else None
    return {"seller_id": row["id"], "flow": flow, "asks": state.get("asks"), "since": row["updated_at"]}


def _state(row: Any) -> dict[str, Any]:
    state = row["state"] or {}
    found: dict[str, Any] = orjson.loads(state) if isinstance(state, str) else state
    return found


def _text(value: Any) -> str | None:
    return value[:160] if isinstance(value, str) else None


def downgrade() -> None:
    """Take all of it back."""
    op.drop_index("ix_rep_task_open", "rep_task")
    with op.batch_alter_table("rep_task") as task:
        task.drop_constraint("fk_rep_task_done_by", type_="foreignkey")
        task.drop_column("done_by")
        task.drop_column("note")
    op.drop_index("ix_conversation_flow_asks_since", "conversation")
    with op.batch_alter_table("conversation") as conversation:
        for name in ("flow", "asks", "asks_since"):
            conversation.drop_column(name)
    for table in ("seller_word", "seller_card", "audit", "sign_in_try", "console_session"):
        op.drop_table(table)
    with op.batch_alter_table("rep") as rep:
        for name in ("role", "blocks", "language", "active", "password_hash", "must_change"):
            rep.drop_column(name)
    op.execute("DELETE FROM job WHERE kind = 'find_words'")
