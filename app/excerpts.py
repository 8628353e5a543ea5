"""The sentence of a page that matches a query, its words marked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from pagelight.retrieval.highlights.sentences import ends_sentence
from pagelight.retrieval.text.analyzer import terms
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import Box, PageWords

#: words of an excerpt: three lines of a card
LONGEST = 30
#: gain of a sentence in the best region, as a share of what all of the words that match weigh together
IN_REGION = 0.5
#: what a sentence gains for saying something beside the query's words, of which it has so many others at least, in words of
#: mean weight: a label in a chart that is the word itself tells nothing
SAYS_MORE = 0.6
OTHER_WORDS = 3
#: a gap of so many line heights begins another sentence, whatever the punctuation
GAP = 1.6
#: space between two words of a line, in letters, from which on they stand in two cells, and what is put there
CELL_GAP = 4.0
BETWEEN_CELLS = "·"

#: runs of text, and whether they are words of the query
Excerpt = list[tuple[str, bool]]


def excerpt(words: PageWords, query: str, region: Box | None = None) -> Excerpt:
    """The sentence with most of the query's words, those that tell most; else the beginning of the best region.

    Empty where the page has no words of its own.
    """
    wanted = _wanted(query)
    matching = {text: wanted.intersection(terms(text)) for text in set(words.texts)}
    hits = [matching[text] for text in words.texts]
    inside = _inside(words, region)
    best, best_score = (0, 0), 0.0
    spans = sentences(words) if any(hits) else []
    matched_in = [frozenset().union(*hits[start:stop]) for start, stop in spans]
    weights = _telling(matched_in)
    everything = sum(weights.values())
    for (start, stop), matched in zip(spans, matched_in, strict=True):
        if not matched:
            continue
        says_more = sum(not hit for hit in hits[start:stop]) >= OTHER_WORDS
        score = sum(weights[term] for term in matched)
        score += IN_REGION * everything * bool(inside[start:stop].any())
        score += SAYS_MORE * everything / len(weights) * says_more
        if score > best_score:
            best, best_score = (start, stop), score
    if not best_score:
        return _beginning(words, np.flatnonzero(inside).tolist())
    other_cells = _other_cells(words)
    entry = _entry(range(*best), hits, np.flatnonzero(inside).tolist())
    if entry:
        begins = other_cells | {start for start, _ in spans}
        return _marked(words, hits, entry, begins, [])
    start, stop = _window([bool(hit) for hit in hits[best[0] : best[1]]], best[0])
    parts = _marked(words, hits, range(start, stop), other_cells, [("… ", False)] if start > best[0] else [])
    if stop < best[1]:
        _append(parts, "…", False)
    return parts


def _entry(sentence: range, hits: Sequence[frozenset[str]], inside: Sequence[int]) -> Sequence[int]:
    """The words of the region of which the sentence is a mere label, as a figure's name is: both are said. Else none."""
    is_label = sum(not hits[i] for i in sentence) < OTHER_WORDS
    is_part = len(sentence) < len(inside) <= LONGEST and set(inside).issuperset(sentence)
    return inside if is_label and is_part else []


def _marked(
    words: PageWords, hits: Sequence[frozenset[str]], chosen: Sequence[int], begins: set[int], parts: Excerpt
) -> Excerpt:
    """`parts` and the chosen words, those with a hit marked, told apart where one begins another cell or follows no chosen one."""
    before = chosen[0] - 1
    for i in chosen:
        if i > chosen[0] and (i in begins or i > before + 1):
            _append(parts, BETWEEN_CELLS, False)
        _append(parts, words.texts[i], bool(hits[i]))
        before = i
    return parts


def _telling(matched_in: Sequence[frozenset[str]]) -> dict[str, float]:
    """The weight of each term by how few of the sentences have it.

    >>> weights = _telling([frozenset({"machine"}), frozenset({"machine", "descal"})])
    >>> round(weights["machine"], 2), round(weights["descal"], 2)
    (0.69, 1.1)
    """
    having = Counter(term for matched in matched_in for term in matched)
    return {term: math.log1p(len(matched_in) / n) for term, n in having.items()}


