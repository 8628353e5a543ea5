"""Search: MaxSim retrieves, the stored vectors rescore, and the documents' own words join in.

An encoder that declares a `TermScoring` is ranked by `rank_terms`, the others by `rank_maxsim`. Both read the
best pages' stored vectors, from which the regions come.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.errors import InvalidQuery, NotFound
from pagelight.retrieval.highlights.maps import heatmap, page_regions
from pagelight.retrieval.scoring import own_weights
from pagelight.retrieval.search import term_ranking as rank_terms
from pagelight.retrieval.search.calibration import MATCHED
from pagelight.retrieval.search.maxsim_ranking import MaxSimRanker
from pagelight.retrieval.search.ranked import Ranked
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.types import (
    Floats,
    Heatmap,
    PageHit,
    PageWords,
    QueryEmbedding,
    SearchResult,
    page_id,
)


class Searcher:
    """Answers queries from one store with the encoder that filled it."""

    def __init__(self, encoder: Encoder, store: PageStore) -> None:
        self._encoder = encoder
        self._store = store
        self._maxsim = MaxSimRanker(encoder, store)

    def search(
        self,
        query: str,
        top_k: int = 10,
        document_ids: Sequence[str] | None = None,
        image_only: bool = False,
    ) -> SearchResult:
        """The best `top_k` pages. image_only: leave the documents' own words unused.

        Raises InvalidQuery when `query` is blank.
        """
        start = time.perf_counter()
        embedding = self._embed(query)
        ranked, weights = self._rank(embedding, top_k, document_ids, image_only)
        hits = tuple(self._hit(r, embedding, weights, image_only) for r in ranked)
        matched = bool(hits) and max(h.strength for h in hits) >= MATCHED
        return SearchResult(query, matched, time.perf_counter() - start, hits)

    def rank(self, query: str, top_k: int = 10, image_only: bool = False) -> list[Ranked]:
        """The best pages as `search` finds them, without their regions, which take most of its time."""
        return self._rank(self._embed(query), top_k, None, image_only)[0]

    def heatmap(self, document_id: str, page: int, query: str, image_only: bool = False) -> Heatmap:
        """Where the query's words are on one stored page. image_only: leave the document's own words unused.

        Raises NotFound and InvalidQuery.
        """
        embedding = self._embed(query)
        found = self._store.fetch([page_id(document_id, page)])
        if not found:
            raise NotFound(f"page {page} of document {document_id[:12]} is not indexed")
        scoring = self._encoder.scoring
        if scoring is None or not len(embedding.vectors):
            weights = own_weights(embedding)
        else:
            weights = rank_terms.word_weights(self._store, embedding, scoring, image_only)
        words = PageWords() if image_only else found[0].words
        return heatmap(embedding, found[0].embedding, words, weights, scoring)

    def _embed(self, query: str) -> QueryEmbedding:
        if not query.strip():
            raise InvalidQuery("the query is empty; type a few words")
        return self._encoder.encode_query(query.strip())

    def _rank(
        self, query: QueryEmbedding, top_k: int, document_ids: Sequence[str] | None, image_only: bool
    ) -> tuple[list[Ranked], Floats]:
        """The best pages, and the weight of each word (n_words,)."""
        scoring = self._encoder.scoring
        if not len(query.vectors):  # punctuation only
            return [], np.zeros(len(query.words), np.float32)
        if scoring is None:
            return self._maxsim.rank(query, top_k, document_ids, image_only), own_weights(query)
        return rank_terms.rank(self._store, query, scoring, top_k, document_ids, image_only)

    def _hit(self, ranked: Ranked, query: QueryEmbedding, weights: Floats, image_only: bool) -> PageHit:
        page = ranked.page
        words = PageWords() if image_only else page.words
        regions = page_regions(query, page.embedding, words, weights, self._encoder.scoring)
        return PageHit(
            page.document,
            page.document_id,
            page.page,
            round(ranked.score, 4),
            round(min(max(ranked.strength, 0.0), 1.0), 4),
            ranked.sources,
            regions,
        )
