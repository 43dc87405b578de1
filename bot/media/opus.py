"""Sound → OGG/Opus, mono at 16 kHz: small enough for a phone on a weak line, the same bytes each time."""

from __future__ import annotations

from io import BytesIO

import av
import numpy as np

from bot.media.waveform import RATE, Sound

SMALL = 28_000
"""Bytes that a prompt gets if speech stays clear in them: 14 s at the best rate, 28 s at the lowest."""
BEST, LOWEST = 16_000, 8_000
"""Bits a second."""


def prompt_rate(sound: Sound) -> int:
    """Bits a second for a prompt: the longer it is, the fewer."""
    return int(min(BEST, max(LOWEST, SMALL * 8 * RATE / max(sound.size, 1))))


def encode(sound: Sound, bit_rate: int) -> bytes:
    """The sound, -1 to 1, as a file; the same sound gives the same bytes."""
    samples = np.clip(np.rint(sound * 32767), -32768, 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    file = BytesIO()
    # Without `bitexact` each file would get a number of its own drawn by lot.
    with av.open(file, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        options = {"application": "voip", "frame_duration": "60", "compression_level": "5"}
        stream = container.add_stream("libopus", rate=RATE, layout="mono", options=options)
        stream.bit_rate = bit_rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
