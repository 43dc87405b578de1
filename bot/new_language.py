"""`app.py new-language`: the files of a language that nobody has written yet, as a draft that works.

Every text is there as an empty slot below the text of the language it is like. An empty slot is said as in
that language, so the draft talks from its first minute, and each slot that is filled is said from then on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.language.languages import BASE, CODE, FILE, in_latin_letters, load_languages
from bot.language.latin import to_latin
from bot.language.lexicon import read_yaml

NOT_READ = "no native reader yet"
NEXT = """
{code} is a draft that talks like {like} until its texts are written. Next:
  1. locales/languages.yml: its name, also in plain letters.
  2. locales/{code}/responses.yml: write a text into each "", consent and prices first. Keep what is in {{ }}.
  3. words.yml, categories.yml, numbers.yml, lexicon.yml and intents.yml the same way.
  4. .venv/bin/python app.py check says how much is left; app.py chat --language {code} talks in it.
  5. `offered: true` when sellers may choose it; `status: complete` without `like` when nothing is left."""
"""What the command says when it is done."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")
_SHOWN = 6
"""So many examples of the other language stand above an empty list."""

Slot = Callable[[str], bool]
"""Whether the text under this key is a slot to fill; others are kept as they are."""


class Refused(Exception):
    """The language cannot be added; the message says why."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new language is called and which one it borrows from."""

    code: str
    name: str
    like: str


def add_language(locales: Path, draft: Draft) -> list[Path]:
    """Write the folder and the entry of a draft language; the paths that were written. Raises Refused."""
    languages = load_languages(locales)
    if not CODE.fullmatch(draft.code):
        raise Refused(
            f"{draft.code!r} is no code: two or three small letters (ISO 639), then -Latn or nothing"
        )
    if draft.code in languages or (locales / draft.code).exists():
        raise Refused(f"{draft.code} is there already")
    latin = in_latin_letters(draft.code)
    whole = [code for code, each in languages.items() if not each.draft and in_latin_letters(code) == latin]
    if draft.like not in whole:
        raise Refused(f"{draft.code} can be like one of: {', '.join(whole)}")
    folder = locales / draft.code
    written = {folder / f"{name}.yml": text for name, text in _files(locales, draft).items()}
    folder.mkdir()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    _enter(locales / FILE, draft)
    return [*written, locales / FILE]


def _files(locales: Path, draft: Draft) -> dict[str, str]:
    """The text of each file by its name."""

    def like(name: str) -> Any:
        own = locales / draft.like / f"{name}.yml"
        return YAML(typ="safe").load(own if own.exists() else locales / BASE / f"{name}.yml")

    head = f"# DRAFT: {draft.name} ({draft.code}). {NOT_READ.capitalize()}."
    said = f"{head} An empty text is said as in {draft.like}, which stands above it."
    heard = f"{head} Above each list: how people say it in {draft.like}."
    names = read_yaml(locales / "lexicon.yml")
    return {
        "responses": _document(said, _tree(like("responses"), lambda key: key in ("text", "title"))),
        "words": _document(said, _tree(like("words"), lambda key: key != "version")),
        "categories": _document(said, _tree(like("categories"), lambda key: key != "version")),
        "lexicon": _document(heard, _lists(_names(like("lexicon"), names))),
        "intents": _document(heard, _intents(like("intents"), draft)),
        "numbers": _document(_NUMBERS.format(head=head), _numbers(like("numbers"))),
    }


def _document(head: str, lines: Iterator[str]) -> str:
    return "\n".join([head, *lines, ""])


