"""Headings: what stands over a block of text, and rows of a table that head others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.geometry import joined
from pagelight.retrieval.highlights.lines import Indices, middles, within
from pagelight.retrieval.types import Floats

#: a box that nothing lies in
NOWHERE = np.array([2, 2, 1, 1], np.float32)


@dataclass(frozen=True, slots=True)
class HeadingParameters:
    """Signs of what heads a block.

    lines: greatest height of a heading, in lines (geometry)
    gap: how far a heading stands above what it heads at most, as a share of the page's height (geometry)
    larger: letters so much higher than those of the text below head it however far away (geometry)
    """

    lines: float = 2.6
    gap: float = 0.03
    larger: float = 1.15


def heading_rows(rows: Floats, headings: Floats) -> NDArray[np.bool_]:
    """(r,): which of the rows (r, 4) lie in a heading (r, 4) of another one."""
    inside = within(middles(rows), headings)
    np.fill_diagonal(inside, False)
    return np.asarray(inside.any(axis=0))


def find_headings(lines: Floats, block_of: Indices, parameters: HeadingParameters) -> Floats:
    """(n_blocks, 4): the heading of each block: the nearest low block above it, close to it or of larger letters."""
    boxes = joined(lines, block_of)
    letters = np.bincount(block_of, lines[:, 3] - lines[:, 1]) / np.bincount(block_of)
    height, width = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    low = np.flatnonzero(height <= parameters.lines * letters)
    above, large = boxes[low], letters[low]
    # (n_blocks, n_low)
    gap = boxes[:, 1:2] - above[:, 3]
    heads = (gap > -0.2 * large) & (above[:, 1] < boxes[:, 1:2])
    shared = np.minimum(above[:, 2], boxes[:, 2:3]) - np.maximum(above[:, 0], boxes[:, :1])
    heads &= shared > 0.5 * np.minimum(width[low], width[:, None])
    heads &= (large > parameters.larger * letters[:, None]) | (
        (gap < parameters.gap) & (height[:, None] > height[low])
    )
    heads[low, np.arange(len(low))] = False
    headings = np.tile(NOWHERE, (len(boxes), 1))
    headed = np.flatnonzero(heads.any(axis=1))
    if len(headed):
        headings[headed] = above[np.where(heads[headed], gap[headed], np.inf).argmin(axis=1)]
    return headings
