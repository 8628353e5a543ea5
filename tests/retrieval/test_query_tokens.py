"""A query's words as the built-in encoder spells them: months cut short, and letters that name something."""

from __future__ import annotations

from pathlib import Path

import pytest

from pagelight.retrieval.encoders.builtin.lexicon import Lexicon
from pagelight.retrieval.encoders.builtin.parameters import BUILTIN_PARAMETERS
from pagelight.retrieval.encoders.builtin.query_tokens import query_tokens

PATH = Path(__file__).resolve().parents[2] / "assets/encoder/lexicon.npz"


def _weights(query: str) -> dict[str, float]:
    spelled, _ = query_tokens(query, query.split(), Lexicon.load(PATH), BUILTIN_PARAMETERS)
    return {token.spelling: token.weight for token in spelled}


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("passengers in August 2015", "aug"),
        ("Umsatz im Dezember", "dez"),
        ("ventes de juillet", "juil"),
        ("nov 2019", "november"),
    ],
)
def test_a_month_is_the_same_month_cut_short(query: str, other: str) -> None:
    month = next(word.lower() for word in query.split() if word.lower()[:3] == other[:3])
    weights = _weights(query)
    assert weights[other] == pytest.approx(BUILTIN_PARAMETERS.same_month * weights[month])


def test_a_word_that_is_only_at_times_a_month_brings_none() -> None:
    assert "march" not in _weights("mar adriatico")


@pytest.mark.parametrize(("query", "letter"), [("tumours of stage I", "i"), ("daily dose of vitamin A", "a")])
def test_a_capital_letter_that_names_something_weighs_in_full(query: str, letter: str) -> None:
    assert _weights(query)[letter] == 1.0


@pytest.mark.parametrize(("query", "letter"), [("when can I drive", "i"), ("a dose of zinc", "a")])
def test_pronouns_and_articles_weigh_little(query: str, letter: str) -> None:
    assert _weights(query)[letter] < 0.3
