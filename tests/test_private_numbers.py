"""Aadhaar, PAN and bank accounts never reach a table; whatever she says of her goods stays as she said it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from bot.language.private_numbers import AADHAAR, ACCOUNT, PAN, checks, redact, without_marks
from bot.language.speak import number_words
from bot.tasks.transcribe import submit
from models import Media
from models.database import writing
from tests.conftest import Clock
from tests.test_forget_refused import everything
from tests.town import FLOODER, Town

TO_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
HERS = "234123412346"
TOLD = re.compile("पैन या बैंक|PAN ya bank")
digits = st.text("0123456789", min_size=11, max_size=11)
scripts = st.sampled_from([str.maketrans({}), TO_DEVANAGARI])
around = st.sampled_from(["", "मेरा आधार ", "aadhaar no. ", "ये लो: ", "lo ji "])


def aadhaar(first: str) -> str:
    """A number with the right check digit."""
    return next(first + last for last in "0123456789" if checks(first + last))


@given(digits, scripts, around, st.sampled_from([" ", "-", "", ".", "\n"]), st.lists(st.integers(1, 11)))
def test_an_aadhaar_number_is_marked_in_any_grouping_and_script(
    first: str, script: dict[int, int], before: str, gap: str, cuts: list[int]
) -> None:
    assume(first[0] in "23456789" and not (first.startswith("91") and first[2] in "6789"))
    number = aadhaar(first)
    places = sorted({0, 4, 8, 12} if len(cuts) > 3 else {0, 12, *cuts})
    groups = [number[one:two] for one, two in zip(places, places[1:], strict=False)]
    goods = [group for group in groups if group.endswith(("0", "99"))]
    rising = all(int(one) < int(two) for one, two in zip(groups, groups[1:], strict=False))
    assume(len(groups) == 1 or (len(goods) < len(groups) and not rising))
    assume("आधार" in before or "aadhaar" in before or not _holds_a_phone(groups))
    text = before + gap.join(groups).translate(script)
    assert redact(text) == before + AADHAAR


def _holds_a_phone(groups: list[str]) -> bool:
    runs = ["".join(groups[a:b]) for a in range(len(groups)) for b in range(a + 1, len(groups) + 1)]
    return any(len(run) == 10 and run[0] in "6789" for run in runs[:] if len(run) == 10)


@given(st.text("0123456789", min_size=4, max_size=4), st.text("23456789", min_size=1, max_size=1), scripts)
def test_also_with_a_slip_in_it_if_it_is_written_as_one(rest: str, one: str, script: dict[int, int]) -> None:
    assume(not rest.endswith(("0", "99")))
    groups = [one + rest[1:], rest, rest]
    assert redact(" ".join(groups).translate(script)) == AADHAAR


@given(st.from_regex(r"\A[A-Za-z]{5}[0-9]{4}[A-Za-z]\Z"), scripts)
def test_a_pan_is_marked(pan: str, script: dict[int, int]) -> None:
    assert redact(f"यह {pan.translate(script)} है") == f"यह {PAN} है"


@given(
    st.text("123456789", min_size=9, max_size=18),
    st.sampled_from(["खाता नंबर {}", "a/c no {}", "bank account: {}", "{} SBIN0001234", "बैंक खाते का {} है"]),
    scripts,
)
def test_an_account_number_beside_a_word_for_it_is_marked(
    number: str, form: str, script: dict[int, int]
) -> None:
    assume(len(number) not in (10, 11, 12))  # there it may be a phone or an Aadhaar number
    assert redact(form.format(number.translate(script))) == form.format(ACCOUNT)


@given(
    st.lists(st.integers(1, 99_999).map(lambda n: n * 10), min_size=1, max_size=5),
    st.sampled_from([" ", ", ", "\n", " या "]),
    st.sampled_from(["", " रुपये", " rs", "/-", " का एक"]),
    scripts,
)
def test_prices_are_never_touched(amounts: list[int], gap: str, after: str, script: dict[int, int]) -> None:
    text = (gap.join(map(str, amounts)) + after).translate(script)
    assert redact(text) == text


@given(
    st.from_regex(r"\A[6-9][0-9]{9}\Z"),
    st.sampled_from(["{}", "+91{}", "+91 {}", "91{}", "0{}", "मेरा फोन {} है", "bank wale ka phone {}"]),
    st.sampled_from([None, 5, 4, 3]),
    scripts,
)
def test_phone_numbers_are_never_touched(
    phone: str, form: str, cut: int | None, script: dict[int, int]
) -> None:
    said = phone if cut is None else f"{phone[:cut]} {phone[cut:]}"
    assume(cut is None or form != "91{}")
    text = form.format(said).translate(script)
    assert redact(text) == text


@given(
    st.lists(st.integers(1, 99), min_size=1, max_size=4),
    st.sampled_from(["x", " x ", " बाई ", "*"]),
    st.sampled_from([" इंच", " cm", '"', " फुट", ""]),
    st.from_regex(r"\A49[0-9]{4}\Z"),
)
def test_sizes_and_pin_codes_are_never_touched(sizes: list[int], by: str, unit: str, pin: str) -> None:
    text = f"{by.join(map(str, sizes))}{unit}, पिन {pin}"
    assert redact(text) == text


@given(digits, st.sampled_from(["hi", "hne", "hi-Latn"]))
def test_an_aadhaar_number_said_digit_by_digit_is_marked(first: str, language: str) -> None:
    assume(first[0] in "23456789" and not (first.startswith("91") and first[2] in "6789"))
    said = " ".join(number_words(int(digit), language) for digit in aadhaar(first))
    assert redact(f"आधार हे {said} बस") == f"आधार हे {AADHAAR} बस"


def test_what_is_left_of_a_message_is_what_she_said_beside_it() -> None:
    assert without_marks(f"सुकमती {AADHAAR} बस्तर") == "सुकमती बस्तर"
    assert without_marks(f"मेरा आधार नंबर {AADHAAR} है") == ""
    assert without_marks(f"दाम 250, a/c no {ACCOUNT}") == "दाम 250,"


@pytest.mark.parametrize("said", [HERS, "2341-2341-2346", "२३४१ २३४१ २३४६", "PAN ABCDE1234F"])
def test_it_reaches_no_table_whatever_she_was_asked(
    said: str, tmp_path: Path, db: Engine, clock: Clock
) -> None:
    """Before consent, at the question for her name, and in a message that has to wait."""
    town = Town(tmp_path, db, clock)
    for text in ("नमस्ते", said, "हिंदी", "हाँ, राज़ी", said, "पता नहीं", f"पीतल का हाथी {said}", said):
        town.say(FLOODER, text)
        town.wait(minutes=1)
    told = [row.id for row in town.rows(FLOODER, "out") if TOLD.search(row.body["text"])]
    assert len(told) == 1
    kept = everything(db)
    for secret in (said, HERS, "2341", "२३४१", "ABCDE"):
        assert secret not in kept


def test_a_transcript_is_kept_without_it(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town = Town(tmp_path, db, clock)
    for text in ("नमस्ते", "हिंदी", "हाँ, राज़ी"):
        town.say(FLOODER, text)
    received = town.say(FLOODER, "मेरी आवाज़")
    note = {"seller_id": received.seller_id, "message_id": received.message_id, "position": 0}
    note |= {"kind": "voice", "status": "stored", "created_at": clock.now}
    with writing(db) as conn:
        media_id = conn.execute(insert(Media).values(**note).returning(Media.id)).scalar_one()
    submit(town.shop, media_id, "पीतल का हाथी, आधार दो तीन चार एक दो तीन चार एक दो तीन चार छह", "desk:Asha")
    town.wait(minutes=5)
    kept = everything(db)
    assert AADHAAR in kept and "दो तीन चार एक" not in kept
    assert any(TOLD.search(row.body["text"]) for row in town.rows(FLOODER, "out"))
