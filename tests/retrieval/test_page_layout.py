"""Words become lines, blocks and rows as a person sees them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pagelight.retrieval.highlights.layout import LAYOUT, layout, page_layout
from pagelight.retrieval.highlights.lines import LINES, make_words, page_words, touching
from pagelight.retrieval.types import (
    PRUNED,
    Box,
    Floats,
    Kind,
    PageEmbedding,
    PageWords,
    PatchGrid,
    all_of,
)
from tests.retrieval.lit_pages import (
    layout_of,
    line_of_words,
    paragraph,
    seen_page,
)


def test_a_stamp_across_the_page_does_not_join_what_lies_under_it() -> None:
    page = layout_of(paragraph(0.1, 3), paragraph(0.3, 3), [(0.2, 0.1, 0.8, 0.36)])
    assert len(page.blocks) == 3


def test_paragraphs_headings_and_columns_are_blocks() -> None:
    page = layout_of(
        line_of_words(0.05, 0.1, 0.9),
        paragraph(0.1, 4, 0.1, 0.47),
        paragraph(0.25, 4, 0.1, 0.47),
        paragraph(0.1, 9, 0.53, 0.9),
    )
    assert len(page.blocks) == 4


def test_the_lines_of_a_page_with_very_many_stay_apart() -> None:
    words = [(x / 45, y / 50, x / 45 + 0.003, y / 50 + 0.005) for y in range(50) for x in range(45)]
    page = layout_of(words)
    assert len(page.blocks) == 50 * 45 > LAYOUT.blocks.most_lines


def test_a_page_without_words_has_no_layout() -> None:
    assert len(layout(make_words(np.zeros((0, 4), np.float32), [])).blocks) == 0


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 30), st.just(4)), elements=st.floats(0, 1, width=32))
)
def test_every_word_lies_in_a_block_or_a_row(corners: Floats) -> None:
    words = np.concatenate(
        [np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])], 1
    )
    page = layout(make_words(words, [""] * len(words)))
    places = np.concatenate([page.blocks, page.passages])
    assert places[:, :2].min() == words[:, :2].min()
    assert places[:, 2:].max() == words[:, 2:].max()
    assert len(page.block_of) == len(page.passages) == len(page.headings) == len(page.n_lines)


def test_seen_words_are_the_cells_that_one_vector_covers_and_looks_are_none() -> None:
    boxes = sorted(tuple(box) for box in page_words(seen_page(), PageWords())[0].boxes.tolist())
    assert boxes == [pytest.approx((0.2, 0.15, 0.4, 0.2)), pytest.approx((0.4, 0.15, 0.5, 0.2))]


def test_patches_that_are_no_words_have_no_layout() -> None:
    assert len(page_layout(replace(seen_page(), kinds=all_of(Kind.PATCH, 3)), PageWords()).blocks) == 0


def test_words_that_touch_on_the_raster_are_a_line() -> None:
    """As connected components of the drawn words tell, in the same order."""
    from scipy.ndimage import label

    rng = np.random.default_rng(8)
    for n in (1, 2, 40, 300):
        corner = rng.uniform(0, 0.95, (n, 2))
        boxes = np.concatenate([corner, corner + rng.uniform(0.004, 0.05, (n, 2))], axis=1).astype(np.float32)
        words = make_words(boxes, ["word"] * n)
        drawn = np.zeros((LINES.raster_rows, LINES.raster_cols), np.bool_)
        height = np.maximum(
            boxes[:, 3] - boxes[:, 1],
            LINES.least_height * max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1e-4),
        )
        middle = (boxes[:, 1] + boxes[:, 3]) / 2
        top = np.clip((middle - LINES.core * height) * LINES.raster_rows, 0, LINES.raster_rows - 1).astype(
            int
        )
        bottom = np.maximum(np.ceil((middle + LINES.core * height) * LINES.raster_rows).astype(int), top + 1)
        left = np.clip((boxes[:, 0] - words.beside) * LINES.raster_cols, 0, LINES.raster_cols - 1).astype(int)
        right = np.maximum(np.ceil((boxes[:, 2] + words.beside) * LINES.raster_cols).astype(int), left + 1)
        for x0, y0, x1, y1 in zip(left, top, right, bottom, strict=True):
            drawn[y0:y1, x0:x1] = True
        components = np.unique(label(drawn)[0][top, left], return_inverse=True)[1]
        np.testing.assert_array_equal(touching(words), components)


def _column(x0: float, n_lines: int, seed: int) -> tuple[list[Box], list[str]]:
    """Lines of prose, a quarter of the page wide, some of which are full; words of two to nine letters."""
    random = np.random.default_rng(seed)
    boxes: list[Box] = []
    for i in range(n_lines):
        x, y = x0, 0.1 + 0.015 * i
        while x < x0 + 0.2:
            width = float(random.integers(2, 10)) * 0.007
            boxes.append((x, y, min(x + width, x0 + 0.25), y + 0.012))
            x += width + 0.004
    return boxes, ["w" * max(2, round((x1 - x0) / 0.007)) for x0, _, x1, _ in boxes]


def test_columns_a_narrow_gutter_apart_are_blocks() -> None:
    columns = [_column(x0, 20, seed) for seed, x0 in enumerate((0.1, 0.363, 0.626))]
    boxes = [box for own, _ in columns for box in own]
    texts = [text for _, own in columns for text in own]
    page = layout(make_words(np.array(boxes, np.float32), texts))
    assert sorted(page.blocks[:, 0].tolist()) == [pytest.approx(x0) for x0 in (0.1, 0.363, 0.626)]


def test_bullets_are_part_of_their_items() -> None:
    boxes, texts = _column(0.13, 12, 3)
    bullets = [(0.115, 0.1 + 0.015 * i, 0.119, 0.112 + 0.015 * i) for i in range(12)]
    page = layout(make_words(np.array([*boxes, *bullets], np.float32), [*texts, *"•" * 12]))
    assert len(page.blocks) == 1


@pytest.mark.parametrize("is_sideways", [False, True])
def test_large_words_of_few_cells_run_across_the_page(is_sideways: bool) -> None:
    """Cells are twice as wide as high: words of two rows and a column are no higher than wide, those of five are."""
    grid = PatchGrid(60, 20)
    cells = np.full((grid.n_rows, grid.n_cols), PRUNED, np.int32)
    n = 0
    for top in range(2, 54, 6):
        for left in range(2, 17, 3):
            rows, cols = (5, 1) if is_sideways else (2, 2 if n % 3 == 0 else 1)
            cells[top : top + rows, left : left + cols] = n
            n += 1
    words = PageEmbedding(
        np.eye(n, dtype=np.float32),
        grid,
        cells.ravel(),
        np.ones(n, np.float32),
        np.ones(n, np.int32),
        all_of(Kind.WORD, n),
    )
    across, along = page_words(words, PageWords())
    assert (len(across), len(along)) == ((0, n) if is_sideways else (n, 0))
