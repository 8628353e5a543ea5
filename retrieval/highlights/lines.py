"""Lines of text on a page: from the document's own words, or from those that an encoder of words has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.geometry import connected, joined, median
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PageWords

Indices = NDArray[np.integer]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LineParameters:
    """Distances by which words become lines. All are shares of sizes on the page, so that they hold for any resolution.

    raster_rows: rows of the raster on which words are drawn: a line of 6 points on A4 is five rows high (geometry)
    raster_cols: its columns (geometry)
    beside: reach of a word to each side, in widths of a letter: half the widest space of a justified line, and less
        than half the gap of two columns (geometry)
    beside_cells: the same for words that were read, as a share of their height, and since their cells are wider than
        they are, less (geometry)
    covered: share of the words read that the document has to bring, to be taken by itself (geometry)
    core: share of a word's height, from its middle, that is drawn: neighbouring lines do not touch (geometry)
    least_height: words lower than this share of the page's median are drawn as high: dashes and dots (geometry)
    sideways_rows: rows of cells that a word covers which stands on its side on an upright page, at least (geometry)
    higher: the same, in columns (geometry)
    telling_letters: letters from which a word's shape tells which way it runs: three letters are about as wide as
        high (geometry)
    gutter: narrowest space between two columns, as a share of a word's reach to both sides (geometry)
    gutter_lines: lines that begin at its right side with nothing across it between them, at least: spaces of justified
        lines stand above each other on two or three (geometry)
    """

    raster_rows: int = 800
    raster_cols: int = 280
    beside: float = 0.9
    beside_cells: float = 0.3
    covered: float = 0.5
    core: float = 0.25
    least_height: float = 0.6
    sideways_rows: int = 4
    higher: float = 2.0
    telling_letters: int = 5
    gutter: float = 0.75
    gutter_lines: int = 5


LINES = LineParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of a page that run one way, in reading order where it is known.

    boxes: (n, 4); texts: n words, "" where only the place is known; beside: (n,) its reach to each side, as a share of the page's
        width
    """

    boxes: Floats
    texts: tuple[str, ...]
    beside: Floats

    def __len__(self) -> int:
        return len(self.boxes)


def page_words(
    page: PageEmbedding, words: PageWords, parameters: LineParameters = LINES
) -> tuple[Words, Words]:
    """The words that run across the page, and those that run up or down, with x and y exchanged.

    The document's own words; where those are few, as on a scan with a stamp, also the words that were read: connected
    cells that one word's vector covers.
    """
    boxes, texts = words.boxes, words.texts
    sideways = _written_sideways(words, parameters)
    read = page.kinds == Kind.WORD
    if read.any():
        seen, n_high, n_wide = _connected_cells(page, read)
        own: Flags = np.zeros(len(seen), np.bool_)
        own[holding(_grown(boxes), middles(seen))[1]] = True
        if own.sum() < parameters.covered * len(own):
            seen = seen[~own]
            # cells are twice as wide as high, and words wider than high but on a page that lies on its side
            turned = bool(n_high.sum() > parameters.higher * n_wide.sum())
            boxes, texts = np.concatenate([boxes, seen]), texts + ("",) * len(seen)
            upright_ones = n_high[~own] < np.maximum(
                parameters.sideways_rows, parameters.higher * n_wide[~own]
            )
            sideways = np.append(sideways, turned | ~upright_ones)
    across, along = np.flatnonzero(~sideways), np.flatnonzero(sideways)
    return (
        make_words(boxes[across], [texts[i] for i in across], parameters),
        make_words(transposed(boxes[along]), [texts[i] for i in along], parameters),
    )


def make_words(boxes: Floats, texts: Sequence[str], parameters: LineParameters = LINES) -> Words:
    """Words (n, 4) that run across; texts: n, "" where not known."""
    if not len(boxes):
        return Words(boxes, (), np.zeros(0, np.float32))
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    usual = max(median(height), 1e-4)
    size = np.minimum(height, 2 * usual)
    n_letters = np.array([len(text) for text in texts])
    known = n_letters >= 3
    # sizes are relative to the page, whose proportions are not known: letters tell how wide a space is
    letter = median(width[known] / n_letters[known]) / usual if known.any() else 0.0
    beside = np.where(n_letters > 0, parameters.beside * letter, parameters.beside_cells)
    return Words(boxes, tuple(texts), (beside * size).astype(np.float32))