def _key(key: object) -> str:
    text = str(key)
    plain = isinstance(key, int) or _PLAIN_KEY.fullmatch(text)
    return text if plain else json.dumps(text, ensure_ascii=False)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tree(value: Mapping[Any, Any], slot: Slot, pad: str = "") -> Iterator[str]:
    """A mapping, every slot of it empty below a comment with the other language's text."""
    for key, item in value.items():
        if isinstance(item, dict):
            yield f"{pad}{_key(key)}:"
            yield from _tree(item, slot, pad + "  ")
        elif isinstance(item, list):
            yield f"{pad}{_key(key)}:"
            for entry in item:
                lines = list(_tree(entry, slot, pad + "    ")) if isinstance(entry, dict) else [_shown(entry)]
                yield from _entry(lines, pad + "  ")
        elif isinstance(item, str) and slot(str(key)):
            yield f"{pad}# {_shown(item)}"
            yield f'{pad}{_key(key)}: ""'
        else:
            yield f"{pad}{_key(key)}: {_shown(item)}"


def _entry(lines: list[str], pad: str) -> Iterator[str]:
    """The lines of one entry of a list: the first that is no comment gets the dash."""
    first = next(place for place, line in enumerate(lines) if not line.lstrip().startswith("#"))
    yield from (pad + line.lstrip() for line in lines[:first])
    yield f"{pad}- {lines[first].lstrip()}"
    yield from lines[first + 1 :]


def _lists(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Sections of empty lists, each below what it holds in the other language."""
    for section, entries in sections.items():
        yield f"{section}:"
        for key, known in entries.items():
            yield f"  # {_examples(known)}"
            yield f"  {_key(key)}: []"


def _examples(known: Any) -> str:
    # `a|b c?` is a short way to write several phrases; the plain ones are better examples.
    plain = [str(text) for text in known if not set("|?") & set(str(text))]
    return ", ".join((plain or [str(text) for text in known])[:_SHOWN])


def _names(like: Mapping[str, Any], ids: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each id of the lexicon the names in the other language, or the English one."""
    return {
        kind: {key: like.get(kind, {}).get(key) or [fact["en"]] for key, fact in entries.items()}
        for kind, entries in ids.items()
    }


def _intents(like: Mapping[str, Any], draft: Draft) -> Iterator[str]:
    """Phrases that steer a talk, the name of the language, and the words by which it is known."""
    yield from _lists({section: like.get(section, {}) for section in ("phrases", "slots")})
    yield "# How people ask for this language. It is taken only when languages.yml offers it."
    yield "languages:"
    yield f"  {_key(draft.code)}: [{_shown(draft.name)}]"
    yield "# Small words and verb endings that no other language here has. `light`: a hint only."
    yield "evidence:"
    base = draft.code.partition("-")[0]
    in_latin = (base, f"{base}_light")
    parts = in_latin if in_latin_letters(draft.code) else ("strong", "light", "endings")
    yield from (f"  {part}: []" for part in parts)


_NUMBERS = """{head}
# Above each line: how it is written in the language it is like. First what the bot says, then the same in
# plain letters, then other spellings. What is left empty is said as in that language.
# `reviewed`: a native reader agrees."""


def _numbers(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """Number words, scales, months, and how a counted thing is said."""
    yield "- reviewed: false"
    for section in ("numbers", "scales", "months"):
        found: dict[Any, Any] = {}
        for block in blocks:
            for key, line in block.get(section, {}).items():
                found.setdefault(key, line)
        yield from _tree({section: found}, lambda _key: True, "  ") if found else ()
    yield "  # Words that count things: नग nag, पीस piece"
    yield "  units:"
    yield '    quantity piece 1: ""'
    yield "  # How the bot says them: the word, then the same in plain letters"
    yield "  speech:"
    yield "    units:"
    yield '      piece: ""'


def _enter(path: Path, draft: Draft) -> None:
    """Add the entry to languages.yml and leave its other lines and comments as they are."""
    yaml = YAML()
    yaml.width = 200
    data = yaml.load(path.read_text(encoding="utf-8"))
    entry = yaml.map(name=draft.name, latin=to_latin(draft.name).capitalize())
    entry.update({"status": "draft", "like": draft.like, "review": NOT_READ, "offered": False})
    entry.fa.set_flow_style()
    data[draft.code] = entry
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(data, file)
