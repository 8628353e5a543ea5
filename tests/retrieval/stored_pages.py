"""Random pages for the stores' tests."""

from __future__ import annotations

import numpy as np

from pagelight.retrieval.types import PRUNED, Floats, Kind, PageEmbedding, PageWords, PatchGrid, StoredPage

DIM = 16
VOCABULARY = [
    "revenue",
    "river",
    "bridge",
    "annual",
    "report",
    "figure",
    "rotation",
    "tariff",
    "l'école",
    "Straße",
    "1,234.5",
    "plt.rotate",
]


def unit_vectors(rng: np.random.Generator, n: int, dim: int = DIM) -> Floats:
    vectors = rng.standard_normal((n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def document_id(number: int) -> str:
    return f"{number:064x}"


def stored_page(
    rng: np.random.Generator,
    document: int = 0,
    page: int = 1,
    n_vectors: int = 7,
    n_words: int = 9,
    dim: int = DIM,
    vectors: Floats | None = None,
) -> StoredPage:
    """A page on a grid of 3 x 5 cells: some pruned, some that share a vector, the first vector without a place."""
    grid = PatchGrid(3, 5)
    vectors = unit_vectors(rng, n_vectors, dim) if vectors is None else vectors
    n = len(vectors)
    cells = rng.integers(PRUNED, n, grid.n_cells).astype(np.int32)
    corners = rng.random((n_words, 2, 2)).astype(np.float32)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)  # (n_words, 4)
    return StoredPage(
        document_id=document_id(document),
        document=f"document {document}.pdf",
        page=page,
        embedding=PageEmbedding(
            vectors=vectors,
            grid=grid,
            cell_to_vector=cells,
            importance=rng.random(n).astype(np.float32),
            counts=rng.integers(1, 5, n).astype(np.int32),
            kinds=rng.choice(np.array(Kind, np.uint8), n),
            n_special=min(n, 1),
        ),
        words=PageWords(tuple(rng.choice(VOCABULARY, n_words)), boxes),
        pruning="merge:k=-0.5,m=2",
        kept=0.25,
    )


def library(seed: int = 0, n_documents: int = 4, n_pages: int = 5) -> list[StoredPage]:
    """Pages of different lengths, the first of each document with one vector only."""
    rng = np.random.default_rng(seed)
    return [
        stored_page(rng, document, page, n_vectors=1 if page == 1 else int(rng.integers(2, 12)))
        for document in range(n_documents)
        for page in range(1, n_pages + 1)
    ]
