"""The first stage of a search: candidates from Qdrant's own index of the codebook's entries, no vector compared.

How many pages have a word is told by the same index, whether candidates are compared or all pages: a word is as common
for the one as for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.codebook import Codebook, QueryCodes, term_entry, word_scores
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.text.bm25 import SparseTerms, term_index
from pagelight.retrieval.text.evidence import spelled
from pagelight.retrieval.types import Floats, QueryEmbedding


@dataclass(frozen=True, slots=True)
class FirstStageParameters:
    """Size of library from which a first stage chooses pages, and their number.

    exhaustive: pages up to which a search compares all of them: at 261 pages it takes a fifth longer than two stages, at
        1,000 twice as long (measured)
    pages: pages that the first stage hands on: beyond, no more of the best ten of 10,000 are found (docs/benchmarks.md)
    large: pages from which on a library is large: so many have a query's words that more are handed on (measured at 10,000
        and 100,000)
    pages_of_large: pages that the first stage hands on in a large library: of the ten best of 100,000, those that 128
        leave out are among 256 (docs/benchmarks.md)
    token_limit: pages that the store may return for one token where all are compared (speed)
    counted: match from which an entry's pages are counted for how common a word is (speed)
    counted_most: entries of a token that are counted at most (speed)
    """

    exhaustive: int = 256
    pages: int = 128
    large: int = 30_000
    pages_of_large: int = 256
    token_limit: int = 2000
    counted: float = 0.05
    counted_most: int = 6

    def handed_on(self, n_pages: int) -> int:
        """Pages that the first stage hands on by what is seen, in a library of n_pages."""
        return self.pages_of_large if n_pages >= self.large else self.pages


FIRST_STAGE = FirstStageParameters()


@dataclass(frozen=True, slots=True, eq=False)
class QueryEntries:
    """The entries of the index that a query looks up.

    entries: each once, with the most that it counts for; counted: entries and terms that tell how common the query's words are
    """

    entries: SparseTerms
    counted: list[int]
    _query: QueryEmbedding
    _relative: Floats
    _codes: QueryCodes
    _telling: NDArray[np.int64]
    _wanted: list[tuple[int, tuple[str, ...], float]]
    _terms: list[str]

    @classmethod
    def of(
        cls, codebook: Codebook, query: QueryEmbedding, scoring: TermScoring, image_only: bool
    ) -> QueryEntries:
        """image_only: leave what documents spell uncounted"""
        codes = codebook.query_codes(query, scoring)
        scores = word_scores(query, scoring, codes)
        numbers, place = np.unique(codes.entries[scores > 0], return_inverse=True)
        most = np.zeros(len(numbers), np.float32)
        np.maximum.at(most, place, scores[scores > 0])
        telling = _telling(codes.tokens, codes.match)
        wanted = [] if image_only else _different(spelled(query, scoring))
        terms = list(dict.fromkeys(term for _, own, _ in wanted for term in own))
        counted = [*codes.entries[telling].tolist(), *(term_entry(term_index(term)) for term in terms)]
        return cls(
            SparseTerms(numbers.tolist(), most.tolist()),
            counted,
            query,
            scoring.relative_weights(query),
            codes,
            telling,
            wanted,
            terms,
        )

    def frequencies(self, counts: Floats, n_pages: int) -> Floats:
        """(n_words,): about how many pages have each word, from how many of n_pages have each of `counted` (n,)."""
        shares = counts / max(n_pages, 1)
        absent = np.ones(
            len(self._query.words)
        )  # the share of pages without the word, if its entries were independent
        for at, share in zip(self._telling, shares, strict=False):
            token = self._codes.tokens[at]
            absent[self._query.word_of_token[token]] *= (
                1 - self._relative[token] * self._codes.match[at] * share
            )
        unspelled = np.ones(len(self._query.words))
        of_term = dict(zip(self._terms, shares[len(self._telling) :], strict=True))
        for word, own, share in self._wanted:
            # a page has at least half of a word's terms, of which the rarer half is the hurdle
            different = sorted((of_term[term] for term in set(own)), reverse=True)
            unspelled[word] *= 1 - share * different[(len(different) - 1) // 2]
        return np.asarray((1 - np.minimum(absent, unspelled)) * n_pages, np.float32)


def _different(
    wanted: Sequence[tuple[int, tuple[str, ...], float]],
) -> list[tuple[int, tuple[str, ...], float]]:
    """The query without alternatives that are the same terms as another: a spelling counts once."""
    most: dict[tuple[int, tuple[str, ...]], float] = {}
    for word, own, share in wanted:
        most[word, own] = max(share, most.get((word, own), 0.0))
    return [(word, own, share) for (word, own), share in most.items()]


def _telling(tokens: Sequence[int] | np.ndarray, match: Floats) -> NDArray[np.int64]:
    """Positions of the entries that are counted: the surest of each token."""
    order = np.argsort(-match, kind="stable")
    order = order[match[order] >= FIRST_STAGE.counted]
    taken: dict[int, int] = {}
    chosen = []
    for at in order.tolist():
        token = int(tokens[at])
        taken[token] = taken.get(token, 0) + 1
        if taken[token] <= FIRST_STAGE.counted_most:
            chosen.append(at)
    return np.array(chosen, np.int64)
