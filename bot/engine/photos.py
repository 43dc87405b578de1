"""The photos of a draft: taken in, refused with one advice, accepted all the same, told apart, thrown out."""

from __future__ import annotations

from typing import Any

from bot.engine.fill import accept
from bot.engine.run import Run
from bot.engine.stack import LISTING, Awaited, consents, rewind
from bot.messages import Json

PATIENCE = 2
"""So many times she is asked for a better photo; then what she has is taken, with its warnings."""
GUESSED = ("front", "back", "side")
"""What a photo shows if nothing tells, in the order in which people take them."""
NEVER_USABLE = {"unreadable", "failed"}
TIPS = ("blurred", "flat", "animated", "small", "background")
"""What is said once of a photo that was taken, the worst first; the last two only while she takes photos."""
WHILE_TAKING = {"small", "background"}
ALBUM = {"photo_role", "photo_first", "photo_remove", "photo_show"}

Photo = dict[str, Any]


def add_photos(run: Run, command: Json) -> bool:
    """Photos belong to the draft that is open."""
    if not consents(run) or all(frame["flow"] != LISTING for frame in run.stack):
        return False
    new = _not_twice(run, command.get("photos") or [])
    refused = _not_twice(run, command.get("refused") or [])
    troubles = list(command.get("troubles") or [])
    insists = bool(refused) and _refusals(run) >= PATIENCE
    if insists:
        new += refused
        troubles = [trouble for trouble in troubles if trouble in NEVER_USABLE]
        _tell_rep(run, refused)
    if new:
        _take(run, new)
    if troubles:
        _refuse(run, refused, troubles)
    elif insists:
        run.say("utter_photo_accepted_anyway")
    elif not _say_tip(run, command.get("advice") or []) and new and run.state["asks"] not in (None, "photos"):
        run.say("utter_photos_thanks")
    run.rejected = False
    return True


def photos_done(run: Run, question: Awaited | None) -> bool:
    """She has no more; if none was good enough, what she sent is taken."""
    if question is None or question.asks != "photos":
        return False
    if not run.slots.get("photos") and not take_held_back(run):
        return False
    run.set("photos_done", True)
    return True


def take_held_back(run: Run) -> bool:
    """No better photo will come: those that were refused are taken with their warnings; a rep is told."""
    held_back = run.slots.get("photos_held_back")
    if not held_back:
        return False
    _tell_rep(run, held_back)
    _take(run, held_back)
    run.set("photos_held_back", None)
    run.say("utter_photo_accepted_anyway")
    return True


def arrange(run: Run, command: Json) -> bool:
    """Which photo is which: `position` counts from 1, -1 is the last, None the only or the last one."""
    photos: list[Photo] = list(run.slots.get("photos") or [])
    if not photos or all(frame["flow"] != LISTING for frame in run.stack):
        return False
    position = command.get("position")
    if command["command"] == "photo_show" or (
        position is None and command["command"] != "photo_role" and len(photos) > 1
    ):
        show(run)
        return True
    place = len(photos) - 1 if position in (None, -1) else position - 1
    if place >= len(photos):
        run.say("utter_photo_not_there", {"photos": photos})
    elif command["command"] == "photo_remove":
        _remove(run, photos, place)
    elif command["command"] == "photo_first":
        _swap_roles(photos, place, "front")
        run.set("photos", [photos[place], *photos[:place], *photos[place + 1 :]])
        run.say("utter_photo_first", {"photo_number": place + 1})
    else:
        _swap_roles(photos, place, command["role"])
        run.set("photos", photos)
        run.say("utter_photo_role_changed", {"photo_number": place + 1, "photo_role": command["role"]})
    return True


def show(run: Run) -> None:
    """All photos on one sheet with their numbers."""
    photos = run.slots.get("photos") or []
    run.say("utter_photos_shown", image="sheet:" + "+".join(photo["sha256"] for photo in photos))


def best(photos: list[Photo] | None) -> str | None:
    """The picture that stands for the product, as an image of a bubble: the front, else the first."""
    if not photos:
        return None
    front = next((photo for photo in photos if photo.get("role") == "front"), photos[0])
    return f"photo:{front['sha256']}"


def _refusals(run: Run) -> int:
    return int(run.slots.get("photos_refused") or 0)


def _not_twice(run: Run, photos: list[Photo]) -> list[Photo]:
    """Without those that show the same as one of this draft."""
    known = run.slots.get("photos") or []
    ids, sums = {photo["id"] for photo in known}, {photo["sha256"] for photo in known}
    return [photo for photo in photos if photo.get("same_as") not in ids and photo["sha256"] not in sums]


def _take(run: Run, new: list[Photo]) -> None:
    known: list[Photo] = list(run.slots.get("photos") or [])
    for photo in new:
        known.append({**photo, "role": photo.get("role") or _role(photo, known)})
    accept(run, "photos", known, "")
    if len(run.slots.get("photos") or []) < len(known):
        run.say("utter_photos_full", {"photos": run.slots["photos"]})


def _role(photo: Photo, known: list[Photo]) -> str | None:
    """A guess that she may correct; the first is the front."""
    taken = {each.get("role") for each in known}
    if photo.get("close") and known and "close_up" not in taken:
        return "close_up"
    return next((role for role in GUESSED if role not in taken), None)


def _refuse(run: Run, refused: list[Photo], troubles: list[str]) -> None:
    """One advice for the worst; a repeated one is no failure of hers."""
    if refused or NEVER_USABLE & set(troubles):
        run.set("photos_refused", _refusals(run) + 1)
        if _refusals(run) == PATIENCE and not refused:
            run.events.append({"event": "custom", "do": "rep_task", "kind": "photo_trouble"})
    if refused:
        run.set("photos_held_back", [*(run.slots.get("photos_held_back") or []), *refused])
    run.push("pattern_photo_trouble", "pattern", {"troubles": troubles})


def _tell_rep(run: Run, photos: list[Photo]) -> None:
    """A rep sees them and may help to take better ones."""
    run.events.append({"event": "custom", "do": "accept_photos", "ids": [photo["id"] for photo in photos]})
    run.events.append({"event": "custom", "do": "rep_task", "kind": "photos_poor"})


def _say_tip(run: Run, advice: list[str]) -> bool:
    """One tip, each kind once a draft."""
    given = run.slots.get("photo_tips") or []
    taking = run.state["asks"] in (None, "photos") and not run.slots.get("photos_done")
    tip = next((each for each in TIPS if each in advice and (taking or each not in WHILE_TAKING)), None)
    if tip is None or tip in given:
        return False
    run.set("photo_tips", [*given, tip])
    run.say(f"utter_photo_tip_{tip}")
    return True


def _swap_roles(photos: list[Photo], place: int, role: str) -> None:
    """No two photos show the same side: the one that had this role gets the other's."""
    for other, photo in enumerate(photos):
        if photo.get("role") == role and other != place:
            photos[other] = {**photo, "role": photos[place].get("role")}
    photos[place] = {**photos[place], "role": role}


def _remove(run: Run, photos: list[Photo], place: int) -> None:
    del photos[place]
    run.set("photos", photos or None)
    if photos:
        run.say("utter_photo_removed", {"photos": photos})
        return
    run.set("photos_done", None)
    rewind(run, "photos")
