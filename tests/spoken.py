"""Hindi speech by espeak-ng in a process of its own: `python -m tests.spoken TEXT` writes its samples."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from functools import cache
from pathlib import Path

import av
import espeakng_loader
import numpy as np

from bot.media.waveform import RATE, Sound

SYNCHRONOUS, UTF8 = 2, 1
SPOKEN_RATE = 22_050


@cache
def speech(text: str) -> Sound:
    """The text as a Hindi voice says it, its loudest sample at half of full scale."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.spoken", text],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
    )
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(done.stdout, "<i2")[None, :], format="s16", layout="mono"
    )
    frame.rate = SPOKEN_RATE
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts = [piece.to_ndarray().ravel() for given in (frame, None) for piece in resampler.resample(given)]
    sound = np.concatenate(parts).astype(np.float32)
    return sound * np.float32(0.5 / np.abs(sound).max())


def main(text: str) -> None:
    """Write the samples, 16 bits at SPOKEN_RATE, to standard output."""
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    assert espeak.espeak_Initialize(SYNCHRONOUS, 0, data, 0) == SPOKEN_RATE
    samples = bytearray()

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def take(wave: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if wave:
            samples.extend(ctypes.string_at(wave, 2 * count))
        return 0

    espeak.espeak_SetSynthCallback(take)
    assert espeak.espeak_SetVoiceByName(b"hi") == 0
    words = text.encode()
    assert espeak.espeak_Synth(words, len(words) + 1, 0, 0, 0, UTF8, None, None) == 0
    sys.stdout.buffer.write(samples)


if __name__ == "__main__":
    main(sys.argv[1])
