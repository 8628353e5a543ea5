"""How the text of a page is laid out: words stand in lines, lines in blocks (paragraphs, headings, captions, cells).

The words are the document's own, or those that an encoder of words has read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pagelight.retrieval.geometry import joined
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PageWords

#: rows and columns of the raster on which words become lines
RASTER = (800, 280)
#: how far words of a line stand apart, on each side and as a share of their height; cells are wider than words
BESIDE, BESIDE_CELLS = 0.6, 0.3
#: share of a word's height, from its middle, that is drawn
CORE = 0.25
#: words lower than this share of the page's median are drawn as high
LEAST_HEIGHT = 0.6
#: lines of a block: least ratio of their heights, least share of the narrower one that the other covers, greatest
#: distance as a multiple of the page's own, and of their height
ALIKE, COVERED, PITCH, FARTHEST = 0.65, 0.5, 1.2, 3.0
#: the page's own distance of lines is this quantile: the lower ones lie within paragraphs
OWN_PITCH = 0.25
#: pages with more lines are left as lines: pairs of them are compared
MOST_LINES = 2000
#: height of text, as a share of the page's, where none is known; and at least and at most
TEXT_HEIGHT, LOWEST, HIGHEST = 0.014, 0.006, 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """lines: (n, 4); block_of: (n,) the block of each line; blocks: (k, 4); line_heights: (k,); text_height: median"""

    lines: Floats
    block_of: NDArray[np.integer]
    blocks: Floats
    line_heights: Floats
    text_height: float


NOTHING = np.zeros((0, 4), np.float32)
EMPTY = Layout(NOTHING, np.zeros(0, np.int64), NOTHING, np.zeros(0, np.float32), TEXT_HEIGHT)


def page_layout(page: PageEmbedding, words: PageWords) -> Layout:
    """Of the document's own words, else of those that were read; empty where there are neither."""
    if len(words):
        return layout(words.boxes, BESIDE)
    return layout(seen_words(page), BESIDE_CELLS)


def layout(words: Floats, beside: float = BESIDE) -> Layout:
    """words: (n, 4), in any order."""
    if not len(words):
        return EMPTY
    heights = words[:, 3] - words[:, 1]
    median = max(float(np.median(heights)), 1e-4)
    lines = joined(words, _lines(words, median, beside))
    block_of = _blocks(lines)
    line_heights = np.bincount(block_of, lines[:, 3] - lines[:, 1]) / np.bincount(block_of)
    text_height = min(max(median, LOWEST), HIGHEST)
    return Layout(lines, block_of, joined(lines, block_of), line_heights.astype(np.float32), text_height)


def seen_words(page: PageEmbedding) -> Floats:
    """(n, 4): connected cells that one word's vector covers."""
    n_rows, n_cols = page.grid.n_rows, page.grid.n_cols
    cells = page.cell_to_vector.reshape(n_rows, n_cols)
    read = np.append(page.kinds == Kind.WORD, False)[cells]  # the last one stands for PRUNED
    number = np.arange(page.grid.n_cells).reshape(n_rows, n_cols)
    beside = read[:, 1:] & (cells[:, 1:] == cells[:, :-1])
    below = read[1:] & (cells[1:] == cells[:-1])
    first = np.concatenate([number[:, :-1][beside], number[:-1][below]])
    second = np.concatenate([number[:, 1:][beside], number[1:][below]])
    rows, cols = np.nonzero(read)
    groups = np.unique(_connected(first, second, page.grid.n_cells)[read.ravel()], return_inverse=True)[1]
    boxes = np.stack([cols / n_cols, rows / n_rows, (cols + 1) / n_cols, (rows + 1) / n_rows], axis=1)
    return joined(boxes.astype(np.float32), groups)


def _lines(words: Floats, median: float, beside: float) -> NDArray[np.integer]:
    """(n,): the line of each word. Their middles are drawn, wider than they are; what touches is a line."""
    n_rows, n_cols = RASTER
    height = np.maximum(words[:, 3] - words[:, 1], LEAST_HEIGHT * median)
    middle = (words[:, 1] + words[:, 3]) / 2
    reach = beside * np.minimum(height, 2 * median)
    left = np.clip((words[:, 0] - reach) * n_cols, 0, n_cols - 1).astype(int)
    right = np.maximum(np.ceil((words[:, 2] + reach) * n_cols).astype(int), left + 1)
    top = np.clip((middle - CORE * height) * n_rows, 0, n_rows - 1).astype(int)
    bottom = np.maximum(np.ceil((middle + CORE * height) * n_rows).astype(int), top + 1)
    drawn = np.zeros(RASTER, np.bool_)
    for x0, y0, x1, y1 in zip(left, top, right, bottom, strict=True):
        drawn[y0:y1, x0:x1] = True
    found, _ = label(drawn)
    row = np.clip(middle * n_rows, top, np.minimum(bottom, n_rows) - 1).astype(int)
    col = np.clip((words[:, 0] + words[:, 2]) / 2 * n_cols, left, np.minimum(right, n_cols) - 1).astype(int)
    return np.asarray(np.unique(found[row, col], return_inverse=True)[1])


def _blocks(lines: Floats) -> NDArray[np.integer]:
    """(n,): the block of each line. Lines of like height that lie under each other at the page's own distance."""
    if len(lines) > MOST_LINES:
        return np.arange(len(lines))
    height, width = lines[:, 3] - lines[:, 1], lines[:, 2] - lines[:, 0]
    middle = (lines[:, 1] + lines[:, 3]) / 2
    across = np.minimum(lines[:, None, 2], lines[None, :, 2]) - np.maximum(
        lines[:, None, 0], lines[None, :, 0]
    )
    higher, lower = np.maximum(height[:, None], height), np.minimum(height[:, None], height)
    pitch = (middle[None] - middle[:, None]) / np.maximum(
        higher, 1e-6
    )  # (n, n): how far the second lies below
    under = (across > COVERED * np.minimum(width[:, None], width)) & (lower > ALIKE * higher)
    under &= (pitch > 0.5) & (pitch < FARTHEST)
    nearest = np.where(under, pitch, np.inf).min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    own = float(np.quantile(nearest, OWN_PITCH)) if len(nearest) else 1.5
    first, second = np.nonzero(under & (pitch <= PITCH * own))
    return _connected(first, second, len(lines))


def _connected(first: NDArray[np.integer], second: NDArray[np.integer], n: int) -> NDArray[np.integer]:
    """(n,): the group of each of n things, of which first[i] and second[i] belong together."""
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), (n, n))
    return np.asarray(connected_components(graph, directed=False)[1])
