"""Preparation of queries: vectors, weights and candidate pages, made once and kept for whoever asks again."""

from __future__ import annotations

from dataclasses import replace

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import InvalidQuery
from pagelight.retrieval.pruning.selection import UNSPELLED
from pagelight.retrieval.search.example import Example, example_query
from pagelight.retrieval.search.maxsim_ranking import MaxSimRanker
from pagelight.retrieval.search.prepared import PreparedQuery, Recent, Scope
from pagelight.retrieval.search.reading import read_as, replaced
from pagelight.retrieval.search.term_candidates import TermCandidates
from pagelight.retrieval.store.page_store import PageStore
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
