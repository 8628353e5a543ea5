"""Cells: the nearest vectors, found without looking at all of them."""

from __future__ import annotations

import numpy as np
import pytest

from pagelight.retrieval.cells import Cells, mean_directions
from pagelight.retrieval.maxsim import l2_normalized
from pagelight.retrieval.types import Floats

N, N_CELLS, DIM = 300, 17, 12


@pytest.fixture
def vectors() -> Floats:
    return l2_normalized(np.random.default_rng(1).standard_normal((N, DIM)))


@pytest.fixture
def asked() -> Floats:
    return l2_normalized(np.random.default_rng(2).standard_normal((40, DIM)))


def test_all_cells_have_what_comparing_everything_finds(vectors: Floats, asked: Floats) -> None:
    cells, products = Cells(vectors, N_CELLS, rounds=2), asked @ vectors.T
    assert cells.nearest(asked, N_CELLS).tolist() == products.argmax(axis=1).tolist()
    found, similar = cells.nearest_several(asked, 5, N_CELLS)
    assert found.tolist() == np.argsort(-products, axis=1)[:, :5].tolist()
    np.testing.assert_allclose(similar, -np.sort(-products, axis=1)[:, :5], atol=1e-6)


def test_fewer_cells_find_most_and_say_how_near_they_are(vectors: Floats, asked: Floats) -> None:
    cells, products = Cells(vectors, N_CELLS, rounds=2), asked @ vectors.T
    found, similar = cells.nearest_of_cells(asked, 6)
    assert found.shape == similar.shape == (40, 6)
    np.testing.assert_allclose(similar, np.take_along_axis(products, found, axis=1), atol=1e-6)
    assert (cells.nearest(asked, 6) == products.argmax(axis=1)).mean() > 0.6


def test_few_vectors_have_as_many_cells(vectors: Floats) -> None:
    cells = Cells(vectors[:3], N_CELLS, rounds=1)
    assert len(cells) == 3
    assert cells.nearest(vectors[:3], N_CELLS).tolist() == [0, 1, 2]
    _, similar = cells.nearest_several(vectors[:1], 5, N_CELLS)
    assert similar[0, 3:].tolist() == [-1, -1]
    assert len(cells.nearest(vectors[:0], 2)) == 0


def test_a_group_without_vectors_has_its_default() -> None:
    vectors = np.array([[3, 0], [1, 0], [0, 2]], np.float32)
    default = np.array([[0, 1], [0, 1], [1, 0]], np.float32)
    directions = mean_directions(vectors, np.array([0, 0, 2]), default)
    assert directions.tolist() == [[1, 0], [0, 1], [0, 1]]
