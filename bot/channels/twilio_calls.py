"""Twilio's calls: its form read into a CallEvent, a Reply written as TwiML."""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.twiml.voice_response import Gather, VoiceResponse

from bot.channels.base import Params
from bot.channels.calls import CallEvent, Place, Reply
from bot.channels.phone import e164
from bot.channels.twilio_inbound import clean

PATH = "/webhooks/twilio/voice"
RETRIES = "#rc=2&rp=5xx,ct,rt"
"""Twilio asks again when we were down; the ending is for Twilio and not signed."""
ENDINGS = {
    "completed": "delivered",
    "busy": "undelivered",
    "no-answer": "undelivered",
    "canceled": "undelivered",
    "failed": "failed",
}
KEY_S, DIGIT_S, THINKING_S = 6, 5, 1
"""Seconds of patience: for one key, for the next digit, and before she may speak."""
RECORD_S, SILENCE_S = 60, 4
"""The longest recording, and the silence that ends it."""
LOOK_S, SOUND_S = 2, 1


def read(params: Params) -> CallEvent:
    """Nothing here raises on odd input: what names nobody is a call without a number."""
    incoming = params.get("Direction", "").startswith("inbound")
    recording = params.get("RecordingUrl", "").strip()
    if params.get("RecordingDuration") == "0" or not recording.startswith(("https://", "http://")):
        recording = ""
    return CallEvent(
        call=clean(params.get("CallSid", ""), 64),
        number=e164(clean(params.get("From" if incoming else "To", ""), 40)),
        incoming=incoming,
        keys="" if recording else clean(params.get("Digits", ""), 40),
        recording=recording[:2000],
        ended=ENDINGS.get(params.get("CallStatus", "").lower()),
    )


def reject() -> str:
    """The missed call stays one: nobody answers, nobody pays."""
    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def twiml(reply: Reply, public_url: str) -> str:
    """Say it, and have the answer brought back to the place where it belongs."""
    response = VoiceResponse()
    silent = _door(public_url, reply.place.silent())
    if reply.then == "choose":
        response.append(_gather(reply, public_url, timeout=KEY_S, num_digits=1, finish_on_key=""))
        response.redirect(silent)
    elif reply.then in ("number", "speak"):
        one_key = {"num_digits": 1, "finish_on_key": "", "timeout": THINKING_S}
        digits = {"finish_on_key": "#", "timeout": DIGIT_S}
        response.append(_gather(reply, public_url, **(digits if reply.then == "number" else one_key)))
        response.record(
            action=silent, max_length=RECORD_S, timeout=SILENCE_S, finish_on_key="#", play_beep=True
        )
        response.redirect(silent)
    else:
        _say(response, reply)
        _go_on(response, reply, public_url)
    return str(response)


def _go_on(response: VoiceResponse, reply: Reply, public_url: str) -> None:
    if reply.then == "end":
        response.hangup()
        return
    seconds = LOOK_S if reply.place.waits else SOUND_S if reply.place.tries > 1 else 0
    if seconds:
        response.pause(length=seconds)
    response.redirect(_door(public_url, reply.place))


def _gather(reply: Reply, public_url: str, **how: object) -> Gather:
    """Keys are taken while it is said: who knows the way need not listen."""
    gather = Gather(input="dtmf", action=_door(public_url, reply.place), **how)
    _say(gather, reply)
    return gather


def _say(within: VoiceResponse | Gather, reply: Reply) -> None:
    if reply.sound:
        within.play(reply.sound)
    elif reply.words:
        within.say(reply.words, language="hi-IN")


def _door(public_url: str, place: Place) -> str:
    query = urlencode(place.as_json())
    return public_url.rstrip("/") + PATH + (f"?{query}" if query else "") + RETRIES
