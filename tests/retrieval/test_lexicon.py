"""The lexicon that ships: forms of a query's words, and what a word weighs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pagelight.retrieval.encoders.builtin.lexicon import LANGUAGES, Lexicon

PATH = Path(__file__).resolve().parents[2] / "assets/encoder/lexicon.npz"


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load(PATH)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("charge", "charges"),
        ("paid", "pay"),
        ("children", "child"),
        ("entreprise", "entreprises"),
        ("umsatz", "umsatze"),
        ("aziende", "azienda"),
        ("ferrocarril", "ferrocarriles"),
    ],
)
def test_a_word_brings_its_inflections(lexicon: Lexicon, word: str, other: str) -> None:
    assert other in dict(lexicon.expand(word))


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("profit", "earnings"),
        ("doctor", "physician"),
        ("bicyclette", "velo"),
        ("Jahresabschluss", "abschluss"),
    ],
)
def test_near_meanings_are_left_to_the_text_model(lexicon: Lexicon, word: str, other: str) -> None:
    assert other not in dict(lexicon.expand(word))


@pytest.mark.parametrize(
    ("word", "other"),
    [("universe", "university"), ("author", "authority"), ("import", "important"), ("police", "policy")],
)
def test_words_of_one_stem_that_mean_different_things_are_no_forms(
    lexicon: Lexicon, word: str, other: str
) -> None:
    assert other not in dict(lexicon.expand(word))


def test_an_unknown_word_brings_nothing_and_weighs_all(lexicon: Lexicon) -> None:
    assert lexicon.expand("xqzzyt") == []
    assert lexicon.weight("xqzzyt") == 1.0


def test_opposites_and_sister_terms_are_no_alternatives(lexicon: Lexicon) -> None:
    assert "decrease" not in dict(lexicon.expand("increase"))
    assert "tuesday" not in dict(lexicon.expand("monday"))
    assert "blue" not in dict(lexicon.expand("red"))


def test_alternatives_are_few_ordered_and_weigh_less_than_the_word(lexicon: Lexicon) -> None:
    for word in ("revenues", "house", "maisons", "Haus", "casa"):
        weights = [weight for _, weight in lexicon.expand(word)]
        assert 0 < len(weights) <= 8
        assert weights == sorted(weights, reverse=True)
        assert all(0 < weight < 1 for weight in weights)


@pytest.mark.parametrize("word", ["the", "which", "how", "de", "les", "und", "der", "los", "che"])
def test_function_words_weigh_little(lexicon: Lexicon, word: str) -> None:
    assert lexicon.weight(word) < 0.35


@pytest.mark.parametrize("word", ["revenue", "cyclable", "Jahresabschluss", "ferrocarril", "azienda"])
def test_words_that_say_something_weigh_nearly_all(lexicon: Lexicon, word: str) -> None:
    assert lexicon.weight(word) > 0.8


def test_the_query_as_a_whole_tells_the_language(lexicon: Lexicon) -> None:
    english = lexicon.language_shares(["the", "fare", "of", "the", "ride"])
    italian = lexicon.language_shares(["come", "fare", "una", "domanda"])
    assert LANGUAGES[int(np.argmax(english))] == "en"
    assert LANGUAGES[int(np.argmax(italian))] == "it"
    assert lexicon.weight("fare", english) > lexicon.weight("fare", italian) + 0.3


def test_a_broken_table_is_refused() -> None:
    with pytest.raises(ValueError, match="expected arrays for 2 words"):
        Lexicon(
            [b"a", b"b"],
            np.zeros((5, 1), np.uint8),
            np.zeros(3, np.int32),
            np.zeros(0, np.int32),
            np.zeros(0, np.uint8),
            np.zeros(0, np.uint8),
        )
