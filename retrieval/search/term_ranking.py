"""Ranking by soft term frequency: what the built-in encoder's `TermScoring` asks for.

The store finds, token by token, the pages that have a vector near it; how many there are is the word's document
frequency. The best pages are rescored from their stored vectors by soft BM25, in which a word that the document
itself spells counts as read without error. Beside words stands meaning: how close the page's passages are to the query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from pagelight.retrieval.highlights.figures import asks_for_figure
from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.search.calibration import MATCHED, NullScores, joint_strength
from pagelight.retrieval.search.meaning import closeness, is_understood, page_meaning
from pagelight.retrieval.search.prepared import PreparedQuery
from pagelight.retrieval.search.ranked import Ranked
from pagelight.retrieval.store.page_store import PageStore, ScoredPage
from pagelight.retrieval.text.evidence import query_terms, spelled, written_frequencies
from pagelight.retrieval.types import Floats, QueryEmbedding, StoredPage

#: pages that the store may return for one token
TOKEN_LIMIT = 2000
#: share of its document's best score that each page gets on top: a document that is about the query's subject
#: names it on some pages only
DOCUMENT_SHARE = 0.3
#: a page that has less of the query's words was not found by them: no similarity is quite without a match
LEAST_SHARE = 0.01
#: what closeness in meaning counts for beside words, both on their own scale: words whose page has them all come to 1, so that
#: meaning decides where words are missing (chosen on the mean of both labelled sets, with words and without; .5 and 2 cost .01)
MEANING = 1.0
#: ... and where the query asks for a look, of which text says little (the same sets: 1 costs .02 on such queries)
MEANING_OF_LOOKS = 0.3


def prepare(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    limit: int,
    document_ids: Sequence[str] | None = None,
    image_only: bool = False,
    nulls: NullScores | None = None,
) -> PreparedQuery:
    """The weights of the query's words, and the `limit` best pages by what is seen, what is written and what is meant.

    nulls: how close the library comes to queries that mean nothing in it; without them meaning takes no part
    """
    coverage, weights = _prefetch(store, query, scoring, document_ids, store.stats().n_pages, image_only)
    shares = {page: float(words @ weights) for page, words in coverage.items()}
    seen = sorted(shares, key=lambda page: -shares[page])[:limit]
    written = [] if image_only else store.search_text(query_terms(query, scoring), limit, document_ids)
    meaning = query.meaning if nulls else None
    meant = store.search_meaning(meaning.weighted, limit, document_ids) if meaning else []
    by_look = tuple(ScoredPage(page, shares[page]) for page in seen)
    return PreparedQuery(query, weights, by_look, tuple(written), limit, tuple(meant), nulls)


def rank(
    store: PageStore,
    prepared: PreparedQuery,
    scoring: TermScoring,
    top_k: int,
    image_only: bool = False,
) -> list[Ranked]:
    """The best pages, scored from their stored vectors and their documents' own words."""
    return _ordered(_scored(store, prepared, scoring, image_only), meaning_weight(prepared.embedding))[:top_k]


def meaning_weight(query: QueryEmbedding) -> float:
    """What closeness in meaning counts for beside words."""
    return MEANING_OF_LOOKS if asks_for_figure(query) else MEANING


def parts(
    store: PageStore, prepared: PreparedQuery, scoring: TermScoring, page: StoredPage, image_only: bool
) -> Parts:
    """What a page's score is made of; a page that is no candidate is scored as one."""
    query, weights, stats = prepared.embedding, prepared.weights, store.stats()
    scored = _scored(store, prepared, scoring, image_only, (page.page_id,))
    own = next(one for one in scored if one.ranked.page.page_id == page.page_id)
    same = [one.ranked.score for one in scored if one.ranked.page.document_id == page.document_id]
    (seen,) = scoring.frequencies_of(query, [page.embedding])
    written = np.zeros_like(seen) if image_only else written_frequencies(query, scoring, page.words)
    words = scoring.contributions(
        np.maximum(seen, written),
        weights,
        float(page.embedding.counts.sum()),
        stats.n_patches / max(stats.n_pages, 1),
    )
    return Parts(
        words / max(scoring.highest(weights), 1e-6),
        DOCUMENT_SHARE * max(same),
        meaning_weight(query) * own.close,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a page's score adds up from.

    words: (n_words,) each word's part; document: the part of the best page of its document; meaning: of its text
    """

    words: Floats
    document: float
    meaning: float


def _scored(
    store: PageStore,
    prepared: PreparedQuery,
    scoring: TermScoring,
    image_only: bool,
    besides: Sequence[str] = (),
) -> list[_Scored]:
    """The candidates, and pages besides, each scored by itself."""
    query, weights, stats = prepared.embedding, prepared.weights, store.stats()
    mean_length = stats.n_patches / max(stats.n_pages, 1)
    candidates = list(
        dict.fromkeys(
            [*(page.page_id for page in (*prepared.seen, *prepared.written, *prepared.meant)), *besides]
        )
    )
    ranked = []
    pages = store.fetch(candidates)
    nulls = prepared.nulls if not image_only or all(map(is_understood, pages)) else None
    seen_on = scoring.frequencies_of(query, [page.embedding for page in pages])
    for page, seen in zip(pages, seen_on, strict=True):
        written = np.zeros_like(seen) if image_only else written_frequencies(query, scoring, page.words)
        frequencies = np.maximum(seen, written)
        score = scoring.score(frequencies, weights, float(page.embedding.counts.sum()), mean_length)
        sources = _sources(scoring.share(seen, weights), scoring.share(written, weights))
        strength = scoring.share(frequencies, weights)
        close = closeness(query.meaning, page_meaning(page, image_only)) if nulls else 0.0
        if nulls and close > 0:
            strength = joint_strength(strength, nulls.deviations(close))
            sources += ("meaning",) * (nulls.strength(close) >= MATCHED)
        words = score / max(scoring.highest(weights), 1e-6)
        ranked.append(_Scored(Ranked(page, words, strength, sources), close))
    return ranked


@dataclass(frozen=True, slots=True)
class _Scored:
    """A page with its score by words, 0..1, and how close it is in meaning."""

    ranked: Ranked
    close: float


def _ordered(scored: Sequence[_Scored], meaning: float) -> list[Ranked]:
    """Best first: words, a share of the best page's words of the same document, and meaning."""
    best: dict[str, float] = {}
    for s in scored:
        document = s.ranked.page.document_id
        best[document] = max(s.ranked.score, best.get(document, 0.0))
    fused = [
        replace(
            s.ranked,
            score=s.ranked.score + DOCUMENT_SHARE * best[s.ranked.page.document_id] + meaning * s.close,
        )
        for s in scored
        if s.ranked.sources
    ]
    return _as_strong_as_the_next(sorted(fused, key=lambda r: -r.score))


def _as_strong_as_the_next(ranked: Sequence[Ranked]) -> list[Ranked]:
    """No page weaker than one below it: what puts it first (how often, how long the page is, its document) counts too."""
    strengths = list(accumulate((r.strength for r in reversed(ranked)), max))[::-1]
    return [replace(r, strength=strength) for r, strength in zip(ranked, strengths, strict=True)]


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
    if stronger < LEAST_SHARE:
        return ()
    return tuple(name for name, share in (("visual", seen), ("text", written)) if share >= 0.25 * stronger)
