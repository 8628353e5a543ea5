"""A query's words as tokens: spellings, and the looks and colours that they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pagelight.retrieval.encoders.builtin.figures.colours import COLOUR_OF_WORD, COLOURS, PAINTED
from pagelight.retrieval.encoders.builtin.figures.query_words import FIGURE_KINDS, query_figures
from pagelight.retrieval.encoders.builtin.lexicon import Lexicon
from pagelight.retrieval.encoders.builtin.parameters import BuiltinParameters
from pagelight.retrieval.encoders.builtin.reader.recognition import WORD_DIM
from pagelight.retrieval.text.analyzer import fold
from pagelight.retrieval.text.months import month_forms
from pagelight.retrieval.types import Floats

#: numbers of a vector: a word's, and one axis for each look and each colour
DIM = WORD_DIM + len(FIGURE_KINDS) + len(COLOURS)
#: (len(FIGURE_KINDS), DIM) and (len(COLOURS), DIM): the axes
FIGURE_VECTORS, COLOUR_VECTORS = np.split(np.eye(DIM, dtype=np.float32)[WORD_DIM:], [len(FIGURE_KINDS)])


class Spelled(NamedTuple):
    """word: which one of the query's; spelling: it, or a form of it"""

    word: int
    spelling: str
    weight: float


class Shown(NamedTuple):
    """word: which one of the query's; vector: (DIM,) of the look or colour that it asks for"""

    word: int
    vector: Floats
    weight: float


def query_tokens(
    text: str, typed: Sequence[str], lexicon: Lexicon, parameters: BuiltinParameters
) -> tuple[list[Spelled], list[Shown]]:
    """The heaviest spellings of a query's words, folded, and what the words ask to be shown. typed: the words as they stand"""
    folded = [fold(word) for word in typed]
    names = named_letters(typed)
    looks = _look_tokens(text, folded)
    is_painted = bool(looks) or not PAINTED.isdisjoint(folded)
    spelled: list[Spelled] = []
    colours: list[Shown] = []
    for i, word in enumerate(folded):
        own = 1.0 if i in names else lexicon.weight(word)
        if is_painted and word in COLOUR_OF_WORD:
            colour = COLOUR_OF_WORD[word]
            own *= parameters.painted if colour else parameters.colour
            if colour:
                colours.append(Shown(i, COLOUR_VECTORS[COLOURS.index(colour)], own))
        spelled.append(Spelled(i, word, own))
        spelled += [Spelled(i, other, own * parameters.same_month) for other in month_forms(word)]
        weight = own * parameters.alternative
        spelled += [Spelled(i, other, weight * share) for other, share in lexicon.expand(word)]
    heaviest = sorted(spelled, key=lambda token: -token.weight)[: parameters.max_tokens]
    return heaviest, [*looks, *colours]


def named_letters(typed: Sequence[str]) -> set[int]:
    """Which words are a capital letter that names something, as in "stage I" or "vitamin A": no pronoun and no article.

    >>> named_letters(["survival", "in", "stage", "I"]), named_letters(["Can", "I", "drive"])
    ({3}, set())
    >>> named_letters(["how", "much", "vitamin", "A", "daily"]), named_letters(["WHO", "GETS", "A", "PRIZE"])
    ({3}, set())
    """
    if not any(word[0].islower() for word in typed):  # a title, or all in capitals
        return set()
    letters = {i for i, word in enumerate(typed) if i > 0 and len(word) == 1 and word.isupper()}
    # "I" is a pronoun unless nothing follows that it could do
    return {i for i in letters if typed[i] != "I" or i == len(typed) - 1}


def _look_tokens(text: str, folded: Sequence[str]) -> list[Shown]:
    """Each look that the query asks for; each word of a phrase asks for it."""
    tokens = []
    for phrase, wanted in query_figures(text):
        for index in (i for i, word in enumerate(folded) if word in phrase):
            tokens += [
                Shown(index, FIGURE_VECTORS[FIGURE_KINDS.index(name)], weight)
                for name, weight in wanted.items()
            ]
    return tokens
