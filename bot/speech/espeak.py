"""The built-in voice: espeak-ng in a process of its own (`espeak_process.py`), a fresh one for each text."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import wave
from importlib.metadata import version
from pathlib import Path

import av
import numpy as np
import structlog

from bot import metrics
from bot.media.audio import CAP_S
from bot.media.waveform import RATE, Sound

log = structlog.get_logger(__name__)
PROGRAM: tuple[str, ...] = (sys.executable, "-I", str(Path(__file__).with_name("espeak_process.py")))
VOICE = "hi"
"""Nobody makes a Chhattisgarhi or Halbi voice; the letters are the same and the sounds are near."""
WORDS_A_MINUTE = 140
"""As espeak-ng counts; of our texts it then says about 130 in a minute, pauses included."""
PATIENCE_S = 5.0
TRIES = 2

# How the Hindi voice must see a word to say it as it is said here: it knows neither `मं` (in) nor the ending
# of "I am, I do", and puts an n behind a chandrabindu (`गाँव`: ganv).
_WORD = re.compile("[\u0900-\u0963\u0971-\u097f]+")
_WHOLE = {"मं": "म", "अँव": "औं"}
_I_DO = re.compile("(?<=[क-ह])ँव$")


class Mute(Exception):
    """espeak-ng gave no sound, also when asked again."""


def about() -> str:
    """Everything beside the text that decides how it sounds."""
    return f"espeak-ng {version('espeakng-loader')} {VOICE} {WORDS_A_MINUTE}"


def as_read(words: str) -> str:
    """The same words in the spelling that this voice reads rightly."""
    return _WORD.sub(lambda word: _respelled(word[0]), words)


def _respelled(word: str) -> str:
    return _WHOLE.get(word) or _I_DO.sub("ौं", word).replace("ँ", "ं")


def say(text: str) -> Sound:
    """A text in the voice's spelling as sound, at most CAP_S seconds at 16 kHz; raises Mute."""
    for attempt in range(1, TRIES + 1):
        try:
            return _samples(_run(text.encode()))
        except (OSError, EOFError, wave.Error, subprocess.SubprocessError) as error:
            # What was to be said is hers and no word of it is told: only how it went wrong.
            log.warning("voice_failed", attempt=attempt, error=type(error).__name__, reason=_reason(error))
    metrics.FAILURES.labels("espeak", "mute").inc()
    raise Mute


def _run(text: bytes) -> bytes:
    command = [*PROGRAM, VOICE, str(WORDS_A_MINUTE), str(CAP_S)]
    return subprocess.run(command, input=text, capture_output=True, timeout=PATIENCE_S, check=True).stdout


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said = error.stderr.decode(errors="replace").strip().splitlines()
        return f"status {error.returncode}: {said[-1] if said else ''}"[:200]
    return "no answer in time" if isinstance(error, subprocess.TimeoutExpired) else ""


def _samples(file: bytes) -> Sound:
    """The WAV file as we keep sound; wave.Error or EOFError if it is none."""
    with wave.open(io.BytesIO(file)) as sound:
        rate, data = sound.getframerate(), sound.readframes(sound.getnframes())
    frame = av.AudioFrame.from_ndarray(np.frombuffer(data, "<i2")[None, :], format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    pieces = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([piece.to_ndarray().ravel() for piece in pieces]).astype(np.float32)
