"""Batches for the figure net: parts of drawn and of real pages, and for each cell how far the edges of its thing lie."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pagelight.retrieval.types import Floats
from training.figures.pool import Sample
from training.figures.real import UNKNOWN

BATCH = 16
_REAL = 0.3
"""Share of the pages of real documents in a batch."""
_CROPPED, _LEAST_CROP = 0.5, 0.6
"""How often a part of the page is shown, and the least share of its sides."""
_NARROWEST = 20
"""Cells of the shorter side of a page that may share a batch with others: all are cut to the smallest."""
_LARGE = 49
"""Cells of a thing from which each of them weighs less, by the root of their number."""
_PLAIN = 0.12
"""Weight of a cell without a thing, beside that of a cell of a thing of _LARGE cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """maps (n, FEATURES, rows, columns); classes (n, rows, columns) int64; edges (n, 4, rows, columns): cells to the thing's
    edges, 0 where there is none; weights (n, rows, columns): 0 where nobody knows."""

    maps: Tensor
    classes: Tensor
    edges: Tensor
    weights: Tensor


def edges_of(numbers: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """(4, rows, columns) cells to the left, top, right and bottom edge of each cell's thing; (rows, columns) its cells.

    numbers: (rows, columns): which thing each cell is part of, 0: none
    """
    rows, columns = numbers.shape
    ys, xs = np.mgrid[:rows, :columns] + 0.5
    edges, sizes = np.zeros((4, rows, columns), np.float32), np.zeros((rows, columns), np.float32)
    for number in np.unique(numbers[numbers > 0]):
        own = numbers == number
        y, x = np.nonzero(own)
        box = x.min(), y.min(), x.max() + 1, y.max() + 1
        edges[:, own] = np.stack([xs - box[0], ys - box[1], box[2] - xs, box[3] - ys])[:, own]
        sizes[own] = len(x)
    return edges, sizes


def make_batch(samples: list[Sample], rng: random.Random) -> Batch:
    """Parts of the samples, all of one size."""
    rows = min(sample.cells.shape[0] for sample in samples)
    columns = min(sample.cells.shape[1] for sample in samples)
    if rng.random() < _CROPPED:
        rows, columns = (round(side * rng.uniform(_LEAST_CROP, 1)) for side in (rows, columns))
    parts = []
    for sample in samples:
        top = rng.randint(0, sample.cells.shape[0] - rows)
        left = rng.randint(0, sample.cells.shape[1] - columns)
        window = slice(top, top + rows), slice(left, left + columns)
        parts.append(
            (sample.maps[:, window[0], window[1]], sample.cells[window], *edges_of(sample.numbers[window]))
        )
    maps = torch.stack([part[0] for part in parts]).float()
    cells, edges, sizes = (torch.from_numpy(np.stack([part[i] for part in parts])) for i in (1, 2, 3))
    weights = torch.where(sizes > 0, (_LARGE / sizes.clamp_min(_LARGE)).sqrt(), torch.tensor(_PLAIN))
    return Batch(maps, cells.long().where(cells != UNKNOWN, 0), edges, weights.where(cells != UNKNOWN, 0.0))


def _stands(sample: Sample) -> bool:
    rows, columns = sample.cells.shape
    return rows > columns


class Batches:
    """Endless batches of pages that lie or stand, drawn ones and real ones."""

    def __init__(self, drawn: list[Sample], real: list[Sample], rng: random.Random) -> None:
        self._rng = rng
        wide_enough = [sample for sample in real if min(sample.cells.shape) >= _NARROWEST]
        self._groups = [
            tuple(
                [sample for sample in samples if _stands(sample) == standing]
                for samples in (drawn, wide_enough)
            )
            for standing in (True, False)
        ]

    def __iter__(self) -> Iterator[Batch]:
        while True:
            drawn, real = self._rng.choices(self._groups, [len(group[0]) for group in self._groups])[0]
            chosen = self._rng.choices(real, k=round(BATCH * _REAL)) if real else []
            yield make_batch(chosen + self._rng.choices(drawn, k=BATCH - len(chosen)), self._rng)
