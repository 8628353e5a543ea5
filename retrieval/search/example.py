"""A page, a piece of it or a picture as the query: its own vectors take the place of a query's tokens.

Late interaction makes it natural: MaxSim and soft BM25 compare vectors with vectors, and do not ask where they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.store.page_store import PageStore
from pagelight.retrieval.text.analyzer import split_words, terms
from pagelight.retrieval.text.stems import STOP_STEMS
from pagelight.retrieval.types import (
    PRUNED,
    Box,
    Floats,
    Ints,
    Kind,
    PageMeaning,
    QueryEmbedding,
    QueryMeaning,
    StoredPage,
    all_of,
)

#: the name of a token that stands for something without a spelling
UNSPELLED = ""


@dataclass(frozen=True, slots=True)
class ExampleParameters:
    """Amount of an example that is looked for.

    most_words: words of it, the rarest that other pages have, too; a query has about as many tokens (speed)
    most_patches: patches of it, for encoders whose pages are patches: a query of the ColPali family is padded to as many
        (speed)
    shared: pages that a word stands on at least so that it finds others; what stands on one page alone comes last (by what
        it is for)
    """

    most_words: int = 40
    most_patches: int = 256
    shared: int = 2


EXAMPLE = ExampleParameters()


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A thing to be found again: a page, or what is in a box of it; a picture is a page that no library has."""

    page: StoredPage
    box: Box | None = None

    @property
    def key(self) -> tuple[str, Box | None]:
        """The same for the same example."""
        return self.page.page_id, self.box


def example_query(store: PageStore, example: Example, scoring: TermScoring | None) -> QueryEmbedding:
    """The example's vectors as a query; without any where the box is empty.

    store: tells how rare a word is; scoring: of the encoder, None for the ColPali family
    """
    page, box = example.page, example.box
    inside = vectors_inside(page, box)
    if scoring is None:
        return _patch_query(page, inside, box)
    return _word_query(store, page, inside, _meaning(page.meaning, box))


def vectors_inside(page: StoredPage, box: Box | None) -> Ints:
    """The numbers of the vectors that cover a cell whose middle is in the box; of all that have a place without one."""
    grid, cells = page.embedding.grid, page.embedding.cell_to_vector
    covered = cells != PRUNED
    if box is not None:
        x = (np.arange(grid.n_cols) + 0.5) / grid.n_cols
        y = (np.arange(grid.n_rows) + 0.5) / grid.n_rows
        rows, cols = (y >= box[1]) & (y <= box[3]), (x >= box[0]) & (x <= box[2])
        covered &= (rows[:, None] & cols[None]).ravel()
    return np.unique(cells[covered]).astype(np.int32)


def words_inside(page: StoredPage, box: Box | None) -> list[int]:
    """The numbers of the page's words whose middle is in the box, in reading order."""
    if box is None:
        return list(range(len(page.words)))
    return np.flatnonzero(_inside(page.words.boxes, box)).tolist()


def _inside(boxes: Floats, box: Box) -> np.ndarray:
    """(n,) bool: boxes (n, 4) whose middle is in the box."""
    x, y = boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)
    return np.asarray((x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3]))


def _patch_query(page: StoredPage, inside: Ints, box: Box | None) -> QueryEmbedding:
    """The query of all patches as tokens of one word, evenly thinned out where there are too many."""
    step = max(1, -(-len(inside) // EXAMPLE.most_patches))
    vectors = page.embedding.vectors[inside[::step]]
    n = len(vectors)
    text = " ".join(page.words.texts[i] for i in words_inside(page, box))
    return QueryEmbedding(
        text, (text,), vectors, np.zeros(n, np.int32), np.ones(n, np.float32), all_of(Kind.PATCH, n)
    )


def _word_query(
    store: PageStore, page: StoredPage, inside: Ints, meaning: QueryMeaning | None
) -> QueryEmbedding:
    """The telling words, each a token with its own spelling where the page tells it, and the looks."""
    spellings = _spellings(page, inside)
    kinds = page.embedding.kinds[inside]
    words = np.flatnonzero(kinds != Kind.FIGURE).tolist()
    looks = np.flatnonzero(kinds == Kind.FIGURE).tolist()
    chosen = [*_telling(store, words, spellings), *looks]
    vectors = page.embedding.vectors[inside[chosen]]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = tuple(spellings[i] for i in chosen)
    n = len(chosen)
    return QueryEmbedding(
        " ".join(text for text in texts if text),
        texts,
        vectors / np.maximum(lengths, 1e-6),
        np.arange(n, dtype=np.int32),
        np.ones(n, np.float32),
        kinds[chosen],
        texts,
        meaning,
    )


def _spellings(page: StoredPage, inside: Ints) -> list[str]:
    """Spelling of each vector: the page's word whose middle lies in a cell that it covers."""
    grid, cells = page.embedding.grid, page.embedding.cell_to_vector
    found: dict[int, str] = {}
    for text, (x0, y0, x1, y1) in zip(page.words.texts, page.words.boxes.tolist(), strict=True):
        row = min(max(int((y0 + y1) / 2 * grid.n_rows), 0), grid.n_rows - 1)
        col = min(max(int((x0 + x1) / 2 * grid.n_cols), 0), grid.n_cols - 1)
        vector = int(cells[row * grid.n_cols + col])
        if vector != PRUNED and page.embedding.kinds[vector] != Kind.FIGURE:
            found.setdefault(vector, " ".join(split_words(text)))
    return [found.get(int(vector), UNSPELLED) for vector in inside]


def _telling(store: PageStore, words: Sequence[int], spellings: Sequence[str]) -> list[int]:
    """The words that tell most: each once, no stop words, rare ones that other pages have, too."""
    once: dict[str, int] = {}
    unspelled = []
    for i in words:
        own = terms(spellings[i])
        if not own:
            unspelled.append(i)
        elif any(term not in STOP_STEMS for term in own):
            once.setdefault(own[0], i)
    pages = store.search_terms(list(once), EXAMPLE.most_words)
    frequency = {term: len(found) for term, found in zip(once, pages, strict=True)}
    # what stands on one page only is this page's own; it finds nothing, and comes last
    order = sorted(once, key=lambda term: (frequency[term] < EXAMPLE.shared, frequency[term]))
    return [*(once[term] for term in order), *unspelled][: EXAMPLE.most_words]


def _meaning(page: PageMeaning, box: Box | None) -> QueryMeaning | None:
    """The passages with a line in the box, each with the same weight."""
    lines = np.ones(len(page.lines), bool) if box is None else _inside(page.lines, box)
    passages = np.unique(page.passage_of_line[lines])
    if not len(passages):
        return None
    weights = np.full(len(passages), 1 / len(passages), np.float32)
    return QueryMeaning(page.vectors[passages], weights)
