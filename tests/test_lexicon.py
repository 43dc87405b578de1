"""The lexicon's data is complete, and its names are found however they are spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language.lexicon import Lexicon, read_yaml
from bot.language.script import normalise

LOCALES = Path(__file__).resolve().parent.parent / "locales"
LEXICON = Lexicon.load(LOCALES)
KINDS = frozenset({"material", "colour", "craft", "product", "district", "block"})
CATEGORIES = set(
    "dhokra iron wood terracotta lipai godna bamboo chhind tumba kaudi kosa pata".split()
    + "kansa lac utility food rice".split()
)


def find(text: str) -> list[tuple[str, str]]:
    return [(name.kind, name.id) for name in LEXICON.names.find(normalise(text).tokens, KINDS)]


def test_all_33_districts_have_a_name_in_every_language() -> None:
    """A seller's district is known however she says it."""
    districts = set(LEXICON.facts["district"])
    assert len(districts) == 33
    for code in ("hi", "hne", "hi-Latn"):
        assert set(read_yaml(LOCALES / code / "lexicon.yml")["district"]) == districts


def test_every_block_lies_in_a_known_district() -> None:
    """A town or block answers the question for the district."""
    for block in LEXICON.facts["block"].values():
        assert block["district"] in LEXICON.facts["district"]


def test_every_category_named_is_one_of_the_catalogue_and_each_is_reachable() -> None:
    """Products, crafts and materials point only to categories that exist, and to all of them."""
    named: set[str] = set()
    for kind in ("material", "craft", "product"):
        for fact in LEXICON.facts[kind].values():
            named |= {fact[key] for key in ("goods", "category") if key in fact}
            named |= set(fact.get("made", {}).values())
    assert named == CATEGORIES


def test_every_listed_name_finds_an_entry() -> None:
    """No name is hidden behind another kind of word."""
    for path in sorted(LOCALES.glob("*/lexicon.yml")):
        for kind, entries in read_yaml(path).items():
            for identity, known in entries.items():
                for name in known:
                    found = LEXICON.names.find(normalise(name).tokens, frozenset({kind}))
                    assert found, f"{path.parent.name}: {kind} {identity}: {name}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("पीतल", ("material", "brass")),
        ("peetal", ("material", "brass")),
        ("टोकरियाँ", ("product", "basket")),
        ("tokriyan", ("product", "basket")),
        ("हाथियों", ("product", "elephant")),
        ("kondagaav", ("district", "kondagaon")),
        ("कोण्डागांव", ("district", "kondagaon")),
        ("लाख की चूड़ी", ("product", "lac_bangle")),
    ],
)
def test_spelling_sound_and_endings_lead_to_the_same_entry(text: str, expected: tuple[str, str]) -> None:
    """Free spelling, plural endings and both scripts find the name."""
    assert find(text) == [expected]


@pytest.mark.parametrize("text", ["मत", "bas", "हर", "लाई", "चार", "मैं", "mai"])
def test_everyday_words_are_no_names(text: str) -> None:
    """A word that merely sounds like a name is not one."""
    assert find(text) == []


@pytest.mark.parametrize(
    ("products", "materials", "crafts", "category"),
    [
        (["elephant"], ["brass"], [], "dhokra"),
        (["elephant"], ["wood"], [], "wood"),
        (["elephant"], [], [], None),
        (["lota"], ["brass"], [], "kansa"),
        ([], ["bamboo"], [], "bamboo"),
        (["stole"], [], ["godna"], "godna"),
    ],
)
def test_the_category_follows_from_thing_and_material(
    products: list[str], materials: list[str], crafts: list[str], category: str | None
) -> None:
    """An elephant is dhokra in brass and carving in wood; alone it stays open."""
    assert LEXICON.category(products, materials, crafts) == category


def test_a_doubled_key_in_a_data_file_is_refused(tmp_path: Path) -> None:
    """The second of two equal keys must not silently replace the first."""
    path = tmp_path / "twice.yml"
    path.write_text("a: 1\na: 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="twice.yml"):
        read_yaml(path)
