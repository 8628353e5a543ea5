"""Text that is set sideways on an upright page, such as wide tables: found by its look, and read turned.

To a reader of upright words, letters that lie on their sides look like words that are higher than wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pagelight.retrieval.encoders.builtin.placement import Gray, cells_in, turn_back
from pagelight.retrieval.encoders.builtin.reader.page_words import PageReading
from pagelight.retrieval.geometry import as_box, connected
from pagelight.retrieval.types import Floats, Ints, PageEmbedding

#: clockwise quarter turns by which text that runs up or down is turned upright (form)
_QUARTERS = (1, 3)
#: grey of paper (form)
_PAPER = 255


@dataclass(frozen=True, slots=True)
class SidewaysTextParameters:
    """Places of a page whose text runs up or down.

    narrow: widths of a word, in heights, below which it may be letters on their sides (geometry)
    reach: gap between such words of one place, in their longer sides, at most: a table's columns (geometry)
    fewest: such words of a place, at least (geometry)
    share: of the words in the place that are such, at least (geometry)
    margin: pixels around the place (geometry)
    legible: share of surely read words in the turned place, at least (practice pages: of other ones .12 at most)
    fewest_read: surely read words in the turned place, at least (geometry)
    largest: share of the page of such a place, at most: pages that are turned as a whole are told otherwise (speed)
    most_places: places of a page that are read (speed)
    """

    narrow: float = 1.0
    reach: float = 4.0
    fewest: int = 12
    share: float = 0.6
    margin: int = 24
    legible: float = 0.15
    fewest_read: float = 3.0
    largest: float = 0.6
    most_places: int = 3


SIDEWAYS_TEXT = SidewaysTextParameters()


def with_sideways_text(
    gray: Gray,
    reading: PageReading,
    read: Callable[[Gray], PageReading],
    parameters: SidewaysTextParameters = SIDEWAYS_TEXT,
) -> PageReading:
    """The reading of an upright page with the words of the places that are set sideways. read: reads an upright picture"""
    size = np.tile(gray.shape[::-1], 2)  # width, height, width, height
    for box in _places(reading.page.read.boxes * size, size[:2], parameters):
        left, top, right, bottom = np.clip(box, 0, size).round().astype(int)
        alone = np.full_like(gray, _PAPER)  # on a page of the same size, for the print to be of the same size
        alone[top:bottom, left:right] = gray[top:bottom, left:right]
        found = [(read(np.rot90(alone, -turned).copy()), turned) for turned in _QUARTERS]
        best, turned = max(found, key=lambda one: one[0].legible * one[0].n_words)
        if best.legible >= parameters.legible and best.legible * best.n_words >= parameters.fewest_read:
            page, owner = turn_back(best.page, best.owner, turned)
            sideways = replace(best, page=page, owner=owner)
            reading = _joined(reading, sideways, np.array([left, top, right, bottom]) / size)
    return reading


def _places(boxes: Floats, size: Ints, parameters: SidewaysTextParameters) -> Iterator[Floats]:
    """Boxes (4,) of the places that look so, in pixels. boxes: (n, 4) of the words that were read; size: (2,) of the page"""
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    is_narrow = width < parameters.narrow * height
    if is_narrow.sum() < parameters.fewest:
        return
    narrow = boxes[is_narrow]
    reach = parameters.reach * np.maximum(width, height)[is_narrow, None]
    grown = narrow + np.concatenate([-reach, -reach, reach, reach], axis=1)
    touch = np.all(
        (grown[:, None, :2] < narrow[None, :, 2:]) & (grown[:, None, 2:] > narrow[None, :, :2]), axis=2
    )
    first, second = np.nonzero(touch)
    group = connected(first, second, len(narrow))
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    n_places = 0
    for one in np.unique(group):
        own = narrow[group == one]
        box = np.concatenate([own[:, :2].min(axis=0), own[:, 2:].max(axis=0)])
        inside = np.all((middle >= box[:2]) & (middle <= box[2:]), axis=1)
        are_enough = len(own) >= parameters.fewest and len(own) >= parameters.share * inside.sum()
        area = float(np.prod((box[2:] - box[:2]) / size))
        if are_enough and area <= parameters.largest and n_places < parameters.most_places:
            n_places += 1
            yield box + parameters.margin * np.array([-1, -1, 1, 1])


def _joined(reading: PageReading, other: PageReading, box: Floats) -> PageReading:
    """The reading with another one of the same page, whose words take the place of those in a box (4,), relative."""
    page, grid, inner = reading.page, reading.page.grid, other.page.grid
    cells = cells_in(as_box(box), grid)
    rows, cols = np.divmod(cells, grid.n_cols)
    there = (
        ((rows + 0.5) / grid.n_rows * inner.n_rows).astype(int),
        ((cols + 0.5) / grid.n_cols * inner.n_cols).astype(int),
    )
    owner_there = other.owner[there[0] * inner.n_cols + there[1]]
    kept = np.unique(other.owner[other.owner >= 0])
    importance = page.importance.copy()
    importance[reading.owner[cells][reading.owner[cells] >= 0]] = 0
    owner, cell_to_vector = reading.owner.copy(), page.cell_to_vector.copy()
    is_word = owner_there >= 0
    owner[cells] = np.where(is_word, len(page) + np.searchsorted(kept, owner_there), -1)
    cell_to_vector[cells] = np.where(is_word, owner[cells], cells)
    middle = (page.read.boxes[:, :2] + page.read.boxes[:, 2:]) / 2
    outside = np.flatnonzero(~np.all((middle >= box[:2]) & (middle <= box[2:]), axis=1))
    joined = PageEmbedding(
        np.concatenate([page.vectors, other.page.vectors[kept]]),
        grid,
        cell_to_vector.astype(np.int32),
        np.concatenate([importance, other.page.importance[kept]]),
        np.concatenate([page.counts, other.page.counts[kept]]),
        np.concatenate([page.kinds, other.page.kinds[kept]]),
        read=page.read.chosen(outside.tolist()) + other.page.read,
    )
    return replace(reading, page=joined, owner=owner.astype(np.int32))
