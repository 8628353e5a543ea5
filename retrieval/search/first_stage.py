"""The first stage of a search: candidates from Qdrant's own index of the codebook's entries, no vector compared.

How many pages have a word is told by the index too, and exactly by the candidates where those are all that have it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pagelight.retrieval.codebook import Codebook, Entry, term_entry, word_scores
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.store.page_store import PageStore, ScoredPage
from pagelight.retrieval.text.bm25 import term_index
from pagelight.retrieval.text.evidence import spelled
from pagelight.retrieval.types import Floats, QueryEmbedding

#: pages up to which a search compares all of them: at 261 pages it takes a fifth longer than two stages, at 1,000 twice as long
EXHAUSTIVE = 256
#: pages that the first stage hands on: beyond, no more of the best ten are found (docs/benchmarks.md)
PAGES = 256
#: match from which an entry's pages are counted for how common a word is, and entries of a token that are at most
COUNTED, COUNTED_MOST = 0.05, 6


def find_candidates(
    store: PageStore,
    codebook: Codebook,
    query: QueryEmbedding,
    scoring: TermScoring,
    limit: int,
    document_ids: Sequence[str] | None,
    image_only: bool,
) -> tuple[list[ScoredPage], Floats]:
    """The `limit` pages that have most of what the query looks up, best first, and about how many pages of the whole
    index have each of its words (n_words,)."""
    codes = codebook.query_codes(query, scoring)
    scores = word_scores(query, scoring, codes)
    entries = [
        Entry(int(number), float(score))
        for number, score in zip(codes.entries, scores, strict=True)
        if score > 0
    ]
    telling = _telling(codes.tokens, codes.match)
    wanted = [] if image_only else spelled(query, scoring)
    terms = list(dict.fromkeys(term for _, own, _ in wanted for term in own))
    counted = [*codes.entries[telling].tolist(), *(term_entry(term_index(term)) for term in terms)]
    found, frequencies = store.search_entries(entries, counted, limit, document_ids)
    shares = frequencies / max(store.stats().n_pages, 1)

    absent = np.ones(len(query.words))  # the share of pages without the word, if its entries were independent
    relative = scoring.relative_weights(query)
    for at, share in zip(telling, shares, strict=False):
        token = codes.tokens[at]
        absent[query.word_of_token[token]] *= 1 - relative[token] * codes.match[at] * share
    unspelled = np.ones(len(query.words))
    of_term = dict(zip(terms, shares[len(telling) :], strict=True))
    for word, own, share in _different(wanted):
        # a page has at least half of a word's terms, of which the rarer half is the hurdle
        different = sorted((of_term[term] for term in set(own)), reverse=True)
        unspelled[word] *= 1 - share * different[(len(different) - 1) // 2]
    common = 1 - np.minimum(absent, unspelled)
    return found, np.asarray(common * store.stats().n_pages, np.float32)


def _different(
    wanted: Sequence[tuple[int, tuple[str, ...], float]],
) -> list[tuple[int, tuple[str, ...], float]]:
    """Without alternatives to a word that are the same terms as another: what is spelled counts once."""
    most: dict[tuple[int, tuple[str, ...]], float] = {}
    for word, own, share in wanted:
        most[word, own] = max(share, most.get((word, own), 0.0))
    return [(word, own, share) for (word, own), share in most.items()]


def _telling(tokens: Sequence[int] | np.ndarray, match: Floats) -> np.ndarray:
    """Positions of the entries that are counted: the surest of each token."""
    order = np.argsort(-match, kind="stable")
    order = order[match[order] >= COUNTED]
    taken: dict[int, int] = {}
    chosen = []
    for at in order.tolist():
        token = int(tokens[at])
        taken[token] = taken.get(token, 0) + 1
        if taken[token] <= COUNTED_MOST:
            chosen.append(at)
    return np.array(chosen, np.int64)
