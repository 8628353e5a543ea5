"""Regions of a picture that have something drawn on them: all that the reader has to look at."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Pixels: ink is looked for, and parts are cut, in squares of this size (net)
BLOCK = 16

Rect = tuple[int, int, int, int]
"""top, bottom, left, right"""


@dataclass(frozen=True, slots=True)
class InkParameters:
    """Ink: what counts as such, and how much is read around it.

    contrast: gray levels between light and dark (practice pages)
    margin_rows: blocks above and below a part that are read with it (geometry)
    margin_cols: blocks to its sides (geometry)
    worth_a_cut: blocks; to read a part by itself costs about as much time as so many of them (speed)
    """

    contrast: int = 16
    margin_rows: int = 1
    margin_cols: int = 1
    worth_a_cut: int = 100


INK = InkParameters()


def edges(pixels: NDArray[np.uint8], contrast: int = INK.contrast) -> NDArray[np.bool_]:
    """(height, width): where light and dark, `contrast` gray levels apart, lie side by side."""
    found = np.zeros(pixels.shape, np.bool_)
    before, after = pixels[:, :-2], pixels[:, 2:]
    np.greater(np.maximum(before, after) - np.minimum(before, after), contrast, out=found[:, 1:-1])
    return found


def opened(drawn: NDArray[np.bool_], height: int) -> NDArray[np.bool_]:
    """Pixels that belong to vertical runs of at least so many pixels (morphological opening)."""
    begins, length = drawn, 1
    while length < height:
        step = min(length, height - length)
        begins = begins[:-step] & begins[step:]
        length += step
    runs, length = np.zeros_like(drawn), 1
    runs[: len(begins)] = begins
    while length < height:
        step = min(length, height - length)
        runs[step:] |= runs[:-step]
        length += step
    return runs


def ink_regions(drawn: NDArray[np.bool_], parameters: InkParameters = INK) -> Iterator[Rect]:
    """(top, bottom, left, right) of the parts of a picture that have ink, with a margin; sides multiples of BLOCK.

    drawn: (height, width), multiples of BLOCK. Parts do not overlap; an empty page has none. Cut as in the recursive X-Y cut
    (Nagy and Seth 1984), each time along the empty rows or columns that leave least to read.
    """
    n_rows, n_cols = drawn.shape[0] // BLOCK, drawn.shape[1] // BLOCK
    inked = by_block(drawn, BLOCK, BLOCK)
    waiting = [_around(inked, 0, n_rows, 0, n_cols)]
    while waiting:
        top, bottom, left, right = rect = waiting.pop()
        if top == bottom:
            continue
        part = inked[top:bottom, left:right]
        rows, cols = _gaps(np.any(part, axis=1)), _gaps(np.any(part, axis=0))
        cuts = [
            (_around(inked, top, top + row, left, right), _around(inked, top + row, bottom, left, right))
            for row, gap in rows
            if gap >= 2 * parameters.margin_rows
        ] + [
            (_around(inked, top, bottom, left, left + col), _around(inked, top, bottom, left + col, right))
            for col, gap in cols
            if gap >= 2 * parameters.margin_cols
        ]
        sizes = [sum(_n_blocks(half, inked, parameters) for half in cut) for cut in cuts]
        if cuts and _n_blocks(rect, inked, parameters) - min(sizes) >= parameters.worth_a_cut:
            waiting += cuts[sizes.index(min(sizes))]
        else:
            top, bottom, left, right = _wider(rect, inked, parameters)
            yield top * BLOCK, bottom * BLOCK, left * BLOCK, right * BLOCK


def by_block(drawn: NDArray[np.bool_], height: int, width: int) -> NDArray[np.bool_]:
    """Whether there is something in each block of height x width pixels."""
    rows = np.any(drawn.reshape(-1, height, drawn.shape[1]), axis=1)
    found: NDArray[np.bool_] = np.any(rows.reshape(len(rows), -1, width), axis=2)
    return found


def _around(inked: NDArray[np.bool_], top: int, bottom: int, left: int, right: int) -> Rect:
    """The part of a rectangle of blocks that has ink; four times the same where there is none."""
    part = inked[top:bottom, left:right]
    rows, cols = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    if not len(rows):
        return top, top, top, top
    return top + int(rows[0]), top + int(rows[-1]) + 1, left + int(cols[0]), left + int(cols[-1]) + 1


def _gaps(inked: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """(n,) with ink at both ends -> where each run of empty ones begins, and its length."""
    places = np.flatnonzero(inked)
    for before, after in itertools.pairwise(places.tolist()):
        if after - before > 1:
            yield before + 1, after - before - 1


def _wider(rect: Rect, inked: NDArray[np.bool_], parameters: InkParameters) -> Rect:
    """The rectangle with its margin, as far as the page goes."""
    (top, bottom, left, right), (n_rows, n_cols) = rect, inked.shape
    above, beside = parameters.margin_rows, parameters.margin_cols
    return (
        max(top - above, 0),
        min(bottom + above, n_rows),
        max(left - beside, 0),
        min(right + beside, n_cols),
    )


def _n_blocks(rect: Rect, inked: NDArray[np.bool_], parameters: InkParameters) -> int:
    top, bottom, left, right = _wider(rect, inked, parameters)
    return (bottom - top) * (right - left)
