"""The order in which the words of a page are read: lines, then columns and blocks by recursive cuts.

Recursive X-Y cut (Nagy, Seth and Viswanathan 1992): the widest empty band across the page parts it, again and again, until
what is left is a block of lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.geometry import connected, joined
from pagelight.retrieval.types import Floats, Ints


@dataclass(frozen=True, slots=True)
class ReadingOrderParameters:
    """Lines of words, and what parts a page into columns and blocks.

    level: greatest distance of the middles of two words of a line, as a share of the lower one's height (geometry)
    beside: greatest gap between them, in the same heights: a space is a quarter to a half (geometry)
    columns: worth of a band between columns beside one between rows: it has to be clear to win (geometry)
    line_gap: bands lower than this many heights of the page's words lie between the lines of a block (geometry)
    most_words: pages with more words are read line by line from the top, since pairs of words are compared (memory)
    """

    level: float = 0.5
    beside: float = 1.2
    columns: float = 0.7
    line_gap: float = 0.6
    most_words: int = 3000


READING_ORDER = ReadingOrderParameters()


def reading_order(boxes: Floats, parameters: ReadingOrderParameters = READING_ORDER) -> Ints:
    """(n,): indices of the words' boxes (n, 4) in the order in which they are read."""
    if not 1 < len(boxes) <= parameters.most_words:
        return np.lexsort((boxes[:, 0], boxes[:, 1])).astype(np.int32)
    line_of = line_of_words(boxes, parameters.beside, parameters.level)
    lines = joined(boxes, line_of)
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    rank = np.empty(len(lines), np.int64)
    rank[_cut(np.arange(len(lines)), lines, parameters.line_gap * height, parameters.columns)] = np.arange(
        len(lines)
    )
    return np.lexsort((boxes[:, 0], rank[line_of])).astype(np.int32)


def line_of_words(boxes: Floats, beside: float, level: float = READING_ORDER.level) -> Ints:
    """(n,): the line of each word. beside, level: see `ReadingOrderParameters`"""
    height = boxes[:, 3] - boxes[:, 1]
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    lower = np.minimum(height[:, None], height)
    apart = (
        boxes[None, :, 0] - boxes[:, None, 2]
    )  # (n, n): how far the second begins to the right of the first's end
    in_line = np.abs(middle[:, None] - middle) < level * lower
    first, second = np.nonzero(in_line & (apart > -lower) & (apart < beside * lower))
    return connected(first, second, len(boxes)).astype(np.int32)


def _cut(own: NDArray[np.integer], lines: Floats, least: float, columns: float) -> list[int]:
    """The lines `own`, in order. lines: (n, 4); least: narrower bands part nothing; columns: see the parameters."""
    waiting, order = [own], []
    while waiting:
        own = waiting.pop()
        (wide, left, right), (high, above, below) = _band(own, lines, 0), _band(own, lines, 1)
        if columns * wide > max(high, least):
            waiting += [right, left]
        elif high > least:
            waiting += [below, above]
        else:
            order += own[np.lexsort((lines[own, 0], lines[own, 1].round(3)))].tolist()
    return order


def _band(
    own: NDArray[np.integer], lines: Floats, axis: int
) -> tuple[float, NDArray[np.integer], NDArray[np.integer]]:
    """The widest empty band across the lines: its width, and the lines before and after it."""
    by_start = own[np.argsort(lines[own, axis], kind="stable")]
    if len(by_start) < 2:
        return 0.0, own, own[:0]
    reach = np.maximum.accumulate(lines[by_start, axis + 2])
    gaps = lines[by_start[1:], axis] - reach[:-1]
    widest = int(gaps.argmax())
    return float(gaps[widest]), by_start[: widest + 1], by_start[widest + 1 :]
