"""Regions lie where the query's words are, and grow to what a person would mark."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pagelight.retrieval.geometry import overlap
from pagelight.retrieval.highlights.layout import Layout, layout, page_layout
from pagelight.retrieval.highlights.lines import make_words
from pagelight.retrieval.highlights.maps import HIGHLIGHTS, heatmap, page_places, word_maps
from pagelight.retrieval.highlights.page_pictures import Picture
from pagelight.retrieval.highlights.regions import REGIONS
from pagelight.retrieval.maxsim import similarity_map
from pagelight.retrieval.types import (
    Floats,
    Kind,
    PageWords,
    all_of,
)
from tests.retrieval.lit_pages import (
    LINE,
    N_COLS,
    N_ROWS,
    SCORING,
    cell_at,
    centre,
    layout_of,
    line_of_words,
    maps_of,
    paragraph,
    regions_of,
    seen_page,
    word_and_look,
)


def test_the_best_region_is_where_most_words_meet() -> None:
    maps = maps_of([(10, 8), (75, 25)], [(75, 30), (50, 50)], [(76, 22)])
    regions = regions_of(maps, [1, 1, 1])
    x, y = centre(regions[0].box)
    assert abs(x - 26 / N_COLS) < 0.1
    assert abs(y - 75 / N_ROWS) < 0.05
    assert regions[0].score > regions[-1].score


def test_a_heavy_word_outweighs_two_light_ones() -> None:
    regions = regions_of(maps_of([(10, 8)], [(75, 30)], [(75, 32)]), [5, 1, 1])
    assert centre(regions[0].box)[1] < 0.2


def test_a_page_that_matches_nothing_has_no_regions() -> None:
    assert regions_of(maps_of([], []), [1, 1]) == ()
    assert regions_of(maps_of([(1, 1)]), [0]) == ()


def test_a_query_without_words_has_no_regions() -> None:
    assert regions_of(np.zeros((0, N_ROWS, N_COLS), np.float32), []) == ()


@settings(deadline=None)
@given(arrays.arrays(np.float32, (3, 12, 7), elements=st.floats(0, 1, width=32)), st.booleans())
def test_regions_stay_on_the_page_and_are_at_most_five_and_best_first(maps: Floats, look: bool) -> None:
    page = layout_of(paragraph(0.1, 3), paragraph(0.5, 9, 0.1, 0.45), paragraph(0.5, 2, 0.55, 0.9))
    pictures = (Picture((0.5, 0.6, 0.95, 0.9), 0.5, 0.6), Picture((0.0, 0.25, 1.0, 0.45), 0.0, 0.9))
    regions = regions_of(maps, [1, 2, 0.5], page, pictures, look)
    assert len(regions) <= REGIONS.most
    for region in regions:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert 0 < region.score <= 1
    assert [r.score for r in regions] == sorted((r.score for r in regions), reverse=True)
    assert all(overlap(a.box, b.box) <= 0.3 for i, a in enumerate(regions) for b in regions[:i])


def _table(texts: list[str], n_columns: int) -> Layout:
    boxes = [(0.1 + 0.25 * (i % n_columns), 0.2 + 0.03 * (i // n_columns)) for i in range(len(texts))]
    return layout(make_words(np.array([(x, y, x + 0.08, y + LINE) for x, y in boxes], np.float32), texts))


@pytest.mark.parametrize(
    ("head", "second_row"),
    [(["Model", "Learning"], 0.26), (["Small", "17"], 0.2), (["Model", "Bremen"], 0.26)],
)
def test_two_columns_have_a_head_where_numbers_stand_under_words(head: list[str], second_row: float) -> None:
    page = _table([*head, "Base", "1000", "Large", "175"], 2)
    maps = maps_of([cell_at(0.37, 0.205)], [cell_at(0.12, 0.265)])  # the head's second word, "Large"
    assert regions_of(maps, [1.1, 1], page)[0].box[1] == pytest.approx(second_row, abs=1e-3)


def test_a_row_is_found_by_the_heads_of_its_columns() -> None:
    table = [
        "Pilot",
        "Harbour",
        "Licence",
        "Adler",
        "Hamburg",
        "2210",
        "Brandt",
        "Bremen",
        "3320",
        "Clausen",
        "Kiel",
        "4430",
    ]
    boxes = [(0.1 + 0.25 * (i % 3), 0.2 + 0.03 * (i // 3)) for i in range(len(table))]
    words = np.array([(x, y, x + 0.08, y + LINE) for x, y in boxes], np.float32)
    maps = maps_of([cell_at(0.62, 0.205)], [cell_at(0.12, 0.265)])  # "licence", "Brandt"
    box = regions_of(maps, [1, 1], layout(make_words(words, table)))[0].box
    assert box == pytest.approx((0.1, 0.26, 0.68, 0.26 + LINE), abs=1e-3)


def test_two_columns_of_text_are_no_table() -> None:
    page = layout_of(paragraph(0.1, 6, 0.1, 0.48), paragraph(0.1, 6, 0.53, 0.91))
    box = regions_of(maps_of([cell_at(0.3, 0.14)]), [1], page)[0].box
    assert box[2] <= 0.5


def test_a_line_that_runs_up_the_page_is_a_region_of_its_own() -> None:
    texts = tuple(f"Harbour{i}{'.' * (i % 4 == 3)}" for i in range(12))
    boxes = [
        (0.2 + 0.03 * (i // 4), 0.1 + 0.2 * (i % 4), 0.22 + 0.03 * (i // 4), 0.28 + 0.2 * (i % 4))
        for i in range(12)
    ]
    page = page_layout(
        replace(seen_page(), kinds=all_of(Kind.PATCH, 3)), PageWords(texts, np.array(boxes, np.float32))
    )
    assert page.lies_sideways
    box = regions_of(maps_of([cell_at(0.24, 0.4)]), [1], page)[0].box
    assert box == pytest.approx((0.23, 0.1, 0.25, 0.88), abs=1e-3)


def test_a_heading_brings_what_stands_under_it() -> None:
    page = layout_of(line_of_words(0.1, 0.1, 0.4), paragraph(0.14, 4), paragraph(0.5, 4))
    box = regions_of(maps_of([cell_at(0.2, 0.11)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1, 0.9, 0.14 + 4.9 * LINE), abs=1e-3)


def test_a_cell_of_a_table_brings_its_row() -> None:
    rows = [
        [*line_of_words(y, 0.1, 0.3), *line_of_words(y, 0.5, 0.6), *line_of_words(y, 0.7, 0.8)]
        for y in (0.2, 0.26, 0.32)
    ]
    box = regions_of(maps_of([cell_at(0.15, 0.27)]), [1], layout_of(*rows))[0].box
    assert box == pytest.approx((0.1, 0.26, 0.8, 0.26 + LINE), abs=1e-3)


def test_a_label_with_a_single_value_beside_it_is_a_row_too() -> None:
    rows = [[*line_of_words(y, 0.1, 0.3), *line_of_words(y, 0.5, 0.6)] for y in (0.2, 0.226, 0.252)]
    box = regions_of(maps_of([cell_at(0.15, 0.235)]), [1], layout_of(*rows))[0].box
    assert box == pytest.approx((0.1, 0.226, 0.6, 0.226 + LINE), abs=1e-3)


def test_larger_letters_are_not_headed_by_smaller_ones() -> None:
    small, large = line_of_words(0.4, 0.1, 0.5), [(0.1, 0.4 + 1.6 * LINE, 0.5, 0.4 + 3.2 * LINE)]
    maps = maps_of([cell_at(0.3, 0.4 + LINE / 2)])
    (region,) = regions_of(maps, [1], layout_of(small, large))
    assert region.box[3] == pytest.approx(0.4 + LINE, abs=0.01)


def test_maps_agree_with_similarity_maps_and_are_0_where_pruned() -> None:
    maps = word_maps(word_and_look(), seen_page(), PageWords(), SCORING)
    similarities = similarity_map(word_and_look().vectors, seen_page())
    expected = np.where(np.isnan(similarities), 0.0, SCORING.match(np.nan_to_num(similarities)))
    assert np.allclose(maps, expected, atol=1e-6)


def test_without_looks_the_maps_show_words_only() -> None:
    maps = word_maps(word_and_look(), seen_page(), PageWords(), SCORING, figures=False)
    assert not maps[:, 10:].any()
    assert maps[0, 3, 2] > 0.9


def test_a_sweep_sets_every_part_of_the_highlights() -> None:
    weights = np.ones(2, np.float32)
    given = (word_and_look(), seen_page(), PageWords(), weights, SCORING)
    assert len(page_places(*given)) == 2
    one = replace(HIGHLIGHTS, regions=replace(HIGHLIGHTS.regions, most=1))
    places = page_places(*given, parameters=one)
    page = page_layout(seen_page(), PageWords(), one.layout)
    assert len(places) == len(heatmap(*given, page, places).regions) == 1
    no_pictures = replace(HIGHLIGHTS, pictures=replace(HIGHLIGHTS.pictures, least_cells=1000))
    assert centre(page_places(*given, parameters=no_pictures)[0].region.box)[1] < 0.3
    no_matches = replace(no_pictures, matches=replace(HIGHLIGHTS.matches, least=2.0))
    assert page_places(*given, parameters=no_matches) == ()
