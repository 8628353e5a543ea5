"""Centroids learned from a library: entries of an inverted index for vectors that are not words.

As in PLAID and WARP (Santhanam et al. 2022, arXiv 2205.09707; Scheerer et al. 2025, arXiv 2501.17788) a page is the
centroids that its vectors lie nearest to. A query looks up the centroids that lie nearer to a token than the best of any
page does by chance, each with what it is nearer by: a page that has two of them for one token is then not taken for one
that has a good one. The sum is an approximation, from which candidates are chosen that are scored exactly.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats, Ints

#: the name of such centroids in an index; rises when what is kept of them changes
LEARNED = "learned-1"

#: bits of a centroid's number in an entry; above stands the slot, and the last number is the slot's mark (form)
_BITS = 20
#: centroids in use, and those that pages are moved to, never stand in one slot (form)
SLOTS = 8
#: numbers of similarities that are held at once: 32 MB (block)
_NUMBERS = 1 << 23
#: lets the same pages give the same centroids (form)
_SEED = 17


@dataclass(frozen=True, slots=True)
class CentroidParameters:
    """Size of libraries that have centroids, their number, and the pages that they choose.

    `docs/benchmarks.md` has what is found by them, measured against comparing all pages.

    exhaustive: vectors up to which all pages are compared: 500 pages of 200, which takes some 40 ms of a core (measured)
    growth: times that a library has to grow until its centroids are learned anew; what is written for that is a third of
        the library (arithmetic)
    per_root: centroids for each square root of the library's vectors, twice as many as PLAID has, since the library
        grows before others are learned (recall of the first stage)
    most: centroids at most: a query is compared with each (speed)
    samples: vectors that are read to learn a centroid (speed)
    most_samples: vectors that are read at most, 256 MB of 128 numbers (memory)
    rounds: of k-means: the second moved the mean cosine by .08, the third by .03 (synthetic pages)
    cells: cells for each square root of the centroids (speed)
    probes: cells that a vector looks into for its nearest centroid: 89 in 100 find it (synthetic pages)
    examples: pages that tell what chance reaches: 256 of them choose no better (synthetic pages)
    pages: candidates of the smallest library (recall of the first stage)
    pages_per_root: ... and how many more for each square root of its pages: what chance finds grows with the library
        (recall of the first stage)
    """

    exhaustive: int = 100_000
    growth: float = 4.0
    per_root: float = 32.0
    most: int = 1 << 16
    samples: int = 16
    most_samples: int = 1 << 19
    rounds: int = 3
    cells: float = 1.0
    probes: int = 8
    examples: int = 64
    pages: int = 128
    pages_per_root: float = 4.0

    def n_centroids(self, n_vectors: int) -> int:
        """The power of two that is nearest to what the rule says.

        >>> CentroidParameters().n_centroids(2_000_000)
        32768
        """
        wanted = self.per_root * np.sqrt(max(n_vectors, 1))
        return min(self.most, 1 << max(round(float(np.log2(wanted))), 0))

    def n_samples(self, n_vectors: int) -> int:
        """Vectors of a library that are read to learn its centroids."""
        return min(n_vectors, self.most_samples, self.samples * self.n_centroids(n_vectors))

    def n_candidates(self, n_pages: int) -> int:
        """Pages that a first stage hands on.

        >>> CentroidParameters().n_candidates(10_000)
        528
        """
        return self.pages + int(self.pages_per_root * np.sqrt(n_pages))


CENTROIDS = CentroidParameters()


def mark_of(slot: int) -> int:
    """The entry that every page has that was entered by the centroids of this slot."""
    return (slot << _BITS) + (1 << _BITS) - 1


class Centroids:
    """Unit vectors that a library's vectors gather around, and pages by which chance is measured."""

    def __init__(self, slot: int, learned_from: int, vectors: Floats, examples: Sequence[Ints]) -> None:
        """slot: 0 to SLOTS - 1; learned_from: vectors of the library then; vectors: (n, dim); examples: centroids of pages"""
        self.slot, self.learned_from, self.vectors = slot, learned_from, vectors
        self._examples = np.concatenate([np.zeros(0, np.int32), *examples])
        self._sizes = np.array([len(own) for own in examples], np.int32)

    def __len__(self) -> int:
        return len(self.vectors)

    @classmethod
    def learn(
        cls,
        slot: int,
        pages: Sequence[Floats],
        n_vectors: int,
        parameters: CentroidParameters = CENTROIDS,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Centroids | None:
        """Centroids of a library of n_vectors, by k-means over the vectors (n, dim) of some of its pages.

        wanted: asked every second or so; None where they no longer are
        Raises ValueError where the pages have no vectors.
        """
        sample = np.concatenate(pages)  # (n_samples, dim)
        if not len(sample):
            raise ValueError("pages: expected some with vectors")
        rng = np.random.default_rng(_SEED)
        n = min(parameters.n_centroids(n_vectors), len(sample))
        vectors = _unit(sample[rng.choice(len(sample), n, replace=False)])
        nearest = np.zeros(len(sample), np.int32)
        for _ in range(parameters.rounds):
            cells = _Cells(vectors, parameters)
            for start, end in _blocks(len(sample), 4 * parameters.probes * cells.n_cells):
                if not wanted():
                    return None
                nearest[start:end] = cells.nearest(sample[start:end])
            vectors = _means(sample, nearest, vectors)
        # as they will be read again
        vectors = vectors.astype(np.float16).astype(np.float32)
        cells = _Cells(vectors, parameters)
        some = [page for page in pages if len(page)][: parameters.examples]
        return cls(slot, n_vectors, vectors, [np.unique(cells.nearest(page)) for page in some])

    def pack(self) -> bytes:
        """Everything as a file of numpy's."""
        file = io.BytesIO()
        np.savez(
            file,
            numbers=np.array([self.slot, self.learned_from], np.int64),
            vectors=self.vectors.astype(np.float16),
            examples=self._examples,
            sizes=self._sizes,
        )
        return file.getvalue()

    @classmethod
    def unpack(cls, packed: bytes) -> Centroids:
        """The reverse of `pack`. Raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(packed), allow_pickle=False) as file:
                slot, learned_from = file["numbers"].tolist()
                sizes = file["sizes"]
                examples = np.split(file["examples"], np.cumsum(sizes)[:-1]) if len(sizes) else []
                return cls(slot, learned_from, file["vectors"].astype(np.float32), examples)
        except Exception as error:  # zipfile and numpy raise many kinds
            raise ValueError(f"centroids: expected a file of them ({error})") from error

    def page_entries(self, pages: Sequence[Floats]) -> list[SparseTerms]:
        """The entries of pages of vectors (n, dim), among them the mark."""
        nearest = self._cells.nearest(np.concatenate(pages)) if pages else np.zeros(0, np.int32)
        of_pages = np.split(nearest, np.cumsum([len(page) for page in pages])[:-1])
        entries = [
            [*(np.unique(own) + (self.slot << _BITS)).tolist(), mark_of(self.slot)]
            for own in of_pages[: len(pages)]
        ]
        return [SparseTerms(own, [1.0] * len(own)) for own in entries]

    def query_entries(self, tokens: Floats) -> SparseTerms:
        """The entries that a query looks up. tokens: (n_tokens, dim), weights folded into their length"""
        weights = np.zeros(len(self), np.float32)
        for start, end in _blocks(len(tokens), len(self)):
            similar = tokens[start:end] @ self.vectors.T  # (n, n_centroids)
            above = similar - self._chance(similar)[:, None]
            weights += np.maximum(above, 0, out=above).sum(axis=0)
        entries = np.flatnonzero(weights)
        return SparseTerms((entries + (self.slot << _BITS)).tolist(), weights[entries].tolist())

    def _chance(self, similar: Floats) -> Floats:
        """(n_tokens,): the best similarity that a page reaches which was not looked for. similar: (n_tokens, n_centroids)"""
        if not len(self._sizes):
            return np.zeros(len(similar), np.float32)
        starts = np.cumsum(self._sizes) - self._sizes
        return np.asarray(
            np.maximum.reduceat(similar[:, self._examples], starts, axis=1).mean(axis=1), np.float32
        )

    @cached_property
    def _cells(self) -> _Cells:
        """Made at the first page that is entered."""
        return _Cells(self.vectors, CENTROIDS)


class _Cells:
    """Vectors in cells, so that the nearest of many is found without looking at all of them."""

    def __init__(self, vectors: Floats, parameters: CentroidParameters) -> None:
        """vectors: (n, dim), L2-normalized"""
        n_cells = max(int(parameters.cells * np.sqrt(len(vectors))), 1)
        centres = vectors[np.linspace(0, len(vectors) - 1, n_cells).astype(np.int64)]
        for _ in range(parameters.rounds):
            centres = _means(vectors, _nearest(vectors, centres), centres)
        cell = _nearest(vectors, centres)
        self._centres, self._probes = centres, min(parameters.probes, n_cells)
        self._order = np.argsort(cell, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(cell[self._order], np.arange(n_cells + 1))
        self._vectors = vectors[self._order]

    @property
    def n_cells(self) -> int:
        return len(self._centres)

    def nearest(self, vectors: Floats) -> Ints:
        """(n,): the position of the vector with the largest product with each of (n, dim), as far as its cells have it."""
        found = np.zeros(len(vectors), np.int32)
        for start, end in _blocks(len(vectors), 4 * self.n_cells):
            found[start:end] = self._nearest(vectors[start:end])
        return found

    def _nearest(self, vectors: Floats) -> Ints:
        products = vectors @ self._centres.T  # (n, n_cells)
        probed = np.argpartition(-products, self._probes - 1, axis=1)[:, : self._probes]
        rows = np.repeat(np.arange(len(vectors)), self._probes)
        order = np.argsort(probed.ravel(), kind="stable")
        starts = np.searchsorted(probed.ravel()[order], np.arange(len(self._centres) + 1))
        best = np.full(len(vectors), -np.inf, np.float32)
        found = np.zeros(len(vectors), np.int32)
        for cell in range(len(self._centres)):
            own = rows[order[starts[cell] : starts[cell + 1]]]
            first, last = self._starts[cell], self._starts[cell + 1]
            if not len(own) or first == last:
                continue
            similar = vectors[own] @ self._vectors[first:last].T
            at = similar.argmax(axis=1)
            most = similar[np.arange(len(own)), at]
            better = most > best[own]
            best[own[better]] = most[better]
            found[own[better]] = self._order[first + at[better]]
        return found


def _nearest(vectors: Floats, centres: Floats) -> NDArray[np.int64]:
    """(n,): the centre with the largest product with each of the vectors."""
    found = np.zeros(len(vectors), np.int64)
    for start, end in _blocks(len(vectors), len(centres)):
        found[start:end] = (vectors[start:end] @ centres.T).argmax(axis=1)
    return found


def _means(vectors: Floats, nearest: NDArray[np.integer], centres: Floats) -> Floats:
    """The directions of the means of the vectors that each centre is nearest to; a centre without any stays."""
    sums = np.zeros_like(centres)
    for start, end in _blocks(len(vectors), vectors.shape[1]):
        own = nearest[start:end]
        order = np.argsort(own, kind="stable")
        present, first = np.unique(own[order], return_index=True)
        sums[present] += np.add.reduceat(vectors[start:end][order], first, axis=0)
    return np.where(sums.any(axis=1, keepdims=True), _unit(sums), centres)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), np.float32)


def _blocks(n: int, width: int) -> Iterator[tuple[int, int]]:
    """(start, end) of blocks of rows of this width."""
    step = max(_NUMBERS // max(width, 1), 1)
    return ((start, min(start + step, n)) for start in range(0, n, step))
