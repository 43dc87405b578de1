"""The desk in a terminal: listen, type what she says, and the next note is there."""

from __future__ import annotations

import readline  # noqa: F401 (with it a line can be corrected while it is typed)
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.desk.meaning import Meaning, meaning
from bot.desk.note import Note
from bot.desk.queue import LONGEST_TEXT, Refused, WrongClaim, checked
from bot.desk.seat import Seat
from bot.messages import Json

KEYS = "Type what she says. Enter: play again · ?: cannot hear · skip: another note · Ctrl-D: end"
SURE = "y: send · or type it again> "
LEVELS = "▁▂▃▄▅▆▇█"
WIDTH = 64
TAKEN = {
    "claimed_again": "Somebody else has this note now.",
    "closed": "This note is closed already.",
    "unknown": "This note is gone.",
    "not_claimed": "This note is nobody's.",
}


def by_hand(seat: Seat) -> int:
    """Note after note until Ctrl-D, which gives the one in hand back; answers how many were written down."""
    _say(KEYS)
    written = 0
    while True:
        try:
            note = seat.next()
            if note is None:
                input("No note waits. Enter looks again, Ctrl-D ends. ")
                seat.skipped.clear()
                continue
            with seat.in_hand(note):
                written += _write_down(seat, note)
        except WrongClaim as wrong:
            _say(TAKEN[wrong.reason])
        except EOFError:
            _say("")
            return written


def _write_down(seat: Seat, note: Note) -> bool:
    """Ask until the note is closed or given back. True when it was written down."""
    _show(seat, note)
    text = None
    while True:
        typed = input(SURE if text else "> ").strip()
        if typed == "":
            seat.renew(note)
            _play(seat, note)
        elif typed in ("?", "cannot"):
            seat.cannot_hear(note)
            return False
        elif typed == "skip":
            seat.release(note)
            return False
        elif text and typed == "y":
            seat.submit(note, text)
            return True
        elif understood := _understood(seat, note, typed):
            # Words with a number in them are looked at twice before they are sent.
            if not understood.amounts:
                seat.submit(note, typed)
                return True
            text = typed


def _understood(seat: Seat, note: Note, typed: str) -> Meaning | None:
    """Show what it would mean to the bot; None for what cannot be sent."""
    try:
        understood = meaning(checked(typed, "text", LONGEST_TEXT), note, seat.shop.talk)
    except Refused as refused:
        _say(str(refused))
        return None
    for line in understood.lines:
        _say(f"  {line}")
    return understood


def _show(seat: Seat, note: Note) -> None:
    age = f"{note.age_s // 60} min" if note.age_s < 7200 else f"{note.age_s // 3600} h"
    length = "" if note.seconds is None else f" · {note.seconds:.0f} s"
    _say(f"\n── note {note.id} · {note.language}{length} · {age} old · {seat.waiting()} wait")
    if note.question:
        _say(note.question)
    wording = seat.shop.talk.library.wording(note.language)
    _say("[" + ", ".join(wording.slot_name(slot) for slot in note.expects) + "]")
    if note.waveform:
        _say(drawn(note.waveform))
    _play(seat, note)


def _play(seat: Seat, note: Note) -> None:
    path = seat.sound(note)
    if path is None:
        _say("Its sound is gone.")
    elif seat.player.found:
        seat.player.play(path)
    else:
        _say(f"listen to {path}")


def drawn(heights: Sequence[float]) -> str:
    """Loudness over time in one line of WIDTH letters at most."""
    top = max(heights) or 1
    columns = min(len(heights), WIDTH)
    edges = [len(heights) * column // columns for column in range(columns + 1)]
    peaks = [max(heights[first:last]) for first, last in zip(edges, edges[1:], strict=False)]
    return "".join(LEVELS[min(int(peak / top * len(LEVELS)), len(LEVELS) - 1)] for peak in peaks)


def by_lines(seat: Seat, lines: Iterable[tuple[Json | None, str | None]], out: Callable[[Json], None]) -> int:
    """For scripts: a note out, its answer in, what became of it out; until no note waits or no line comes.

    An answer is `{"text": …}`, `{"cannot_hear": true}` or `{"skip": true}`; a wrong one is an `error`, and
    the note waits for the next line. Answers how many were written down.
    """
    written = 0
    answers = iter(lines)
    while (note := seat.next()) is not None:
        try:
            with seat.in_hand(note):
                out(note.as_json(str(seat.sound(note) or "")))
                status = _answered(seat, note, answers, out)
        except WrongClaim as wrong:
            status = wrong.reason
        except EOFError:
            break
        written += status == "done"
        out({"id": note.id, "status": status})
    return written


def _answered(
    seat: Seat, note: Note, answers: Iterator[tuple[Json | None, str | None]], out: Callable[[Json], None]
) -> str:
    """What became of the note by the next line that can be used; EOFError when none comes."""
    for line, wrong in answers:
        given = line or {}
        if given.get("cannot_hear") is True:
            seat.cannot_hear(note)
            return "cannot_hear"
        if given.get("skip") is True:
            seat.release(note)
            return "waiting"
        try:
            seat.submit(note, given.get("text"))
            return "done"
        except Refused as refused:
            out({"error": wrong or str(refused)})
    raise EOFError


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
