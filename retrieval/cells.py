"""Vectors in cells around centres, so that the nearest of many are found without looking at all of them (an inverted file)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.types import Floats, Ints

#: cells up to which it is faster to look for the nearest again and again than to order all: a fourth of the time for 4
#: of 512, and both find the same (block)
_FEW_CELLS = 8
#: numbers of similarities that are held at once: 4 MB, which a processor finds again in its cache: 8 times as fast as 32 MB (block)
_NUMBERS = 1 << 20


class Cells:
    """Vectors (n, dim), L2-normalized, each in the cell of its nearest centre. They are named by their positions."""

    def __init__(self, vectors: Floats, n_cells: int, rounds: int) -> None:
        """n_cells: at most; rounds: of k-means, beginning with vectors in even steps"""
        n_cells = min(n_cells, len(vectors))
        centres = vectors[np.linspace(0, len(vectors) - 1, n_cells).astype(np.int64)]
        for _ in range(rounds):
            centres = mean_directions(vectors, _nearest_centre(vectors, centres), centres)
        cell = _nearest_centre(vectors, centres)
        self._centres = centres
        self._order = np.argsort(cell, kind="stable")  # positions, cell by cell
        self._starts = np.searchsorted(cell[self._order], np.arange(n_cells + 1))
        self._bounds = list(pairwise(self._starts.tolist()))
        self._vectors = vectors[self._order]

    def __len__(self) -> int:
        return len(self._centres)

    def nearest(self, vectors: Floats, n_cells: int) -> Ints:
        """(len,): the nearest one of those in the nearest `n_cells` cells of each vector."""
        found = np.zeros(len(vectors), np.int32)
        for start, end in blocks(len(vectors), 4 * len(self)):
            positions, similar = self.nearest_of_cells(vectors[start:end], n_cells)
            best = similar.argmax(axis=1)
            found[start:end] = positions[np.arange(len(positions)), best]
        return found

    def nearest_of_cells(self, vectors: Floats, n_cells: int) -> tuple[NDArray[np.int64], Floats]:
        """((len, n_cells) positions, (len, n_cells) products): the nearest one of each of the nearest cells, in any order.

        Goes cell by cell, with all vectors that look into it.
        """
        near = self._nearest_cells(vectors, n_cells)
        similar = np.full(near.shape, -1.0, np.float32)
        found = np.zeros(near.shape, np.int64)
        order = np.argsort(near, axis=None, kind="stable")
        bounds = np.searchsorted(near.ravel()[order], np.arange(len(self) + 1))
        for cell in np.flatnonzero((np.diff(bounds) > 0) & (np.diff(self._starts) > 0)):
            places = order[bounds[cell] : bounds[cell + 1]]
            start, end = self._bounds[cell]
            products = vectors[places // near.shape[1]] @ self._vectors[start:end].T  # (n_own, n_cell)
            best = products.argmax(axis=1)
            similar.ravel()[places] = products[np.arange(len(places)), best]
            found.ravel()[places] = self._order[start + best]
        return found, similar

    def nearest_several(self, vectors: Floats, n: int, n_cells: int) -> tuple[NDArray[np.int64], Floats]:
        """((len, n) positions, (len, n) products), nearest first, of those in the nearest `n_cells` cells of each vector.

        Goes vector by vector. Where the cells have fewer, the products end in -1.
        """
        similar = np.full((len(vectors), n), -1.0, np.float32)
        found = np.zeros((len(vectors), n), np.int64)
        near = self._nearest_cells(vectors, n_cells)
        # (len, n_cells): where the products of each cell end, one behind another
        ends = np.cumsum(np.diff(self._starts)[near], axis=1)
        behind = self._starts[near + 1] - ends
        for row, vector in enumerate(vectors):
            own, at = np.empty(ends[row, -1], np.float32), 0
            for cell, to in zip(near[row].tolist(), ends[row].tolist(), strict=True):
                start, end = self._bounds[cell]
                np.dot(self._vectors[start:end], vector, out=own[at:to])
                at = to
            n_top = min(n, len(own))
            top = np.flatnonzero(own >= np.partition(own, -n_top)[-n_top])
            top = top[np.argsort(-own[top], kind="stable")[:n]]
            places = top + behind[row, np.searchsorted(ends[row], top, side="right")]
            similar[row, : len(top)], found[row, : len(top)] = own[top], self._order[places]
        return found, similar

    def _nearest_cells(self, vectors: Floats, n_cells: int) -> NDArray[np.int64]:
        """(len, n_cells)"""
        n_cells = min(n_cells, len(self))
        products = vectors @ self._centres.T
        if n_cells > _FEW_CELLS:
            return np.argpartition(-products, n_cells - 1, axis=1)[:, :n_cells]
        near = np.empty((len(vectors), n_cells), np.int64)
        rows = np.arange(len(vectors))
        for rank in range(n_cells):
            near[:, rank] = products.argmax(axis=1)
            products[rows, near[:, rank]] = -np.inf
        return near


def mean_directions(vectors: Floats, group: NDArray[np.integer], default: Floats) -> Floats:
    """(n_groups, dim): the direction of the mean of each group's vectors; a group without any has its default.

    group: (n,) of each vector
    """
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(default) + 1)).tolist()
    sums = np.zeros_like(default)
    for number, (start, end) in enumerate(pairwise(starts)):
        if end > start:
            sums[number] = vectors[order[start:end]].sum(axis=0)
    return np.where(sums.any(axis=1, keepdims=True), l2_normalized(sums), default)


def _nearest_centre(vectors: Floats, centres: Floats) -> NDArray[np.int64]:
    """(n,): the centre with the largest product with each of the vectors."""
    found = np.zeros(len(vectors), np.int64)
    for start, end in blocks(len(vectors), len(centres)):
        found[start:end] = (vectors[start:end] @ centres.T).argmax(axis=1)
    return found


def blocks(n: int, width: int) -> Iterator[tuple[int, int]]:
    """(start, end) of blocks of rows of this width."""
    step = max(_NUMBERS // max(width, 1), 1)
    return ((start, min(start + step, n)) for start in range(0, n, step))
