"""Logs go to standard error, one JSON object a line; of a phone number only the last four digits remain."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Not inside a word: the ids of messages have long runs of digits too. `%2B` is a "+" in a URL.
PHONE = re.compile(
    r"(?:(?<![^\W_])|(?<=%2B))\+?\d(?:[ \-]?\d){5,10}((?:[ \-]?\d){4})(?![^\W_])", re.IGNORECASE
)
USER_ID = re.compile(r"\b([A-Z]{2})\.[A-Za-z0-9]{5,128}?([A-Za-z0-9]{4})\b")
EventDict = MutableMapping[str, Any]


def mask(text: str) -> str:
    """The text with phone numbers (10 to 15 digits) and provider user ids cut to their last four."""
    return USER_ID.sub(r"\1.…\2", PHONE.sub(r"…\1", text))


def mask_phones(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """structlog processor: masks every value, also below and in the text of an exception."""
    return {key: _masked(value) for key, value in event.items()}


def configure(level: int = logging.INFO) -> None:
    """Send structlog and the logging module through the same mask to standard error. Call once at start."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask_phones,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # What these tell below a warning is of no use here, and the HTTP client's words hold whole addresses.
    for name in ("urllib3", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(str(key)): _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    if isinstance(value, bool | float | None):
        return value
    return mask(str(value)) if len(str(value)) >= 10 else value
