"""Candidates of the ranking by soft term frequency: what the query's words weigh, and the pages that may answer.

A first stage finds the pages that have what the query's tokens look up, and tells how common its words are; small libraries,
and indexes without a codebook, are compared token by token instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pagelight.retrieval.encoders.encoder import Encoder
from pagelight.retrieval.scoring import TermScoring, own_weights
from pagelight.retrieval.search.closeness import MeaningNulls
from pagelight.retrieval.search.first_stage import FIRST_STAGE, QueryEntries
from pagelight.retrieval.search.page_evidence import read_evidence
from pagelight.retrieval.search.prepared import PreparedQuery, Scope
from pagelight.retrieval.store.page_store import Candidates, Lookup, PageStore, ScoredPage
from pagelight.retrieval.text.evidence import EVIDENCE, query_terms, spelled
from pagelight.retrieval.types import Floats, Kind, QueryEmbedding


class TermCandidates:
    """Candidates in one store, for an encoder whose scoring counts words."""

    def __init__(self, encoder: Encoder, scoring: TermScoring, store: PageStore) -> None:
        self._scoring, self._store = scoring, store
        self._nulls = MeaningNulls(encoder, store)

    def prepare(self, query: QueryEmbedding, limit: int, scope: Scope) -> PreparedQuery:
        """The weights of the query's words, and the `limit` best pages by what is seen, what is written and what is meant."""
        if not len(query.vectors):  # punctuation only
            return PreparedQuery(query, own_weights(query), (), (), limit)
        store, scoring = self._store, self._scoring
        n_pages = max(store.stats().n_pages, 1)
        codebook = store.codebook
        exact = scope.exact or codebook is None or n_pages <= FIRST_STAGE.exhaustive
        # how close the library comes by chance; without that meaning takes no part
        nulls = self._nulls.scores(query.meaning) if query.meaning else None
        own = QueryEntries.of(codebook, query, scoring, scope.image_only) if codebook else None
        wanted = Lookup(
            terms=[] if scope.image_only else query_terms(query, scoring),
            meaning=query.meaning.weighted if query.meaning and nulls else None,
            n_seen=max(limit, FIRST_STAGE.handed_on(n_pages)),
            n_others=limit,
        )
        first, frequencies = None, None
        if own is not None:
            entries = replace(wanted, entries=own.entries, counted=own.counted)
            first = store.find(entries, scope.document_ids)
            frequencies = own.frequencies(first.counts, n_pages)
        if exact or first is None or frequencies is None:
            found, frequencies = self._compare_all(query, wanted, scope, frequencies)
        else:
            found = first
        # how common a word is may not hang on how candidates were chosen, or a search of all pages would rank otherwise
        telling = first or found
        candidates = list(dict.fromkeys([*_page_ids(found), *_page_ids(telling)]))
        close = telling.close | found.close
        has_meaning = nulls is not None
        evidence = read_evidence(store, query, scoring, candidates, scope.image_only, has_meaning, close)
        told = set(_page_ids(telling))
        shown = evidence.coverage[[page.page_id in told for page in evidence.pages]].sum(axis=0)
        frequencies = np.maximum(frequencies, shown)
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
        self, query: QueryEmbedding, wanted: Lookup, scope: Scope, frequencies: Floats | None
    ) -> tuple[Candidates, Floats]:
        """(candidates, pages that have each word (n_words,)) from comparing every page.

        frequencies: as a first stage knows them, so that both choose alike; None counts the pages found
        """
        store, scoring, documents = self._store, self._scoring, scope.document_ids
        n_pages = max(store.stats().n_pages, 1)
        looks = query.kinds == Kind.FIGURE
        shown: list[list[ScoredPage]] = [[] for _ in looks]
        for tokens, floor in ((~looks, scoring.floor), (looks, scoring.least_look)):
            if not tokens.any():
                continue
            of_tokens = store.search_tokens(query.vectors[tokens], FIRST_STAGE.token_limit, floor, documents)
            for place, pages in zip(np.flatnonzero(tokens).tolist(), of_tokens, strict=True):
                shown[place] = pages
        coverage = _coverage(query, scoring, shown)
        if not scope.image_only:
            words = spelled(query, scoring)
            terms = list(dict.fromkeys(term for _, terms, _ in words for term in terms))
            spelling = store.search_terms(terms, FIRST_STAGE.token_limit, documents)
            _raise_spelled(coverage, query, words, dict(zip(terms, spelling, strict=True)))
        if frequencies is None:
            every = [np.zeros(len(query.words), np.float32), *coverage.values()]
            frequencies = np.sum(every, axis=0, dtype=np.float32)
        weights = scoring.weights_of(query, frequencies, n_pages)
        shares = {page: float(words @ weights) for page, words in coverage.items()}
        best = sorted(shares, key=lambda page: -shares[page])[: wanted.n_seen]
        written = store.search_text(wanted.terms, wanted.n_others, documents)
        meant = (
            [] if wanted.meaning is None else store.search_meaning(wanted.meaning, wanted.n_others, documents)
        )
        close = {page.page_id: page.score for page in meant}
        seen = [ScoredPage(page, shares[page]) for page in best]
        return Candidates(seen, written, meant, close, np.zeros(0, np.float32)), frequencies


def _page_ids(candidates: Candidates) -> Iterator[str]:
    return (page.page_id for page in (*candidates.seen, *candidates.written, *candidates.meant))


def _coverage(
    query: QueryEmbedding, scoring: TermScoring, shown: Sequence[Sequence[ScoredPage]]
) -> dict[str, Floats]:
    """Coverage of the query's words (n_words,) by page id. shown: the pages that show each token"""
    best: dict[str, Floats] = {}
    for token, pages in enumerate(shown):
        for page in pages:
            if page.page_id not in best:
                best[page.page_id] = np.full(len(query.vectors), -1.0, np.float32)
            best[page.page_id][token] = page.score
    if not best:
        return {}
    return dict(zip(best, scoring.coverage(query, np.stack(list(best.values()))), strict=True))


def _raise_spelled(
    coverage: dict[str, Floats],
    query: QueryEmbedding,
    words: Sequence[tuple[int, Sequence[str], float]],
    pages: Mapping[str, Sequence[ScoredPage]],
) -> None:
    """Raise the coverage of pages whose document spells a word of the query, or an alternative, to its share.

    What was misread alone would make common words look rare. words: (index, terms, share) of what may be spelled; pages: by term
    """
    for word, terms, share in words:
        different = set(terms)
        found = Counter(page.page_id for term in different for page in pages[term])
        for page_id, n in found.items():
            if n >= EVIDENCE.spelled * len(different):  # as in the page's own words
                covered = coverage.setdefault(page_id, np.zeros(len(query.words), np.float32))
                covered[word] = max(covered[word], share * n / len(different))
