"""Our responses as the provider's Content: messages with real buttons, and templates that may open a talk.

While the window is open the text, the titles and the ids of the buttons are all filled in when it is sent, so
one form a number of buttons serves every wording. A template that WhatsApp must approve holds its wording.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bot.channels.sms_text import MADE
from bot.channels.ways import APPROVABLE
from bot.engine.check_wording import MOST_BUTTONS, MOST_ROWS
from bot.engine.documents import Problem
from bot.engine.library import Library, load_library
from bot.engine.responses import Variation
from bot.engine.wording import Wording
from bot.language.languages import load_languages
from bot.language.lexicon import Lexicon
from bot.messages import Json
from bot.settings import Settings

LONGEST_ID = 200
"""Code points of what a button or a row of a list sends back."""
FIXED = ("org", "helpline")
"""Placeholders that are the same for everybody: they stand in the template as words."""
SAMPLES = {"product_name": {"hi-Latn": "pital ka hathi"}}
SAMPLE = "पीतल का हाथी"
MENU = {"hi-Latn": "chuniye", "hne": "चुनव"}
MENU_ELSE = "चुनिए"
"""What stands on the button that opens a list."""
LANGUAGE = "hi"
"""WhatsApp's code: it knows neither Chhattisgarhi nor Hindi in Latin letters."""


@dataclass(frozen=True)
class Form:
    """One Content. `form` and `variables` are as in the table; only an opener is `approvable`."""

    response: str
    language: str
    form: str
    types: Json
    variables: tuple[str, ...]
    samples: Mapping[str, str] = field(default_factory=dict)
    approvable: bool = False

    @property
    def digest(self) -> str:
        """Of all that the provider would keep: the same content is never pushed twice."""
        whole = json.dumps([self.types, self.variables, self.samples], ensure_ascii=False, sort_keys=True)
        return sha256(whole.encode()).hexdigest()

    @property
    def friendly_name(self) -> str:
        """Names response, language, form and content, so that a push that was cut off finds it again."""
        return f"{self.response}_{self.language}_{self.form}_{self.digest[:8]}".lower().replace("-", "_")

    def body(self) -> Json:
        """What is posted."""
        return {
            "friendly_name": self.friendly_name,
            "language": LANGUAGE,
            "variables": dict(self.samples),
            "types": self.types,
        }


def forms(library: Library, settings: Settings, languages: Iterable[str]) -> Iterator[Form]:
    """Every Content of these languages: with buttons or a list, then the openers."""
    for code in languages:
        wording = library.wordings[code]
        for utter, variations in wording.responses.items():
            for count in sorted({*_counts(variations), *MADE.get(utter, ())}):
                yield _session(utter, code, count)
        for utter in APPROVABLE:
            for number, variation in enumerate(wording.responses[utter], 1):
                if variation.channel is None:
                    yield _opener(wording, settings, utter, number, variation)


def _counts(variations: Sequence[Variation]) -> set[int]:
    written = [variation for variation in variations if variation.channel in (None, "whatsapp")]
    return {len(variation.buttons) for variation in written if 0 < len(variation.buttons) <= MOST_ROWS}


def _session(utter: str, language: str, count: int) -> Form:
    """All is filled in: the text (1), and of each button its title (2, 4 …) and id (3, 5 …)."""
    places = [(f"{{{{{2 * n}}}}}", f"{{{{{2 * n + 1}}}}}") for n in range(1, count + 1)]
    types: Json
    if count <= MOST_BUTTONS:
        actions = [{"type": "QUICK_REPLY", "title": title, "id": payload} for title, payload in places]
        types = {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
    else:
        items = [{"item": title, "id": payload} for title, payload in places]
        picker = {"body": "{{1}}", "button": MENU.get(language, MENU_ELSE), "items": items}
        types = {"twilio/list-picker": picker}
    variables = tuple(str(place) for place in range(1, 2 * count + 2))
    return Form(utter, language, f"session-{count}", types, variables, {each: each for each in variables})


def _opener(wording: Wording, settings: Settings, utter: str, number: int, variation: Variation) -> Form:
    parts, names = list(variation.parts), list[str]()
    for place in range(1, len(parts), 2):
        name = parts[place]
        if name in FIXED:
            parts[place] = str(getattr(settings, "org_name" if name == "org" else name))
        else:
            names.append(name)
            parts[place] = f"{{{{{len(names)}}}}}"
    actions = [
        {"type": "QUICK_REPLY", "title": "".join(title), "id": payload}
        for title, payload in variation.buttons
    ]
    types: Json = {"twilio/quick-reply": {"body": "".join(parts), "actions": actions}}
    known = [SAMPLES.get(name, {}).get(wording.language, SAMPLE) for name in names]
    samples = {str(place): value for place, value in enumerate(known, 1)}
    return Form(utter, wording.language, f"opener-{number}", types, tuple(names), samples, approvable=True)


def content_problems(root: Path) -> list[str]:
    """What WhatsApp would not approve of our openers, in every language, as `file:line: what`."""
    locales = root / "locales"
    library = load_library(root / "flows", locales, Lexicon.load(locales).name)
    found: list[Problem] = []
    for code in load_languages(locales):
        file = locales / code / "responses.yml"
        for utter in APPROVABLE:
            for place, variation in enumerate(library.wordings[code].responses[utter]):
                wrong = list(_not_approvable(variation)) if variation.channel is None else []
                found += [Problem(file, ("responses", utter, place), f"{utter}: {what}") for what in wrong]
    return [str(problem).replace(f"{root}/", "") for problem in found]


def _not_approvable(variation: Variation) -> Iterator[str]:
    """A variable may be neither first nor last nor beside another, and a list is never approved."""
    literals = [part for place, part in enumerate(variation.parts) if place % 2 == 0]
    if len(literals) > 1 and not all(part.strip() for part in literals):
        yield "a template may not begin or end with a variable, nor put two beside each other"
    if not 0 < len(variation.buttons) <= MOST_BUTTONS:
        yield f"a template needs 1 to {MOST_BUTTONS} buttons"
    if any(len(title) > 1 for title, _ in variation.buttons):
        yield "the buttons of a template hold no variables"
