"""Evidence for a query on the candidates, page by page in a few arrays, and pages as they are ranked by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.search.closeness import closeness, is_shallow, is_understood, page_meaning
from pagelight.retrieval.store.columns import PageColumns
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.bm25 import term_index
from pagelight.retrieval.text.evidence import spelled, written_frequencies
from pagelight.retrieval.types import Floats, PageName, QueryEmbedding

#: matches below this are none: an index with a codebook keeps some hundred vectors a page, which have .02 of them at most (guard)
NEGLIGIBLE = 1e-4
#: pages that are scored from their stored vectors (speed)
CANDIDATES = 64


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page with its final score, strength 0..1 and what found it ("visual", "text", "meaning")."""

    page: PageName
    score: float
    strength: float
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PageEvidence:
    """Evidence on n pages for the words of a query.

    coverage (n, n_words) 0..1: how surely each word is seen or written on the page at all
    looks (n, n_words) 0..1: how likely it shows what each word asks for
    seen, written (n, n_words): how often each word is seen, and how often the document spells it
    close (n,): closeness in meaning, 0 where nothing is known; lengths (n,): patches that the page's vectors stand for
    shallow (n,): pages whose meaning is still to come
    understood: what these pages mean is known from their images alone
    """

    pages: list[PageName]
    coverage: Floats
    looks: Floats
    seen: Floats
    written: Floats
    close: Floats
    lengths: Floats
    shallow: NDArray[np.bool_]
    understood: bool

    def __len__(self) -> int:
        return len(self.pages)


def read_evidence(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    page_ids: Sequence[str],
    image_only: bool,
    with_meaning: bool,
    known: Mapping[str, float] | None = None,
) -> PageEvidence:
    """Evidence on those of these pages that are stored, from their stored vectors.

    image_only: leave what documents spell unused; known: closeness in meaning, where somebody asked already
    """
    if store.codebook is None:
        return _of_pages(store, query, scoring, page_ids, image_only, with_meaning)
    columns = store.columns(page_ids)
    seen, best = seen_in(columns, query, scoring)
    coverage = scoring.coverage(query, best)
    written = np.zeros_like(seen)
    if not image_only:
        written = _written_in(store, columns, query, scoring)
        coverage = np.maximum(coverage, np.minimum(written, 1))
    close = np.zeros(len(columns), np.float32)
    if with_meaning and query.meaning is not None:
        found = dict(known or {})
        unknown = [page_id for page_id in columns.page_ids if page_id not in found]
        found |= store.closeness(query.meaning.weighted, unknown)
        close = np.array([found.get(page_id, 0.0) for page_id in columns.page_ids], np.float32)
        if image_only:
            close[~columns.read] = 0
    shallow = columns.shallow & columns.read if image_only else columns.shallow
    return PageEvidence(
        columns.pages,
        coverage,
        scoring.looks(query, best),
        seen,
        written,
        close,
        columns.lengths,
        shallow,
        bool(columns.understood.all()),
    )


def seen_in(columns: PageColumns, query: QueryEmbedding, scoring: TermScoring) -> tuple[Floats, Floats]:
    """((n_pages, n_words) how often each page shows each word, (n_pages, n_tokens) best similarities), in one product."""
    frequencies = np.zeros((len(columns), len(query.words)), np.float32)
    best = np.full((len(columns), len(query.vectors)), -1.0, np.float32)
    for tokens, similar, counts, starts in columns.similarities(query):
        pages = np.flatnonzero(np.diff(starts))
        if not len(tokens) or not len(pages):
            continue
        best[np.ix_(pages, tokens)] = np.maximum.reduceat(similar, starts[pages], axis=1).T
        by_word = scoring.word_matches(query, tokens, similar, NEGLIGIBLE)
        by_word *= counts
        frequencies[pages] += np.add.reduceat(by_word, starts[pages], axis=1).T
    return frequencies, best


def _written_in(
    store: PageStore, columns: PageColumns, query: QueryEmbedding, scoring: TermScoring
) -> Floats:
    """(n_pages, n_words): as `written_frequencies`, of all pages at once."""
    wanted = spelled(query, scoring)
    terms = list(dict.fromkeys(term for _, own, _ in wanted for term in own))
    place = {term: i for i, term in enumerate(terms)}
    counts = columns.term_frequencies([term_index(term) for term in terms])  # (n_pages, n_terms)
    written = np.zeros((len(columns), len(query.words)), np.float32)
    several: NDArray[np.bool_] = np.zeros(len(columns), bool)
    for word, own, share in wanted:
        different = list(dict.fromkeys(own))
        if len(different) == 1:
            np.maximum(written[:, word], share * counts[:, place[own[0]]], out=written[:, word])
        else:
            several |= 2 * (counts[:, [place[t] for t in different]] > 0).sum(axis=1) >= len(different)
    # whether the parts of a date stand in one word, the words themselves say
    rows = np.flatnonzero(several)
    for row, words in zip(rows, store.fetch_words([columns.page_ids[row] for row in rows]), strict=True):
        written[row] = written_frequencies(query, scoring, words)
    return written


def _of_pages(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    page_ids: Sequence[str],
    image_only: bool,
    with_meaning: bool,
) -> PageEvidence:
    pages = store.fetch(page_ids)
    embeddings = [page.embedding for page in pages]
    seen = scoring.frequencies_of(query, embeddings)
    written = np.zeros_like(seen)
    if not image_only and pages:
        written = np.stack([written_frequencies(query, scoring, page.words) for page in pages])
    best = [
        (query.vectors @ e.vectors.T).max(axis=1) if len(e) else np.full(len(query.vectors), -1, np.float32)
        for e in embeddings
    ]
    coverage, looks = np.zeros_like(seen), np.zeros_like(seen)
    if best:
        coverage = np.maximum(scoring.coverage(query, np.stack(best)), np.minimum(written, 1))
        looks = scoring.looks(query, np.stack(best))
    close = [closeness(query.meaning, page_meaning(p, image_only)) if with_meaning else 0.0 for p in pages]
    lengths = np.array([e.counts.sum() for e in embeddings], np.float32)
    names = [PageName(p.page_id, p.document_id, p.document, p.page) for p in pages]
    shallow = np.array([is_shallow(p) and (p.meaning_read or not image_only) for p in pages], bool)
    return PageEvidence(
        names,
        coverage,
        looks,
        seen,
        written,
        np.array(close, np.float32),
        lengths,
        shallow,
        all(map(is_understood, pages)),
    )
