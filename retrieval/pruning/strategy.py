"""Pruning strategies: their interface, and select and merge, the only two ways in which they change a page.

Provenance (cell → vector) is kept here and nowhere else.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.errors import InvalidPruning
from pagelight.retrieval.types import PRUNED, Floats, PageEmbedding, PageWords

NO_WORDS = PageWords()


class Pruning(Protocol):
    """A strategy with its parameters.

    spec: canonical, parses to an equal strategy; recorded in the index
    importance: the kind that `apply` reads; see `encoder_for`
    """

    @property
    def spec(self) -> str: ...

    @property
    def importance(self) -> Importance: ...

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        """The pruned page; at least one vector and every special vector survive. `page` is not changed.

        words: the document's own, where the index keeps them
        """


def patch_importance(page: PageEmbedding) -> Floats:
    """(n_patches,): the importance of the vectors that have a place.

    Raises InvalidPruning where the encoder gave none.
    """
    importance = page.importance[page.n_special :]
    if np.isnan(importance).any():
        raise InvalidPruning(
            "This encoder gives its patches no importance, which this pruning needs; "
            "use none, random:0.4, pool:3, near:0.3 or repeats:0.9."
        )
    return importance


def number(value: float) -> str:
    """A number as specs write it.

    >>> number(-0.25), number(3.0)
    ('-0.25', '3')
    """
    return f"{value:.6g}"


def select(page: PageEmbedding, kept: NDArray[np.bool_]) -> PageEmbedding:
    """The page with only the patches where `kept`; cells of the others become PRUNED.

    kept: (n_patches,) bool, without the special vectors, which all stay
    """
    kept = np.concatenate([np.ones(page.n_special, np.bool_), kept])  # (n_vectors,)
    if kept.all():
        return page
    new = np.where(kept, np.cumsum(kept) - 1, PRUNED).astype(np.int32)  # (n_vectors,)
    return PageEmbedding(
        vectors=page.vectors[kept],
        grid=page.grid,
        cell_to_vector=_moved(page, new),
        importance=page.importance[kept],
        counts=page.counts[kept],
        kinds=page.kinds[kept],
        n_special=page.n_special,
    )


def merge(page: PageEmbedding, groups: NDArray[np.integer]) -> PageEmbedding:
    """The page with one vector for each group: the mean of its members, as long as they are.

    groups: (n_patches,) any integer labels, without the special vectors, which stay apart. The groups' vectors
    come in the order of their first members; counts add up, the importance is the members' highest. A mean of
    unit vectors is L2-renormalized to 1; one of vectors that an encoder scaled by its confidence gets the
    members' mean length. Members that others have been merged into weigh by their counts.
    Raises ValueError where the members of a group are not of one kind.
    """
    labels = _by_first_member(groups)  # (n_patches,)
    n_groups = int(labels.max(initial=-1)) + 1
    if n_groups == len(labels):
        return page
    special, patches = page.vectors[: page.n_special], page.vectors[page.n_special :]
    counts = page.counts[page.n_special :]
    own_kinds = page.kinds[page.n_special :]
    kinds = own_kinds[np.unique(labels, return_index=True)[1]]  # (n_groups,)
    if (kinds[labels] != own_kinds).any():
        raise ValueError("groups: expected one kind of vectors in each group")
    merged = np.zeros(n_groups, np.int64)
    np.add.at(merged, labels, counts)
    importance = np.full(n_groups, -np.inf, np.float32)
    with np.errstate(invalid="ignore"):  # NaN stays NaN
        np.maximum.at(importance, labels, page.importance[page.n_special :])
    new = np.concatenate([np.arange(page.n_special), page.n_special + labels]).astype(np.int32)
    return PageEmbedding(
        vectors=np.concatenate([special, _means(patches, counts, labels, n_groups)]),
        grid=page.grid,
        cell_to_vector=_moved(page, new),
        importance=np.concatenate([page.importance[: page.n_special], importance]),
        counts=np.concatenate([page.counts[: page.n_special], merged]).astype(np.int32),
        kinds=np.concatenate([page.kinds[: page.n_special], kinds]),
        n_special=page.n_special,
    )


def _moved(page: PageEmbedding, new: NDArray[np.int32]) -> NDArray[np.int32]:
    """(n_cells,): the page's provenance after vector i became new[i]."""
    cells = page.cell_to_vector
    if len(new) == 0:
        return cells
    return np.where(cells == PRUNED, PRUNED, new[cells]).astype(np.int32)


def _by_first_member(groups: NDArray[np.integer]) -> NDArray[np.int64]:
    """Labels 0, 1, … in the order in which the groups first appear.

    >>> _by_first_member(np.array([7, 2, 7, 5])).tolist()
    [0, 1, 0, 2]
    """
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _means(patches: Floats, counts: NDArray[np.int32], labels: NDArray[np.int64], n_groups: int) -> Floats:
    """(n_groups, dim) float32: each group's mean, as long as its members are."""
    weights = np.maximum(counts, 1).astype(np.float64)
    total = np.zeros(n_groups)
    np.add.at(total, labels, weights)
    sums = np.zeros((n_groups, patches.shape[1]))
    np.add.at(sums, labels, patches * weights[:, None])
    lengths = np.zeros(n_groups)
    np.add.at(lengths, labels, np.linalg.norm(patches, axis=1) * weights)
    norms = np.linalg.norm(sums, axis=1)
    means = sums * ((lengths / total) / np.maximum(norms, 1e-12))[:, None]
    # A group of one keeps its vector to the bit; opposed members cancel out, so the first speaks for them.
    size = np.bincount(labels, minlength=n_groups)
    first = np.unique(labels, return_index=True)[1]
    whole = (size == 1) | (norms < 1e-6)
    means[whole] = patches[first[whole]]
    return np.asarray(means, np.float32)
