"""Strategies that let one vector stand for several patches.

Vectors of one kind are merged with one another; figures never are, since each of them is a place of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.encoders.encoder import Importance
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.pruning.selection import share_of
from pagelight.retrieval.pruning.strategy import NO_WORDS, merge, number
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PageMeaning, PageWords

#: rows of distances that are held at once (block)
_BLOCK = 512
#: numbers of a multivector that a Qdrant server of version 1.19 no longer takes (form)
_MOST_NUMBERS = 1 << 20
#: kinds of vectors that are merged with others of their kind
MERGED = (Kind.PATCH, Kind.WORD, Kind.PASSAGE)


@dataclass(frozen=True, slots=True)
class Pool:
    """`pool:f`: hierarchical token pooling, one vector for f patches that mean the same.

    Ward linkage on the rows of 1 - E Eᵀ (Clavié et al., arXiv 2409.14683; colpali-engine's
    HierarchicalTokenPooler). L2-renormalized means.
    """

    factor: float = 3
    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return f"pool:{number(self.factor)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return _pooled(page, lambda n: n // self.factor)


@dataclass(frozen=True, slots=True)
class Fixed:
    """`fixed:n`: n vectors for every page, however much is on it, by hierarchical pooling.

    What ConstBERT (MacAvaney et al. 2025, arXiv 2504.01818) and MetaEmbed (Xiao et al. 2025, arXiv 2509.18095) train for,
    without training: storage is known beforehand, and a full page gets the room of an empty one. Special vectors and
    figures, which are never merged, count towards n; a page of fewer vectors keeps all of them.
    """

    n: float = 64
    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return f"fixed:{number(self.n)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        n_merged = sum(map(len, _by_kind(page)))
        left = self.n - (len(page) - n_merged)
        return _pooled(page, lambda n: left * n / n_merged)


@dataclass(frozen=True, slots=True)
class Near:
    """`near:p`, `near:p,w=0.2`: merge patches that are close on the page and in meaning, down to the share p.

    Ward linkage on meaning and place together: each patch is its vector beside its place on the page, both
    scaled to the same total variance, the place then weighed by w. With w near 1 a cluster is a compact piece of
    the page, and so is what lights up on it; with w=0 the place is forgotten.
    """

    share: float = 0.33
    w: float = 0.2
    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return f"near:{number(self.share)}" + (f",w={number(self.w)}" if self.w != 0.2 else "")

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        patches = page.vectors[page.n_special :].astype(np.float64)
        places = centroids(page)[page.n_special :]  # (n_patches, 2), NaN where a patch has no cell
        groups = np.arange(len(patches))
        for label, own in enumerate(_by_kind(page), start=1):
            placed = own[~np.isnan(places[own, 0])]
            if len(placed) < 2:
                continue
            features = np.hstack([_scaled(patches[placed]), self.w * _scaled(places[placed])])
            clusters = ward(features, share_of(len(placed), self.share))
            groups[placed] = label * (len(patches) + 1) + clusters
        return merge(page, groups)


@dataclass(frozen=True, slots=True)
class Repeats:
    """`repeats:s`: merge patches of a page whose cosine exceeds s: words that the page repeats.

    The most important patch of those left takes in all that are closer to it than s, again and again, so that
    no chain of neighbours joins what is far apart.

    one_thread: multiplications up to which OpenBLAS uses one thread: more would wait on the encoder's cores for a while
    together: patches that are compared with all others in one go (block)
    """

    s: float = 0.9
    one_thread: int = 200_000
    together: int = 64
    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return f"repeats:s={number(self.s)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        patches = page.vectors[page.n_special :]
        groups = np.arange(len(patches))
        order = np.argsort(-np.nan_to_num(page.importance[page.n_special :]), kind="stable")
        kinds = page.kinds[page.n_special :]
        left = np.isin(kinds, MERGED)
        step = max(1, self.one_thread // max(self.together * patches.shape[1], 1))
        similar = np.empty((self.together, len(patches)), np.float32)
        for start in range(0, len(order), self.together):
            leaders = order[start : start + self.together]
            leaders = leaders[left[leaders]]
            chosen = patches[leaders]
            for first in range(0, len(patches), step):
                part = slice(first, first + step)
                np.matmul(chosen, patches[part].T, out=similar[: len(leaders), part])
            close = similar[: len(leaders)] > self.s  # (n_leaders, n_patches)
            close[np.arange(len(leaders)), leaders] = True
            for i in np.flatnonzero(close.sum(1) > 1):  # most words stand once on their page
                if left[leaders[i]]:
                    taken = left & close[i] & (kinds == kinds[leaders[i]])
                    groups[taken] = leaders[i]
                    left[taken] = False
        return merge(page, groups)


@dataclass(frozen=True, slots=True)
class Passages:
    """`passages:p`: neighbouring passages of a page that mean much the same share a vector, down to the share p of them.

    Ward's criterion, but only what follows each other is joined, so that a vector still has one place: joined wherever
    they stand, passages rank .004 nDCG@5 worse (mean of both labelled sets). Their lines stay, as do the vectors of what
    is seen.
    """

    share: float = 0.5
    importance: ClassVar[Importance] = Importance.NONE

    @property
    def spec(self) -> str:
        return f"passages:{number(self.share)}"

    def apply(self, page: PageEmbedding, words: PageWords = NO_WORDS) -> PageEmbedding:
        return page

    def merged(self, meaning: PageMeaning) -> PageMeaning:
        """The page's meaning with fewer vectors; at least one is left."""
        n = len(meaning)
        wanted = share_of(n, self.share)
        if wanted >= n:
            return meaning
        sums, sizes = meaning.vectors.astype(np.float64), np.ones(n)
        starts = np.arange(n)  # the first passage of each run
        while len(sums) > wanted:
            means = sums / sizes[:, None]
            apart = ((means[1:] - means[:-1]) ** 2).sum(axis=1)
            first = int((apart * sizes[1:] * sizes[:-1] / (sizes[1:] + sizes[:-1])).argmin())
            sums[first] += sums[first + 1]
            sizes[first] += sizes[first + 1]
            sums = np.delete(sums, first + 1, axis=0)
            sizes, starts = np.delete(sizes, first + 1), np.delete(starts, first + 1)
        run_of = np.searchsorted(starts, np.arange(n), side="right") - 1
        return PageMeaning(
            l2_normalized(sums), meaning.lines, run_of[meaning.passage_of_line].astype(np.int32)
        )


