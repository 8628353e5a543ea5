"""The values that travel between the rooms: grids, embeddings, stored pages.

Arrays are `(n_rows, n_cols)` everywhere; boxes are `(x0, y0, x1, y1)` relative to the page, origin top left.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Kinds = NDArray[np.uint8]
Box = tuple[float, float, float, float]

#: the cell of a page whose vector was pruned (form)
PRUNED = -1

_NAMESPACE = uuid.UUID("5ba7b810-9dad-11d1-80b4-00c04fd430c8")


class Kind(IntEnum):
    """The kind of thing that a vector stands for. Vectors of different kinds do not match, and are never merged.

    PATCH: what an image model sees in a cell; also its text tokens and global tiles
    WORD: one written word; unit length
    FIGURE: what a picture, chart, table … looks like: the probability of each look, so that their sum says how
        surely it is a picture at all
    PASSAGE: what a piece of text means
    """

    PATCH = 0
    WORD = 1
    FIGURE = 2
    PASSAGE = 3


def all_of(kind: Kind, n: int) -> Kinds:
    """(n,): the same kind n times."""
    return np.full(n, kind, np.uint8)


def page_id(document_id: str, page: int) -> str:
    """The point id of a page: uuid5 of the document's SHA-256 and the page's number, which counts from 1."""
    return str(uuid.uuid5(_NAMESPACE, f"{document_id}:{page}"))


def _expect(array: np.ndarray, shape: tuple[int | None, ...], name: str) -> None:
    """Raise ValueError unless `array` has `shape`; None stands for any size."""
    fits = array.ndim == len(shape) and all(
        want is None or want == got for want, got in zip(shape, array.shape, strict=True)
    )
    if not fits:
        expected = str(tuple("n" if s is None else s for s in shape)).replace("'", "")
        raise ValueError(f"{name}: expected {expected}, got {array.shape}")


@dataclass(frozen=True, slots=True)
class PatchGrid:
    """The cells that an encoder sees on a page, row-major."""

    n_rows: int
    n_cols: int

    def __post_init__(self) -> None:
        if self.n_rows < 1 or self.n_cols < 1:
            raise ValueError(f"grid: expected at least 1 x 1, got {self.n_rows} x {self.n_cols}")

    @property
    def n_cells(self) -> int:
        return self.n_rows * self.n_cols

    def box(self, cell: int) -> Box:
        """The cell's place on the page.

        >>> PatchGrid(2, 4).box(5)
        (0.25, 0.5, 0.5, 1.0)
        """
        row, col = divmod(cell, self.n_cols)
        return col / self.n_cols, row / self.n_rows, (col + 1) / self.n_cols, (row + 1) / self.n_rows


@dataclass(frozen=True, slots=True, eq=False)
class PageWords:
    """Words on a page, in reading order: mostly the document's own.

    texts: n words, or phrases of several, which are understood each for itself; boxes: (n, 4) float32, relative to the page
    """

    texts: tuple[str, ...] = ()
    boxes: Floats = field(default_factory=lambda: np.zeros((0, 4), np.float32))

    def __post_init__(self) -> None:
        _expect(self.boxes, (len(self.texts), 4), "boxes")

    def __len__(self) -> int:
        return len(self.texts)

    def __add__(self, other: PageWords) -> PageWords:
        return PageWords(self.texts + other.texts, np.concatenate([self.boxes, other.boxes]))

    def chosen(self, kept: Sequence[int]) -> PageWords:
        """The words at these positions, in their order."""
        return PageWords(tuple(self.texts[i] for i in kept), self.boxes[kept])


@dataclass(frozen=True, slots=True, eq=False)
class PageMeaning:
    """The meaning of a page's text, passage by passage: a sentence, or a few short lines.

    vectors: (n, dim) float32, L2-normalized
    lines: (n_lines, 4) float32, boxes of the passages' lines, relative to the page
    passage_of_line: (n_lines,) int32, the passage that each line belongs to
    """

    vectors: Floats
    lines: Floats
    passage_of_line: Ints

    @classmethod
    def none(cls, dim: int = 0) -> PageMeaning:
        """The meaning of a page without text, or by an encoder that does not understand any."""
        return cls(np.zeros((0, dim), np.float32), np.zeros((0, 4), np.float32), np.zeros(0, np.int32))

    def __post_init__(self) -> None:
        _expect(self.vectors, (None, None), "vectors")
        _expect(self.lines, (len(self.passage_of_line), 4), "lines")
        if len(self.passage_of_line) and not (
            0 <= self.passage_of_line.min() <= self.passage_of_line.max() < len(self.vectors)
        ):
            raise ValueError(f"passage_of_line: expected indices from 0 to {len(self.vectors) - 1}")

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True, eq=False)
class QueryMeaning:
    """A query's tokens, to be compared with passages.

    vectors: (n_tokens, dim) float32, L2-normalized
    weights: (n_tokens,) float32, adding up to 1
    """

    vectors: Floats
    weights: Floats

    def __post_init__(self) -> None:
        _expect(self.vectors, (None, None), "vectors")
        _expect(self.weights, (len(self.vectors),), "weights")

    @property
    def weighted(self) -> Floats:
        """(n_tokens, dim): the weights folded into the vectors' length, so that MaxSim weighs them."""
        return np.asarray(self.vectors * self.weights[:, None], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class PageEmbedding:
    """A page's patch vectors, and which cells of the page each of them stands for.

    vectors: (n_vectors, dim) float32, of length 1 at most (L2-normalized unless an encoder scales by confidence)
    cell_to_vector: (n_cells,) int32, the vector that covers the cell, or PRUNED
    importance: (n_vectors,) float32, higher is kept first; NaN where the encoder gives none, and in pages that
        were stored: it has done its work
    counts: (n_vectors,) int32, how many of the encoder's patches the vector stands for (merging adds them up)
    kinds: (n_vectors,) uint8, the Kind of each vector
    n_special: the first `n_special` vectors have no place on the page (text tokens, a global tile);
        pruning always keeps them
    read: the words that the encoder read, in reading order, where it reads any; they are not kept once they were used
    shown: phrases for what its pictures show, each with its picture's box, where the encoder names any; not kept either
    """

    vectors: Floats
    grid: PatchGrid
    cell_to_vector: Ints
    importance: Floats
    counts: Ints
    kinds: Kinds
    n_special: int = 0
    read: PageWords = field(default_factory=PageWords)
    shown: PageWords = field(default_factory=PageWords)

    def __post_init__(self) -> None:
        _expect(self.vectors, (None, None), "vectors")
        n = len(self.vectors)
        _expect(self.cell_to_vector, (self.grid.n_cells,), "cell_to_vector")
        _expect(self.importance, (n,), "importance")
        _expect(self.counts, (n,), "counts")
        _expect(self.kinds, (n,), "kinds")
        if not 0 <= self.n_special <= n:
            raise ValueError(f"n_special: expected 0 to {n}, got {self.n_special}")
        if (
            self.cell_to_vector.size
            and not PRUNED <= self.cell_to_vector.min() <= self.cell_to_vector.max() < n
        ):
            raise ValueError(f"cell_to_vector: expected indices from -1 to {n - 1}")

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True, eq=False)
class QueryEmbedding:
    """A query's token vectors and the words that people see.

    words: the query's words in order, as typed
    vectors: (n_tokens, dim) float32, L2-normalized
    word_of_token: (n_tokens,) int32, the word that the token belongs to, or -1 for prompt and padding tokens
    weights: (n_tokens,) float32, the share of each token in the score; 1 for the ColPali family
    kinds: (n_tokens,) uint8, the Kind of the page's vectors that the token looks for
    spellings: the written form of each token that looks for a WORD (the query's own or an alternative to it), any
        text for the others; may be left out where no token does
    meaning: the query's tokens for passages, where the encoder understands text
    """

    text: str
    words: tuple[str, ...]
    vectors: Floats
    word_of_token: Ints
    weights: Floats
    kinds: Kinds
    spellings: tuple[str, ...] = ()
    meaning: QueryMeaning | None = None

    def __post_init__(self) -> None:
        _expect(self.vectors, (None, None), "vectors")
        _expect(self.word_of_token, (len(self.vectors),), "word_of_token")
        _expect(self.weights, (len(self.vectors),), "weights")
        if len(self.word_of_token) and self.word_of_token.max() >= len(self.words):
            raise ValueError(f"word_of_token: expected below {len(self.words)}")
        _expect(self.kinds, (len(self.vectors),), "kinds")
        spelled = bool(self.spellings) or bool((self.kinds == Kind.WORD).any())
        if spelled and len(self.spellings) != len(self.vectors):
            raise ValueError(f"spellings: expected {len(self.vectors)}, got {len(self.spellings)}")


class PageName(NamedTuple):
    """A stored page, without what is on it: a tuple, since a search makes some hundreds."""

    page_id: str
    document_id: str
    document: str
    page: int


@dataclass(frozen=True, slots=True, eq=False)
class StoredPage:
    """A page as the store keeps it.

    pruning: the spec that was applied; kept: vectors after pruning / vectors before, 0..1
    meaning: of the page's text; meaning_read: of words that the encoder read, not of the document's own
    to_understand: the words whose meaning is still to come; None where nothing is
    legible: text for people to select, where it is not the document's own alone; kept beside the page, which comes back without it
    """

    document_id: str
    document: str
    page: int
    embedding: PageEmbedding
    words: PageWords
    pruning: str = "none"
    kept: float = 1.0
    meaning: PageMeaning = field(default_factory=PageMeaning.none)
    meaning_read: bool = False
    to_understand: PageWords | None = None
    legible: PageWords = field(default_factory=PageWords)

    @property
    def page_id(self) -> str:
        return page_id(self.document_id, self.page)
