"""Pages by lot, for the tests of pruning."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from pagelight.retrieval.pruning import parse_pruning
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PatchGrid, all_of

#: a busy machine is no failure
unhurried = settings(deadline=None)


def make_page(
    n_rows: int = 3,
    n_cols: int = 5,
    dim: int = 8,
    n_special: int = 2,
    seed: int = 0,
    shared: bool = False,
    pruned: bool = False,
) -> PageEmbedding:
    """A page by lot. shared: several cells have one vector; pruned: some cells have none."""
    lot = np.random.default_rng(seed)
    grid = PatchGrid(n_rows, n_cols)
    n_patches = max(1, grid.n_cells // 2) if shared else grid.n_cells
    vectors = lot.standard_normal((n_special + n_patches, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cells = n_special + (lot.integers(0, n_patches, grid.n_cells) if shared else np.arange(n_patches))
    if pruned:
        cells = np.where(lot.random(grid.n_cells) < 0.3, PRUNED, cells)
    return PageEmbedding(
        vectors=vectors,
        grid=grid,
        cell_to_vector=cells.astype(np.int32),
        importance=lot.random(len(vectors)).astype(np.float32),
        counts=np.ones(len(vectors), np.int32),
        kinds=all_of(Kind.PATCH, len(vectors)),
        n_special=n_special,
    )


pages = st.builds(
    make_page,
    n_rows=st.integers(1, 7),
    n_cols=st.integers(1, 7),
    dim=st.integers(1, 6),
    n_special=st.integers(0, 3),
    seed=st.integers(0, 2**32 - 1),
    shared=st.booleans(),
    pruned=st.booleans(),
)


def prune(spec: str, page: PageEmbedding) -> PageEmbedding:
    return parse_pruning(spec).apply(page)
