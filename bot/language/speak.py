"""Numbers, money, counts and dates as people say them, in Devanagari or in the Latin letters of an SMS.

`language` is a language of `locales/`, with `-Latn` after it for Latin letters.
What a locale does not say in its own way is said as in Hindi.
"""

from __future__ import annotations

from datetime import date as Date
from decimal import Decimal, InvalidOperation

from bot.language.latin import to_latin
from bot.language.number_words import vocabulary

_CRORE, _LAKH, _THOUSAND, _HUNDRED = 10_000_000, 100_000, 1000, 100
_LARGEST = 10**12
_QUARTERS = frozenset({Decimal("0.25"), Decimal("0.5"), Decimal("0.75")})
# Fractions with a word of their own; all others are more or less than a whole.
_SAID_WHOLE = frozenset({"0.5", "0.75", "1.25", "1.5", "2.5"})


class _Voice:
    """One language in one script: looks a word up in its own locale, then in Hindi."""

    def __init__(self, language: str) -> None:
        code, _, script = language.partition("-")
        speech = vocabulary().speech
        self.latin = script == "Latn"
        self.own = speech.get(language) or speech.get(code) or speech["hi"]
        self.hindi = speech["hi"]

    def pick(self, pair: tuple[str, str]) -> str:
        return pair[1] if self.latin else pair[0]

    def small(self, value: int) -> str:
        own, hindi = self.own.numbers.get(value), self.hindi.numbers[value]
        return self.pick((own[0], own[1] or hindi[1]) if own else hindi)

    def scale(self, value: int) -> str:
        own, hindi = self.own.scales.get(value), self.hindi.scales[value]
        return self.pick((own[0], own[1] or hindi[1]) if own else hindi)

    def word(self, name: str, *, plural: bool = False) -> str:
        said = self.own.words.get(name) or self.hindi.words[name]
        half = len(said) // 2
        return (said[half:] if self.latin else said[:half])[-1 if plural else 0]

    def idiom(self, value: int) -> str | None:
        words = self.own.idioms.get(value)
        if words is None:
            return None
        half = words.split()
        middle = len(half) // 2
        return " ".join(half[middle:] if self.latin else half[:middle])

    def fraction(self, name: str) -> str:
        return self.pick(self.own.fractions.get(name) or self.hindi.fractions[name])

    def unit(self, name: str) -> str | None:
        pair = self.own.units.get(name) or self.hindi.units.get(name)
        return self.pick(pair) if pair else None


def _exact(value: str | int | Decimal) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    if not number.is_finite() or abs(number) > _LARGEST:
        raise ValueError(f"no words for {value!r}")
    return number


def number_words(value: str | int | Decimal, language: str) -> str:
    """`1250` → `बारह सौ पचास`, `2.5` → `ढाई`, `1.05` → `एक दशमलव शून्य पाँच`. Raises ValueError above 10^12."""
    number = _exact(value)
    voice = _Voice(language)
    if number < 0:
        return f"{voice.word('minus')} {number_words(-number, language)}"
    whole = int(number)
    rest = number - whole
    if not rest:
        return _whole(whole, voice)
    if rest in _QUARTERS and 0 < number < _HUNDRED - 1:
        said = _with_quarter(number, voice)
        if said:
            return said
    digits = str(rest.normalize()).partition(".")[2]
    return " ".join(
        [_whole(whole, voice), voice.word("point"), *(voice.small(int(digit)) for digit in digits)]
    )


def _with_quarter(number: Decimal, voice: _Voice) -> str:
    exact = str(number.normalize())
    if exact in _SAID_WHOLE:
        return voice.fraction(exact)
    whole, rest = int(number), number % 1
    if whole == 0:
        return ""
    if rest == Decimal("0.75"):
        return f"{voice.fraction('quarter_less')} {voice.small(whole + 1)}"
    return f"{voice.fraction('half_more' if rest == Decimal('0.5') else 'quarter_more')} {voice.small(whole)}"