def _grown(boxes: Floats) -> Floats:
    """Boxes (n, 4), a quarter of their size larger on each side."""
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] - size / 4, boxes[:, 2:] + size / 4], axis=1)


def middles(boxes: Floats) -> Floats:
    """(n, 2) of boxes (n, 4)."""
    return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2, np.float32)


def holding(boxes: Floats, points: Floats) -> tuple[Indices, Indices]:
    """Pairs of a box (k, 4) and a point (n, 2) that lies in it, as indices."""
    order = np.argsort(points[:, 1], kind="stable")
    heights = points[order, 1]
    box, place = runs_of(
        np.searchsorted(heights, boxes[:, 1], "left"), np.searchsorted(heights, boxes[:, 3], "right")
    )
    point = order[place]
    inside = (points[point, 0] >= boxes[box, 0]) & (points[point, 0] <= boxes[box, 2])
    return box[inside], point[inside]


def runs_of(starts: Indices, stops: Indices) -> tuple[Indices, Indices]:
    """The run that each number belongs to, and the numbers themselves, from each start to before its stop.

    >>> [found.tolist() for found in runs_of(np.array([3, 5, 0]), np.array([5, 5, 1]))]
    [[0, 0, 2], [3, 4, 0]]
    """
    sizes = np.maximum(stops - starts, 0)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return owner, np.arange(len(owner)) - before[owner] + starts[owner]


def within(points: Floats, boxes: Floats) -> Flags:
    """(k, n): whether each of the points (n, 2) lies in each of the boxes (k, 4)."""
    x, y = points.T
    inside: Flags = (x >= boxes[:, :1]) & (x <= boxes[:, 2:3]) & (y >= boxes[:, 1:2]) & (y <= boxes[:, 3:])
    return inside


def find_lines(words: Words, parameters: LineParameters = LINES) -> Indices:
    """(n,): the line of each word. Words that lie across others, as a slanting stamp does, are lines by themselves."""
    slanting = _slanting(words.boxes)
    line_of = np.empty(len(words), np.int64)
    level = np.flatnonzero(~slanting)
    texts = tuple(words.texts[i] for i in level.tolist())
    line_of[level] = touching(Words(words.boxes[level], texts, words.beside[level]), parameters)
    line_of[slanting] = int(line_of[level].max(initial=-1)) + 1 + np.arange(slanting.sum())
    return line_of


def _slanting(boxes: Floats) -> Flags:
    """(n,): which words have the middles of two others in their box."""
    holders, _ = holding(boxes, middles(boxes))
    return np.asarray(np.bincount(holders, minlength=len(boxes)) > 2)


def touching(words: Words, parameters: LineParameters = LINES) -> Indices:
    """(n,): the line of each word. Their middles are laid on a raster, wider than they are; what touches is a line."""
    if not len(words):
        return np.zeros(0, np.int64)
    n_rows, n_cols = parameters.raster_rows, parameters.raster_cols
    boxes = words.boxes
    height = boxes[:, 3] - boxes[:, 1]
    height = np.maximum(height, parameters.least_height * max(median(height), 1e-4))
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    left = np.clip((boxes[:, 0] - words.beside) * n_cols, 0, n_cols - 1).astype(int)
    right = np.maximum(np.ceil((boxes[:, 2] + words.beside) * n_cols).astype(int), left + 1)
    top = np.clip((middle - parameters.core * height) * n_rows, 0, n_rows - 1).astype(int)
    bottom = np.maximum(np.ceil((middle + parameters.core * height) * n_rows).astype(int), top + 1)
    right, bottom = np.minimum(right, n_cols), np.minimum(bottom, n_rows)
    # the later of two that touch begins at the latest where the earlier one ends
    order = np.argsort(top, kind="stable")
    first, second = runs_of(np.arange(1, len(order) + 1), np.searchsorted(top[order], bottom[order], "right"))
    first, second = order[first], order[second]
    high = np.minimum(bottom[first], bottom[second]) - np.maximum(top[first], top[second])
    wide = np.minimum(right[first], right[second]) - np.maximum(left[first], left[second])
    touch = (high >= 0) & (wide >= 0) & (high + wide > 0)  # not by a corner alone
    first, second = first[touch], second[touch]
    apart = _across_gutters(words, first, second, parameters)
    groups = connected(first[~apart], second[~apart], len(order))
    begins = np.full(int(groups.max()) + 1, n_rows * n_cols)
    np.minimum.at(begins, groups, top * n_cols + left)
    rank = np.empty(len(begins), np.int64)
    rank[np.argsort(begins, kind="stable")] = np.arange(
        len(begins)
    )  # as they are read, not as words were given
    return np.asarray(rank[groups])


