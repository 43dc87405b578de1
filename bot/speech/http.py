"""A voice note to text by a service elsewhere: one call in the form of docs/speech.md."""

from __future__ import annotations

import base64
import json
import wave
from collections.abc import Callable
from io import BytesIO
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests

from bot.media.waveform import RATE, Sound
from bot.speech.hearing import Heard, Note, NotHeard

TIMEOUT_S = (4.0, 30.0)
WHOLE_S = 45.0
MAX_ANSWER = 64 * 1024
MAX_TEXT = 8_000
"""Two minutes of the fastest speech are a third of it."""
AGAIN = {408, 425, 429}


class Service:
    """Posts each note to `url` with the bearer token `token`."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._auth = _bearer(token)
        self._session = requests.Session()
        self._by = f"http:{urlsplit(url).hostname}"

    def hear(self, note: Note) -> Heard:
        """What the service heard; its silence and its 5xx may pass, a wrong answer does not."""
        try:
            body = self._post(note)
        except (
            requests.RequestException,
            ValueError,
        ) as error:  # a token that no header holds is a ValueError
            raise NotHeard(type(error).__name__, again=True) from None
        text, confidence = _checked(body)
        return Heard(text, confidence, self._by)

    def _post(self, note: Note) -> bytes:
        deadline = monotonic() + WHOLE_S
        with self._session.post(
            self._url,
            json=question(note),
            auth=self._auth,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=TIMEOUT_S,
            allow_redirects=False,  # what she said goes to nobody else
            stream=True,
        ) as answer:
            status = answer.status_code
            if status != 200:
                raise NotHeard(f"http-{status}", again=status >= 500 or status in AGAIN)
            return _body(answer, deadline)

    def close(self) -> None:
        """End its connections."""
        self._session.close()


def question(note: Note) -> dict[str, Any]:
    """The JSON of one call."""
    return {
        "id": note.id,
        "language": note.language,
        "asks": note.asks,
        "audio": base64.b64encode(_wav(note.sound)).decode(),
    }


def _wav(sound: Sound) -> bytes:
    kept = BytesIO()
    with wave.open(kept, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    return kept.getvalue()


def _body(answer: requests.Response, deadline: float) -> bytes:
    """At most MAX_ANSWER bytes, by the deadline: taken one by one, or a slow drip would never be seen."""
    body = bytearray()
    for byte in answer.iter_content(1):
        body += byte
        if len(body) > MAX_ANSWER:
            raise NotHeard("the answer is too large")
        if monotonic() > deadline:
            raise NotHeard("too slow", again=True)
    return bytes(body)


def _checked(body: bytes) -> tuple[str, float | None]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise NotHeard("the answer is not JSON") from None
    if not isinstance(answer, dict):
        raise NotHeard("the answer is no object")
    text, confidence = answer.get("text"), answer.get("confidence")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise NotHeard("`text` of the answer is no text, or too long")
    if confidence is not None:
        if (
            isinstance(confidence, bool)
            or not isinstance(confidence, int | float)
            or not 0 <= confidence <= 1
        ):
            raise NotHeard("`confidence` of the answer is no number from 0 to 1")
        confidence = float(confidence)
    return text.strip(), confidence


def _bearer(token: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """The credentials of each call; given so, those of a .netrc never take their place."""

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign
