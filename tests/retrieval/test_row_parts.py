"""Rows of tables are whole: cells of several lines, cells out of line, and no line of the prose beside them."""

import pytest

from tests.retrieval.lit_pages import LETTER, LINE, PITCH, maps_of, regions_of, typed_cell, typed_page


def test_a_cell_out_of_line_belongs_to_the_row_that_it_is_level_with() -> None:
    page = typed_page(
        {0.1: "Harbour", 0.3: "Molde", 0.45: "Narvik", 0.6: "Bergen"},
        {0.1: "Berths", 0.3: "4", 0.45: "19", 0.6: "31"},
        {0.1: "Ferry", 0.3: "yes", 0.52: "by night only"},
        {0.1: "Tugs", 0.3: "1", 0.45: "5", 0.6: "6"},
    )
    box = regions_of(maps_of([typed_cell(2, 0.12)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 2 * PITCH, 0.52 + 13 * LETTER, 0.1 + 2 * PITCH + LINE), abs=2e-3)


def test_a_cell_of_two_lines_beside_the_middle_of_its_row_belongs_to_it() -> None:
    half = PITCH / 2
    page = typed_page(
        {0.1: "Berth", 0.2: "Depth", 0.5: "Tons"},
        {},
        {},
        {0.3: "Timber for the yard"},
        {0.1: "A1", 0.2: "7.5", 0.5: "900"},
        {0.3: "in the outer bay"},
        {},
        {},
        {0.3: "Salt in small bags"},
        {0.1: "A2", 0.2: "6.5", 0.5: "120"},
        {0.3: "for the islands"},
        {},
        {},
        {0.1: "A3", 0.2: "9.0", 0.5: "440"},
        pitch=half,
    )
    box = regions_of(maps_of([typed_cell(8, 0.35, half)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 8 * half, 0.5 + 3 * LETTER, 0.1 + 10 * half + LINE), abs=2e-3)


def test_prose_beside_a_table_stays_out_of_its_rows() -> None:
    names = "Wages and benefits", "Hours of work", "Freely chosen work", "Health and safety"
    prose = "", "", "The pilots board each vessel", "that is longer than the mole"
    page = typed_page(
        *(
            {0.1: text, 0.5: name, 0.8: f"{4 + i}%"}
            for i, (text, name) in enumerate(zip(prose, names, strict=True))
        )
    )
    box = regions_of(maps_of([typed_cell(2, 0.52)]), [1], page)[0].box
    assert box == pytest.approx((0.5, 0.1 + 2 * PITCH, 0.8 + 2 * LETTER, 0.1 + 2 * PITCH + LINE), abs=2e-3)


def test_of_rows_that_match_alike_the_one_that_heads_the_others_comes_last() -> None:
    page = typed_page(
        {0.1: "Harbour", 0.3: "Berths", 0.5: "Total"},
        {0.1: "Molde", 0.3: "4", 0.5: "40"},
        {0.1: "Total", 0.3: "19", 0.5: "52"},
    )
    total = maps_of([typed_cell(0, 0.52), typed_cell(2, 0.12)])
    assert regions_of(total, [1], page)[0].box[1] == pytest.approx(0.1 + 2 * PITCH, abs=1e-3)
