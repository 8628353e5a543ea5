"""Queries without labels: things that a library is known to contain, taken from its own words.

Known-item search (Azzopardi, de Rijke and Balog 2007): a query is made from a page, and that page should come
back. It measures what pruning costs on one's own documents; it does not measure how well people's questions are
answered, so its types are named `known-item: …` and its figures are never labelled quality.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.app.evaluation.dataset import LabelledBox, Place, Query
from pagelight.retrieval.types import Box, Floats, PageWords

HEADING = "known-item: heading"
PHRASE = "known-item: phrase"
ROW = "known-item: table row"

#: queries of each kind from each document, and what draws them
PER_DOCUMENT, _SEED = 12, 0
_WORD = re.compile(r"[^\W\d_]{2,}")
_EDGES = ".,;:()[]–—-*•·|"
_NUMBER = re.compile(r"[(\-+$€£]*\d[\d.,]*[)%]?")


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Words side by side. boxes: (n_words, 4)"""

    words: tuple[str, ...]
    boxes: Floats

    @property
    def box(self) -> Box:
        x0, y0 = self.boxes[:, :2].min(axis=0)
        x1, y1 = self.boxes[:, 2:].max(axis=0)
        return float(max(x0, 0)), float(max(y0, 0)), float(min(x1, 1)), float(min(y1, 1))

    @property
    def height(self) -> float:
        return float(np.median(self.boxes[:, 3] - self.boxes[:, 1]))


def known_items(pages: Iterable[tuple[Place, PageWords]]) -> tuple[Query, ...]:
    """Up to PER_DOCUMENT queries of each kind from each document, drawn by lot.

    A candidate whose words stand together on more than three pages is no known item and is left out; pages that
    hold all of its words count as relevant too.
    """
    read = [(place, words, lines(words)) for place, words in pages]
    bags = {place: set(_fold(words.texts)) for place, words, _ in read}
    frequency = Counter(word for bag in bags.values() for word in bag)
    candidates: dict[tuple[str, str], list[tuple[str, Place, Box]]] = {}
    for place, _, page_lines in read:
        for kind, text, box in [*_headings(page_lines), *_rows(page_lines), *_phrases(page_lines, frequency)]:
            candidates.setdefault((place[0], kind), []).append((text, place, box))
    generator = np.random.default_rng(_SEED)
    queries: list[Query] = []
    asked: set[str] = set()
    for (_, kind), found in sorted(candidates.items()):
        taken = 0
        for index in generator.permutation(len(found)):
            text, place, box = found[int(index)]
            folded = set(_fold(text.split()))
            holders = [other for other, bag in bags.items() if folded <= bag]
            if taken == PER_DOCUMENT:
                break
            if not folded or len(holders) > 3 or text.lower() in asked:
                continue
            asked.add(text.lower())
            text = text.strip(_EDGES)
            taken += 1
            relevant = {other: 1 for other in (place, *holders)}
            queries.append(
                Query(f"known-{len(queries) + 1:04d}", text, kind, relevant, (LabelledBox(place, box),))
            )
    return tuple(queries)


def lines(words: PageWords) -> list[Line]:
    """Neighbouring words of the reading order that stand on one line."""
    groups: list[list[int]] = []
    for index in range(len(words)):
        x0, y0, _, y1 = words.boxes[index]
        if groups:
            last = words.boxes[groups[-1][-1]]
            middle = (y0 + y1) / 2
            if last[1] <= middle <= last[3] and x0 >= last[0]:
                groups[-1].append(index)
                continue
        groups.append([index])
    return [Line(tuple(words.texts[i] for i in group), words.boxes[group]) for group in groups]


def _headings(page: Sequence[Line]) -> list[tuple[str, str, Box]]:
    """Short lines in letters at least a fifth higher than the page's usual ones."""
    if len(page) < 3:
        return []
    usual = float(np.median(np.concatenate([line.boxes[:, 3] - line.boxes[:, 1] for line in page])))
    return [
        (HEADING, " ".join(line.words), line.box)
        for line in page
        if 2 <= len(line.words) <= 10 and line.height >= 1.2 * usual and len(_letters(line.words)) >= 2
    ]


def _rows(page: Sequence[Line]) -> list[tuple[str, str, Box]]:
    """The label of a line whose rest is mostly numbers, two of them or more."""
    found = []
    for line in page:
        numeric = [bool(_NUMBER.fullmatch(word)) for word in line.words]
        start = numeric.index(True) if True in numeric else len(numeric)
        label, rest = line.words[:start], numeric[start:]
        if len(_letters(label)) >= 2 and len(label) <= 8 and sum(rest) >= max(2, 0.6 * len(rest)):
            found.append((ROW, " ".join(label), line.box))
    return found


def _phrases(page: Sequence[Line], frequency: Counter[str]) -> list[tuple[str, str, Box]]:
    """The rarest run of four words on the page whose words are all words."""
    best: tuple[float, str, Box] | None = None
    for line in page:
        for start in range(len(line.words) - 3):
            run = line.words[start : start + 4]
            folded = _fold(run)
            if len(folded) < 4 or len(_letters(run)) < 4:
                continue
            # the log of how many pages hold each word: rare ones are low. Words of one page only are often
            # broken by hyphens or bad encodings, so they gain nothing over those of two.
            commonness = float(np.mean([np.log(max(frequency[word], 2)) for word in folded]))
            if best is None or commonness < best[0]:
                box = Line(run, line.boxes[start : start + 4]).box
                best = (commonness, " ".join(run), box)
    return [(PHRASE, best[1], best[2])] if best else []


def _letters(words: Sequence[str]) -> list[str]:
    return [word for word in words if _WORD.search(word)]


def _fold(words: Iterable[str]) -> list[str]:
    return [word for text in words for word in re.findall(r"\w+", text.lower())]
