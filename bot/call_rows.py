"""What a turn leaves for the telephone: a bubble that the call asks for, and the job that rings her."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.jobs import NewJob
from bot.messages import Json

RING_AFTER = timedelta(seconds=3)
"""Until then her own call is over, and her line free."""
UNHEARD = timedelta(minutes=2)
"""So long she may still be on the line when a note of hers was heard; then she is rung."""
HANGING_UP = timedelta(minutes=1)
"""So long the last words of a call may take."""
LAST_WORDS: Json = {"then": "end", "skip": False, "keys": [[]]}


def spoken(row: Json, event: Json, heard_at: datetime | None) -> Json:
    """The outgoing `row` as one that no job sends. `heard_at` None: she may have hung up before it."""
    whole = {"utter": event["utter"], "variation": 0, "text": event["text"]}
    said: Json = {"speak": event.get("speak") or [whole], "call": event.get("call") or LAST_WORDS}
    body = row["body"] | said | {"language": event.get("spoken_in") or "hi"}
    return row | {"kind": "voice", "body": body, "status": "sent", "sent_at": heard_at}


def ring_back(seller_id: int, missed: bool, now: datetime) -> NewJob:
    """She let it ring (`missed`), or there is something to say that she has not heard."""
    name = f"{'ring' if missed else 'tell'}:{seller_id}"
    at = now + (RING_AFTER if missed else UNHEARD)
    payload = {"seller_id": seller_id, "name": name}
    return NewJob("ring_back", payload, key=f"seller:{seller_id}", run_at=at, unique_key=name)
