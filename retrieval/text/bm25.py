"""BM25: from the terms of a text to sparse vectors.

The store keeps BM25's term-frequency part (Robertson and Zaragoza 2009, eq. 3.15) as a sparse vector for each
page and lets Qdrant multiply by the inverse document frequency, which changes with every page that is added.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pagelight.retrieval.text.stems import STOP_STEMS


@dataclass(frozen=True, slots=True)
class Bm25Parameters:
    """The weights of a page's terms. They are part of the index: other values want another index.

    k1: saturation of repeated terms (Robertson and Zaragoza 2009)
    b: normalization of the page's length (Robertson and Zaragoza 2009)
    mean_length: terms on a mean page; a constant, since the vectors of the pages are not made again as the library
        grows; prose and slides lie between 150 and 600 (both labelled sets)
    """

    k1: float = 1.2
    b: float = 0.75
    mean_length: int = 350


BM25 = Bm25Parameters()


@dataclass(frozen=True, slots=True)
class SparseTerms:
    """A sparse vector: indices ascending and unique, as many values."""

    indices: list[int]
    values: list[float]

    def __bool__(self) -> bool:
        return bool(self.indices)


def term_index(term: str) -> int:
    """The dimension of a term: CRC-32, the same on every machine; colliding terms share a dimension."""
    return zlib.crc32(term.encode("utf-8", "replace"))


def _sparse(weights: Iterable[tuple[str, float]]) -> SparseTerms:
    summed: dict[int, float] = {}
    for term, weight in weights:
        index = term_index(term)
        summed[index] = summed.get(index, 0.0) + weight
    indices = sorted(summed)
    return SparseTerms(indices, [summed[i] for i in indices])


def document_vector(terms: Sequence[str]) -> SparseTerms:
    """BM25's term-frequency part for each term of a page: f (k1 + 1) / (f + k1 (1 - b + b n / mean))."""
    norm = _norm(len(terms))
    return _sparse((term, f * (BM25.k1 + 1) / (f + norm)) for term, f in Counter(terms).items())


def query_vector(terms: Sequence[str]) -> SparseTerms:
    """1 for each different term, which the store multiplies by the inverse document frequency.

    Stop words are left out, unless there is nothing else. They stay in the pages' vectors, whose normalization
    then does not depend on a list.
    """
    telling = [term for term in terms if term not in STOP_STEMS]
    return _sparse((term, 1.0) for term in dict.fromkeys(telling or terms))


def _norm(n_terms: int) -> float:
    """Weight that a term's frequency is held against on a page of so many terms."""
    return BM25.k1 * (1 - BM25.b + BM25.b * n_terms / BM25.mean_length)
