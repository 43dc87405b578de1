"""What a refusal or a failure means and what comes next: the table send_errors.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from ruamel.yaml import YAML

FILE = Path(__file__).with_name("send_errors.yml")
Next = Literal["retry", "next_step", "window_closed", "not_on_whatsapp", "stop", "rep"]


@dataclass(frozen=True, slots=True)
class SendErrors:
    """`codes`: (meaning, what comes next) by the provider's code; `silence` by the class of a letter."""

    codes: Mapping[str, tuple[str, Next]]
    silence: Mapping[str, timedelta]

    def next(self, code: str) -> Next:
        """What comes after this code; of an unknown one the next step."""
        return self.codes[code][1] if code in self.codes else "next_step"

    def means(self, code: str) -> str:
        """The meaning in words; of an unknown code the code itself."""
        return self.codes[code][0] if code in self.codes else code


@cache
def send_errors() -> SendErrors:
    """The table as it is shipped; ValueError for a line that is none."""
    body = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
    codes = {str(code): (str(entry["means"]), entry["next"]) for code, entry in body["codes"].items()}
    wrong = [code for code, (_, then) in codes.items() if then not in get_args(Next)]
    if wrong:
        raise ValueError(f"{FILE.name}: {', '.join(wrong)}: `next` must be one of {get_args(Next)}")
    silence = {str(name): timedelta(hours=hours) for name, hours in body["silence_hours"].items()}
    return SendErrors(codes, silence)