def _whole(value: int, voice: _Voice) -> str:
    idiom = voice.idiom(value)
    if idiom:
        return idiom
    if value < _HUNDRED:
        return voice.small(value)
    scale = _scale_of(value)
    count, rest = divmod(value, scale)
    words = [_plain(count, voice), voice.scale(scale)]
    if rest:
        words.append(_plain(rest, voice))
    return " ".join(words)


def _plain(value: int, voice: _Voice) -> str:
    """The parts of a sum take no `डेढ़ सौ`: a fraction followed by more would be unclear."""
    if value < _HUNDRED:
        return voice.small(value)
    scale = _scale_of(value)
    count, rest = divmod(value, scale)
    words = [_plain(count, voice), voice.scale(scale)]
    return " ".join([*words, _plain(rest, voice)] if rest else words)


def _scale_of(value: int) -> int:
    """1100–9999 go by hundreds (`बारह सौ पचास`) unless that would say ten, twenty … hundred."""
    if value >= _CRORE:
        return _CRORE
    if value >= _LAKH:
        return _LAKH
    if value >= 10 * _THOUSAND or (value >= _THOUSAND and value // _HUNDRED % 10 == 0):
        return _THOUSAND
    return _HUNDRED


def money_words(value: str | int | Decimal, language: str) -> str:
    """`1250` → `बारह सौ पचास रुपये`, `99.50` → `निन्यानवे रुपये पचास पैसे`."""
    number = _exact(value)
    voice = _Voice(language)
    rupees = int(number)
    paise = int((number - rupees) * 100)
    parts = []
    if rupees or not paise:
        parts.append(f"{number_words(rupees, language)} {voice.word('rupee', plural=rupees != 1)}")
    if paise:
        parts.append(f"{voice.small(abs(paise))} {voice.word('paisa', plural=paise != 1)}")
    return " ".join(parts)


def money(value: str | int | Decimal, language: str) -> str:
    """Digits and words: `₹1,250 (बारह सौ पचास रुपये)`, in Latin `Rs 1,250 (barah sau pachas rupaye)`."""
    sign = "Rs " if language.endswith("-Latn") else "₹"
    return f"{sign}{group_digits(value, money=True)} ({money_words(value, language)})"


def group_digits(value: str | int | Decimal, *, money: bool = False) -> str:
    """Indian grouping, `1,25,000`; with `money` a broken rupee has two places, `99.50`."""
    number = _exact(value)
    text = format(number, "f")
    whole, _, decimals = text.lstrip("-").partition(".")
    decimals = decimals.rstrip("0")
    if money and decimals:
        decimals = decimals.ljust(2, "0")
    head, tail = whole[:-3], whole[-3:]
    groups = [tail]
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ("-" if number < 0 else "") + ",".join(groups) + (f".{decimals}" if decimals else "")


def count(value: str | int | Decimal, noun: str, language: str) -> str:
    """A counted unit or noun: `5 नग`, `3 दर्जन`; with a classifier where things take one: `5 ठन हाथी`."""
    voice = _Voice(language)
    figure = group_digits(value)
    unit = voice.unit(noun)
    if unit is not None:
        return f"{figure} {unit}"
    noun = to_latin(noun) if voice.latin else noun
    if "classifier" in voice.own.words:
        return f"{figure} {voice.word('classifier')} {noun}"
    return f"{figure} {noun}"


def date(iso: str, language: str) -> str:
    """`2026-11-23` → `23 नवंबर 2026`; `--08-15` and `2026-08` leave out what they do not say."""
    voice = _Voice(language)
    months = voice.own.months or voice.hindi.months
    if iso.startswith("--"):
        return f"{int(iso[5:7])} {voice.pick(months[int(iso[2:4])])}"
    if len(iso) == 7:
        return f"{voice.pick(months[int(iso[5:7])])} {iso[:4]}"
    day = Date.fromisoformat(iso)
    return f"{day.day} {voice.pick(months[day.month])} {day.year}"
