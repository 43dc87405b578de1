"""A reply in Twilio's words: what is played, what is listened for, where the answer goes."""

from __future__ import annotations

import pytest

from bot.channels.calls import Place, Reply, Then
from bot.channels.twilio_calls import reject, twiml

PUBLIC = "https://sangwari.example/"
DOOR = "https://sangwari.example/webhooks/twilio/voice"
SOUND = "https://sangwari.example/media/x"
HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
END = "#rc=2&amp;rp=5xx,ct,rt"
"""Twilio tries again when we were down."""
SILENT = f"{DOOR}?after=7&amp;quiet=1{END}"
RECORD = f'<Record action="{SILENT}" finishOnKey="#" maxLength="60" playBeep="true" timeout="4" />'
CASES: dict[Then, str] = {
    "choose": f'<Gather action="{DOOR}?after=7{END}" finishOnKey="" input="dtmf" numDigits="1" timeout="6">'
    f"<Play>{SOUND}</Play></Gather><Redirect>{SILENT}</Redirect>",
    "number": f'<Gather action="{DOOR}?after=7{END}" finishOnKey="#" input="dtmf" timeout="5">'
    f"<Play>{SOUND}</Play></Gather>{RECORD}<Redirect>{SILENT}</Redirect>",
    "speak": f'<Gather action="{DOOR}?after=7{END}" finishOnKey="" input="dtmf" numDigits="1" timeout="1">'
    f"<Play>{SOUND}</Play></Gather>{RECORD}<Redirect>{SILENT}</Redirect>",
    "end": f"<Play>{SOUND}</Play><Hangup />",
}


@pytest.mark.parametrize("then", CASES)
def test_each_way(then: Then) -> None:
    """Keys end what is playing; silence leads to the same place with one silence more."""
    assert twiml(Reply(then, Place(7), SOUND), PUBLIC) == f"{HEAD}{CASES[then]}</Response>"


@pytest.mark.parametrize(
    ("place", "pause"),
    [
        (Place(7, tries=1), ""),
        (Place(7, tries=2), '<Pause length="1" />'),
        (Place(7, waits=3), '<Pause length="2" />'),
    ],
)
def test_holding_the_line(place: Place, pause: str) -> None:
    """The first look for a sound is at once, then every second; for a machine's words every two."""
    query = "&amp;".join(f"{name}={value}" for name, value in place.as_json().items())
    expected = f"{HEAD}{pause}<Redirect>{DOOR}?{query}{END}</Redirect></Response>"
    assert twiml(Reply("hold", place), PUBLIC) == expected


def test_the_second_silence_counts_on() -> None:
    """The count stands in the address, so a repeat of a webhook counts nothing twice."""
    answer = twiml(Reply("choose", Place(7, page=1, quiet=1), SOUND), PUBLIC)
    assert f"<Redirect>{DOOR}?after=7&amp;page=1&amp;quiet=2{END}</Redirect>" in answer


def test_words_are_spoken_where_there_is_no_sound() -> None:
    """Hindi by the provider's voice, with nothing in it that could be taken for TwiML."""
    answer = twiml(Reply("end", Place(7), words="एक < दो & तीन"), PUBLIC)
    assert answer == f'{HEAD}<Say language="hi-IN">एक &lt; दो &amp; तीन</Say><Hangup /></Response>'


def test_nothing_to_say_is_a_goodbye() -> None:
    """Neither sound nor words: the call ends."""
    assert twiml(Reply("end", Place()), PUBLIC) == f"{HEAD}<Hangup /></Response>"


def test_a_missed_call_stays_one() -> None:
    """Nobody answers it."""
    assert reject() == f'{HEAD}<Reject reason="busy" /></Response>'
