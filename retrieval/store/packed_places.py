"""Places on a page as small numbers: which cells a vector covers, where words stand, and the lines of passages.

What is next to each other is written as a step from one to the next, which deflate takes well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.store.printable import pack, unpack, unzigzag, zigzag
from pagelight.retrieval.types import PRUNED, Floats, Ints, PageMeaning, PageWords

#: boxes are kept in steps of 1/4096 of the page, a sixth of a point on A4 (form)
BOX_STEPS = 4096
#: the farthest that a box may lie outside of the page (limit)
_OUTSIDE = 3.9
_BETWEEN_WORDS = "\0"


def pack_cells(cells: Ints, n_cols: int, n_vectors: int) -> tuple[int, str]:
    """(number of rectangles, their text) of cells (n_cells,): rectangles of cells that one vector covers."""
    starts, widths, heights, vectors = _rectangles(cells, n_cols)
    gaps = starts.copy()
    gaps[1:] -= starts[:-1] + widths[:-1]
    back, highest = np.empty(len(vectors), np.int64), -1
    for at, vector in enumerate(vectors.tolist()):
        # 0 for the next new vector, which most are; else how many come between, round the end
        back[at] = (highest + 1 - vector) % n_vectors
        highest = max(highest, vector)
    return len(starts), pack([gaps, widths - 1, heights - 1, back])


def unpack_cells(text: str, n: int, n_cells: int, n_cols: int, n_vectors: int) -> Ints:
    """(n_cells,), the reverse of `pack_cells`, of n rectangles. Raises ValueError for anything else."""
    (gaps, widths, heights, back), _ = unpack(text, [n] * 4)
    widths, heights = widths + 1, heights + 1
    starts = np.cumsum(gaps) + np.concatenate([[0], np.cumsum(widths)[:-1]])[:n]
    vectors, highest = [], -1
    for step in back.tolist():
        vector = (highest + 1 - step) % n_vectors
        vectors.append(vector)
        highest = max(highest, vector)
    rows = np.repeat(np.arange(n), heights)  # of each rectangle, one behind another
    row_starts = starts[rows] + n_cols * _counted(heights)
    places = np.repeat(row_starts, widths[rows]) + _counted(widths[rows])
    if len(places) and not 0 <= places.min() <= places.max() < n_cells:
        raise ValueError(f"cells: expected places below {n_cells}")
    cells = np.full(n_cells, PRUNED, np.int32)
    cells[places] = np.repeat(np.array(vectors, np.int32)[rows], widths[rows])
    return cells


def _rectangles(
    cells: Ints, n_cols: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Ints]:
    """(first cells, widths, heights, vectors), each (n,): runs of one vector in a row, and the same runs below them."""
    changes = (cells[1:] != cells[:-1]) | (np.arange(1, len(cells)) % n_cols == 0)
    starts = np.flatnonzero(np.concatenate([[True], changes]))
    widths = np.diff(np.append(starts, len(cells)))
    covered = cells[starts] != PRUNED
    starts, widths = starts[covered], widths[covered]
    rows, cols = np.divmod(starts, n_cols)
    order = np.lexsort((rows, cells[starts], widths, cols))
    columns = np.stack([cols, widths, cells[starts], rows])[:, order]
    below = np.diff(columns, axis=1).T == (0, 0, 0, 1)
    first = np.flatnonzero(np.concatenate([[True], ~below.all(axis=1)])[: len(order)])
    heights = np.diff(np.append(first, len(order)))
    top = order[first]
    again = np.argsort(starts[top])
    top = top[again]
    return starts[top], widths[top], heights[again], cells[starts[top]]


def _counted(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … for each of the runs of these sizes, one behind another."""
    ends = np.cumsum(sizes)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - sizes, sizes)


def pack_words(words: PageWords) -> str:
    """Words in reading order with their boxes."""
    boxes = np.rint(np.clip(words.boxes, -_OUTSIDE, _OUTSIDE) * BOX_STEPS).astype(np.int64)  # (n, 4)
    columns = boxes.copy()
    # a word begins near the end of the word before it, on the same line
    columns[1:, 0] -= boxes[:-1, 2]
    columns[1:, 1] -= boxes[:-1, 1]
    columns[:, 2:] -= boxes[:, :2]
    texts = _BETWEEN_WORDS.join(text.replace(_BETWEEN_WORDS, "") for text in words.texts)
    return pack([zigzag(column) for column in columns.T], texts.encode("utf-8", "replace"))


def unpack_words(packed: str, n: int) -> PageWords:
    """The reverse of `pack_words`, of n words. Raises ValueError for anything else."""
    numbers, tail = unpack(packed, [n] * 4)
    x, y, width, height = map(unzigzag, numbers)
    x[1:] += width[:-1]
    left, top = np.cumsum(x), np.cumsum(y)
    boxes = np.stack([left, top, left + width, top + height], axis=1)  # (n, 4)
    return PageWords(
        tuple(tail.decode().split(_BETWEEN_WORDS)), boxes.astype(np.float32) / np.float32(BOX_STEPS)
    )


def pack_lines(meaning: PageMeaning) -> str:
    """The lines of a page's passages."""
    boxes = np.rint(np.clip(meaning.lines, 0, 1) * BOX_STEPS).astype(np.int64)  # (n_lines, 4)
    boxes[:, 2:] -= boxes[:, :2]
    columns = [*boxes.T, meaning.passage_of_line]
    return pack([zigzag(np.diff(column, prepend=0)) for column in columns])


def unpack_lines(packed: str, n: int) -> tuple[Floats, Ints]:
    """(boxes (n, 4), passage of each (n,)) of n lines. Raises ValueError for anything else."""
    numbers, _ = unpack(packed, [n] * 5)
    columns = np.cumsum([unzigzag(column) for column in numbers], axis=1)
    columns[2:4] += columns[:2]
    return columns[:4].T.astype(np.float32) / np.float32(BOX_STEPS), columns[4].astype(np.int32)
