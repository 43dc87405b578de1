"""The bare limit: the least a message bot can do and still lose nothing.

One Flask view, one transaction of four Core statements, SQLite with synchronous=FULL. No signature, no
understanding, no dialogue: what a product adds to this is what the ratio shows. Served like the product:
granian, one process.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import (
    JSON,
    Column,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.engine import make_url

metadata = MetaData()
message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider_id", String, unique=True),
    Column("seller", String),
    Column("direction", String),
    Column("body", JSON),
)
conversation = Table(
    "conversation",
    metadata,
    Column("seller", String, primary_key=True),
    Column("state", JSON),
)

url = make_url(os.environ["DATABASE_URL"])
engine = create_engine(url)
turn = threading.Lock()

if url.get_backend_name() == "sqlite":

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: object) -> None:
        """The same durability as the product: every commit is on disk."""
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        """Take the write lock at once; the driver would take it at the first write."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")


metadata.create_all(engine)
app = Flask(__name__)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/webhooks/twilio/whatsapp")
def whatsapp() -> Response:
    """Take a message in, count the turn, put an answer out."""
    seller, text = request.form["From"], request.form["Body"]
    here = conversation.c.seller == seller
    with turn, engine.begin() as connection:
        connection.execute(
            insert(message),
            {
                "provider_id": request.form["MessageSid"],
                "seller": seller,
                "direction": "in",
                "body": {"text": text},
            },
        )
        state = connection.execute(select(conversation.c.state).where(here)).scalar()
        if state is None:
            connection.execute(insert(conversation), {"seller": seller, "state": {"turns": 1}})
        else:
            connection.execute(update(conversation).where(here), {"state": {"turns": state["turns"] + 1}})
        connection.execute(
            insert(message), {"seller": seller, "direction": "out", "body": {"text": f"ok: {text}"}}
        )
    return Response("<Response/>", mimetype="text/xml")
