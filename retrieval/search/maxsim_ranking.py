"""Ranking by MaxSim: the ColPali family.

The store's exact MaxSim, of all pages or of those that its first stage chooses, fused with BM25 over the documents' own
words by reciprocal ranks (Cormack, Clarke and Büttcher 2009, eq. 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.maxsim import maxsim
from pagelight.retrieval.scoring import own_weights
from pagelight.retrieval.search.calibration import LibraryNulls
from pagelight.retrieval.search.page_evidence import Ranked
from pagelight.retrieval.search.prepared import PreparedQuery, Scope
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.bm25 import query_vector, term_index
from pagelight.retrieval.types import Floats, PageName, QueryEmbedding, StoredPage


@dataclass(frozen=True, slots=True)
class FusionParameters:
    """Fusion of two rankings.

    k: added to each rank, so that the very first ones do not decide alone (Cormack et al. 2009)
    """

    k: int = 60


FUSION = FusionParameters()


class MaxSimRanker:
    """Keeps what null queries score in the library, so that scores become strengths."""

    def __init__(self, encoder: Encoder, store: PageStore) -> None:
        self._encoder = encoder
        self._store = store
        self._nulls = LibraryNulls(self._best_null_score)

    def prepare(self, query: QueryEmbedding, limit: int, scope: Scope) -> PreparedQuery:
        """The `limit` best pages by MaxSim and by what is written; each word weighs what the encoder says."""
        if not len(query.vectors):  # punctuation only
            return PreparedQuery(query, own_weights(query), (), (), limit)
        documents = scope.document_ids
        exact = scope.exact or not self._store.has_first_stage
        seen = self._store.search(_weighted(query), limit, documents, exact)
        written = [] if scope.image_only else self._store.search_text(terms(query.text), limit, documents)
        return PreparedQuery(query, own_weights(query), tuple(seen), tuple(written), limit, exact=exact)

    def rank(self, prepared: PreparedQuery, top_k: int, image_only: bool) -> list[Ranked]:
        """The best pages. Where no text takes part, the score is the MaxSim score itself."""
        query, by_look, by_word = prepared.embedding, prepared.seen, prepared.written
        weighted = _weighted(query)
        fused: dict[str, float] = {}
        for results in (by_look, by_word):
            for rank, found in enumerate(results, start=1):
                fused[found.page_id] = fused.get(found.page_id, 0.0) + 1 / (FUSION.k + rank)
        look = {p.page_id: p.score for p in by_look}
        best = sorted(fused, key=lambda p: (-fused[p], -look.get(p, 0.0)))[:top_k]
        nulls = self._nulls.scores(self._store.stats().n_pages)
        n_tokens = max(float(query.weights.sum()), 1e-6)
        ranked = []
        for page in self._store.fetch(best):
            seen = look.get(page.page_id)
            score = seen if seen is not None else maxsim(weighted, page.embedding.vectors)
            written = 0.0 if image_only else _share_written(query, page)
            sources = ("visual",) * (seen is not None) + ("text",) * (written > 0)
            shown = fused[page.page_id] if by_word else score
            strength = max(nulls.strength(score / n_tokens), written)
            name = PageName(page.page_id, page.document_id, page.document, page.page)
            ranked.append(Ranked(name, shown, strength, sources))
        return ranked

    def parts(self, prepared: PreparedQuery, page: StoredPage) -> tuple[Floats, float]:
        """Parts of a page's score: (n_tokens,) what is seen, and what is written.

        Where text takes part, ranks are added up: then each token has its share of the rank by look.
        """
        similarities = (_weighted(prepared.embedding) @ page.embedding.vectors.T).max(axis=1)  # (n_tokens,)
        if not prepared.written:
            return similarities, 0.0
        look, text = (
            next(
                (
                    1 / (FUSION.k + rank)
                    for rank, found in enumerate(pages, 1)
                    if found.page_id == page.page_id
                ),
                0.0,
            )
            for pages in (prepared.seen, prepared.written)
        )
        total = float(similarities.sum())
        shares = (
            similarities / total if abs(total) > 1e-6 else np.full_like(similarities, 1 / len(similarities))
        )
        return look * shares, text

    def _best_null_score(self, text: str) -> float:
        query = self._encoder.encode_query(text)
        best = self._store.search(_weighted(query), 1, exact=False)
        return best[0].score / max(float(query.weights.sum()), 1e-6) if best else 0.0


def _share_written(query: QueryEmbedding, page: StoredPage) -> float:
    """0..1: the share of the query's terms, stop words left aside, that the page's own words spell."""
    wanted = set(query_vector(terms(query.text)).indices)
    spelled = {term_index(term) for text in page.words.texts for term in terms(text)}
    return len(wanted & spelled) / max(len(wanted), 1)


def _weighted(query: QueryEmbedding) -> Floats:
    """(n_tokens, dim): the weights folded into the vectors' length."""
    return np.asarray(query.vectors * query.weights[:, None], np.float32)