def _across_gutters(words: Words, first: Indices, second: Indices, parameters: LineParameters) -> Flags:
    """(m,): which pairs of words that touch, each given once, have a narrow gutter between two columns between them.

    Only among words whose texts are known: the cells of those that were read are all in line.
    """
    x0, x1 = words.boxes[:, 0], words.boxes[:, 2]
    swap = x0[first] > x0[second]
    left, right = np.where(swap, second, first), np.where(swap, first, second)
    follows = np.zeros(len(words), np.bool_)  # a bullet or a number is part of its item, and follows nothing
    follows[right[x0[right] > x1[left]]] = True
    wide = x0[right] - x1[left] > parameters.gutter * (words.beside[left] + words.beside[right])
    known = np.array([bool(text) for text in words.texts], np.bool_)
    wide &= known[left] & known[right]
    found = np.flatnonzero(wide & follows[left])
    left, right = left[found], right[found]
    slack = words.beside[right][:, None] / 4
    start, middle = x0[right][:, None], middles(words.boxes)[:, 1]
    # (k, n): words across the space, above and below, and those that begin where it ends
    across = (x0 < start - slack) & (x1 > x1[left][:, None] + slack)
    own = middle[right][:, None]
    top = np.where(across & (middle < own), middle, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    bottom = np.where(across & (middle > own), middle, np.inf).min(axis=1, initial=np.inf, keepdims=True)
    begins = (np.abs(x0 - start) < slack) & (middle > top) & (middle < bottom)
    apart: Flags = np.zeros(len(first), np.bool_)
    apart[found] = begins.sum(axis=1) >= parameters.gutter_lines
    return apart


def transposed(boxes: Floats) -> Floats:
    """Boxes (n, 4) with x and y exchanged: what runs down the page runs across."""
    return boxes[:, [1, 0, 3, 2]]


def _written_sideways(words: PageWords, parameters: LineParameters) -> Flags:
    """(n,): which words run up or down the page; short ones go with the longer word before them."""
    if not len(words):
        return np.zeros(0, np.bool_)
    width, height = (words.boxes[:, 2:] - words.boxes[:, :2]).T
    telling = np.flatnonzero(np.array([len(text) >= parameters.telling_letters for text in words.texts]))
    if not len(telling):
        return np.zeros(len(words), np.bool_)
    before = np.searchsorted(telling, np.arange(len(words)), side="right") - 1
    return np.asarray((height > width)[telling[np.maximum(before, 0)]])


def _connected_cells(page: PageEmbedding, read: Flags) -> tuple[Floats, Indices, Indices]:
    """(n, 4) boxes of connected cells that one vector covers, and how many rows and columns (n,) each has."""
    n_rows, n_cols = page.grid.n_rows, page.grid.n_cols
    cells = page.cell_to_vector.reshape(n_rows, n_cols)
    word = np.append(read, False)[cells]  # the last one stands for PRUNED
    number = (np.cumsum(word) - 1).reshape(n_rows, n_cols)  # of those cells alone
    beside = word[:, 1:] & (cells[:, 1:] == cells[:, :-1])
    below = word[1:] & (cells[1:] == cells[:-1])
    first = np.concatenate([number[:, :-1][beside], number[:-1][below]])
    second = np.concatenate([number[:, 1:][beside], number[1:][below]])
    rows, cols = np.nonzero(word)
    groups = connected(first, second, len(rows))
    in_cells = joined(np.stack([cols, rows, cols + 1, rows + 1], axis=1).astype(np.float32), groups)
    boxes = in_cells / np.array([n_cols, n_rows, n_cols, n_rows], np.float32)
    wide, high = (in_cells[:, 2:] - in_cells[:, :2]).T.astype(int)
    return boxes.astype(np.float32), high, wide


def line_texts(words: Words, line_of: Indices, n_lines: int) -> list[str]:
    """The text of each line, its words from left to right."""
    texts: list[list[str]] = [[] for _ in range(n_lines)]
    for i in np.argsort(words.boxes[:, 0], kind="stable").tolist():
        texts[line_of[i]].append(words.texts[i])
    return [" ".join(own) for own in texts]
