"""Hindi words in an English page: names, places and what was said may be in any script, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from bot.web.console.words import words
from models import Conversation, Figure, Listing, Media, Message, Rep, RepTask, SellerCard
from models.database import reading
from tests.console_scene import Scene

DEVANAGARI = re.compile("[\u0900-\u0963\u0966-\u097f]")
TOLD = (SellerCard, Rep, Message, Media, Listing, Conversation, RepTask, Figure)
"""Tables of what people said and are called."""
SHOWN = """() => {
    const NAMES = ["alt", "title", "placeholder", "aria-label"];
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walk.currentNode; node; node = walk.nextNode()) {
        const part = node.nodeType === 3 ? node.parentElement : node;
        if (part.closest("[lang]:not(html), script")) continue;
        if (node.nodeType === 3) found.push(node.nodeValue);
        else for (const name of NAMES) found.push(part.getAttribute(name) || "");
    }
    return [document.title, ...found];
}"""


def hindi_left(page: Page, scene: Scene) -> list[str]:
    """What is shown in Devanagari and is no data; a part that says its own `lang` is left out."""
    told = sorted(_told(scene), key=len, reverse=True)
    found = []
    for text in page.evaluate(SHOWN):
        left = text
        for each in told:
            left = left.replace(each, "")
        if DEVANAGARI.search(left):
            found.append(f"Hindi: {text.strip()}")
    return found


def _told(scene: Scene) -> set[str]:
    """Whole texts of the tables, without those that are a word of the console or the name of a question."""
    wording = scene.desk.house.talk.library.wording("hi")
    ours = {texts["hi"] for texts in words().values()} | set(wording.words["slots"].values())
    with reading(scene.desk.db) as conn:
        rows = [row for table in TOLD for row in conn.execute(select(table.__table__))]
    texts = {text for row in rows for text in _texts(tuple(row))}
    texts |= {part for text in texts for part in text.split("|")} | {scene.desk.settings.org_name}
    return {text for text in texts if DEVANAGARI.search(text)} - ours


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
