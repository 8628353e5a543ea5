"""A share of the storage as a pruning's target; the threshold that reaches it is found on a sample of the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.pruning.selection import DocPruner, Threshold
from pagelight.retrieval.pruning.strategy import NO_WORDS, Pruning, number, patch_importance
from pagelight.retrieval.types import PageEmbedding, PageWords


@dataclass(frozen=True, slots=True)
class Budget:
    """`budget:p`, `budget:p,importance`: keep the share p of a library's vectors, whatever k that takes.

    Full pages keep more than empty ones; the library as a whole keeps p. Not a setting yet: `calibrate` makes
    it one. With `importance`, the result is `importance:t`, one threshold for all pages; without it
    `docpruner:k`, which adapts to each page.
    """

    share: float = 0.3
    by_importance: bool = False
    importance: ClassVar[Importance] = Importance.OWN

    @property
    def spec(self) -> str:
        return f"budget:{number(self.share)}" + (",importance" if self.by_importance else "")

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        raise InvalidPruning(
            f"{self.spec} is a target and not yet a setting: calibrate it on some pages of the library first."
        )


def calibrate(pruning: Pruning, sample: Sequence[PageEmbedding]) -> Pruning:
    """The concrete strategy that keeps a Budget's share of the sample; other strategies are returned as they are.

    sample: unpruned pages, a hundred are plenty. Special vectors count towards the share. The same number
    serves pages that come later: record its `spec`, not the budget's.
    Raises InvalidPruning for an empty sample and for pages without importance.

    >>> from pagelight.retrieval.types import Kind, PatchGrid, all_of
    >>> page = PageEmbedding(np.eye(4, dtype=np.float32), PatchGrid(2, 2), np.arange(4, dtype=np.int32),
    ...                      np.array([0.1, 0.2, 0.3, 0.4], np.float32), np.ones(4, np.int32), all_of(Kind.PATCH, 4))
    >>> calibrate(Budget(0.5, by_importance=True), [page]).spec
    'importance:t=0.2'
    """
    if not isinstance(pruning, Budget):
        return pruning
    patches = [patch_importance(page).astype(np.float64) for page in sample]
    patches = [importance for importance in patches if len(importance)]
    if not patches:
        raise InvalidPruning(f"{pruning.spec} needs at least one page to calibrate on.")
    scores = np.concatenate(patches if pruning.by_importance else [_standardized(i) for i in patches])
    n_special = sum(page.n_special for page in sample)
    wanted = round(pruning.share * (len(scores) + n_special)) - n_special
    threshold = _threshold(scores, wanted)
    return Threshold(threshold) if pruning.by_importance else DocPruner(threshold)


def _standardized(importance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The k below which DocPruner keeps each patch of a page: (I - mean) / standard deviation."""
    return np.asarray((importance - importance.mean()) / max(float(importance.std()), 1e-12))


def _threshold(scores: NDArray[np.float64], wanted: int) -> float:
    """A threshold of six digits at most that about `wanted` scores exceed."""
    ordered = np.sort(scores)[::-1]
    wanted = min(max(wanted, 1), len(ordered))
    exact = float(ordered[wanted]) if wanted < len(ordered) else float(ordered[-1]) - 1.0
    return float(number(exact))
