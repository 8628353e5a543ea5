"""MaxSim and similarity maps against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pagelight.retrieval.maxsim import maxsim, similarity_map
from pagelight.retrieval.types import PRUNED, Kind, PageEmbedding, PatchGrid, all_of


def _page(vectors: np.ndarray, grid: PatchGrid, cells: list[int]) -> PageEmbedding:
    n = len(vectors)
    return PageEmbedding(
        vectors.astype(np.float32),
        grid,
        np.array(cells, np.int32),
        np.ones(n, np.float32),
        np.ones(n, np.int32),
        kinds=all_of(Kind.PATCH, n),
    )


@given(st.integers(1, 6), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_maxsim_equals_the_plain_loop(n_tokens: int, n_vectors: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    query = rng.normal(size=(n_tokens, 4)).astype(np.float32)
    page = rng.normal(size=(n_vectors, 4)).astype(np.float32)
    loop = sum(max(float(q @ p) for p in page) for q in query)
    assert np.isclose(maxsim(query, page), loop, rtol=1e-4, atol=1e-4)


def test_maxsim_keeps_a_negative_best_match() -> None:
    query = np.array([[1.0, 0.0]], np.float32)
    assert maxsim(query, np.array([[-0.5, 0.0], [-2.0, 1.0]], np.float32)) == -0.5


def test_similarity_map_puts_each_vector_on_its_cells() -> None:
    page = _page(np.array([[1, 0], [0, 1]]), PatchGrid(2, 3), [0, 0, 1, PRUNED, 1, 0])
    first, second = similarity_map(np.array([[2, 0], [0, 3]], np.float32), page)
    np.testing.assert_array_equal(first, [[2, 2, 0], [np.nan, 0, 2]])
    np.testing.assert_array_equal(second, [[0, 0, 3], [np.nan, 3, 0]])
