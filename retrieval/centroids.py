"""Centroids learned from a library: entries of an inverted index for vectors that are not words.

As in PLAID and WARP (Santhanam et al. 2022, arXiv 2205.09707; Scheerer et al. 2025, arXiv 2501.17788) a page is the
centroids that its vectors lie nearest to. A query looks up the centroids that lie nearer to a token than the best of any
page does by chance, each with what it is nearer by: a page that has two of them for one token is then not taken for one
that has a good one. The sum is an approximation, from which candidates are chosen that are scored exactly.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pagelight.retrieval.cells import Cells, blocks, mean_directions
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.text.bm25 import SparseTerms
from pagelight.retrieval.types import Floats, Ints

#: the name of such centroids in an index; rises when what is kept of them changes
LEARNED = "learned-1"

#: bits of a centroid's number in an entry; above stands the slot, and the last number is the slot's mark (form)
_BITS = 20
#: centroids in use, and those that pages are moved to, never stand in one slot (form)
SLOTS = 8
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
    pages_of_many: ... or for each of its pages to the power of 3/4, where that is more: from 16,000 pages on, since
        centroids do not grow beyond `most` (recall of the first stage)
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
    pages_of_many: float = 0.36

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

    def cells_of(self, vectors: Floats) -> Cells:
        """The centroids in cells."""
        return Cells(vectors, max(int(self.cells * np.sqrt(len(vectors))), 1), self.rounds)

    def n_candidates(self, n_pages: int) -> int:
        """Pages that a first stage hands on.

        >>> CentroidParameters().n_candidates(10_000), CentroidParameters().n_candidates(100_000)
        (528, 2152)
        """
        more = max(self.pages_per_root * n_pages**0.5, self.pages_of_many * n_pages**0.75)
        return self.pages + int(more)


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
        vectors = l2_normalized(sample[rng.choice(len(sample), n, replace=False)])
        nearest = np.zeros(len(sample), np.int32)
        for _ in range(parameters.rounds):
            cells = parameters.cells_of(vectors)
            for start, end in blocks(len(sample), 4 * parameters.probes * len(cells)):
                if not wanted():
                    return None
                nearest[start:end] = cells.nearest(sample[start:end], parameters.probes)
            vectors = mean_directions(sample, nearest, vectors)
        # as they will be read again
        vectors = vectors.astype(np.float16).astype(np.float32)
        cells = parameters.cells_of(vectors)
        some = [page for page in pages if len(page)][: parameters.examples]
        examples = [np.unique(cells.nearest(page, parameters.probes)) for page in some]
        return cls(slot, n_vectors, vectors, examples)

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
        if not pages:
            return []
        nearest = self._cells.nearest(np.concatenate(pages), CENTROIDS.probes)
        of_pages = np.split(nearest, np.cumsum([len(page) for page in pages])[:-1])
        entries = [
            [*(np.unique(own) + (self.slot << _BITS)).tolist(), mark_of(self.slot)] for own in of_pages
        ]
        return [SparseTerms(own, [1.0] * len(own)) for own in entries]

    def query_entries(self, tokens: Floats) -> SparseTerms:
        """The entries that a query looks up. tokens: (n_tokens, dim), weights folded into their length"""
        weights = np.zeros(len(self), np.float32)
        for start, end in blocks(len(tokens), len(self)):
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
    def _cells(self) -> Cells:
        """Made at the first page that is entered."""
        return CENTROIDS.cells_of(self.vectors)