def _beginning(words: PageWords, chosen: list[int]) -> Excerpt:
    """The first of the chosen words, from the beginning of a sentence on where one begins early among them."""
    if not chosen:
        return []
    starts = {start for start, _ in sentences(words)}
    first = next((at for at, i in enumerate(chosen[: min(LONGEST, len(chosen)) // 2]) if i in starts), 0)
    shown = chosen[first : first + LONGEST]
    text = " ".join(words.texts[i] for i in shown)

    # What goes on amid a sentence does so in lower case; a label of a chart is a word or two.
    begins_amid = words.texts[shown[0]][:1].islower() and len(shown) > OTHER_WORDS
    end = shown[-1] + 1
    ends_amid = end < len(words) and end not in starts and words.texts[end][:1].islower()
    is_cut = ends_amid or first + LONGEST < len(chosen)
    return [("… " * begins_amid + text + "…" * is_cut, False)]


def _wanted(query: str) -> frozenset[str]:
    every = terms(query)
    return frozenset(term for term in every if term not in STOP_STEMS) or frozenset(every)


def _inside(words: PageWords, region: Box | None) -> np.ndarray:
    """(n_words,) bool, the words whose middle lies in the region."""
    if region is None or not len(words):
        return np.zeros(len(words), bool)
    x, y = words.boxes[:, [0, 2]].mean(1), words.boxes[:, [1, 3]].mean(1)
    return np.asarray((x >= region[0]) & (x <= region[2]) & (y >= region[1]) & (y <= region[3]))


def sentences(words: PageWords) -> list[tuple[int, int]]:
    """(start, stop) of runs that end at punctuation, at a gap, or where the text jumps up or to another size."""
    if not len(words):
        return []
    tops, heights = words.boxes[:, 1], words.boxes[:, 3] - words.boxes[:, 1]  # (n_words,)
    before = np.maximum(heights[:-1], 1e-6)
    down, larger = np.diff(tops), heights[1:] / before
    is_apart = (down > GAP * before) | (down < -before)
    is_other_size = ((larger <= 0.7) | (larger >= 1.4)) & (down > 0.5 * before)
    ends = [
        ends_sentence(text, following) and not following[:1].isdigit()
        for text, following in pairwise(words.texts)
    ]
    starts = [0, *(np.flatnonzero(is_apart | is_other_size | np.array(ends, bool)) + 1).tolist()]
    return list(zip(starts, [*starts[1:], len(words)], strict=True))


def _other_cells(words: PageWords) -> set[int]:
    """The words that stand in another cell of a table than the word before on their line."""
    boxes = words.boxes
    heights, middles = boxes[:, 3] - boxes[:, 1], (boxes[:, 1] + boxes[:, 3]) / 2
    letters = (boxes[:, 2] - boxes[:, 0]) / np.array([max(len(text), 1) for text in words.texts])
    level = np.abs(np.diff(middles)) < heights[1:] / 2
    gaps = boxes[1:, 0] - boxes[:-1, 2]
    return set((np.flatnonzero(level & (gaps > CELL_GAP * letters[1:])) + 1).tolist())


def _window(is_hit: Sequence[bool], offset: int) -> tuple[int, int]:
    """The LONGEST words with most hits, beginning a few words before the first.

    >>> _window([False] * 40 + [True, False], 100)
    (112, 142)
    """
    if len(is_hit) <= LONGEST:
        return offset, offset + len(is_hit)
    sums = np.convolve(np.asarray(is_hit, int), np.ones(LONGEST, int), "valid")
    start = int(sums.argmax())
    first = start + is_hit[start:].index(True) if any(is_hit[start:]) else start
    start = min(max(0, first - 6), len(is_hit) - LONGEST)
    return offset + start, offset + start + LONGEST


def _append(parts: Excerpt, text: str, is_marked: bool) -> None:
    """Add a word, joined to the run before where both are unmarked."""
    glue = " " if parts and not parts[-1][0].endswith(" ") else ""
    if parts and not parts[-1][1]:
        before, _ = parts[-1]
        if not is_marked:
            parts[-1] = (before + glue + text, False)
            return
        parts[-1] = (before + glue, False)
        parts.append((text, True))
        return
    if parts and is_marked:
        parts.append((" ", False))
        parts.append((text, True))
        return
    parts.append((glue + text if parts else text, is_marked))


def sentence_texts(words: PageWords) -> Iterator[str]:
    """The words of each of the page's sentences."""
    for start, stop in sentences(words):
        yield " ".join(words.texts[start:stop])
