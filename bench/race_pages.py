"""Synthetic pages and queries whose vectors are distributed as those of real libraries.

Words follow Zipf's law (Zipf 1949), a document's pages share a running title, and now and then a page is nearly a copy of
the one before, as forms and slides are. A query holds some of the rarer words of one page.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: different words (or patch appearances) of a library
VOCABULARY = 30_000
#: rank from which Zipf's law counts: stop words are pruned
FIRST_RANK = 10
#: pages of a document, words of its running title, and the share of pages that nearly copy the page before
DOCUMENT, TITLE, COPIES = 20, 8, 0.05
#: share of the vectors that a near copy has in common with its original
SAME = 0.9
#: of a vector's numbers, relative to the vector's length
NOISE = 0.05
SEED = 7


@dataclass(frozen=True, slots=True)
class Shape:
    """Vectors of a page, numbers of a vector, tokens of a query."""

    name: str
    n_vectors: int
    dim: int
    n_tokens: int


SHAPES = (
    Shape("built-in", 176, 48, 7),
    Shape("ColPali", 200, 128, 20),
    Shape("ColPali, unpruned", 1030, 128, 20),
)


def write_pages(shape: Shape, n_pages: int, path: Path) -> None:
    """(n_pages, n_vectors, dim) float32 of length 1 as a .npy file, made page by page."""
    rng = np.random.default_rng(SEED)
    words = vocabulary(shape, rng)
    shares = 1 / np.arange(FIRST_RANK, FIRST_RANK + VOCABULARY)
    shares /= shares.sum()
    pages = np.lib.format.open_memmap(
        path, "w+", dtype=np.float32, shape=(n_pages, shape.n_vectors, shape.dim)
    )
    title = drawn = np.zeros(0, np.int64)
    for number in range(n_pages):
        before = drawn
        drawn = rng.choice(VOCABULARY, shape.n_vectors, p=shares)
        if number % DOCUMENT == 0:
            title = rng.choice(VOCABULARY, TITLE, p=shares)
        elif rng.random() < COPIES:
            drawn = np.where(rng.random(shape.n_vectors) < SAME, before, drawn)
        drawn[:TITLE] = title
        pages[number] = noisy(words[drawn], rng)
    pages.flush()


def queries(shape: Shape, pages: Floats, n: int) -> Floats:
    """(n, n_tokens, dim): vectors of one page each, drawn again with noise."""
    rng = np.random.default_rng(SEED + 1)
    owners = rng.integers(0, len(pages), n)
    chosen = [
        pages[owner][TITLE + rng.choice(shape.n_vectors - TITLE, shape.n_tokens, replace=False)]
        for owner in owners
    ]
    return np.stack([noisy(one, rng) for one in chosen])


def vocabulary(shape: Shape, rng: np.random.Generator) -> Floats:
    """(VOCABULARY, dim) of length 1."""
    return _unit(rng.standard_normal((VOCABULARY, shape.dim)).astype(np.float32))


def noisy(vectors: Floats, rng: np.random.Generator) -> Floats:
    """The vectors as another page would have them."""
    return _unit(vectors + NOISE * rng.standard_normal(vectors.shape).astype(np.float32))


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
