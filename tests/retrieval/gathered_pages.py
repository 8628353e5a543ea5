"""Pages whose vectors gather around some words, as those of real models do, and centroids for so few of them."""

from __future__ import annotations

import numpy as np

from pagelight.retrieval.centroids import LEARNED, CentroidParameters
from pagelight.retrieval.store.page_store import IndexConfig
from pagelight.retrieval.types import Floats, StoredPage
from tests.retrieval.stored_pages import DIM, stored_page, unit_vectors

CONFIG = IndexConfig("colours", DIM, "none", centroids=LEARNED)
#: centroids for libraries of some dozen pages
SMALL = CentroidParameters(exhaustive=100, per_root=4.0, growth=2.0, examples=16, pages=8, pages_per_root=1.0)
WORDS = unit_vectors(np.random.default_rng(0), 40)


def shown(number: int, n_vectors: int = 10) -> Floats:
    """(n_vectors, DIM): vectors near some words, the same for the same number."""
    rng = np.random.default_rng(number)
    vectors = WORDS[rng.integers(0, len(WORDS), n_vectors)] + 0.1 * rng.standard_normal((n_vectors, DIM))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def page(number: int) -> StoredPage:
    """Documents of ten pages."""
    rng = np.random.default_rng(number)
    return stored_page(rng, number // 10, number % 10 + 1, vectors=shown(number))


def pages(n: int) -> list[StoredPage]:
    return [page(number) for number in range(n)]
