"""Search: MaxSim retrieves, the stored vectors rescore, and the documents' own words join in.

Two ways, by what the encoder declares:

- *MaxSim* (the ColPali family): the store's exact MaxSim, fused with BM25 over the documents' own words by
  reciprocal ranks (Cormack, Clarke and Büttcher 2009, eq. 1).
- *Term scoring* (the built-in encoder): the store finds, token by token, the pages that have a vector near it;
  how many there are is the word's document frequency. The best pages are rescored from their stored vectors by
  soft BM25, in which a word that the document itself spells counts as read without error.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.encoders.protocol import Encoder
from retrieval.errors import InvalidQuery, NotFound
from retrieval.highlights import find_regions, heatmap, word_maps
from retrieval.scoring import TermScoring, own_weights
from retrieval.store.protocol import PageStore
from retrieval.strength import MATCHED, NullScores
from retrieval.text import terms
from retrieval.types import (
    Floats,
    Heatmap,
    PageHit,
    PageWords,
    QueryEmbedding,
    SearchResult,
    StoredPage,
    page_id,
)

#: pages that are rescored from their stored vectors
CANDIDATES = 64
#: pages that the store may return for one token
TOKEN_LIMIT = 2000
RRF_K = 60


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A page with its final score, raw strength 0..1 and what found it."""

    page: StoredPage
    score: float
    strength: float
    sources: tuple[str, ...]


