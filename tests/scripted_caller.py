"""A caller with a keypad phone: follows TwiML as Twilio does, hears what is played, does what her list says.

Her deeds, one each time she is to answer: `key("2")`, `keys("250")` (ends with #), `say(wav)`, `silence`,
`hang_up`, `say(wav, hang_up=True)`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import uuid4
from xml.etree import ElementTree

import requests

from bot.channels.whatsapp_twilio import sign
from bot.media.audio import RATE, decode
from bot.settings import Settings
from tests.fake_exchange import FakeExchange
from tests.fake_twilio import SID

VOICE = "/webhooks/twilio/voice"
OURS = "+919999900000"
LONGEST = 400
"""Webhook calls of one telephone call."""
Next = tuple[str | None, dict[str, str]]
"""Where the next webhook call goes, and what it brings."""


@dataclass(frozen=True)
class Deed:
    """What she does once: digits, or a recording, or nothing; and whether she hangs up then."""

    digits: str = ""
    sound: bytes = b""
    hangs_up: bool = False


def key(digit: str) -> Deed:
    return Deed(digits=digit)


keys = key


def say(sound: bytes, hang_up: bool = False) -> Deed:
    return Deed(sound=sound, hangs_up=hang_up)


silence = Deed()
hang_up = Deed(hangs_up=True)


@dataclass
class Heard:
    """One call: seconds of each sound that was played, what the provider's voice said, her words, pauses."""

    played: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    spoke_s: float = 0.0
    paused_s: float = 0.0
    steps: int = 0
    ended_by: str = ""

    @property
    def seconds(self) -> float:
        """How long the call took."""
        return sum(self.played) + self.spoke_s + self.paused_s


