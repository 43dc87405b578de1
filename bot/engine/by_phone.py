"""A turn on the telephone: which keys answer its question, said aloud, and what the call waits for then."""

from __future__ import annotations

from bot.engine.keypad import is_question, may_skip
from bot.engine.run import Run
from bot.engine.wording import Said, Wording
from bot.language.asks import asked
from bot.language.languages import in_latin_letters
from bot.messages import Json

MOST_KEYS = 5
"""So many choices are said at a time: nobody remembers more."""
WAITS = {"utter_voice_listening"}
"""After these a machine's words are waited for."""
ENDS = {"utter_later", "utter_stopped"}
"""After these nothing is left to say, whatever question is open."""
NUMBERS = {"money", "count", "duration", "pincode"}
_LANGUAGE = "/SetSlots(language="


def speakable(payload: str) -> bool:
    """Not the languages that differ from another one in their letters only."""
    language = payload.removeprefix(_LANGUAGE).partition(")")[0] if payload.startswith(_LANGUAGE) else ""
    return not in_latin_letters(language)


def answered_by(run: Run, voice: Wording, utter: str, said: Said) -> Json:
    """`{"then", "skip", "keys"}`: what comes next, whether `0` leaves it out, and the spoken pages of keys.

    `then`: choose (one key), number (keys and #), speak (a recording), wait (for a machine's words) or end.
    """
    titles = [title for title, payload in said.buttons if speakable(payload)]
    then = _then(run, utter, bool(titles))
    skip = then != "end" and _may_skip(run, utter)
    pages = _pages(run, voice, then, titles)
    hint = [_part(run, voice, "utter_phone_skip")] if skip else []
    return {"then": then, "skip": skip, "keys": [[*page, *hint] for page in pages]}


def _then(run: Run, utter: str, choices: bool) -> str:
    if utter in WAITS:
        return "wait"
    if utter in ENDS:
        return "end"
    if choices:
        return "choose"
    if run.state["asks"] is None:
        return "end"
    return "number" if asked(run.state["asks"]).kind in NUMBERS else "speak"


def _pages(run: Run, voice: Wording, then: str, titles: list[str]) -> list[list[Json]]:
    if then in ("number", "speak"):
        return [[_part(run, voice, f"utter_phone_{then}")]]
    if then != "choose":
        return [[]]
    pages = [titles[start : start + MOST_KEYS] for start in range(0, len(titles), MOST_KEYS)]
    more = [_part(run, voice, "utter_phone_more")] if len(pages) > 1 else []
    return [[_keys(run, voice, page), *more] for page in pages]


def _keys(run: Run, voice: Wording, titles: list[str]) -> Json:
    lines = [
        _part(run, voice, "utter_phone_key", choice=title, key=key) for key, title in enumerate(titles, 1)
    ]
    return {"utter": "utter_phone_key", "variation": 0, "text": "\n".join(line["text"] for line in lines)}


def _part(run: Run, voice: Wording, utter: str, **args: object) -> Json:
    said = voice.say(utter, run.slots, args, "call")
    return {"utter": utter, "variation": said.variation, "text": said.text}


def _may_skip(run: Run, utter: str) -> bool:
    slot = run.state["collect"]
    return slot is not None and is_question(utter) and may_skip(slot, run.state["asks"])
