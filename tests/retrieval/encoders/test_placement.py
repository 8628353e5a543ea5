"""Detections to cells: the surest stands, and turned pages are turned back."""

import numpy as np
from PIL import Image

from pagelight.retrieval.encoders.builtin.placement import (
    add_regions,
    cells_in,
    fit,
    in_gray,
    suppress,
    turn_back,
)
from pagelight.retrieval.types import Kind, PageEmbedding, PatchGrid, all_of

GRID = PatchGrid(10, 8)


def _box(row: float, col: float, height: float, width: float) -> list[float]:
    """A box centred on a cell, measured in cells."""
    y, x = row + 0.5, col + 0.5
    return [(x - width / 2) / 8, (y - height / 2) / 10, (x + width / 2) / 8, (y + height / 2) / 10]


def test_a_weaker_detection_inside_a_surer_one_loses_importance() -> None:
    boxes = np.array([_box(4, 3, 2, 4), _box(4, 4, 2, 2), _box(8, 3, 2, 2)], np.float32)
    importance, owner = suppress(np.array([0.9, 0.8, 0.7], np.float32), boxes, GRID, candidate=0.3)
    np.testing.assert_allclose(importance, [0.9, 0.8 * 0.3, 0.7], atol=1e-6)
    assert owner.reshape(10, 8)[4, 2:5].tolist() == [0, 0, 0]
    assert owner.reshape(10, 8)[8, 3] == 2
    assert 1 not in owner


def test_neighbouring_lines_both_stand() -> None:
    boxes = np.array([_box(4, 3, 1.4, 4), _box(5.4, 3, 1.4, 4)], np.float32)
    importance, _ = suppress(np.array([0.9, 0.8], np.float32), boxes, GRID, candidate=0.3)
    np.testing.assert_allclose(importance, [0.9, 0.8], atol=1e-6)


def test_what_is_no_candidate_owns_no_cell() -> None:
    importance, owner = suppress(
        np.array([0.2], np.float32), np.array([_box(4, 3, 2, 2)], np.float32), GRID, candidate=0.3
    )
    assert importance[0] < 0.2
    assert (owner == -1).all()


def test_a_region_covers_the_cells_that_no_word_owns() -> None:
    owned = np.full(GRID.n_cells, -1, np.int32)
    owned[GRID.n_cols * 2 + 2] = 0
    page = PageEmbedding(
        np.ones((1, 4), np.float32),
        GRID,
        np.where(owned == 0, 0, -1).astype(np.int32),
        np.ones(1, np.float32),
        np.ones(1, np.int32),
        kinds=all_of(Kind.PATCH, 1),
    )
    box = (0.0, 0.0, 0.5, 0.4)
    whole = add_regions(page, owned, [box], np.full((1, 4), 0.5), np.array([0.5]), count=4)
    cells = whole.cell_to_vector.reshape(10, 8)
    assert cells[2, 2] == 0
    assert cells[0, 0] == 1
    assert cells[9, 7] == -1
    assert (cells == 1).sum() == len(cells_in(box, GRID)) - 1
    assert whole.counts.tolist() == [1, 4]


def test_the_most_important_of_regions_that_overlap_has_the_cells() -> None:
    nobody = np.full(GRID.n_cells, -1, np.int32)
    page = PageEmbedding(
        np.ones((1, 4), np.float32),
        GRID,
        nobody,
        np.ones(1, np.float32),
        np.ones(1, np.int32),
        kinds=all_of(Kind.PATCH, 1),
    )
    large, small = (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.5, 0.5)
    for importance, expected in (((0.9, 0.6), {1}), ((0.6, 0.9), {1, 2})):
        whole = add_regions(page, nobody, [large, small], np.ones((2, 4)), np.array(importance), count=4)
        assert set(whole.cell_to_vector.tolist()) == expected


def test_a_page_turned_for_reading_is_turned_back() -> None:
    upright = PatchGrid(2, 3)
    cells = np.arange(6, dtype=np.int32)
    page = PageEmbedding(
        np.zeros((6, 4), np.float32),
        upright,
        cells,
        np.ones(6, np.float32),
        np.ones(6, np.int32),
        kinds=all_of(Kind.PATCH, 6),
    )
    for quarters in (1, 2, 3):
        back, owner = turn_back(page, cells, quarters)
        expected = np.rot90(cells.reshape(2, 3), quarters)
        assert (back.grid.n_rows, back.grid.n_cols) == expected.shape
        np.testing.assert_array_equal(back.cell_to_vector, expected.ravel())
        np.testing.assert_array_equal(owner, expected.ravel())


def test_a_page_is_fitted_with_sides_that_cells_divide() -> None:
    for shape in ((3508, 2480), (200, 300), (1587, 1123), (900, 10)):
        fitted = fit(np.full(shape, 255, np.uint8), 1200)
        assert not np.any(np.array(fitted.shape) % 16)
        assert 1190 <= max(fitted.shape) <= 1210


def test_transparent_parts_are_white() -> None:
    gray = in_gray(Image.new("RGBA", (1200, 1000), (0, 0, 0, 0)))
    assert gray.shape == (1000, 1200)
    assert gray.min() == 255
