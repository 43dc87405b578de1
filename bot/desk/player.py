"""Sound in the person's ear: the note as a plain WAV file, played by whatever player this machine has."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import av
import numpy as np

from bot.media.audio import decode

HERTZ = 16_000
"""What `decode` gives."""
PLAYERS = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "quiet"),
    ("mpv", "--no-video", "--really-quiet"),
    ("play", "-q"),
    ("aplay", "-q"),
    ("paplay",),
)


class Player:
    """The first of PLAYERS on this machine; `found` is False without any."""

    def __init__(self) -> None:
        self._command = next((command for command in PLAYERS if shutil.which(command[0])), None)
        self._playing: subprocess.Popen[bytes] | None = None

    @property
    def found(self) -> bool:
        return self._command is not None

    def play(self, path: Path) -> None:
        """Start from the beginning, in the background: one may type while listening."""
        self.stop()
        if self._command:
            nothing = subprocess.DEVNULL
            self._playing = subprocess.Popen(
                [*self._command, str(path)], stdin=nothing, stdout=nothing, stderr=nothing
            )

    def stop(self) -> None:
        """Silence."""
        if self._playing:
            self._playing.terminate()
            self._playing.wait()
            self._playing = None


def listenable(data: bytes, path: Path) -> Path:
    """Write the sound as WAV, which every player plays; one that cannot be decoded is written as it is."""
    try:
        sound = decode(data)
    except (av.FFmpegError, ValueError, IndexError, MemoryError):
        path.write_bytes(data)
        return path
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HERTZ)
        file.writeframes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())
    return path
