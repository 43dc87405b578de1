"""What `/metrics` counts while the process runs; what can be read from the tables is read when asked.

Names and labels carry no person: a channel, a job kind, an outcome.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter("sangwari_turns", "Inbound messages that were committed", ["channel"])
TURN_SECONDS = Histogram(
    "sangwari_turn_seconds",
    "From the webhook call to the commit",
    buckets=(0.001, 0.002, 0.004, 0.006, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSED = Counter("sangwari_webhooks_refused", "Webhook calls that were not taken", ["reason"])
HELD = Counter("sangwari_messages_held", "Messages that wait because of a limit", ["limit"])
SPENT = Gauge("sangwari_spent_today_rupees", "What the messages of the day cost, at the last look")
FAILURES = Counter("sangwari_failures", "Background work that failed, by its kind and code", ["kind", "code"])
