"""A fixed set of vectors that others are told by: the nearest of them is a vector's code.

Codes make an inverted index of late interaction (PLAID, Santhanam et al. 2022, arXiv 2205.09707): which pages hold a
vector near a token is read off the lists of the codes near the token. The codes of an encoder of words are the words
of its vocabulary, so that nothing has to be learned from a library, and nothing moves as it grows.
"""

from __future__ import annotations

import numpy as np

from pagelight.retrieval.types import Floats, Ints

#: codes are kept in as many cells as this share of their number's square root (Jégou et al. 2011, IVF)
CELLS_PER_ROOT = 2.0
#: cells that are looked through for one vector
PROBES = 12


class Codebook:
    """Codes of length 1 with their places in cells around some of them. Made in about half a second for 130,000."""

    def __init__(self, vectors: Floats, seed: int = 0) -> None:
        """vectors: (n_codes, dim)"""
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        n_cells = max(1, min(int(CELLS_PER_ROOT * len(vectors) ** 0.5), len(vectors)))
        chosen = np.random.default_rng(seed).choice(len(vectors), n_cells, replace=False)
        self._pivots = self._vectors[np.sort(chosen)]
        cell = np.concatenate(
            [
                (self._vectors[i : i + 4096] @ self._pivots.T).argmax(axis=1)
                for i in range(0, len(vectors), 4096)
            ]
        )
        self._members = np.argsort(cell, kind="stable").astype(np.int32)
        self._starts = np.searchsorted(cell[self._members], np.arange(n_cells + 1))
        self._sorted = self._vectors[self._members]

    def __len__(self) -> int:
        return len(self._vectors)

    def nearest(self, vectors: Floats, n: int) -> tuple[Ints, Floats]:
        """(m, n) codes and (m, n) cosines, best first, for vectors (m, dim); code -1 where there are fewer."""
        codes = np.full((len(vectors), n), -1, np.int32)
        cosines = np.full((len(vectors), n), -1.0, np.float32)
        if not len(vectors):
            return codes, cosines
        near = vectors @ self._pivots.T  # (m, n_cells)
        probes = min(PROBES, near.shape[1])
        cells = np.argpartition(-near, probes - 1, axis=1)[:, :probes]
        for i, vector in enumerate(vectors):
            rows = np.concatenate([np.arange(self._starts[c], self._starts[c + 1]) for c in cells[i]])
            found = self._sorted[rows] @ vector
            best = np.argpartition(-found, n - 1)[:n] if len(found) > n else np.arange(len(found))
            best = best[np.argsort(-found[best], kind="stable")]
            codes[i, : len(best)] = self._members[rows[best]]
            cosines[i, : len(best)] = found[best]
        return codes, cosines
