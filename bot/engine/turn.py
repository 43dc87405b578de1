"""One turn of the talk: state and commands in, new state and events out. Nothing reads a clock or a disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.advance import advance
from bot.engine.commands import apply
from bot.engine.given import take_given
from bot.engine.library import Library
from bot.engine.listening import note_habit
from bot.engine.render import render
from bot.engine.run import Act, Bubble, Run
from bot.engine.stack import ENTRY, LISTING, awaited, consents
from bot.engine.wishes import cannot_handle, draft_so_far
from bot.hours import day_of
from bot.messages import Json, Turn, copy_json

STATE_VERSION = 1


def new_state() -> Json:
    """The state of a seller who has never written."""
    return {
        "version": STATE_VERSION,
        "stack": [],
        "slots": {},
        "skipped": [],
        "unconfirmed": [],
        "provenance": {},
        "asks": None,
        "collect": None,
        "at": None,
        "attempt": 0,
        "failures": 0,
        "serial": 0,
        "options": [],
        "asked": [],
        "last": [],
        "turn": 0,
        "typed": 0,
        "notes": [],
    }


def turn(
    library: Library,
    state: Json,
    commands: Sequence[Json],
    now: datetime,
    act: Act,
    source: Json | None = None,
    facts: Json | None = None,
) -> Turn:
    """Apply one message to the talk.

    `source` tells who said it: `{"by", "channel", "message_id", "text", "seller_id"}`, kept with every value,
    `away` if she had been silent for long, and `typed` or `spoke` if it came as words of hers; `written` if
    only writing can reach her now.
    `facts` are slots that the house gives before a turn (listings, names, limits) and that are not kept.
    """
    run = _begin(library, state, now, act, source or {}, facts or {})
    note_habit(run)
    away = bool(run.source.get("away")) and run.state["asks"] is not None
    if away:
        run.state.update(attempt=0, failures=0)
    _renew_changed_flows(run)
    commands = take_given(run, commands)
    if not consents(run) and all(frame["flow"] not in (ENTRY, "hello") for frame in run.stack):
        _before_hello(run, commands)
    else:
        apply(run, commands)
    advance(run)
    if not run.bubbles:
        # Nobody is left without an answer, whatever was wrong with the flows.
        run.events.append({"event": "error", "reason": "silence"})
        cannot_handle(run, awaited(run), None)
        advance(run)
    if away:
        _remind(run)
    render(run)
    return Turn(_kept(run, facts or {}), run.events)


def _begin(library: Library, state: Json, now: datetime, act: Act, source: Json, facts: Json) -> Run:
    copied = new_state() | copy_json(state)
    copied["turn"] += 1
    slots = {**library.domain.initial, **copied["slots"], **facts}
    slots["today"] = day_of(now).isoformat()
    run = Run(library, copied, slots, now, act, source, order=copied["turn"])
    for frame in run.stack:
        frame.pop("fresh", None)
    return run


def _remind(run: Run) -> None:
    """She comes back after a long time: one line of what is there, before the question."""
    told = draft_so_far(run)
    running = any(frame["flow"] == LISTING for frame in run.stack)
    if running and told and all(bubble.utter != "utter_draft_so_far" for bubble in run.bubbles):
        run.bubbles.append(Bubble("utter_draft_so_far", {"draft": told}))


def _renew_changed_flows(run: Run) -> None:
    flows = run.library.flows
    if any(
        frame["flow"] not in flows or flows[frame["flow"]].fingerprint != frame["print"]
        for frame in run.stack
    ):
        run.state["stack"] = [frame for frame in run.stack if frame["flow"] in flows]
        run.push("pattern_code_change", "pattern")
        advance(run, floor=len(run.stack) - 1)


def _before_hello(run: Run, commands: Sequence[Json]) -> None:
    """Without consent the talk begins with hello, whatever she said; stopping needs no consent."""
    wished = [command["flow"] for command in commands if command["command"] == "start_flow"]
    if "stop" in wished:
        apply(run, commands)
        return
    if "my_listings" in wished and run.slots.get("consent") and not run.stack:
        run.push("my_listings", "regular")
    elif "list_product" in wished and run.slots.get("consent") and not run.stack:
        run.push("list_product", "regular")
    run.push(ENTRY, "pattern")


def _kept(run: Run, facts: Json) -> Json:
    """The state to save: only slots that differ from their initial value and are not the house's own."""
    initial = run.library.domain.initial
    given = {*facts, "today", "notice_version"}
    run.state["slots"] = {
        name: value
        for name, value in run.slots.items()
        if value is not None and name not in given and value != initial.get(name)
    }
    for frame in run.stack:
        frame.pop("fresh", None)
    return run.state