def fitting(meaning: PageMeaning) -> PageMeaning:
    """The meaning in as many vectors as a Qdrant server takes for one page: runs of neighbouring passages share their mean."""
    n, most = len(meaning), (_MOST_NUMBERS - 1) // max(meaning.vectors.shape[1], 1)
    if n <= most:
        return meaning
    run_of = np.arange(n) * most // n
    means = l2_normalized(np.add.reduceat(meaning.vectors, np.searchsorted(run_of, np.arange(most)), axis=0))
    return PageMeaning(means, meaning.lines, run_of[meaning.passage_of_line].astype(np.int32))


def _pooled(page: PageEmbedding, n_clusters: Callable[[int], float]) -> PageEmbedding:
    """The page with so many clusters of each kind by hierarchical pooling, rounded down, one at least.

    n_clusters: of so many patches
    """
    patches = page.vectors[page.n_special :].astype(np.float64)
    groups = np.arange(len(patches))
    for label, own in enumerate(_by_kind(page), start=1):
        wanted = max(int(n_clusters(len(own))), 1)
        if wanted < len(own):
            clusters = ward(_similarity_rows(patches[own]), wanted)
            groups[own] = label * (len(patches) + 1) + clusters
    return merge(page, groups)


def _by_kind(page: PageEmbedding) -> Iterator[NDArray[np.int64]]:
    """The page's patches of each kind that may be merged."""
    kinds = page.kinds[page.n_special :]
    for kind in MERGED:
        own = np.flatnonzero(kinds == kind)
        if len(own):
            yield own


def ward(features: NDArray[np.float64], n_clusters: int) -> NDArray[np.int64]:
    """(n,) labels of at most `n_clusters` clusters by Ward linkage of Euclidean distances."""
    if len(features) <= n_clusters or len(features) < 2:
        return np.arange(len(features))
    # Imported here: SciPy takes a fifth of a second, and few strategies need it.
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(_distances(features), method="ward")
    return np.asarray(fcluster(tree, t=n_clusters, criterion="maxclust"), np.int64)


def _distances(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n * (n - 1) / 2,): Euclidean distances as scipy wants them, several times faster than its own."""
    n = len(points)
    squares = (points**2).sum(axis=1)
    condensed = np.empty(n * (n - 1) // 2)
    end = 0
    for start in range(0, n, _BLOCK):
        rows = points[start : start + _BLOCK]
        between = squares[start : start + _BLOCK, None] + squares[start:] - 2 * (rows @ points[start:].T)
        np.sqrt(np.maximum(between, 0, out=between), out=between)  # (n_rows, n - start)
        for row in range(len(rows)):
            begin, end = end, end + n - start - row - 1
            condensed[begin:end] = between[row, row + 1 :]
    return condensed


def centroids(page: PageEmbedding) -> NDArray[np.float64]:
    """(n_vectors, 2): mean row and column of each vector's cells; NaN for vectors without a cell."""
    cells = np.flatnonzero(page.cell_to_vector != PRUNED)
    owner = page.cell_to_vector[cells]
    sums = np.zeros((len(page), 2))
    np.add.at(sums, owner, np.stack(np.divmod(cells, page.grid.n_cols), axis=1) + 0.5)
    n_cells = np.bincount(owner, minlength=len(page))
    return sums / np.where(n_cells == 0, np.nan, n_cells)[:, None]


def _similarity_rows(patches: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, dim): points as far from each other as the rows of 1 - E Eᵀ, at dim instead of n numbers a point.

    Rows i and j of 1 - E Eᵀ differ by E (e_j - e_i), of squared length (e_j - e_i)ᵀ (EᵀE) (e_j - e_i); so the
    points E (EᵀE)^½ have the same distances, eight times cheaper for a page of 1,030 patches.
    """
    values, axes = np.linalg.eigh(patches.T @ patches)
    return np.asarray(patches @ (axes * np.sqrt(np.maximum(values, 0))))


def _scaled(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centred, with total variance 1 (unless all points coincide)."""
    centred = points - points.mean(axis=0)
    return np.asarray(centred / max(float(np.sqrt((centred**2).sum(axis=1).mean())), 1e-12))
