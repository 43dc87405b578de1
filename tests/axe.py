"""axe-core in a page of the browser: what stands in the way of people who cannot see, hear or point well."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from playwright.sync_api import Page

VERSION = "4.14.1"
SERIOUS = ("serious", "critical")


@cache
def script() -> str:
    """axe-core's code, fetched once from the npm registry into this machine's temporary folder."""
    folder = Path(gettempdir()) / f"axe-core-{VERSION}"
    file = folder / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file():
        npm = shutil.which("npm")
        assert npm is not None, "npm is missing"
        command = [npm, "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([*command, f"axe-core@{VERSION}"], check=True, capture_output=True, timeout=300)
    return file.read_text()


def faults(page: Page) -> list[str]:
    """The serious faults of what is shown now: rule, place and how often."""
    # The page's own policy lets in no script but ours; evaluate() stands above it.
    page.evaluate(script())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']} ({fault['impact']}): {node['target']}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]