class Searcher:
    """Answers queries from one store with the encoder that filled it."""

    def __init__(self, encoder: Encoder, store: PageStore) -> None:
        self._encoder = encoder
        self._store = store
        self._nulls: tuple[int, NullScores] | None = None

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
        scoring = self._encoder.scoring
        if not len(embedding.vectors):
            ranked: list[_Ranked] = []
            weights = np.zeros(len(embedding.words), np.float32)
        elif scoring is None:
            weights = own_weights(embedding)
            ranked = self._rank_by_maxsim(embedding, top_k, document_ids, image_only)
        else:
            ranked, weights = self._rank_by_terms(embedding, scoring, top_k, document_ids, image_only)
        hits = tuple(self._hit(r, embedding, weights, image_only) for r in ranked)
        matched = bool(hits) and max(h.strength for h in hits) >= MATCHED
        return SearchResult(query, matched, time.perf_counter() - start, hits)

    def heatmap(self, document_id: str, page: int, query: str) -> Heatmap:
        """Where the query's words are on one stored page. Raises NotFound and InvalidQuery."""
        embedding = self._embed(query)
        found = self._store.fetch([page_id(document_id, page)])
        if not found:
            raise NotFound(f"page {page} of document {document_id[:12]} is not indexed")
        weights = own_weights(embedding)
        scoring = self._encoder.scoring
        if scoring is not None and len(embedding.vectors):
            weights = self._token_search(embedding, scoring, None)[1]
        return heatmap(embedding, found[0].embedding, found[0].words, weights, scoring)

    def _embed(self, query: str) -> QueryEmbedding:
        if not query.strip():
            raise InvalidQuery("the query is empty; type a few words")
        return self._encoder.encode_query(query.strip())

    # Term scoring

    def _token_search(
        self, query: QueryEmbedding, scoring: TermScoring, document_ids: Sequence[str] | None
    ) -> tuple[dict[str, Floats], Floats]:
        """(coverage of the query's words (n_words,) by page id, word weights (n_words,))."""
        found = self._store.search_tokens(query.vectors, TOKEN_LIMIT, scoring.floor, document_ids)
        best: dict[str, Floats] = {}
        for token, pages in enumerate(found):
            for page in pages:
                if page.page_id not in best:
                    best[page.page_id] = np.full(len(query.vectors), -1.0, np.float32)
                best[page.page_id][token] = page.score
        n_pages = max(self._store.stats().n_pages, 1)
        if not best:
            return {}, own_weights(query)
        coverage = scoring.coverage(query, np.stack(list(best.values())))  # (n_found, n_words)
        return dict(zip(best, coverage, strict=True)), scoring.word_weights(query, coverage, n_pages)

    def _rank_by_terms(
        self,
        query: QueryEmbedding,
        scoring: TermScoring,
        top_k: int,
        document_ids: Sequence[str] | None,
        image_only: bool,
    ) -> tuple[list[_Ranked], Floats]:
        coverage, weights = self._token_search(query, scoring, document_ids)
        limit = max(CANDIDATES, 2 * top_k)
        by_look = sorted(coverage, key=lambda p: -float(coverage[p] @ weights))[:limit]
        by_word = [] if image_only else self._store.search_text(terms(query.text), limit, document_ids)
        candidates = list(dict.fromkeys([*by_look, *(p.page_id for p in by_word)]))
        stats = self._store.stats()
        mean_length = stats.n_patches / max(stats.n_pages, 1)
        ranked = []
        for page in self._store.fetch(candidates):
            seen = scoring.frequencies(query, page.embedding)
            written = np.zeros_like(seen) if image_only else written_frequencies(query, page.words)
            frequencies = np.maximum(seen, written)
            score = scoring.score(frequencies, weights, float(page.embedding.counts.sum()), mean_length)
            strength = float(np.minimum(frequencies, 1.0) @ weights) / total
            sources = _sources(
                float(np.minimum(seen, 1.0) @ weights), float(np.minimum(written, 1.0) @ weights)
            )
            ranked.append(_Ranked(page, score, strength, sources))
        ranked.sort(key=lambda r: -r.score)
        return ranked[:top_k], weights

    # MaxSim

    def _rank_by_maxsim(
        self, query: QueryEmbedding, top_k: int, document_ids: Sequence[str] | None, image_only: bool
    ) -> list[_Ranked]:
        limit = max(CANDIDATES, 2 * top_k)
        weighted = query.vectors * query.weights[:, None]
        by_look = self._store.search(weighted, limit, document_ids)
        by_word = [] if image_only else self._store.search_text(terms(query.text), limit, document_ids)
        fused: dict[str, float] = {}
        for results in (by_look, by_word):
            for rank, page in enumerate(results, start=1):
                fused[page.page_id] = fused.get(page.page_id, 0.0) + 1 / (RRF_K + rank)
        look = {p.page_id: p.score for p in by_look}
        written = {p.page_id for p in by_word}
        best = sorted(fused, key=lambda p: (-fused[p], -look.get(p, 0.0)))[:top_k]
        nulls = self._null_scores()
        n_tokens = max(float(query.weights.sum()), 1e-6)
        ranked = []
        for page in self._store.fetch(best):
            score = look.get(page.page_id)
            sources = (("visual",) if score is not None else ()) + (
                ("text",) if page.page_id in written else ()
            )
            raw = score if score is not None else _maxsim(weighted, page)
            shown = raw if image_only or not by_word else fused[page.page_id]
            ranked.append(_Ranked(page, shown, nulls.strength(raw / n_tokens), sources))
        return ranked

    def _null_scores(self) -> NullScores:
        """Measured once, and again when the library has doubled."""
        n_pages = self._store.stats().n_pages
        if self._nulls is None or n_pages > 2 * self._nulls[0]:
            self._nulls = (max(n_pages, 1), NullScores.measure(self._best_null_score))
        return self._nulls[1]

    def _best_null_score(self, query: str) -> float:
        embedding = self._encoder.encode_query(query)
        best = self._store.search(embedding.vectors * embedding.weights[:, None], 1)
        return best[0].score / max(float(embedding.weights.sum()), 1e-6) if best else 0.0

    def _hit(self, ranked: _Ranked, query: QueryEmbedding, weights: Floats, image_only: bool) -> PageHit:
        page = ranked.page
        maps = word_maps(query, page.embedding, self._encoder.scoring)
        regions = find_regions(maps, weights, PageWords() if image_only else page.words)
        return PageHit(
            page.document,
            page.document_id,
            page.page,
            round(ranked.score, 4),
            round(min(max(ranked.strength, 0.0), 1.0), 4),
            ranked.sources,
            regions,
        )


def written_frequencies(query: QueryEmbedding, words: PageWords) -> Floats:
    """(n_words,): how often the document's own words spell each word of the query."""
    written: dict[str, int] = {}
    for text in words.texts:
        for term in terms(text):
            written[term] = written.get(term, 0) + 1
    return np.array([sum(written.get(t, 0) for t in set(terms(w))) for w in query.words], np.float32)


def _sources(seen: float, written: float) -> tuple[str, ...]:
    """What matched: a source counts when it carries at least a quarter of the stronger one."""
    stronger = max(seen, written)
    if stronger <= 0:
        return ()
    return tuple(name for name, share in (("visual", seen), ("text", written)) if share >= 0.25 * stronger)


def _maxsim(vectors: Floats, page: StoredPage) -> float:
    return float((vectors @ page.embedding.vectors.T).max(axis=1).sum())
