"""The process that holds the model: sound in on standard input, a JSON line of words out on standard output.

`python -m bot.speech.sherpa_process MODEL TOKENS THREADS MEMORY LOAD_S PIECE_S`. It says `{}` once the model
is loaded. A piece is the number of its bytes in eight bytes, little-endian, then samples as 32-bit floats at
16 kHz. It ends when standard input does, so also with whoever started it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from typing import Any

import numpy as np

from bot.media.waveform import RATE


def main(model: str, tokens: str, threads: int, memory: int, load_s: int, piece_s: int) -> None:
    """Load, then answer until there is nothing more to hear."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the worker that is told to end finishes its note first
    # Who would stop us when we hang may be dead; a core file would hold what she said.
    signal.alarm(load_s)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError):  # not every system has this limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # What the libraries print must not come between our lines.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    recogniser = _load(model, tokens, threads)
    _say(answers, {})
    while size := int.from_bytes(sys.stdin.buffer.read(8), "little"):
        signal.alarm(piece_s)
        sound = np.frombuffer(sys.stdin.buffer.read(size), "<f4")
        stream = recogniser.create_stream()
        stream.accept_waveform(RATE, sound)
        recogniser.decode_stream(stream)
        _say(answers, {"text": stream.result.text})


def _load(model: str, tokens: str, threads: int) -> Any:
    from sherpa_onnx import OfflineRecognizer

    return OfflineRecognizer.from_omnilingual_asr_ctc(model=model, tokens=tokens, num_threads=threads)


def _say(answers: Any, answer: dict[str, str]) -> None:
    signal.alarm(0)
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *(int(number) for number in sys.argv[3:]))
