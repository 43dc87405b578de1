"""An SMS gateway as its entry of gateways.yml describes it: read strictly, every mistake with its line."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from bot.channels.base import FINAL, LADDER
from bot.engine.documents import BadDocuments, Problem, read_yaml
from bot.settings import Settings

FILE = Path(__file__).with_name("gateways.yml")
FILLED = {
    *("account", "user", "token", "sender", "entity"),
    *("template", "to", "text", "encoding", "callback"),
}
"""What may stand in { } in `url` and `fields`."""
GUARDS = {"key": "SMS_WEBHOOK_KEY", "addresses": "SMS_ADDRESSES"}
"""How a call proves whose it is, and the setting that this takes."""
SETTINGS = {spec.name.upper() for spec in fields(Settings)}
NAME = re.compile(r"[a-z0-9_]{2,32}")
_BRACES = re.compile(r"\{(\w*)\}")

Text = Annotated[str, StringConstraints(min_length=1)]
Model = TypeVar("Model", bound=BaseModel)


def _setting(name: str) -> str:
    if name not in SETTINGS:
        raise ValueError(f"{name!r} is no setting")
    return name


def _state(word: str) -> str:
    if word not in (*LADDER, *FINAL):
        raise ValueError(f"{word!r} is not one of {', '.join((*LADDER, *FINAL))}")
    return word


Setting = Annotated[str, AfterValidator(_setting)]
State = Annotated[str, AfterValidator(_state)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Auth(_Part):
    """`user` and `secret` name settings; `name` is the header or parameter that takes the secret."""

    kind: Literal["basic", "bearer", "header", "query", "none"]
    user: Setting | None = None
    secret: Setting | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Auth:
        wanted = {"basic": {"user", "secret"}, "bearer": {"secret"}, "none": set()}
        given = {name for name in ("user", "secret", "name") if getattr(self, name)}
        if given != wanted.get(self.kind, {"name", "secret"}):
            raise ValueError(f"{self.kind} takes {sorted(wanted.get(self.kind, {'name', 'secret'}))}")
        return self


class Words(_Part):
    """One of `words` in this field."""

    field: Text
    words: list[Text]


class JsonAnswer(_Part):
    """Dotted paths into the answer; `retry` are the codes after which the same call may work later."""

    kind: Literal["json"]
    id: Text
    taken: Words
    code: Text
    retry: list[Text]


class TextAnswer(_Part):
    """Patterns with the groups `id` and `code`."""

    kind: Literal["text"]
    taken: re.Pattern[str]
    refused: re.Pattern[str]
    retry: list[Text]

    @model_validator(mode="after")
    def _groups(self) -> TextAnswer:
        if "id" not in self.taken.groupindex or "code" not in self.refused.groupindex:
            raise ValueError("`taken` needs the group (?P<id>…), `refused` the group (?P<code>…)")
        return self


class Sending(_Part):
    """One call a message; `fields` may nest. An empty `url` is SMS_URL's."""

    url: str
    method: Literal["GET", "POST"]
    body: Literal["form", "json", "query"]
    auth: Auth
    number: Literal["e164", "digits", "national"]
    plain: Text
    unicode: Text
    fields: dict[str, Any]
    answer: Annotated[JsonAnswer | TextAnswer, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _filled(self) -> Sending:
        names = set(_BRACES.findall(f"{self.url} {self.fields}"))
        if names - FILLED:
            raise ValueError(f"nobody fills {{{min(names - FILLED)}}}")
        if not {"to", "text"} <= names:
            raise ValueError("`fields` must hold {to} and {text}")
        return self


class Parts(_Part):
    """Fields of one part of a long message: which message, which part, of how many."""

    ref: Text
    number: Text
    total: Text


class Receiving(_Part):
    """Names of the fields of a message. `each` leads to the list of a call with several.

    `hex`: where this field holds one of the words, the text is UTF-16 in hexadecimal. Without an `id` of the
    gateway one is made of the sender, the text and `sent_at`, so that a repeat is known.
    """

    guard: Annotated[list[Literal["key", "addresses"]], Field(min_length=1)]
    format: Literal["form", "json"]
    each: str = ""
    id: str = ""
    sender: Text
    text: Text
    sent_at: str = ""
    hex: Words | None = None
    parts: Parts | None = None

    @model_validator(mode="after")
    def _repeats(self) -> Receiving:
        if not self.id and not self.sent_at:
            raise ValueError("needs `id` or `sent_at`: else a repeat is taken for a second message")
        return self


class Reporting(_Part):
    """Names of the fields of a delivery report; `words`, in small letters, lead to the states of ours.

    `retry` are the codes of failures that pass: such a message is sent once more.
    """

    format: Literal["form", "json"]
    each: str = ""
    id: Text
    status: Text
    code: Text
    words: Annotated[dict[str, State], Field(min_length=1)]
    retry: list[Text]


class Entry(_Part):
    """One gateway. `needs` are the settings without which it cannot work."""

    about: Text
    needs: list[Setting]
    send: Sending
    receive: Receiving
    report: Reporting

    @model_validator(mode="after")
    def _needs(self) -> Entry:
        used = [GUARDS[name] for name in self.receive.guard]
        used += [name for name in (self.send.auth.user, self.send.auth.secret) if name]
        used += [] if self.send.url else ["SMS_URL"]
        missing = [name for name in used if name not in self.needs]
        if missing:
            raise ValueError(f"uses {', '.join(missing)}, which `needs` does not name")
        return self


def load_entries(file: Path = FILE) -> dict[str, Entry]:
    """Every entry by its name; BadDocuments with every mistake, each at its line."""
    return read_entries(file, Entry)


def read_entries(file: Path, model: type[Model]) -> dict[str, Model]:
    """The entries of a data file, each read as `model`; BadDocuments as above."""
    entries: dict[str, Model] = {}
    problems: list[Problem] = []
    for name, given in (read_yaml(file) or {}).items():
        if not NAME.fullmatch(str(name)):
            problems.append(
                Problem(file, (name,), f"{name}: small letters, digits and _ only: it stands in URLs")
            )
        try:
            entries[str(name)] = model.model_validate(given)
        except ValidationError as error:
            problems += [_problem(file, str(name), each) for each in error.errors(include_url=False)]
    if problems:
        raise BadDocuments(problems)
    return entries


def _problem(file: Path, name: str, error: Any) -> Problem:
    where = (name, *error["loc"])
    return Problem(file, where, f"{'.'.join(map(str, where))}: {error['msg'].removeprefix('Value error, ')}")
