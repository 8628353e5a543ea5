"""Queries to start with: questions that the user's own pages answer, and headings where there are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from pagelight.app.questions import questions
from pagelight.retrieval.types import PageWords

#: a heading stands this much taller than the page's usual words
HEADING_RATIO = 1.15
#: searches that are tried for each example that is wanted
TRIES = 4
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


def suggest(
    pages: Iterable[tuple[str, int, PageWords]],
    answers: Callable[[str, str, int], bool],
    count: int = 5,
) -> list[str]:
    """Up to `count` queries from (document id, page, words), one from each document before a second one.

    answers: whether a query leads to this page of the document, surely; what does not is no example
    Headings are taken only where no question is.
    """
    asked: dict[str, list[tuple[str, int]]] = {}
    named: dict[str, list[tuple[str, int]]] = {}
    for document_id, page, words in pages:
        asked.setdefault(document_id, []).extend((text, page) for text in questions(words))
        named.setdefault(document_id, []).extend((text, page) for text in headings(words))
    tries = TRIES * count
    chosen: list[str] = []
    for candidates in (asked, named):
        if chosen:
            return chosen
        for document_id, text, page in _in_turn(candidates):
            if len(chosen) == count or tries == 0:
                return chosen
            if text.casefold() in (known.casefold() for known in chosen):
                continue
            tries -= 1
            if answers(text, document_id, page):
                chosen.append(text)
    return chosen


def _in_turn(candidates: dict[str, list[tuple[str, int]]]) -> Iterator[tuple[str, str, int]]:
    """(document id, text, page): the first of each document, then the second of each."""
    for rank in range(max(map(len, candidates.values()), default=0)):
        for document_id, found in candidates.items():
            if rank < len(found):
                yield document_id, *found[rank]


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
