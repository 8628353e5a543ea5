"""BM25: from the terms of a text to sparse vectors.

The store keeps BM25's term-frequency part (Robertson and Zaragoza 2009, eq. 3.15) as a sparse vector for each
page and lets Qdrant multiply by the inverse document frequency, which changes with every page that is added.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import Floats

#: BM25's saturation of repeated terms and its document-length normalization
K1 = 1.2
B = 0.75
#: terms on a mean page. A constant, because the vectors of the pages are not recomputed as the library grows;
#: prose and slides lie between 150 and 600
MEAN_LENGTH = 350


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
    norm = K1 * (1 - B + B * len(terms) / MEAN_LENGTH)
    return _sparse((term, f * (K1 + 1) / (f + norm)) for term, f in Counter(terms).items())


def term_counts(weights: Floats, n_terms: int) -> Floats:
    """How often each term occurs: the reverse of `document_vector` for a page of so many terms, rounded."""
    norm = K1 * (1 - B + B * n_terms / MEAN_LENGTH)
    counts = np.rint(norm * weights / np.maximum(K1 + 1 - weights, 1e-3))
    return np.asarray(np.maximum(counts, 1), np.float32)


def query_vector(terms: Sequence[str]) -> SparseTerms:
    """1 for each different term, which the store multiplies by the inverse document frequency.

    Stop words are left out, unless there is nothing else. They stay in the pages' vectors, whose normalization
    then does not depend on a list.
    """
    telling = [term for term in terms if term not in STOP_STEMS]
    return _sparse((term, 1.0) for term in dict.fromkeys(telling or terms))
