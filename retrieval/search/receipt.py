"""Receipt for a page that was found: each word of the query, what it matched and where, and its part of the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pagelight.retrieval.highlights.maps import word_maps
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import Box, Floats, Kind, PageWords, QueryEmbedding, StoredPage

#: word: of the query; text: the document's own words, where ranks are added up; prompt: tokens that belong to no word;
#: document: the best page of the same document; meaning: the passage that is closest
EntryKind = Literal["word", "text", "prompt", "document", "meaning"]


@dataclass(frozen=True, slots=True)
class ReceiptParameters:
    """Limits on what a receipt shows of a match.

    least_match: a cell that a word matches less than this shows nothing of it (looked at)
    """

    least_match: float = 0.05


RECEIPT = ReceiptParameters()


@dataclass(frozen=True, slots=True)
class ReceiptEntry:
    """One part of a page's score.

    word: of the query, empty where the part is none's; matched: what stands there, empty where that is not known
    box: where; None where the part has no place
    """

    kind: EntryKind
    score: float
    word: str = ""
    matched: str = ""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The parts of a page's score, the largest first; they add up to it.

    exact: whether that search compares all pages, rather than those that a first stage chooses
    """

    document_id: str
    page: int
    entries: tuple[ReceiptEntry, ...]
    exact: bool = True

    @property
    def score(self) -> float:
        """Comparable within one result only."""
        return sum(entry.score for entry in self.entries)

    @classmethod
    def of(cls, page: StoredPage, entries: Sequence[ReceiptEntry], *, exact: bool = True) -> Receipt:
        kept = [entry for entry in entries if entry.score]
        ranked = sorted(kept, key=lambda entry: -entry.score)
        return cls(page.document_id, page.page, tuple(ranked), exact)


def word_entries(
    query: QueryEmbedding, page: StoredPage, words: PageWords, scoring: TermScoring | None, scores: Floats
) -> list[ReceiptEntry]:
    """An entry for each word. scores: (n_words,) their parts; words: the document's own that took part"""
    maps = word_maps(query, page.embedding, words, scoring)  # (n_words, n_rows, n_cols)
    return [
        ReceiptEntry("word", float(score), word, *_best_match(query, number, cells, page, words))
        for number, (word, cells, score) in enumerate(zip(query.words, maps, scores, strict=True))
    ]


def text_inside(words: PageWords, box: Box) -> str:
    """The words whose middle is in the box, in reading order."""
    x, y = words.boxes[:, [0, 2]].mean(axis=1), words.boxes[:, [1, 3]].mean(axis=1)
    inside = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return " ".join(words.texts[i] for i in np.flatnonzero(inside))


def _best_match(
    query: QueryEmbedding, number: int, cells: Floats, page: StoredPage, words: PageWords
) -> tuple[str, Box | None]:
    """The text and the box of a word's strongest match: an own word there, or else what was read."""
    if float(cells.max(initial=0.0)) < RECEIPT.least_match:
        return "", None
    cell = int(cells.argmax())
    box = page.embedding.grid.box(cell)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    over = (words.boxes[:, 0] <= x) & (x <= words.boxes[:, 2])
    over &= (words.boxes[:, 1] - (box[3] - box[1]) <= y) & (y <= words.boxes[:, 3] + (box[3] - box[1]))
    if over.any():
        middles = words.boxes[:, [1, 3]].mean(axis=1)
        nearest = int(np.where(over, np.abs(middles - y), np.inf).argmin())
        x0, y0, x1, y1 = words.boxes[nearest].tolist()
        return words.texts[nearest], (x0, y0, x1, y1)
    return _spelling(query, number, page, cell), box


def _spelling(query: QueryEmbedding, number: int, page: StoredPage, cell: int) -> str:
    """Spelling of the token that matches the cell best, where it stands for a written word."""
    tokens = np.flatnonzero(query.word_of_token == number)
    vector = page.embedding.vectors[int(page.embedding.cell_to_vector[cell])]
    best = int(tokens[int((query.vectors[tokens] @ vector).argmax())])
    return query.spellings[best] if query.kinds[best] == Kind.WORD and query.spellings else ""
