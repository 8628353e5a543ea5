"""Find in a document: the places where its own words read like a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

import numpy as np

from pagelight.retrieval.types import Box, PageWords

#: places that are told; nobody goes through more
MOST_PLACES = 500

#: a page's number and the boxes of one place, one for each line that it goes over
Place = tuple[int, list[Box]]


def find_text(pages: Iterable[tuple[int, PageWords]], text: str) -> list[Place]:
    """Places of a text in reading order, upper and lower case alike; a text of several words goes over the ends of lines."""
    wanted = " ".join(text.casefold().split())
    if not wanted:
        return []
    return list(
        islice(((page, boxes) for page, words in pages for boxes in _on_page(words, wanted)), MOST_PLACES)
    )


def _on_page(words: PageWords, wanted: str) -> Iterator[list[Box]]:
    texts = [text.casefold() for text in words.texts]
    joined = " ".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    at = joined.find(wanted)
    while at >= 0:
        first, last = bisect_right(starts, at) - 1, bisect_right(starts, at + len(wanted) - 1) - 1
        yield _lines(words.boxes[first : last + 1])
        at = joined.find(wanted, at + len(wanted))


def _lines(boxes: np.ndarray) -> list[Box]:
    """Neighbours on one line as one box. boxes: (n, 4), in reading order"""
    lines: list[list[float]] = []
    for x0, y0, x1, y1 in boxes.tolist():
        last = lines[-1] if lines else None
        if last and x0 >= last[0] and abs(y1 - last[3]) < 0.6 * (y1 - y0):
            lines[-1] = [last[0], min(last[1], y0), max(last[2], x1), max(last[3], y1)]
        else:
            lines.append([x0, y0, x1, y1])
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in lines]
