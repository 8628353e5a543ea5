"""Strategies that keep some of a page's patches as they are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.pruning.strategy import NO_WORDS, number, patch_importance, select
from pagelight.retrieval.types import PRUNED, Floats, Kind, PageEmbedding, PageWords

#: name of the strategy after which images alone find little
UNSPELLED = "unspelled"


@dataclass(frozen=True, slots=True)
class SelectionParameters:
    """Thresholds from which a cell counts as drawn, and a word as spelled there by the document.

    blank: standard deviation of a cell's luminance (0..1) above which something is drawn in it: over the noise of JPEG and
        paper, under the thinnest print (geometry)
    slack: how far a read word's cell may lie beside the document's word, in cells: what is read is a grid, and boxes are not
        exact (geometry)
    """

    blank: float = 0.02
    slack: float = 0.25


SELECTION = SelectionParameters()


@dataclass(frozen=True, slots=True)
class Keep:
    """`none`: every vector stays."""

    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return "none"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return page


@dataclass(frozen=True, slots=True)
class DocPruner:
    """`docpruner:k`: keep what is more important than mean + k · standard deviation of its page.

    Adaptive: a page with little on it keeps little. Population standard deviation, strict comparison, the most
    important patch where none passes (arXiv 2509.23883, eq. 4–6).
    """

    k: float = -0.25
    importance: ClassVar[Importance] = Importance.OWN

    @property
    def spec(self) -> str:
        return f"docpruner:k={number(self.k)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        importance = patch_importance(page).astype(np.float64)
        if not len(importance):
            return page
        threshold = importance.mean() + self.k * importance.std()
        return select(page, _above(importance, threshold))


@dataclass(frozen=True, slots=True)
class Threshold:
    """`importance:t`: keep what is more important than t, for encoders that learn importance as a probability."""

    t: float = 0.5
    importance: ClassVar[Importance] = Importance.OWN

    @property
    def spec(self) -> str:
        return f"importance:t={number(self.t)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return select(page, _above(patch_importance(page), self.t))


@dataclass(frozen=True, slots=True)
class Ink:
    """`ink:t`: keep the cells that something is drawn in; the control that no attention is needed for.

    t: standard deviation of the cell's luminance (0..1) above which it counts as drawn in
    """

    t: float = SELECTION.blank
    importance: ClassVar[Importance] = Importance.INK

    @property
    def spec(self) -> str:
        return f"ink:t={number(self.t)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return select(page, _above(patch_importance(page), self.t))


@dataclass(frozen=True, slots=True)
class Ratio:
    """`ratio:p`: keep the share p of the patches that are most important (HPC-ColPali, arXiv 2506.21601)."""

    share: float = 0.4
    importance: ClassVar[Importance] = Importance.OWN

    @property
    def spec(self) -> str:
        return f"ratio:{number(self.share)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return select(page, _top(patch_importance(page), self.share))


@dataclass(frozen=True, slots=True)
class Sap:
    """`sap:p`: the share p by in-degree, the attention from other patches in the middle layers.

    Structural anchor pruning (arXiv 2601.20107, eq. 2–3).
    """

    share: float = 0.2
    importance: ClassVar[Importance] = Importance.IN_DEGREE

    @property
    def spec(self) -> str:
        return f"sap:{number(self.share)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return select(page, _top(patch_importance(page), self.share))


@dataclass(frozen=True, slots=True)
class Random:
    """`random:p`, `random:p,ink`: the share p of the patches, drawn by lot; the control for all the others.

    The lot is seeded by the page's own vectors (SHA-256 of their bytes), so that a page always keeps the same
    patches and no two pages share their lot. ink: only cells that something is drawn in take part; where there
    are fewer of them than the share, all of them stay. blank: see `Ink`
    """

    share: float = 0.4
    ink: bool = False
    blank: float = SELECTION.blank

    @property
    def importance(self) -> Importance:
        return Importance.INK if self.ink else Importance.NONE

    @property
    def spec(self) -> str:
        return f"random:{number(self.share)}" + (",ink" if self.ink else "")

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        n = len(page) - page.n_special
        digest = hashlib.sha256(np.ascontiguousarray(page.vectors).tobytes()).digest()
        lots = np.random.default_rng(int.from_bytes(digest[:8], "little")).random(n)
        if not self.ink:
            return select(page, _top(lots, self.share))
        drawn = patch_importance(page) > self.blank
        if not drawn.any():
            return select(page, _top(lots, 1 / max(n, 1)))
        return select(page, drawn & _top(np.where(drawn, lots, -1.0), self.share))


def share_of(n: int, share: float) -> int:
    """Number that a share of n is: rounded half up, at least one.

    >>> [share_of(10, p) for p in (0.01, 0.25, 0.3, 1)]
    [1, 3, 3, 10]
    """
    return max(1, int(n * share + 0.5))


def _top(score: NDArray[np.floating], share: float) -> NDArray[np.bool_]:
    """(n,) bool: the share with the highest scores; of equal ones, the first."""
    kept = np.zeros(len(score), np.bool_)
    kept[np.argsort(-score, kind="stable")[: share_of(len(score), share)]] = True
    return kept


def _above(importance: Floats | NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """(n,) bool: above the threshold, or the highest alone where none is."""
    kept = importance > threshold
    if len(kept) and not kept.any():
        kept[importance.argmax()] = True
    return kept


@dataclass(frozen=True, slots=True)
class Unspelled:
    """`unspelled`: words that were read where the document spells words of its own go: its own are searched anyway.

    Looks stay, and what was read in pictures, on scans and where the text says nothing. An index of it cannot be
    searched by images alone.
    """

    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return UNSPELLED

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        if not len(words) or not len(page):
            return page
        placed = page.cell_to_vector != PRUNED
        vectors = page.cell_to_vector[placed]
        n_cells = np.bincount(vectors, minlength=len(page))
        n_spelled = np.bincount(vectors, _spelled(page, words)[placed], minlength=len(page))
        spelled = (page.kinds == Kind.WORD) & (n_cells > 0) & (n_spelled == n_cells)
        # a page keeps at least one
        kept = ~spelled[page.n_special :]
        if not kept.any() and not page.n_special:
            kept[0] = True
        return select(page, kept)


def _spelled(page: PageEmbedding, words: PageWords) -> NDArray[np.bool_]:
    """(n_cells,): whether each cell's middle lies in a word of the document, or as near as boxes are exact."""
    rows, cols = page.grid.n_rows, page.grid.n_cols
    slack = SELECTION.slack / np.array([cols, rows])
    lowest = np.ceil((words.boxes[:, :2] - slack) * (cols, rows) - 0.5).clip(0).astype(np.int64)
    highest = np.floor((words.boxes[:, 2:] + slack) * (cols, rows) - 0.5).astype(np.int64) + 1
    spelled = np.zeros((rows, cols), np.bool_)
    for (x0, y0), (x1, y1) in zip(lowest.tolist(), highest.tolist(), strict=True):
        spelled[y0 : max(y1, 0), x0 : max(x1, 0)] = True
    return spelled.ravel()
