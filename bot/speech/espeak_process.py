"""A program of its own: reads a text from standard input and writes it, spoken, as WAV to standard output.

    python espeak_process.py VOICE WORDS_A_MINUTE LONGEST_S < text > sound.wav

espeak-ng (GPL-3) is loaded here and nowhere else. It is not thread-safe, and only in a fresh process does
the same text give the same bytes: so each text has its own process, which knows nothing of the service.
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
import wave
from pathlib import Path

import espeakng_loader

SYNCHRONOUS, DONT_EXIT = 2, 0x8000
RATE_PARAMETER, BY_CHARACTER, UTF_8 = 1, 1, 1
PATIENCE_S = 10
"""After this the process ends by itself: whoever waited for it is gone."""

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def speak(text: bytes, voice: str, words_a_minute: int, longest_s: float) -> tuple[bytes, int]:
    """16-bit samples, at most `longest_s` seconds, and their rate; OSError if espeak-ng refuses."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    # A path of more than about 160 letters would be cut off without a word: the data is found from here.
    os.chdir(Path(espeakng_loader.get_data_path()).parent)
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, b".", DONT_EXIT)
    if rate <= 0:
        raise OSError("espeak-ng did not start")
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise OSError(f"espeak-ng has no voice {voice}")
    if library.espeak_SetParameter(RATE_PARAMETER, words_a_minute, 0) != 0:
        raise OSError("espeak-ng does not take this speed")
    spoken = bytearray()
    most = int(longest_s * rate) * 2

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: object) -> int:
        if samples and count > 0:
            spoken.extend(ctypes.string_at(samples, count * 2))
        return int(len(spoken) >= most)

    callback = CALLBACK(take)  # kept by this name while espeak-ng calls it
    library.espeak_SetSynthCallback(callback)
    size = ctypes.c_size_t(len(text) + 1)
    if library.espeak_Synth(text, size, 0, BY_CHARACTER, 0, UTF_8, None, None) != 0:
        raise OSError("espeak-ng did not speak")
    return bytes(spoken[:most]), rate


def main(voice: str, words_a_minute: str, longest_s: str) -> None:
    """Speak what is on standard input; the reason is on standard error if that fails."""
    signal.alarm(PATIENCE_S)
    samples, rate = speak(sys.stdin.buffer.read(), voice, int(words_a_minute), float(longest_s))
    if not samples:
        raise OSError("espeak-ng said nothing")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples)
    sys.stdout.buffer.write(file.getvalue())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:
        sys.exit(str(error))
