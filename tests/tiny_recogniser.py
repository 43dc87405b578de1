"""A recogniser so small that a test can make it, and the speech it understands: each character is a chord.

`make_model` writes an ONNX model and its tokens as sherpa-onnx loads them (raw samples in, logits of 20 ms
frames out, blank 0); `say` speaks text as OGG/Opus. What is said is heard letter by letter, through the real
codec and the real sherpa-onnx.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bot.media.waveform import FRAME, RATE, Sound

ON, OFF = 3, 2
"""Frames that a character sounds, and the silence after it."""
BLANK = 0.7
"""A character is heard in a frame when its two tones hold more than this share of the frame's power."""


LONELY = 10.0
"""`make_model(…, hangs=True)` never ends a note whose peak is so many times its spread: `lonely` is one."""


def make_model(folder: Path, alphabet: str, hangs: bool = False) -> Path:
    """Write model.onnx and tokens.txt for the characters of `alphabet` into the folder, which it returns."""
    folder.mkdir(parents=True, exist_ok=True)
    characters = sorted(set(alphabet))
    count = len(characters)
    node = helper.make_node
    nodes = [
        *(_hanging() if hangs else [node("Identity", ["x"], ["note"])]),
        node("Unsqueeze", ["note", "axis"], ["sound"]),
        node("Conv", ["sound", "waves"], ["parts"], strides=[FRAME]),
        node("Mul", ["parts", "parts"], ["squares"]),
        node("Conv", ["squares", "shares"], ["powers"]),
        node("Mul", ["sound", "sound"], ["sound2"]),
        node("Conv", ["sound2", "ones"], ["whole"], strides=[FRAME]),
        node("Add", ["whole", "hush"], ["energy"]),
        node("Div", ["powers", "energy"], ["heard"]),
        node("Add", ["heard", "blank"], ["scores"]),
        node("Transpose", ["scores"], ["logits"], perm=[0, 2, 1]),
    ]
    write_model(folder, nodes, _constants(characters), [1, "frames", count + 1])
    lines = [f"{token} {number}\n" for number, token in enumerate(["<blk>", *characters])]
    (folder / "tokens.txt").write_text("".join(lines), encoding="utf-8")
    return folder


def _constants(characters: list[str]) -> dict[str, np.ndarray]:
    """The waves of all tones, and which of their powers make up which character's share of a frame."""
    tones = np.array([tone for character in characters for tone in chord(character)])
    angles = 2 * np.pi * tones[:, None] * np.arange(FRAME) / RATE
    count = len(characters)
    shares = np.zeros((count + 1, 4 * count, 1), np.float32)
    for number in range(count):
        for tone in (2 * number, 2 * number + 1):
            shares[number + 1, [tone, tone + 2 * count], 0] = 2 / FRAME
    blank = np.zeros((1, count + 1, 1), np.float32)
    blank[0, 0, 0] = BLANK
    return {
        "axis": np.array([1], np.int64),
        "waves": np.concatenate([np.cos(angles), np.sin(angles)])[:, None, :].astype(np.float32),
        "shares": shares,
        "ones": np.ones((1, 1, FRAME), np.float32),
        "hush": np.float32(1),
        "blank": blank,
        "lonely": np.float32(LONELY),
        "for_ever": np.int64(2**62),
        "yes": np.array(True),
    }


def _hanging() -> list[onnx.NodeProto]:
    """Nodes that hand the note on, a lonely sound only after 2 ** 62 rounds."""
    node, value = helper.make_node, helper.make_tensor_value_info
    body = helper.make_graph(
        [node("Identity", ["on"], ["still_on"]), node("Neg", ["given"], ["turned"])],
        "round",
        [
            value("number", TensorProto.INT64, []),
            value("on", TensorProto.BOOL, []),
            value("given", TensorProto.FLOAT, None),
        ],
        [value("still_on", TensorProto.BOOL, []), value("turned", TensorProto.FLOAT, None)],
    )
    return [
        node("ReduceMax", ["x"], ["peak"], keepdims=0),
        node("Greater", ["peak", "lonely"], ["is_lonely"]),
        node("Cast", ["is_lonely"], ["once"], to=TensorProto.INT64),
        node("Mul", ["once", "for_ever"], ["rounds"]),
        node("Loop", ["rounds", "yes", "x"], ["note"], body=body),
    ]


def write_model(
    folder: Path, nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], shape: list[int | str]
) -> None:
    """Write model.onnx: raw samples `x` (1, N) in, `logits` of this shape out."""
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, "samples"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.save(model, folder / "model.onnx")


def say(text: str) -> bytes:
    """The text as an OGG/Opus voice note. Printable ASCII and Devanagari can be said.

    Opus is told to treat it as music, not as speech: its model of a voice has no room for chords.
    """
    kept = BytesIO()
    with av.open(kept, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono", options={"application": "lowdelay"})
        stream.bit_rate = 24_000
        samples = (spoken(text) * 32767).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return kept.getvalue()


def spoken(text: str) -> Sound:
    """The text as sound, with a fifth of a second of silence around it."""
    moments = np.arange(FRAME * ON) / RATE
    silence = np.zeros(RATE // 5)
    parts = [silence]
    for character in text:
        low, high = (np.sin(2 * np.pi * tone * moments) for tone in chord(character))
        parts += [0.2 * (low + high), np.zeros(FRAME * OFF)]
    return np.concatenate([*parts, silence]).astype(np.float32)


def lonely() -> Sound:
    """A short hum in a long silence: no silent note, and the end of a model that hangs."""
    sound = np.zeros(30 * RATE, np.float32)
    sound[: RATE * 35 // 100] = 0.3 * np.sin(np.arange(RATE * 35 // 100) * 0.1)
    return sound


def chord(character: str) -> tuple[int, int]:
    """Its two tones in Hz: multiples of the frame rate, so that no two disturb each other in a frame."""
    code = ord(character)
    if not (0x20 <= code < 0x80 or 0x900 <= code < 0x980):
        raise ValueError(f"cannot say {character!r}")
    row, column = divmod(code - 0x20 if code < 0x80 else code - 0x900 + 0x60, 16)
    return 400 + 150 * row, 3100 + 150 * column
