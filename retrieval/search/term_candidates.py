"""Candidates of the ranking by soft term frequency: what the query's words weigh, and the pages that may answer.

A first stage finds the pages that have what the query's tokens look up, and tells how common its words are; small libraries,
and indexes without a codebook, are compared token by token instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.search.calibration import NullScores
from pagelight.retrieval.search.first_stage import FIRST_STAGE, QueryEntries
from pagelight.retrieval.search.page_evidence import read_evidence
from pagelight.retrieval.search.prepared import PreparedQuery
from pagelight.retrieval.store.page_store import Candidates, Lookup, PageStore, ScoredPage
from pagelight.retrieval.text.evidence import EVIDENCE, query_terms, spelled
from pagelight.retrieval.types import Floats, Kind, QueryEmbedding


def prepare(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    limit: int,
    document_ids: Sequence[str] | None = None,
    image_only: bool = False,
    nulls: NullScores | None = None,
    exact: bool = False,
) -> PreparedQuery:
    """The weights of the query's words, and the `limit` best pages by what is seen, what is written and what is meant.

    exact: compare all pages, where otherwise the index's codebook chooses among many
    nulls: how close the library comes to queries that mean nothing in it; without them meaning takes no part
    """
    n_pages = max(store.stats().n_pages, 1)
    codebook = store.codebook
    exact = exact or codebook is None or n_pages <= FIRST_STAGE.exhaustive
    own = QueryEntries.of(codebook, query, scoring, image_only) if codebook else None
    wanted = Lookup(
        terms=[] if image_only else query_terms(query, scoring),
        meaning=query.meaning.weighted if query.meaning and nulls else None,
        n_seen=max(limit, FIRST_STAGE.pages),
        n_others=limit,
    )
    if exact or own is None:
        found, frequencies = _compare_all(store, query, scoring, wanted, own, document_ids, image_only)
    else:
        found = store.find(replace(wanted, entries=own.entries, counted=own.counted), document_ids)
        frequencies = own.frequencies(found.counts, n_pages)
    candidates = list(dict.fromkeys(page.page_id for page in (*found.seen, *found.written, *found.meant)))
    evidence = read_evidence(store, query, scoring, candidates, image_only, nulls is not None, found.close)
    frequencies = np.maximum(frequencies, evidence.coverage.sum(axis=0))
    return PreparedQuery(
        query,
        scoring.weights_of(query, frequencies, n_pages) if len(evidence) else own_weights(query),
        tuple(found.seen),
        tuple(found.written),
        limit,
        evidence,
        exact,
        tuple(found.meant),
        nulls,
    )


def _compare_all(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    wanted: Lookup,
    own: QueryEntries | None,
    document_ids: Sequence[str] | None,
    image_only: bool,
) -> tuple[Candidates, Floats]:
    """(candidates, pages that have each word (n_words,)) from comparing every page.

    own: counts how common words are as a first stage does, so that both rank alike; None counts the pages found
    """
    n_pages = max(store.stats().n_pages, 1)
    coverage = _prefetch(store, query, scoring, document_ids, image_only)
    if own is not None:
        frequencies = own.frequencies(store.find(Lookup(counted=own.counted)).counts, n_pages)
    else:
        frequencies = (
            np.sum(list(coverage.values()), axis=0, dtype=np.float32)
            if coverage
            else np.zeros(len(query.words), np.float32)
        )
    weights = scoring.weights_of(query, frequencies, n_pages)
    shares = {page: float(words @ weights) for page, words in coverage.items()}
    best = sorted(shares, key=lambda page: -shares[page])[: wanted.n_seen]
    written = store.search_text(wanted.terms, wanted.n_others, document_ids)
    meant = (
        [] if wanted.meaning is None else store.search_meaning(wanted.meaning, wanted.n_others, document_ids)
    )
    close = {page.page_id: page.score for page in meant}
    seen = [ScoredPage(page, shares[page]) for page in best]
    return Candidates(seen, written, meant, close, np.zeros(0, np.float32)), frequencies


def _prefetch(
    store: PageStore,
    query: QueryEmbedding,
    scoring: TermScoring,
    document_ids: Sequence[str] | None,
    image_only: bool,
) -> dict[str, Floats]:
    """Coverage of the query's words (n_words,) by page id, of pages that show or spell any: what was misread alone would
    make common words look rare."""
    looks = query.kinds == Kind.FIGURE
    found: list[list[ScoredPage]] = [[] for _ in looks]
    for tokens, floor in ((~looks, scoring.floor), (looks, scoring.least_look)):
        if not tokens.any():
            continue
        of_tokens = store.search_tokens(query.vectors[tokens], FIRST_STAGE.token_limit, floor, document_ids)
        for place, pages in zip(np.flatnonzero(tokens).tolist(), of_tokens, strict=True):
            found[place] = pages
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
    return coverage


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
    pages = dict(zip(terms, store.search_terms(terms, FIRST_STAGE.token_limit, document_ids), strict=True))
    for word, own, share in wanted:
        different = set(own)
        found = Counter(page.page_id for term in different for page in pages[term])
        for page_id, n in found.items():
            if n >= EVIDENCE.spelled * len(different):  # as in the page's own words
                words = coverage.setdefault(page_id, np.zeros(len(query.words), np.float32))
                words[word] = max(words[word], share * n / len(different))
