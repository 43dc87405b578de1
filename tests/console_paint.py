"""How soon a page of the console can be read on a slow line: `python -m tests.console_paint`.

Chromium's own brake: 1.6 Mbit/s and 150 ms for each answer, a browser that has kept nothing.
"""

from __future__ import annotations

import logging
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import Page

from models.database import connect, migrate
from tests.conftest import Clock
from tests.console_scene import ADMIN, NEW, REP, Scene, come_in
from tests.live_console import PHONE, chromium, served

SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
TIMES = 3


def first_paint(page: Page) -> int:
    """Milliseconds from the call to the first words of the page that is open, loaded again from nothing."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(page.url, wait_until="load")
    page.wait_for_timeout(300)
    found = round(page.evaluate(FIRST))
    line.send("Network.setCacheDisabled", {"cacheDisabled": False})
    line.detach()
    return found


def main() -> None:
    with TemporaryDirectory() as folder, chromium() as browser:
        db = connect(f"sqlite:///{folder}/test.db")
        migrate(db)
        scene = Scene(db, Clock(), Path(folder))
        with served(scene.desk) as address:
            looking = {who: browser.new_context(viewport=PHONE).new_page() for who in (None, REP, ADMIN, NEW)}
            for who in (REP, ADMIN, NEW):
                come_in(looking[who], address, who)
            for name, (who, go) in scene.pages().items():
                go(looking[who], address)
                if name == "call":  # the answer of a form; it cannot be fetched again
                    continue
                took = sorted(first_paint(looking[who]) for _ in range(TIMES))
                print(f"{name:15} {median(took)} ms ({took[0]}–{took[-1]})", flush=True)
        db.dispose()


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    main()
