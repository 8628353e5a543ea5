"""Queries to start with, taken from the headings of the user's own pages."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from pagelight.retrieval.types import PageWords

#: a heading stands this much taller than the page's usual words
HEADING_RATIO = 1.15
#: words of a suggestion, and the characters of one of its words
FEWEST, MOST = 2, 6
_WORD = re.compile(r"^[^\W\d_][\w’'&/-]*[,:.]?$")


def headings(words: PageWords) -> list[str]:
    """The page's lines that read like headings, the tallest first.

    >>> headings(PageWords())
    []
    """
    if not len(words):
        return []
    heights = words.boxes[:, 3] - words.boxes[:, 1]
    usual = float(np.median(heights))
    found: list[tuple[float, int, str]] = []
    for order, (start, stop) in enumerate(_lines(words)):
        texts = list(words.texts[start:stop])
        height = float(np.median(heights[start:stop]))
        if height >= HEADING_RATIO * usual and _reads_well(texts):
            found.append((-height, order, _tidy(texts)))
    return [text for _, _, text in sorted(found)]


def suggest(pages: Iterable[tuple[str, PageWords]], count: int = 5) -> list[str]:
    """Up to `count` queries from (document id, words) pairs, one from each document before a second one."""
    by_document: dict[str, list[str]] = {}
    for document_id, words in pages:
        by_document.setdefault(document_id, []).extend(headings(words))
    chosen: list[str] = []
    seen: set[str] = set()
    for _ in range(count):
        for texts in by_document.values():
            text = next((text for text in texts if text.casefold() not in seen), None)
            if text is not None and len(chosen) < count:
                chosen.append(text)
                seen.add(text.casefold())
    return chosen


def _lines(words: PageWords) -> list[tuple[int, int]]:
    """(start, stop) of runs of words that share a baseline and go on to the right."""
    starts = [0]
    for index in range(1, len(words)):
        before, box = words.boxes[index - 1], words.boxes[index]
        height = max(float(before[3] - before[1]), 1e-6)
        same_line = abs(float(box[3] - before[3])) < 0.4 * height
        if not same_line or box[0] < before[0] or float(box[0] - before[2]) > 2.5 * height:
            starts.append(index)
    return list(zip(starts, [*starts[1:], len(words)], strict=True))


def _reads_well(texts: list[str]) -> bool:
    if not FEWEST <= len(texts) <= MOST:
        return False
    good = sum(bool(_WORD.match(text)) for text in texts)
    letters = sum(len(text) for text in texts)
    return good == len(texts) and 8 <= letters <= 48


def _tidy(texts: list[str]) -> str:
    line = " ".join(texts).rstrip(",:.")
    return line.capitalize() if line.isupper() else line
