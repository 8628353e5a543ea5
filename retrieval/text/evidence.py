"""Evidence of a document's own words beside what was seen: they are read without error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.types import Floats, Kind, PageWords, PatchGrid, QueryEmbedding


@dataclass(frozen=True, slots=True)
class EvidenceParameters:
    """Evidence among a document's own words: what counts as such.

    near: relative weight from which an alternative is looked up among them (both labelled sets)
    spelled: share of a query word's terms that a word of the page has to have: a date is one term and its parts, of
        which a single one is no match (by what it is for)
    """

    near: float = 0.3
    spelled: float = 0.5


EVIDENCE = EvidenceParameters()


@lru_cache(maxsize=64)
def spelled(
    query: QueryEmbedding, scoring: TermScoring | None
) -> tuple[tuple[int, tuple[str, ...], float], ...]:
    """(word, terms, share) of the query's words themselves, share 1, and of the encoder's alternatives to them.

    Every step of a search asks for them.
    """
    found = [(i, tuple(terms(word)), 1.0) for i, word in enumerate(query.words)]
    if scoring is not None:
        shares = scoring.relative_weights(query)
        for token in np.flatnonzero((query.kinds == Kind.WORD) & (query.word_of_token >= 0)):
            spelling, word = query.spellings[token], int(query.word_of_token[token])
            found.append((word, tuple(terms(spelling)), float(shares[token])))
    return tuple((word, own, share) for word, own, share in found if own)


def query_terms(query: QueryEmbedding, scoring: TermScoring | None) -> list[str]:
    """Terms to look up among the documents' own words: the query's, and alternatives that are near enough."""
    own = terms(query.text)
    near = [t for _, found, share in spelled(query, scoring) if share >= EVIDENCE.near for t in found]
    return [*own, *(t for t in dict.fromkeys(near) if t not in own)]


def written_frequencies(query: QueryEmbedding, scoring: TermScoring | None, words: PageWords) -> Floats:
    """(n_words,): how often the page spells each word of the query, or an alternative to it, by its share."""
    places = _places(words.texts)
    frequencies = np.zeros(len(query.words), np.float32)
    for word, found, share in spelled(query, scoring):
        count = sum(_shares_spelled(places, found).values())
        frequencies[word] = max(frequencies[word], share * count)
    return frequencies


def written_maps(
    query: QueryEmbedding, scoring: TermScoring | None, words: PageWords, grid: PatchGrid
) -> Floats:
    """(n_words, n_rows, n_cols) float32 in 0..1: the share of the spelling that each cell's own words show."""
    maps = np.zeros((len(query.words), grid.n_rows, grid.n_cols), np.float32)
    places = _places(words.texts)
    size = np.array([grid.n_cols, grid.n_rows, grid.n_cols, grid.n_rows], np.float32)
    for word, found, share in spelled(query, scoring):
        for i, part in _shares_spelled(places, found).items():
            x0, y0, x1, y1 = words.boxes[i] * size
            rows = slice(max(round(float(y0)), 0), max(round(float(y1)), round(float(y0)) + 1))
            cols = slice(max(round(float(x0)), 0), max(round(float(x1)), round(float(x0)) + 1))
            np.maximum(maps[word, rows, cols], share * part, out=maps[word, rows, cols])
    return maps


def _shares_spelled(places: Mapping[str, list[int]], wanted: Sequence[str]) -> dict[int, float]:
    """The page's words that have enough of a query word's terms, and the share of them that each has.

    Most words are one term. A date is one term and its parts, of which a single one is no match; a run of Chinese
    or Thai is many.
    """
    found = Counter(i for term in dict.fromkeys(wanted) for i in set(places.get(term, ())))
    shares = {i: n / len(set(wanted)) for i, n in found.items()}
    return {i: share for i, share in shares.items() if share >= EVIDENCE.spelled}


@lru_cache(maxsize=512)
def _places(texts: tuple[str, ...]) -> Mapping[str, list[int]]:
    """The page's words that each term stands in; searches come back to the same pages."""
    places: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        for term in terms(text):
            places.setdefault(term, []).append(i)
    return places