class Caller:
    """One phone. `wait` lets seconds pass. `twice`: the provider makes each of its calls to us twice.

    `patience_s`: how long it goes on with a call of its own that was not answered. `careless`: she types
    where one key is asked, and speaks where nobody records.
    """

    def __init__(
        self,
        settings: Settings,
        exchange: FakeExchange,
        number: str,
        wait: Callable[[float], None] = time.sleep,
        twice: bool = False,
        patience_s: float = 0.0,
        careless: bool = False,
    ) -> None:
        self.settings, self.exchange, self.number, self.wait = settings, exchange, number, wait
        self.twice, self.patience_s, self.careless = twice, patience_s, careless
        self.heard = Heard()
        self._session = requests.Session()
        self._form: dict[str, str] = {}
        self._deeds: Iterator[Deed] = iter(())
        self._coming: list[Deed] = []

    def let_it_ring(self, call: str | None = None, number: str | None = None) -> str:
        """A missed call; the answer to it."""
        form = {"CallSid": call or f"CA{uuid4().hex}", "From": number or self.number, "To": OURS}
        return self.post(self._door, form | {"Direction": "inbound"}, "ringing").text

    def pick_up(self, url: str, call: str, deeds: Iterable[Deed]) -> Heard:
        """Answer a call of ours and do one deed after the other until somebody hangs up."""
        self._form = {"CallSid": call, "From": OURS, "To": self.number, "Direction": "outbound-api"}
        self._deeds, self._coming, self.heard = iter(deeds), [], Heard()
        address: str | None = url
        more: dict[str, str] = {}
        while address is not None:
            self.heard.steps += 1
            assert self.heard.steps < LONGEST, "the call never ends"
            answer = self.post(address, self._form | more, "in-progress")
            address, more = self._follow(ElementTree.fromstring(answer.text))
        self.post(self._door, self._form, "completed")
        return self.heard

    def post(self, url: str, form: dict[str, str], status: str) -> requests.Response:
        """One signed webhook call; the fragment of the address is not sent and not signed."""
        address = url.partition("#")[0]
        params = {"AccountSid": SID, "ApiVersion": "2010-04-01", "CallStatus": status} | form
        signature = {"X-Twilio-Signature": sign(self.settings, address, params)}
        answers = [self._call(address, params, signature) for _ in range(1 + self.twice)]
        assert answers[0].status_code in (200, 204), f"{answers[0].status_code}: {answers[0].text}"
        assert answers[0].text == answers[-1].text, "a repeat was answered otherwise"
        return answers[0]

    def _call(self, address: str, params: dict[str, str], headers: dict[str, str]) -> requests.Response:
        """With patience it asks again when nobody opens or we are ill, as `#rc` in an address demands."""
        end = time.monotonic() + self.patience_s
        while True:
            try:
                answer = self._session.post(address, data=params, headers=headers, timeout=15)
                if answer.status_code < 500 or time.monotonic() > end:
                    return answer
            except requests.ConnectionError:
                if time.monotonic() > end:
                    raise
            time.sleep(0.1)

    @property
    def _door(self) -> str:
        return self.settings.public_url + VOICE

    def _follow(self, response: ElementTree.Element) -> Next:
        may_speak = response.find("Record") is not None
        for verb in response:
            found: Next | None = None
            if verb.tag in ("Play", "Say", "Pause"):
                self._listen(verb)
            elif verb.tag == "Redirect":
                found = verb.text, {}
            elif verb.tag == "Hangup":
                found = self._over("us")
            elif verb.tag == "Gather":
                found = self._gather(verb, may_speak)
            elif verb.tag == "Record":
                found = self._record(verb)
            else:
                raise AssertionError(f"a verb that was not expected: {verb.tag}")
            if found:
                return found
        return self._over("the end of the document")

    def _listen(self, verb: ElementTree.Element) -> None:
        text = verb.text or ""
        if verb.tag == "Play":
            answer = self._session.get(text, timeout=15)
            assert answer.headers["Content-Type"] == "audio/wav", answer.headers
            self.heard.played.append(decode(answer.content).size / RATE)
        elif verb.tag == "Say":
            assert verb.attrib["language"] == "hi-IN"
            self.heard.said.append(text)
        else:
            self._pass(float(verb.attrib["length"]))

    def _gather(self, verb: ElementTree.Element, may_speak: bool) -> Next | None:
        for inner in verb:
            self._listen(inner)
        deed = self._peek()
        if deed.digits:
            self._coming.clear()
            most = int(verb.attrib.get("numDigits", "99"))
            assert self.careless or len(deed.digits) <= most, f"only {most} of {deed.digits} are taken"
            return verb.attrib["action"], {"Digits": deed.digits[:most]}
        if deed == hang_up:
            return self._over("her")
        self._pass(float(verb.attrib["timeout"]))
        if not may_speak:
            assert self.careless or deed == silence, "she speaks, and nobody records"
            self._coming.clear()
        return None

    def _record(self, verb: ElementTree.Element) -> Next | None:
        deed = self._peek()
        self._coming.clear()
        if not deed.sound:  # of silence no recording is made: the next verb follows
            self._pass(float(verb.attrib["timeout"]))
            return None
        seconds = decode(deed.sound).size / RATE
        self.heard.spoke_s += seconds
        found = {
            "RecordingUrl": self.exchange.record(deed.sound, late=True),
            "RecordingDuration": str(round(seconds)),
        }
        if not deed.hangs_up:
            return verb.attrib["action"], found | {"Digits": "#"}
        self.post(verb.attrib["action"], self._form | found | {"Digits": "hangup"}, "completed")
        return self._over("her")

    def _peek(self) -> Deed:
        if not self._coming:
            deed = next(self._deeds, None)
            assert deed is not None, f"she is asked, and her list has come to its end; heard: {self.heard}"
            self._coming.append(deed)
        return self._coming[0]

    def _pass(self, seconds: float) -> None:
        self.heard.paused_s += seconds
        self.wait(seconds)

    def _over(self, by: str) -> Next:
        self.heard.ended_by = by
        return None, {}
