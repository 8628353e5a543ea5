"""The order in which words are read."""

from __future__ import annotations

import numpy as np

from pagelight.retrieval.encoders.builtin.placement import turn_back
from pagelight.retrieval.encoders.builtin.reader.reading_order import reading_order
from pagelight.retrieval.types import Floats, Kind, PageEmbedding, PageWords, PatchGrid, all_of


def line(y: float, *starts: float) -> Floats:
    """Words of .06 by .01 that begin at `starts`."""
    return np.array([[x, y, x + 0.06, y + 0.01] for x in starts], np.float32)


def test_a_line_is_read_from_the_left_whatever_the_order_and_a_small_slope() -> None:
    boxes = np.concatenate([line(0.201, 0.24), line(0.2, 0.1), line(0.2005, 0.17)])
    assert reading_order(boxes).tolist() == [1, 2, 0]


def test_the_left_column_is_read_before_the_right_one() -> None:
    rows = [line(0.2 + 0.014 * i, 0.1, 0.17, 0.6, 0.67) for i in range(4)]
    boxes = np.concatenate(rows)
    order = reading_order(boxes)
    assert (boxes[order[:8], 0] < 0.5).all()
    assert (np.diff(boxes[order[:8:2], 1]) > 0).all()


def test_a_heading_above_two_columns_is_read_first() -> None:
    rows = [line(0.2 + 0.014 * i, 0.1, 0.17, 0.6, 0.67) for i in range(4)]
    boxes = np.concatenate([*rows, line(0.1, 0.3, 0.37, 0.44, 0.51)])
    assert reading_order(boxes)[:4].tolist() == [16, 17, 18, 19]


def test_no_words_and_one_word_have_their_order() -> None:
    assert reading_order(np.zeros((0, 4), np.float32)).tolist() == []
    assert reading_order(line(0.1, 0.2)).tolist() == [0]


def test_words_read_on_a_turned_page_lie_where_they_are() -> None:
    grid = PatchGrid(3, 2)
    read = PageWords(("word",), np.array([[0.5, 0.25, 1.0, 0.5]], np.float32))
    page = PageEmbedding(
        np.ones((6, 2), np.float32),
        grid,
        np.arange(6, dtype=np.int32),
        np.ones(6, np.float32),
        np.ones(6, np.int32),
        all_of(Kind.WORD, 6),
        read=read,
    )
    back, _ = turn_back(page, np.arange(6, dtype=np.int32), 1)
    assert back.read.boxes.tolist() == [[0.25, 0.0, 0.5, 0.5]]
    again, _ = turn_back(back, np.arange(6, dtype=np.int32), 3)
    assert again.read.boxes.tolist() == read.boxes.tolist()
