"""Sound in the forms that phones and strangers send it: containers, codecs, long, with pictures."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from io import BytesIO

import av
import numpy as np

from bot.media.speech_copy import encode
from bot.media.waveform import RATE, Sound
from tests.spoken import speech

SAID = "ये पीतल का हाथी है, आठ इंच ऊँचा"
FORMS: dict[str, tuple[str, str, int, str]] = {
    "ogg": ("ogg", "libopus", 16_000, "mono"),
    "ogg, 48 kHz stereo": ("ogg", "libopus", 48_000, "stereo"),
    "mp3": ("mp3", "libmp3lame", 44_100, "mono"),
    "aac": ("adts", "aac", 44_100, "stereo"),
    "m4a": ("ipod", "aac", 16_000, "mono"),
    "mp4": ("mp4", "aac", 48_000, "stereo"),
    "webm": ("webm", "libopus", 48_000, "mono"),
    "amr": ("amr", "libopencore_amrnb", 8_000, "mono"),
}
"""Container, codec, rate and channels: what WhatsApp records, forwards, and what old phones make."""


@cache
def form(name: str, seconds: float = 3.0, tags: tuple[tuple[str, str], ...] = ()) -> bytes:
    """Speech of so many seconds in one of FORMS, with these tags."""
    container, codec, rate, layout = FORMS[name]
    sound = np.resize(speech(SAID), int(seconds * RATE))
    kept = BytesIO()
    with av.open(kept, "w", format=container) as out:
        out.metadata.update(dict(tags))
        _add(out, out.add_stream(codec, rate=rate, layout=layout), sound)
    return kept.getvalue()


def film(with_sound: bool) -> bytes:
    """Three seconds of moving picture as MP4, with or without somebody speaking in it."""
    kept = BytesIO()
    with av.open(kept, "w", format="mp4") as out:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 320, 240, "yuv420p"
        stream = out.add_stream("aac", rate=RATE, layout="mono") if with_sound else None
        chance = np.random.default_rng(2)
        for _ in range(30):
            image = chance.integers(0, 255, (240, 320, 3), dtype=np.uint8)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(picture.encode(None))
        if stream:
            _add(out, stream, np.resize(speech(SAID), 3 * RATE))
    return kept.getvalue()


def for_hours(hours: float) -> bytes:
    """One minute of speech again and again, without encoding it anew."""
    minute = encode(np.resize(speech(SAID), 60 * RATE))
    with av.open(BytesIO(minute)) as source:
        packets = [bytes(packet) for packet in source.demux(audio=0) if packet.size]
        header = source.streams.audio[0].codec_context.extradata
    kept = BytesIO()
    with av.open(kept, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono")
        stream.codec_context.extradata = header
        for number in range(int(len(packets) * 60 * hours)):
            packet = av.Packet(packets[number % len(packets)])
            packet.stream, packet.time_base = stream, Fraction(60, len(packets))
            packet.pts = packet.dts = number
            packet.duration = 1
            out.mux(packet)
    return kept.getvalue()


def _add(out: av.container.OutputContainer, stream: av.AudioStream, sound: Sound) -> None:
    """Encode the sound in pieces of the size that its codec takes."""
    resampler = av.AudioResampler(
        format=stream.codec_context.format.name,
        layout=stream.codec_context.layout.name,
        rate=stream.codec_context.rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )
    frame = av.AudioFrame.from_ndarray(sound[None, :], format="flt", layout="mono")
    frame.rate = RATE
    for given in (frame, None):
        for piece in resampler.resample(given):
            out.mux(stream.encode(piece))
    out.mux(stream.encode(None))
