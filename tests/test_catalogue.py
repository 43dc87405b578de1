"""The catalogue is complete for every craft, and a mistake in it is named with its line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot.engine.catalogue import Catalogue
from bot.engine.documents import BadDocuments, read_yaml

ROOT = Path(__file__).resolve().parent.parent
PATH = ROOT / "flows" / "catalogue.yml"
KEYS = [
    *("dhokra", "iron", "wood", "terracotta", "lipai", "godna", "bamboo", "chhind", "tumba", "kaudi"),
    *("kosa", "pata", "kansa", "lac", "utility", "food", "rice"),
]
LATER = (
    *("size", "length", "weight", "material", "colour", "wood", "hollow", "finish", "food_safe", "purity"),
    *("pieces_in_set", "blouse_piece", "ingredients", "made_on", "best_before", "fssai", "veg"),
    *("making_days", "made_to_order", "care", "story", "pickup_place"),
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load(PATH, slots=LATER)


def spoiled(tmp_path: Path, old: str, new: str) -> str:
    """The error for the real file with one thing replaced."""
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "catalogue.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadDocuments) as error:
        Catalogue.load(path, slots=LATER)
    return str(error.value)


def line_of(words: str) -> int:
    lines = PATH.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_every_craft_of_the_state_has_its_entry(catalogue: Catalogue) -> None:
    """The keys are a public contract: no more and no fewer than these, under exactly these names."""
    assert list(catalogue.categories) == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_an_entry_is_complete(catalogue: Catalogue, key: str) -> None:
    """Each entry can be named, asked, priced and titled; a question is never the must-know over again."""
    category = catalogue.categories[key]
    assert "{product}" in category.title
    assert category.must_know not in category.questions
    assert {"care", "story", "pickup_place"} <= set(category.questions)
    assert category.usual_price.low < category.usual_price.high


def test_every_question_and_must_know_is_a_slot_of_the_domain() -> None:
    """The real slots, so that one renamed there cannot be forgotten here."""
    slots = read_yaml(ROOT / "flows" / "domain" / "slots.yml")["slots"]
    loaded = Catalogue.load(PATH, slots=slots)
    assert {category.must_know for category in loaded.categories.values()} <= set(slots)


def test_every_later_question_can_be_asked_by_the_profile_flow(catalogue: Catalogue) -> None:
    """A question that the flow does not collect would be chosen for the day and never asked."""
    flow = (ROOT / "flows" / "profile.yml").read_text(encoding="utf-8")
    asked = {question for category in catalogue.categories.values() for question in category.questions}
    assert [question for question in sorted(asked) if f"collect: {question}\n" not in flow] == []


@pytest.mark.parametrize("code", ["hi", "hne", "hi-Latn"])
def test_every_category_has_its_name_in_every_language(code: str) -> None:
    """She is asked for the category by the names of her language."""
    names = read_yaml(ROOT / "locales" / code / "categories.yml")
    assert set(names["categories"]) == set(KEYS)
    assert all(names["categories"].values())


def test_food_and_rice_ask_what_the_price_is_for(catalogue: Catalogue) -> None:
    """A packet or a kilo cannot be guessed; for all else the first basis is assumed."""
    assert [key for key in KEYS if catalogue.categories[key].ask_price_per] == ["food", "rice"]
    assert catalogue.categories["dhokra"].price_per[0] == "piece"
    assert catalogue.categories["lac"].price_per[0] == "pair"


def test_materials_and_districts_are_words_of_the_lexicon(catalogue: Catalogue) -> None:
    """An id that the lexicon does not know would reach the marketplace without a name."""
    lexicon = read_yaml(ROOT / "locales" / "lexicon.yml")
    for category in catalogue.categories.values():
        assert set(category.materials) <= set(lexicon["material"])
        assert set(category.districts) <= set(lexicon["district"])


def test_a_price_is_unusual_outside_the_range_and_only_there(catalogue: Catalogue) -> None:
    """Both ends are usual prices."""
    usual = catalogue.categories["terracotta"].usual_price
    assert Decimal("20") in usual
    assert Decimal("3000") in usual
    assert Decimal("15000") not in usual


def test_an_unknown_category_is_none(catalogue: Catalogue) -> None:
    """A talk in which the category is not known yet asks for it; nothing is raised."""
    assert catalogue.get(None) is None
    assert catalogue.get("liquor") is None


@pytest.mark.parametrize(
    ("old", "new", "at", "what"),
    [
        ('hsn: "8306"', 'hsn: "8306"\n    hns: "8306"', 'hsn: "8306"', "dhokra.hns is an unknown key"),
        ('    title: "Dhokra', '    titel: "Dhokra', 'title: "Dhokra', "dhokra.titel is an unknown key"),
        (
            "[weight, hollow,",
            "[weight, holow,",
            "[weight, hollow,",
            "questions.1 is 'holow', which is unknown",
        ),
        ("[weight, hollow,", "[weight, weight,", "[weight, hollow,", "questions.1 repeats 'weight'"),
        ("must_know: size", "must_know: height", "must_know: size", "dhokra.must_know is 'height'"),
        ("[piece, pair, set]", "[piece, jodi]", "[piece, pair, set]", "price_per.1 is 'jodi'"),
        ("[piece, pair, set]", "[]", "[piece, pair, set]", "must name at least one basis"),
        ('{low: "150"', '{low: "99999"', '{low: "150"', "must have its low below its high"),
        ('{low: "150"', "{low: 150", '{low: "150"', "low must be a positive amount in quotes"),
        ('hsn: "8306"', "hsn: 8306", 'hsn: "8306"', "dhokra.hsn must be null or digits in quotes"),
        ("name: Dhokra craft", "name: []", "name: Dhokra craft", "dhokra.name must be a text"),
        ("handmade: true", "handmade: yes", "handmade: true", "dhokra.handmade must be true, false or null"),
        ("  iron:\n", "  dhokra:\n", "  iron:", "dhokra"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, at: str, what: str) -> None:
    """Whoever edits the file is told where, not only that."""
    error = spoiled(tmp_path, old, new)
    assert what in error
    number = int(error.split("catalogue.yml:")[1].split(":")[0])
    assert number - line_of(at) in (0, 1)


def test_all_mistakes_come_in_one_run(tmp_path: Path) -> None:
    """Two mistakes in two entries are two lines, not one after the other in two runs."""
    text = PATH.read_text(encoding="utf-8")
    path = tmp_path / "catalogue.yml"
    path.write_text(
        text.replace('hsn: "8306"', 'hsn: "x"').replace('hsn: "7117"', "hsn: [1]"), encoding="utf-8"
    )
    with pytest.raises(BadDocuments) as error:
        Catalogue.load(path)
    assert len(error.value.problems) == 2


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "description: 1\ncategories: 2"])
def test_a_broken_file_is_refused_kindly(tmp_path: Path, text: str) -> None:
    """Empty, cut off or of another form: an error with a line, never a traceback of the reader."""
    path = tmp_path / "catalogue.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadDocuments, match=r"catalogue\.yml:\d+: "):
        Catalogue.load(path)
