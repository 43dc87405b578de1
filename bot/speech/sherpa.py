"""An Omnilingual model on this machine, run by sherpa-onnx in processes of their own.

A model can end its whole process, hang, or take all memory: then it costs the note in hand and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.media.pauses import pieces
from bot.media.waveform import Sound
from bot.settings import ROOT
from bot.speech.hearing import Heard, Note, NotHeard

LONGEST_S = 38.0
"""The model takes clips of less than 40 seconds."""
LOAD_S, PIECE_S = 120, 120
"""The seconds that loading, and hearing one piece, may take."""
MEMORY = 3 << 30
"""Bytes of address space for a process, beside four times the size of its model."""
MAX_ANSWER = 1 << 20


class Sherpa:
    """Keeps up to `at_once` processes with the model of `folder` (model*.onnx and tokens.txt) loaded."""

    def __init__(self, folder: Path, at_once: int = 1) -> None:
        self._folder = folder.resolve()
        self._threads = max(1, (os.cpu_count() or 1) // at_once)
        self._idle: list[_Process] = []

    def hear(self, note: Note) -> Heard:
        """The words of the note. It does not say how sure it is: sherpa gives no probabilities for CTC."""
        process = self._take()
        try:
            words = [process.hear(piece) for piece in pieces(note.sound, LONGEST_S)]
        except BaseException:
            process.end()
            raise
        self._idle.append(process)
        return Heard(" ".join(filter(None, words)), None, f"sherpa:{self._folder.name}")

    def close(self) -> None:
        """End the idle processes."""
        for process in self._waiting():
            process.end()

    def _waiting(self) -> Iterator[_Process]:
        """Idle processes, each taken from the others; two threads never get the same."""
        with suppress(IndexError):
            while True:
                yield self._idle.pop()

    def _take(self) -> _Process:
        for process in self._waiting():
            if process.lives:
                return process
            process.end()
        try:
            return _Process(*_files(self._folder), self._threads)
        except OSError as error:
            raise NotHeard(f"the model's process did not start: {type(error).__name__}") from None


def _files(folder: Path) -> tuple[Path, Path]:
    """The model and its tokens. Missing tokens load without a word and then give none."""
    models = sorted(folder.glob("model*.onnx"))
    tokens = folder / "tokens.txt"
    if not models or not models[0].stat().st_size:
        raise NotHeard("no model*.onnx in TRANSCRIBER_MODEL")
    if not tokens.is_file() or not tokens.stat().st_size:
        raise NotHeard("no tokens.txt in TRANSCRIBER_MODEL")
    return models[0], tokens


class _Process:
    """One process with the model loaded; each failure raises NotHeard and leaves it to be ended."""

    def __init__(self, model: Path, tokens: Path, threads: int) -> None:
        memory = MEMORY + 4 * model.stat().st_size
        limits = [str(number) for number in (threads, memory, LOAD_S, PIECE_S)]
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bot.speech.sherpa_process",
                str(model),
                str(tokens),
                *limits,
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the worker, which finishes its note
        )
        try:
            self._ask(b"", LOAD_S)
        except BaseException:
            self.end()
            raise

    @property
    def lives(self) -> bool:
        """Is it still there?"""
        return self._process.poll() is None

    def hear(self, sound: Sound) -> str:
        """The words of one piece."""
        data = sound.astype("<f4").tobytes()
        answer = self._ask(len(data).to_bytes(8, "little") + data, PIECE_S)
        return str(answer["text"]).strip()

    def end(self) -> None:
        """Kill it: it keeps nothing."""
        self._process.kill()
        with suppress(OSError), self._process:  # closes its pipes, which may hold unsent sound, and waits
            pass

    def _ask(self, data: bytes, limit_s: float) -> Any:
        """Send bytes and wait for its line; a process that takes too long is killed."""
        began = time.monotonic()
        clock = threading.Timer(limit_s, self._process.kill)
        clock.daemon = True
        clock.start()
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
            line = self._process.stdout.readline(MAX_ANSWER)
        except OSError:
            line = b""
        finally:
            clock.cancel()
        if not line.endswith(b"\n"):
            slow = time.monotonic() - began >= limit_s
            raise NotHeard("the model's process took too long" if slow else "the model's process died")
        return json.loads(line)
