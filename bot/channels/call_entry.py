"""A carrier of calls as its entry of call_providers.yml describes it, read strictly."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.channels.gateway_entry import Setting, Text, read_entries
from bot.engine.documents import BadDocuments

FILE = Path(__file__).with_name("call_providers.yml")
FILLED = {"base", "account", "number", "flow", "to", "voice", "ended"}
"""What may stand in { } in `ring`."""
WAYS = ("choose", "number", "speak", "wait", "hold", "end")
_BRACES = re.compile(r"\{(\w*)\}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Ring(_Part):
    """How a call is placed: a form with a name and a secret; `id` is a dotted path into its JSON answer."""

    url: Text
    user: Setting
    secret: Setting
    fields: dict[str, str]
    id: Text

    @model_validator(mode="after")
    def _filled(self) -> Ring:
        unknown = set(_BRACES.findall(" ".join([self.url, *self.fields.values()]))) - FILLED
        if unknown:
            raise ValueError(f"nobody fills {{{min(unknown)}}}")
        return self


class Hears(_Part):
    """Names of the fields of its calls to us, empty for what it does not tell.

    `incoming` are the words in `direction` for a call to us; without a `direction` every call is one.
    """

    call: Text
    number: Text
    keys: str
    recording: str
    status: str
    direction: str
    incoming: list[Text]
    endings: dict[str, Literal["delivered", "undelivered", "failed"]]


class Answer(_Part):
    """`json` or plain `text`."""

    json_: Annotated[dict[str, Any] | None, Field(alias="json")] = None
    text: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Answer:
        if (self.json_ is None) == (self.text is None):
            raise ValueError("needs `json` or `text`")
        return self


class Prompt(_Part):
    """How a sound is named, and how words are handed over to be spoken."""

    sound: dict[str, str]
    text: dict[str, str]


class Says(_Part):
    """What its flow gets: at `next` which way to go, at `ask` what to say there."""

    prompt: Prompt
    next: dict[str, Answer]
    ask: dict[str, Answer]

    @model_validator(mode="after")
    def _whole(self) -> Says:
        for name in ("next", "ask"):
            missing = set(WAYS) ^ set(getattr(self, name))
            if missing:
                raise ValueError(
                    f"`{name}` needs exactly {', '.join(WAYS)}, see {', '.join(sorted(missing))}"
                )
        return self


class Entry(_Part):
    """One carrier. `needs` are the settings without which it cannot work. Without `ring` it rings nobody."""

    about: Text
    needs: list[Setting]
    ring: Ring | None = None
    hears: Hears | None = None
    says: Says | None = None

    @model_validator(mode="after")
    def _needs(self) -> Entry:
        used = [self.ring.user, self.ring.secret] if self.ring else []
        missing = [name for name in used if name not in self.needs]
        if missing:
            raise ValueError(f"uses {', '.join(missing)}, which `needs` does not name")
        return self


@cache
def entries(file: Path = FILE) -> dict[str, Entry]:
    """Every entry by its name; BadDocuments with every mistake, each at its line."""
    return read_entries(file, Entry)


def call_problems(root: Path) -> list[str]:
    """What is wrong in the data file, as `file:line: what`."""
    try:
        entries(root / "bot" / "channels" / FILE.name)
    except BadDocuments as error:
        return [str(problem).replace(f"{root}/", "") for problem in error.problems]
    return []
