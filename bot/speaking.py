"""Who is speaking on a shared phone: the question, its answer, and the talk that goes on with it.

While it is open `state["who"]` of the one who spoke last is `{"at", "asked", "naming", "kept"}`: when it was
said (Unix seconds) and how often, whether a new name is asked for, and how many messages wait for the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import Connection, select, update

from bot import limits, seller_card, shared_phones
from bot.engine.documents import read_yaml
from bot.engine.listening import CALL
from bot.engine.render import in_one_bubble
from bot.hours import day_of
from bot.known import Known
from bot.language.understand import understand
from bot.messages import OURS, Json
from bot.settings import ROOT
from bot.shared_phones import Somebody
from bot.turn_rows import Overtaken
from bot.visit import A_STOP, Visit
from models import Conversation, RepTask

SILENT = timedelta(minutes=30)
"""After this long, or on a new day, it may be another who holds the phone."""
PRESS = "/speaker:"
ELSE = "else"
MOST_NAMED = 9
SHOWN_NAME = 18
"""Letters of a name on a button; two of one name are told apart by a figure."""
NAME_WORDS = 4
"""An answer with more words than this is no name."""
OFTEN = 3
AGAIN = timedelta(minutes=1)
"""After so many times it is asked again only so often."""
_MARKS = str.maketrans("", "", "।.,!?;:'\"")
_talk = Conversation.__table__


@cache
def _words() -> Mapping[str, str]:
    """What each whole message means here: `another`, `who` or `else`."""
    said = read_yaml(ROOT / "locales" / "speakers.yml")
    return {_plain(phrase): meant for meant, phrases in said.items() for phrase in phrases}


def _plain(text: str) -> str:
    return " ".join(text.casefold().translate(_MARKS).split())


def thought_out(conn: Connection, visit: Visit) -> Visit:
    """Think this visit out, or in its place the one that finds out who speaks; `conn` only reads."""
    inbound, state = visit.inbound, visit.known.state
    number = shared_phones.number_of(inbound.address)
    spoke = (state.get("shared") or {}).get(number)
    if visit.known.seller_id is None or inbound.channel == CALL:
        hers = inbound.kind not in (*OURS, "missed_call")
        if spoke is not None and hers and visit.known.stopped_at is None:
            _a_rep_calls(conn, visit)
        else:
            visit.think(conn)
        return visit
    if inbound.kind in OURS:
        visit.think(conn)
        if spoke is not None and not _with_her(conn, visit, spoke):
            _say_little(conn, visit, number)
        return visit
    word = _words().get(_plain(inbound.text)) if len(inbound.text) <= A_STOP else None
    if spoke is not None or word == "another" or "who" in state:
        spoken_to = visit.known.stopped_at is None and not state.get("taken_over")
        came = visit.now if visit.held is None else inbound.received_at
        open_or_pressed = "who" in state or (inbound.payload or "").startswith(PRESS)
        if spoken_to and (word in ("who", "another") or open_or_pressed or _silent(spoke, came)):
            finds = Speaking(visit.talk, visit.inbound, visit.now, visit.known, visit.held, visit.braked)
            finds.word = word
            finds.think(conn)
            return finds.entering or finds
        if spoke is not None:
            state["shared"][number] = came.timestamp()
    visit.think(conn)
    return visit


def _a_rep_calls(conn: Connection, visit: Visit) -> None:
    """Whoever calls from a shared phone hears nothing of anybody's talk, and what she presses or says is part
    of none: a rep is told, once, to call.
    """
    visit.inbound = replace(visit.inbound, media=())
    limits.came(visit.state, visit.talk.settings, visit.now)
    visit.events = [visit.say("utter_phone_shared")]
    mine = (RepTask.seller_id == visit.known.seller_id, RepTask.kind == "call", RepTask.done_at.is_(None))
    if conn.scalar(select(RepTask.id).where(*mine).limit(1)) is None:
        visit.events = [*visit.events, {"event": "custom", "do": "rep_task", "kind": "call"}]


def _silent(spoke: float | None, came: datetime) -> bool:
    last = datetime.fromtimestamp(spoke or 0.0, UTC)
    return came - last > SILENT or day_of(came) != day_of(last)


def _with_her(conn: Connection, visit: Visit, spoke: float) -> bool:
    """Does she hold the phone, as far as anybody can know?"""
    if visit.inbound.kind in ("nudge", "start", "retake") or "who" in visit.known.state:
        return False
    hers = visit.known.seller_id is not None and shared_phones.speaks(
        conn, visit.known.seller_id, visit.inbound
    )
    return hers and not _silent(spoke, visit.now)


def _say_little(conn: Connection, visit: Visit, number: str) -> None:
    """What she did not just ask for names her, and tells nobody else what it is about.

    A rep's own words and requests go with her name before them, and without a picture.
    """
    said = [event for event in visit.events if event["event"] == "bot"]
    if not said:
        return
    name = _name_of(visit, number, conn)
    if visit.inbound.kind in ("rep_says", "retake"):
        visit.events = [
            event | {"text": f"{name}: {event['text']}", "image": None, "args": None}
            if event["event"] == "bot"
            else event
            for event in visit.events
        ]
        return
    told = visit.inbound.kind == "media_ready" and visit.known.state.get("unheard")
    rest = [event for event in visit.events if event["event"] != "bot"]
    visit.events = rest if told else [*rest, visit.say("utter_for_her", {"name": name}) | {"discreet": True}]
    visit.state["unheard"] = True


def _name_of(visit: Visit, number: str, conn: Connection) -> str:
    hers = [
        each.name for each in shared_phones.people(conn, number) if each.seller_id == visit.known.seller_id
    ]
    return (hers[0] if hers else None) or str(visit.say("utter_first_here")["text"])


@dataclass(frozen=True, slots=True)
class Taking:
    """The phone goes from one to another, or stays: `before` spoke last and `left` is her talk as it was read
    and as it is to be; None where she goes on herself. `name` is that of a new one; `kept` messages wait.
    """

    number: str
    before: int
    left: tuple[Known, Json] | None
    name: str | None
    kept: int

    def write(self, conn: Connection, seller_id: int, now: datetime, new: bool) -> None:
        """Inside the transaction of the turn, before her own talk is saved; Overtaken like that."""
        if self.left is not None:
            known, state = self.left
            here = (_talk.c.seller_id == self.before, _talk.c.revision == known.revision)
            values = {"state": state, "revision": known.revision + 1, "updated_at": now}
            if conn.execute(update(_talk).where(*here).values(**values, last_inbound_at=now)).rowcount != 1:
                raise Overtaken("the talk went on meanwhile")
            shared_phones.hand_phone(conn, self.number, seller_id)
            if new:
                shared_phones.admit(conn, self.number, self.before, state["slots"].get("seller_name"))
                shared_phones.admit(conn, self.number, seller_id, self.name)
        if self.kept:
            shared_phones.claim(conn, self.number, self.before, seller_id)


class Speaking(Visit):
    """A message that asks, or makes us ask, who speaks. `entering` is the visit of the one who does."""

    word: str | None = None
    entering: Visit | None = None

    def _must_wait(self) -> bool:
        """What comes now is kept anyway, until it is known whose it is."""
        if self.held is not None:
            limits.taken_up(self.state)
        return False

    def _take(self, conn: Connection) -> None:
        if self._stops():
            self.state.pop("who", None)
            return super()._take(conn)
        who = self.state.get("who")
        people = shared_phones.people(conn, self.number) or [self._herself()]
        chosen = self._chosen(people, who)
        if self.word == "another" or chosen == ELSE:
            return self._ask_name()
        if isinstance(chosen, int):
            return self._enter(conn, chosen)
        fresh = who and self.now.timestamp() - who["at"] <= SILENT.total_seconds()
        if who and who["naming"] and fresh and self.word != "who":
            return self._named(conn)
        if self.word is None:
            self._keep()
        return self._ask(people)

    @property
    def number(self) -> str:
        return shared_phones.number_of(self.inbound.address)

    def _herself(self) -> Somebody:
        """Where nobody else has come yet."""
        return Somebody(self.known.seller_id or 0, self.state["slots"].get("seller_name"))

    def _chosen(self, people: Sequence[Somebody], who: Json | None) -> int | str | None:
        """The one who was named: her id, ELSE, or None."""
        ids = {each.seller_id for each in people}
        body = self.inbound.payload or ""
        if body.startswith(PRESS):
            said = body.removeprefix(PRESS)
            if said == ELSE:
                return ELSE
            return int(said) if said.isdecimal() and int(said) in ids else None
        text = self.inbound.text
        if who is None or who["naming"] or self.inbound.kind not in ("text", "button"):
            return None
        if self.word == "else":
            return ELSE
        plain = _plain(text)
        if plain.isdecimal() and len(plain) <= 2:
            place, shown = int(plain), people[:MOST_NAMED]
            if 1 <= place <= len(shown):
                return shown[place - 1].seller_id
            return ELSE if place == len(shown) + 1 else None
        said_words = list(seller_card.sounds(plain))
        if len(said_words) > NAME_WORDS:
            return None
        fitting = [
            each.seller_id
            for each in people
            if each.name and set(seller_card.sounds(each.name)) <= set(said_words)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _keep(self) -> None:
        """It waits in its row until it is known whose it is."""
        who = self.state.setdefault("who", dict(_NEW))
        who["kept"] += 1
        self.status = "unclaimed" if who["kept"] <= limits.MOST_HELD else "passed"

    def _ask(self, people: Sequence[Somebody]) -> None:
        who = self.state.setdefault("who", dict(_NEW))
        who["naming"] = False
        pause = self.now.timestamp() - who["at"] < AGAIN.total_seconds()
        by_word = self.inbound.kind in ("text", "button") and who["asked"] < OFTEN
        if self.braked or (pause and self.word is None and not by_word):
            self.silent = True
            return
        who.update(at=self.now.timestamp(), asked=1 if not pause else who["asked"] + 1)
        buttons = [
            {"title": title, "payload": f"{PRESS}{each.seller_id}"}
            for each, title in zip(people, self._titles(people[:MOST_NAMED]), strict=False)
        ]
        other = {"title": self.say("utter_somebody_else")["text"], "payload": PRESS + ELSE}
        self.events = [self.say("utter_who_speaks") | {"buttons": [*buttons, other]}]

    def _titles(self, people: Sequence[Somebody]) -> list[str]:
        """As they stand on the buttons, no two alike."""
        unnamed, titles = str(self.say("utter_first_here")["text"]), list[str]()
        for each in people:
            name = (each.name or unnamed)[:SHOWN_NAME].strip()
            same = sum(title == name or title.startswith(f"{name} ") for title in titles)
            titles.append(f"{name} {same + 1}" if same else name)
        return titles

    def _ask_name(self) -> None:
        who = self.state.setdefault("who", dict(_NEW))
        who.update(naming=True, at=self.now.timestamp())
        self.events = [self.say("utter_who_name")]

    def _named(self, conn: Connection) -> None:
        """The name of a new one; who cannot write it is asked for it another time."""
        name = self._name() if self.inbound.kind == "text" else None
        if name is None and self.inbound.kind == "text":
            return self._ask_name()
        if name is None:
            self._keep()
        return self._enter(conn, None, name)

    def _name(self) -> str | None:
        text = self.inbound.text
        language = self.state["slots"].get("language")
        understood = understand(text[:200], "seller_name", language, self.talk.lexicon).commands
        found = [each["value"] for each in understood if each.get("slot") == "seller_name"]
        name = str(found[0]) if found else text
        fits = len(name.split()) <= NAME_WORDS and any(letter.isalpha() for letter in name)
        return " ".join(name.split())[: shared_phones.LONGEST_NAME] if fits else None

    def _enter(self, conn: Connection, seller_id: int | None, name: str | None = None) -> None:
        """From here on it is her talk: this message stands in it, and what was kept comes after."""
        before, state = self.known.seller_id, self.state
        assert before is not None
        kept = int((state.pop("who", None) or _NEW)["kept"]) + limits.holds(state)
        if seller_id != before:
            state.setdefault("shared", {}).setdefault(self.number, self.now.timestamp())
        left: tuple[Known, Json] | None = (self.known, state)
        if seller_id == before:
            known, left = replace(self.known, state=state), None
        elif seller_id is None:
            known = Known.stranger(self.now)
            known.state["language_heard"] = state["slots"].get("language") or state.get("language_heard")
        else:
            other = shared_phones.known(conn, seller_id, self.inbound)
            if other is None:
                return self._ask([])
            known = other
        if left is not None:
            limits.forget_held(state)
        entering = Entering(self.talk, self.inbound, self.now, known, self.held, self.braked)
        entering.taking = Taking(self.number, before, left, name, kept)
        # What she was asked for a name with may itself be a photo: it waits with the rest.
        entering.status = self.status
        entering.think(conn)
        self.entering = entering
        return None


class Entering(Visit):
    """The visit of the one who speaks from now on."""

    taking: Taking

    def _must_wait(self) -> bool:
        return False

    def _take(self, conn: Connection) -> None:
        taking, state = self.taking, self.state
        if taking.left is not None or "shared" in state:
            state.setdefault("shared", {})[taking.number] = self.now.timestamp()
        self.reset = state.pop("nudges", {})
        name = taking.name or self._called(conn)
        hello = self.say("utter_now_speaking", {"name": name}) if name else self.say("utter_now_you")
        begun = [hello]
        if taking.kept:
            state["limits"] = (state.get("limits") or {}) | {"held": taking.kept}
            self.again_at = self.now
        elif state.get("taken_over") or state.get("practice"):
            pass
        elif not state["slots"].get("consent"):
            given: Json = {"command": "given", "slots": {"seller_name": taking.name} if taking.name else {}}
            begun = self._said(conn, [given, {"command": "greet"}])
        elif state["asks"] is not None:
            for unsaid in ("unheard", "left_out"):
                state.pop(unsaid, None)
            begun = in_one_bubble(hello, self._said(conn, [{"command": "go_on"}]), aloud=True)
        self.events = begun

    def _called(self, conn: Connection) -> str | None:
        mine = [
            each.name
            for each in shared_phones.people(conn, self.taking.number)
            if each.seller_id == self.known.seller_id
        ]
        return mine[0] if mine else None

    def _said(self, conn: Connection, commands: Sequence[Json]) -> list[Json]:
        result = self._turn(conn, commands)
        self.state = result.state
        return list(result.events)


_NEW: Json = {"at": 0.0, "asked": 0, "naming": False, "kept": 0}
