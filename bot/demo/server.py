"""The service of the demo: `app.py serve` as it always runs, with secrets of this one run."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path

import requests

from bot.settings import ROOT, Settings

STOP_S = 20.0


class DemoFailed(Exception):
    """Something did not happen in time; the message says what."""


def rehearsal(settings: Settings, folder: Path, carrier_url: str, account: str, token: str) -> Settings:
    """Settings of a service beside this one: nothing of the real one's is used but what was asked for.

    Database and media are files in `folder` unless the environment names others.
    """
    untouched = Settings.from_environment({"VAR_DIR": settings.var_dir})
    own = Settings.from_environment({"VAR_DIR": str(folder)})
    given = settings.database_url != untouched.database_url
    return replace(
        settings,
        database_url=settings.database_url if given else own.database_url,
        media_url=settings.media_url if settings.media_url != untouched.media_url else own.media_url,
        var_dir=str(folder),
        public_url=f"http://127.0.0.1:{_free_port()}",
        secret_key=secrets.token_hex(16),
        api_token=secrets.token_hex(16),
        twilio_account_sid=account,
        twilio_auth_token=token,
        twilio_whatsapp_from="whatsapp:+919999900000",
        twilio_base_url=carrier_url,
        transcriber="desk",
        simulator=False,
        album_settle_s=1.0,
    )


@contextmanager
def serving(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Web and worker in processes of their own until the end of the block; what they log goes to `log`."""
    ours = {field.name.upper(): getattr(settings, field.name) for field in fields(settings)}
    environment = os.environ | {name: _as_text(value) for name, value in ours.items()}
    port = settings.public_url.rpartition(":")[2]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "serve", "--port", port],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def is_ready(settings: Settings) -> bool:
    """Does the service answer, with its tables and its flows?"""
    with requests.Session() as session:
        session.trust_env = False  # it runs on this machine: no proxy stands between
        try:
            return session.get(settings.public_url + "/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False


def _as_text(value: object) -> str:
    return ("1" if value else "") if isinstance(value, bool) else str(value)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
