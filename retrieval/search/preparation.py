"""Preparation of queries: slips mended, vectors, weights and candidate pages, made once and kept for the next call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import InvalidQuery
from pagelight.retrieval.pruning.selection import UNSPELLED
from pagelight.retrieval.search.example import Example, example_query
from pagelight.retrieval.search.maxsim_ranking import MaxSimRanker
from pagelight.retrieval.search.page_evidence import CANDIDATES
from pagelight.retrieval.search.prepared import PreparedQuery, Recent, Scope
from pagelight.retrieval.search.term_candidates import TermCandidates
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.analyzer import fold, split_words, terms
from pagelight.retrieval.types import PageWords, QueryEmbedding


class Preparation:
    """Makes queries ready for one store. Safe for several threads."""

    def __init__(self, encoder: Encoder, store: PageStore, maxsim: MaxSimRanker) -> None:
        self._encoder, self._store = encoder, store
        scoring = encoder.scoring
        self._candidates = maxsim if scoring is None else TermCandidates(encoder, scoring, store)
        self._embeddings: Recent[QueryEmbedding] = Recent()
        self._queries: Recent[PreparedQuery] = Recent()

    def embedded(self, text: str) -> QueryEmbedding:
        """The vectors of a query that is not empty."""
        known = self._embeddings.find(text)
        if known is None:
            known = self._embeddings.keep(text, self._encoder.encode_query(text))
        return known

    def of_text(self, query: str, limit: int, scope: Scope) -> PreparedQuery:
        """The query, ready to rank `limit` pages at least. Raises InvalidQuery.

        Slips in its words are mended where the library tells what was meant.
        """
        text = query.strip()
        if not text:
            raise InvalidQuery("the query is empty; type a few words")
        key = (text, scope, self._store.stats().generation)
        known = self._queries.find(key, lambda one: one.limit >= limit)
        if known is not None:
            return known
        self._check(scope)
        prepared = self._candidates.prepare(self.embedded(text), limit, scope)
        if scope.mends and not scope.image_only and self._encoder.scoring is not None:
            readings = read_as(self._store, prepared)
            if readings:
                mended = self.embedded(replaced(prepared.embedding.text, readings))
                prepared = replace(self._candidates.prepare(mended, limit, scope), read_as=readings)
        return self._queries.keep(key, prepared)

    def of_example(self, example: Example, limit: int, scope: Scope) -> PreparedQuery:
        """The example as a query, ready to rank `limit` pages at least."""
        if scope.image_only:
            example = replace(example, page=replace(example.page, words=PageWords()))
        key = (example.key, scope, self._store.stats().generation)
        known = self._queries.find(key, lambda one: one.limit >= limit)
        if known is not None:
            return known
        self._check(scope)
        query = example_query(self._store, example, self._encoder.scoring)
        return self._queries.keep(key, self._candidates.prepare(query, limit, scope))

    def _check(self, scope: Scope) -> None:
        """Raises InvalidQuery for a search that the index has no vectors for."""
        if scope.image_only and UNSPELLED in self._store.config.pruning.split("+"):
            raise InvalidQuery(
                f"this index has no vectors of words that documents spell (pruning {UNSPELLED}): "
                "search it with the documents' own words, or reindex with another pruning"
            )


def read_as(store: PageStore, prepared: PreparedQuery) -> dict[str, str]:
    """Words of the query with a slip, and the words of the best pages that they are read as."""
    query = prepared.embedding
    suspects = [
        (i, word)
        for i, word in enumerate(query.words)
        # a word with alternatives is one that the encoder knows
        if SLIPS.allowed(fold(word)) and (query.word_of_token == i).sum() == 1
    ]
    coverage = prepared.evidence.coverage if prepared.evidence else np.zeros((0, len(query.words)))
    # scans show words that nothing spells; what is shown needs no request to the index, which is most
    hidden = [word for i, word in suspects if coverage[:, i].max(initial=0) < SLIPS.shown]
    if not hidden:
        return {}
    written = store.search_terms([terms(word)[0] for word in hidden], 1)
    unknown = [word for word, pages in zip(hidden, written, strict=True) if not pages]
    if not unknown:
        return {}
    pages = [*prepared.seen[:CANDIDATES], *prepared.written[:CANDIDATES], *prepared.meant[:CANDIDATES]]
    found = store.fetch_words(list(dict.fromkeys(page.page_id for page in pages)))
    counts = Counter(word for words in found for text in words.texts for word in _folded(text))
    nearest = {word: nearest_word(fold(word), counts) for word in unknown}
    return {word: other for word, other in nearest.items() if other}


@lru_cache(maxsize=100_000)
def _folded(text: str) -> tuple[str, ...]:
    """The words of a text; pages are made of the same ones."""
    return tuple(fold(word) for word in split_words(text))


def replaced(text: str, readings: dict[str, str]) -> str:
    """The query with each of its words as it is read."""
    for word, other in readings.items():
        text = text.replace(word, other)
    return text


@dataclass(frozen=True, slots=True)
class SlipParameters:
    """Limits within which two words are one with a slip in it (Damerau 1964: four slips in five are one wrong, missing, added or
    exchanged letter).

    shortest: letters of a word that may have one slip: shorter words are near to too many others (word lists)
    long: letters of a word that may have two (word lists)
    shown: match from which a page shows a word as it is typed (as TermScoring's midpoint)
    """

    shortest: int = 5
    long: int = 9
    shown: float = 0.5

    def allowed(self, word: str) -> int:
        """Number of slips that a word may have; none in words with digits."""
        if not word.isalpha() or len(word) < self.shortest:
            return 0
        return 2 if len(word) >= self.long else 1


SLIPS = SlipParameters()


def nearest_word(word: str, counts: Mapping[str, int], parameters: SlipParameters = SLIPS) -> str | None:
    """The word with the fewest slips between it and `word`, the commonest of several; None where none is near.

    A slip is a letter that is wrong, missing, added, or exchanged with its neighbour.
    word: folded; counts: how often each folded word occurs

    >>> nearest_word("harbuor", {"harbour": 3, "labour": 9})
    'harbour'
    """
    most = parameters.allowed(word)
    if not most:
        return None
    others = [other for other in counts if len(other) > 2]
    near = process.extract(
        word, others, scorer=OSA.distance, processor=None, score_cutoff=most, limit=None
    )  # (word, slips, place)
    return min(((slips, -counts[other], other) for other, slips, _ in near), default=(0, 0, None))[2]
