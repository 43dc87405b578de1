"""From what is to be said to bubbles in her language: at most two a turn, the question last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.engine.by_phone import answered_by, speakable
from bot.engine.keypad import KEYPAD, SKIP, first_language, is_question, may_skip
from bot.engine.listening import CALL, listens
from bot.engine.run import Bubble, Run
from bot.engine.wording import Said, Wording
from bot.language.languages import BASE, in_own_letters
from bot.messages import Json

STAMP = "~"


def render(run: Run) -> None:
    """Turn the queued bubbles into `bot` events and remember the choices that are open.

    Who listens gets one event, whose `speak` is said in one voice bubble before its text.
    """
    channel = str(run.source.get("channel") or "whatsapp")
    if channel == KEYPAD and not run.slots.get("language"):
        heard = run.state.get("language_heard") or first_language(str(run.source.get("text", "")))
        run.state["language_heard"] = heard
    wording = run.library.wording(run.slots.get("language") or run.state.get("language_heard"))
    bubbles = _question_last(run.bubbles)
    if not bubbles:
        return
    said = [(bubble, _say(run, wording, bubble, channel)) for bubble in bubbles]
    last, last_said = said[-1]
    buttons = [{"title": title, "payload": stamped(run, payload)} for title, payload in last_said.buttons]
    if channel == KEYPAD and _may_skip(run, last):
        buttons.append({"title": wording.skip_key(run.state["asks"]), "payload": SKIP})
    if channel == CALL:
        buttons = [button for button in buttons if speakable(button["payload"])]
    if listens(run):
        run.events.append(_both(run, said, buttons, channel))
    else:
        if said[:-1]:
            run.events.append(_event(said[0][0].utter, _text(said[:-1]), [], _image(said[:-1])))
        run.events.append(_event(last.utter, last_said.text, buttons, last_said.image))
    if buttons or not run.silent_question:
        run.state["options"] = buttons
    run.state["last"] = [_remembered(bubble) for bubble in bubbles]


def in_one_bubble(first: Json, said: Sequence[Json], aloud: bool = False) -> list[Json]:
    """What is said outside of any flow, above what the talk says next; with `aloud` it is spoken too."""
    place = next((place for place, event in enumerate(said) if event["event"] == "bot"), None)
    if place is None:
        return [first, *said]
    event, above = said[place], {"utter": first["utter"], "text": first["text"]}
    parts = event.get("parts") or [{"utter": event["utter"], "text": event["text"]}]
    if len(parts) > 1:
        above["text"] += "\n" + parts[0]["text"]
    new = event | {"text": f"{first['text']}\n{event['text']}", "parts": [above, parts[-1]]}
    if aloud and event.get("speak"):
        new["speak"] = [{"utter": first["utter"], "variation": 0, "text": first["text"]}, *event["speak"]]
    return [*said[:place], new, *said[place + 1 :]]


def _both(run: Run, said: Sequence[tuple[Bubble, Said]], buttons: list[Json], channel: str) -> Json:
    """One bubble to hear and one to read. The second says all of it too: the first may not arrive."""
    language = run.slots.get("language") or run.state.get("language_heard") or BASE
    aloud = in_own_letters(language)
    voice = run.library.wording(aloud)
    heard = [part if aloud == language else _say(run, voice, bubble, channel) for bubble, part in said]
    question = said[-1][0]
    event = _event(question.utter, _text(said), buttons, _image(said))
    event["parts"] = _parts(said)
    event["spoken_in"] = aloud
    event["speak"] = [
        {"utter": bubble.utter, "variation": part.variation, "text": part.text}
        for (bubble, _), part in zip(said, heard, strict=True)
        if part.text
    ]
    if channel == CALL:
        event["call"] = answered_by(run, voice, question.utter, heard[-1])
    return event


def _parts(said: Sequence[tuple[Bubble, Said]]) -> list[Json]:
    """What one bubble says by its responses: all before the question are one, under the first's name."""
    *before, (question, asked) = said
    told = [{"utter": before[0][0].utter, "text": _text(before)}] if before else []
    return [*told, {"utter": question.utter, "text": asked.text}]


def _text(said: Sequence[tuple[Bubble, Said]]) -> str:
    return "\n".join(part.text for _, part in said if part.text)


def _image(said: Sequence[tuple[Bubble, Said]]) -> str | None:
    return next((part.image for _, part in said if part.image), None)


def _question_last(bubbles: list[Bubble]) -> list[Bubble]:
    """The open question stands last; of several questions only the last is said."""
    questions = [bubble for bubble in bubbles if bubble.question]
    others = [bubble for bubble in bubbles if not bubble.question]
    return others + questions[-1:]


def _say(run: Run, wording: Wording, bubble: Bubble, channel: str) -> Said:
    said = wording.say(bubble.utter, run.slots, bubble.args, channel, bubble.attempt)
    if bubble.buttons is None:
        return replace(said, image=bubble.image) if bubble.image else said
    buttons = tuple(_button(wording, button) for button in bubble.buttons)
    return replace(said, buttons=buttons, image=bubble.image or said.image)


def _button(wording: Wording, button: Json) -> tuple[str, str]:
    """A button made by code: with its own title, or naming a choice that the locale has a word for."""
    if "title" in button:
        return str(button["title"]), str(button["payload"])
    return wording.choice_name(button["choice"]), str(button["payload"])


def _may_skip(run: Run, bubble: Bubble) -> bool:
    slot = run.state["collect"]
    return slot is not None and is_question(bubble.utter) and may_skip(slot, run.state["asks"])


def stamped(run: Run, payload: str) -> str:
    """The payload with the number of its question, so that a press long after is known for what it is."""
    if payload.startswith(("/SetSlots", "/c")):
        return f"{payload}{STAMP}{run.state['serial']}"
    return payload


def _event(utter: str, text: str, buttons: list[Json], image: Any) -> Json:
    event: Json = {"event": "bot", "utter": utter, "text": text, "buttons": buttons}
    if image:
        event["image"] = image
    return event


def _remembered(bubble: Bubble) -> Json:
    """Enough to say the bubble again."""
    return {
        "utter": bubble.utter,
        "args": bubble.args,
        "buttons": bubble.buttons,
        "attempt": bubble.attempt,
        "image": bubble.image,
    }
