"""Rows of tables have their label, and what heads their columns is seen above them, however many lines that takes."""

from __future__ import annotations

import numpy as np
import pytest

from pagelight.retrieval.highlights.layout import Layout, layout
from pagelight.retrieval.highlights.lines import make_words
from pagelight.retrieval.types import Box
from tests.retrieval.lit_pages import LINE, cell_at, maps_of, regions_of

#: (text, x, y) of a cell; words of its text are .04 wide and touch, so that a cell is a line
Cell = tuple[str, float, float]
_WORD = 0.04


def _page(*cells: Cell, title: tuple[str, Box] | None = None) -> Layout:
    """title: a word by itself, and its box"""
    texts: list[str] = [title[0]] if title else []
    boxes: list[Box] = [title[1]] if title else []
    for text, x, y in cells:
        for i, word in enumerate(text.split()):
            texts.append(word)
            boxes.append((x + i * _WORD, y, x + (i + 0.9) * _WORD, y + LINE))
    return layout(make_words(np.array(boxes, np.float32), texts))


def _rows(labels: list[str], y: float = 0.3, x: float = 0.1) -> list[Cell]:
    """Rows of a label and three values each."""
    return [
        cell
        for i, label in enumerate(labels)
        for cell in (
            (label, x, y + 0.03 * i),
            *((f"{10 + i}{column}", 0.5 + 0.12 * column, y + 0.03 * i) for column in range(3)),
        )
    ]


def _row(page: Layout, y: float) -> int:
    """The row that begins at y."""
    (found,) = np.flatnonzero((page.block_of < 0) & (np.abs(page.passages[:, 1] - y) < 1e-3))
    return int(found)


HEAD: list[Cell] = [
    (text, 0.5 + 0.12 * column, 0.3 - 0.024 * up)
    for column, own in enumerate((["reported", "Losses"], ["averted", "Losses"], ["forecast", "Losses"]))
    for up, text in enumerate(own, start=1)
]


def test_a_head_of_several_lines_stands_for_the_rows_below() -> None:
    page = _page(*HEAD, *_rows(["Bergen", "Narvik", "Tromso"]))
    for y in (0.3, 0.33, 0.36):
        assert page.headings[_row(page, y)] == pytest.approx((0.5, 0.252, 0.776, 0.296), abs=2e-3)


def test_a_row_is_lit_and_not_the_head_that_has_more_of_the_query() -> None:
    page = _page(*HEAD, *_rows(["Bergen", "Narvik", "Tromso"]))
    maps = maps_of([cell_at(0.63, 0.262)], [cell_at(0.63, 0.286)], [cell_at(0.12, 0.34)])  # … averted, Narvik
    box = regions_of(maps, [1, 1, 0.6], page)[0].box
    assert box == pytest.approx((0.1, 0.33, 0.776, 0.33 + LINE), abs=2e-3)


def test_a_first_row_of_values_is_no_head() -> None:
    page = _page(*_rows(["Bergen", "Narvik", "Tromso"]))
    assert page.headings[_row(page, 0.33)][2] < page.headings[_row(page, 0.33)][0]


@pytest.mark.parametrize("years", [["1996", "1997", "1998"], ["2003–04", "2004–05", "2005–06"]])
def test_years_are_a_head(years: list[str]) -> None:
    head = [(year, 0.5 + 0.12 * column, 0.27) for column, year in enumerate(years)]
    page = _page(*head, *_rows(["Bergen", "Narvik", "Tromso"]))
    assert page.headings[_row(page, 0.33)][1] == pytest.approx(0.27, abs=2e-3)


def test_what_stands_above_a_table_holds_for_its_rows_and_is_lit_where_they_add_nothing() -> None:
    prose = [(" ".join(["losses"] * 17), 0.1, 0.276)]
    page = _page(*prose, *_rows(["Bergen", "Narvik", "Tromso"]))
    losses, narvik = [cell_at(0.3, 0.286)], [cell_at(0.12, 0.34)]
    assert regions_of(maps_of(losses), [1], page)[0].box[1] == pytest.approx(0.276, abs=2e-3)
    assert regions_of(maps_of(losses, narvik), [1, 1], page)[0].box[1] == pytest.approx(0.33, abs=2e-3)


def test_a_title_of_larger_letters_holds_for_a_table_further_below() -> None:
    box = (0.1, 0.2, 0.28, 0.2 + 1.5 * LINE)
    page = _page(*_rows(["Bergen", "Narvik", "Tromso"]), title=("Losses", box))
    assert page.headings[_row(page, 0.33)] == pytest.approx(box, abs=2e-3)
    low = _page(*_rows(["Bergen", "Narvik", "Tromso"]), title=("Losses", (0.1, 0.2, 0.28, 0.2 + LINE)))
    assert low.headings[_row(low, 0.33)][2] < low.headings[_row(low, 0.33)][0]


def test_a_column_of_descriptions_is_part_of_the_rows() -> None:
    said = ["in fair weather only", "whenever the ferry does not run at all", "by day"]
    rows = _rows(["Bergen", "Narvik", "Tromso"])
    page = _page(*rows, *((text, 0.8, 0.3 + 0.03 * i) for i, text in enumerate(said)))
    assert page.passages[_row(page, 0.33)][2] == pytest.approx(0.8 + 7.9 * _WORD, abs=2e-3)


def test_prose_beside_a_table_is_no_part_of_its_rows() -> None:
    rows = _rows(["Bergen", "Narvik", "Tromso", "Molde"])
    page = _page(*rows, *((" ".join(["pilots"] * 5), 0.8, 0.3 + 0.03 * i) for i in range(4)))
    assert page.passages[_row(page, 0.33)][2] < 0.8


def test_a_table_that_goes_on_under_a_subheading_keeps_its_head() -> None:
    cities, lakes = _rows(["Bergen", "Narvik", "Tromso"]), _rows(["Femund", "Mjosa", "Tyri"], 0.44)
    page = _page(*HEAD, *cities, ("Lakes", 0.1, 0.408), *lakes)
    assert page.headings[_row(page, 0.47)][1] == pytest.approx(0.252, abs=2e-3)


def test_a_long_label_far_from_its_values_belongs_to_the_row() -> None:
    labels = ["Share of households without any piped water", "Share of lakes", "Share of all roads in winter"]
    page = _page(*_rows(labels, x=0.05))
    for y in (0.3, 0.33, 0.36):
        assert page.passages[_row(page, y)][0] == pytest.approx(0.05, abs=2e-3)


def test_prose_beside_a_table_is_no_label() -> None:
    prose = [(" ".join(["water"] * 11), 0.02, 0.3 + 0.03 * i) for i in range(5)]
    values = [cell for cell in _rows(["", "", "", "", ""]) if cell[0]]
    page = _page(*prose, *values)
    assert page.passages[_row(page, 0.36)][0] == pytest.approx(0.5, abs=2e-3)
