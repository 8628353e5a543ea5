"""Ranking by soft term frequency: what the built-in encoder's `TermScoring` asks for.

The store finds, token by token, the pages that have a vector near it; how many there are is the word's document
frequency. The best pages are rescored from their stored vectors by soft BM25, in which a word that the document
itself spells counts as read without error.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.search.prepared import PreparedQuery
from pagelight.retrieval.search.ranked import Ranked
from pagelight.retrieval.store.page_store import PageStore, ScoredPage
from pagelight.retrieval.text.evidence import query_terms, spelled, written_frequencies
from pagelight.retrieval.types import Floats, QueryEmbedding

#: pages that the store may return for one token
TOKEN_LIMIT = 2000
#: share of its document's best score that each page gets on top: a document that is about the query's subject
#: names it on some pages only
DOCUMENT_SHARE = 0.3


def prepare(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    limit: int,
    document_ids: Sequence[str] | None = None,
    image_only: bool = False,
) -> PreparedQuery:
    """The weights of the query's words, and the `limit` best pages by what is seen and by what is written."""
    coverage, weights = _prefetch(store, query, scoring, document_ids, store.stats().n_pages, image_only)
    shares = {page: float(words @ weights) for page, words in coverage.items()}
    seen = sorted(shares, key=lambda page: -shares[page])[:limit]
    written = [] if image_only else store.search_text(query_terms(query, scoring), limit, document_ids)
    return PreparedQuery(
        query, weights, tuple(ScoredPage(page, shares[page]) for page in seen), tuple(written), limit
    )


def rank(
    store: PageStore,
    prepared: PreparedQuery,
    scoring: TermScoring,
    top_k: int,
    image_only: bool = False,
) -> list[Ranked]:
    """The best pages, scored from their stored vectors and their documents' own words."""
    query, weights, stats = prepared.embedding, prepared.weights, store.stats()
    mean_length = stats.n_patches / max(stats.n_pages, 1)
    candidates = list(dict.fromkeys(page.page_id for page in (*prepared.seen, *prepared.written)))
    ranked = []
    for page in store.fetch(candidates):
        seen = scoring.frequencies(query, page.embedding)
        written = np.zeros_like(seen) if image_only else written_frequencies(query, scoring, page.words)
        frequencies = np.maximum(seen, written)
        score = scoring.score(frequencies, weights, float(page.embedding.counts.sum()), mean_length)
        sources = _sources(scoring.share(seen, weights), scoring.share(written, weights))
        ranked.append(Ranked(page, score, scoring.share(frequencies, weights), sources))
    return _with_document_share(ranked)[:top_k]


def _with_document_share(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Best first, each page's score raised by a share of its document's best."""
    best: dict[str, float] = {}
    for r in ranked:
        best[r.page.document_id] = max(r.score, best.get(r.page.document_id, 0.0))
    raised = [
        replace(r, score=r.score + DOCUMENT_SHARE * best[r.page.document_id]) for r in ranked if r.score > 0
    ]
    return sorted(raised, key=lambda r: -r.score)


def _prefetch(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    document_ids: Sequence[str] | None,
    n_pages: int,
    image_only: bool,
) -> tuple[dict[str, Floats], Floats]:
    """(coverage of the query's words (n_words,) by page id, word weights (n_words,)).

    A word's document frequency is that of pages that show it or spell it: what was misread alone would make common
    words look rare.
    """
    found = store.search_tokens(query.vectors, TOKEN_LIMIT, scoring.floor, document_ids)
    best: dict[str, Floats] = {}
    for token, pages in enumerate(found):
        for page in pages:
            if page.page_id not in best:
                best[page.page_id] = np.full(len(query.vectors), -1.0, np.float32)
            best[page.page_id][token] = page.score
    coverage = (
        dict(zip(best, scoring.coverage(query, np.stack(list(best.values()))), strict=True)) if best else {}
    )
    if not image_only:
        _add_spelled(store, query, scoring, document_ids, coverage)
    if not coverage:
        return {}, own_weights(query)
    return coverage, scoring.word_weights(query, np.stack(list(coverage.values())), max(n_pages, 1))


def _add_spelled(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    document_ids: Sequence[str] | None,
    coverage: dict[str, Floats],
) -> None:
    """Raise the coverage of pages whose document spells a word of the query, or an alternative, to its share."""
    wanted = spelled(query, scoring)
    terms = list(dict.fromkeys(term for _, own, _ in wanted for term in own))
    pages = dict(zip(terms, store.search_terms(terms, TOKEN_LIMIT, document_ids), strict=True))
    for word, own, share in wanted:
        different = set(own)
        found = Counter(page.page_id for term in different for page in pages[term])
        for page_id, n in found.items():
            if 2 * n >= len(different):  # as in the page's own words
                words = coverage.setdefault(page_id, np.zeros(len(query.words), np.float32))
                words[word] = max(words[word], share * n / len(different))


def _sources(seen: float, written: float) -> tuple[str, ...]:
    """What matched: a source counts when it carries at least a quarter of the stronger one."""
    stronger = max(seen, written)
    if stronger <= 0:
        return ()
    return tuple(name for name, share in (("visual", seen), ("text", written)) if share >= 0.25 * stronger)
