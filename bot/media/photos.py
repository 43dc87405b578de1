"""Judge a photo: is it safe to open, can a buyer see the piece, was it sent before? Nothing here is a crash.

The limits are measured on real photographs at 1024 px on the long side, as WhatsApp recompresses them;
`docs/photos.md` has the figures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
from PIL import Image

from bot.media import framing, light, sharpness
from bot.media.likeness import alike, likeness
from bot.media.opened import CannotOpen, Opened, open_photo
from bot.media.screenshot import is_screenshot
from bot.media.shop import Made, make

SMALL_SIDE = 500
"""A photo whose short side is smaller is refused."""
SHOP_SIDE = 1000
"""Below this on its short side it gets the advice `small`: a shop wants more."""
LOOKED_AT = 1024
PROBLEMS = (
    "too_small",
    "blurred",
    "dark",
    "overexposed",
    "flat",
    "same",
    "screenshot",
    "animated",
    "unreadable",
)
REFUSED = frozenset({"too_small", "same", "screenshot", "unreadable"})
"""She is asked for another one, as for one hopelessly blurred, dark or overexposed. The rest is advice."""

Verdict = Literal["ok", "warn", "refuse"]
_ONE_AT_A_TIME = Lock()
"""A worker does several jobs at once, and a large photo takes 70 MB while it is decoded."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`width` and `height` as seen upright, 0 when unreadable; `hash` is the photo's likeness.

    `advice`: `small` and `background`, which are no problems. `same_as` names the earlier photo it repeats.
    """

    verdict: Verdict
    problems: tuple[str, ...]
    width: int
    height: int
    sha256: str
    hash: str = ""
    advice: tuple[str, ...] = ()
    fills_frame: bool = False
    same_as: int | None = None

    def beside(self, earlier: Mapping[int, str]) -> Judgement:
        """The judgement with her other photos in view; `earlier` are their likenesses by their ids."""
        other = alike(self.hash, earlier)
        if other is None:
            return self
        found = {*self.problems, "same"}
        named = tuple(problem for problem in PROBLEMS if problem in found)
        return replace(self, verdict="refuse", problems=named, same_as=other)

    def as_json(self) -> dict[str, Any]:
        """The form kept beside the photo."""
        return {
            "verdict": self.verdict,
            "problems": list(self.problems),
            "advice": list(self.advice),
            "width": self.width,
            "height": self.height,
            "hash": self.hash,
            "same_as": self.same_as,
            "fills_frame": self.fills_frame,
        }


@dataclass(frozen=True, slots=True)
class Examined:
    """A judgement, and the pictures made of the photo; None if it could not be opened or none were wanted."""

    judgement: Judgement
    shop: Made | None = None
    thumbnail: Made | None = None


def judge(source: bytes | Path, earlier: Mapping[int, str] | None = None) -> Judgement:
    """Judge one photo; `earlier` are the likenesses of her others. An unreadable file is a verdict too."""
    return examine(source, pictures=False).judgement.beside(earlier or {})


def examine(source: bytes | Path, *, pictures: bool = True) -> Examined:
    """Judge one photo by itself and make its pictures, in one decoding; one photo at a time in a process."""
    with _ONE_AT_A_TIME, BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        try:
            opened = open_photo(file)
        except CannotOpen as found:
            return Examined(Judgement("refuse", (found.problem,), found.width, found.height, sha256))
        judgement = _look(opened, sha256)
        if not pictures:
            return Examined(judgement)
        return Examined(judgement, *make(opened.picture, judgement.problems))


def reshaped(source: bytes | Path, turn: int, cut: Sequence[int], problems: Sequence[str]) -> Made:
    """The shop picture of the photo turned clockwise by so many degrees and then cut.

    `cut`: per cent off its left, top, right and bottom. Raises CannotOpen.
    """
    with _ONE_AT_A_TIME, BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        picture = open_photo(file).picture.rotate(-turn, expand=True)
        left, top, right, bottom = cut
        width, height = picture.size
        box = (
            round(width * left / 100),
            round(height * top / 100),
            round(width * (100 - right) / 100),
            round(height * (100 - bottom) / 100),
        )
        return make(picture.crop(box), problems)[0]


def _look(opened: Opened, sha256: str) -> Judgement:
    seen = opened.picture
    scale = LOOKED_AT / max(seen.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in seen.size)
        seen = seen.resize((width, height), Image.Resampling.BOX)
    colours, gray = np.asarray(seen), np.asarray(seen.convert("L"))
    blur, lit, frame = sharpness.measure(gray), light.measure(gray, colours), framing.measure(gray, colours)
    short = min(opened.width, opened.height)
    found = {
        "too_small": short < SMALL_SIDE,
        "blurred": blur.doubtful,
        "dark": lit.dark,
        "overexposed": lit.overexposed,
        "flat": lit.flat,
        "screenshot": is_screenshot(gray),
        "animated": opened.animated,
    }
    advice = {"small": SMALL_SIDE <= short < SHOP_SIDE, "background": frame.busy}
    problems = tuple(name for name, is_so in found.items() if is_so)
    hopeless = blur.hopeless or lit.hopelessly_dark or lit.hopelessly_overexposed
    return Judgement(
        verdict="refuse" if hopeless or REFUSED.intersection(problems) else "warn" if problems else "ok",
        problems=problems,
        width=opened.width,
        height=opened.height,
        sha256=sha256,
        hash=likeness(seen),
        advice=tuple(name for name, is_so in advice.items() if is_so),
        fills_frame=frame.fills_frame,
    )
