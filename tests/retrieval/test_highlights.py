"""Regions lie where the query's words are, and grow to what a person would mark."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pagelight.retrieval.geometry import overlap
from pagelight.retrieval.highlights.figures import Picture, find_pictures
from pagelight.retrieval.highlights.layout import EMPTY, LAYOUT, Layout, layout, page_layout
from pagelight.retrieval.highlights.lines import LINES, make_words, page_words, touching
from pagelight.retrieval.highlights.maps import HIGHLIGHTS, heatmap, page_places, word_maps
from pagelight.retrieval.highlights.meant import Closeness
from pagelight.retrieval.highlights.query_matches import find_matches
from pagelight.retrieval.highlights.regions import REGIONS, find_regions
from pagelight.retrieval.maxsim import similarity_map
from pagelight.retrieval.results import Region
from pagelight.retrieval.scoring import TermScoring
from pagelight.retrieval.types import (
    PRUNED,
    Box,
    Floats,
    Kind,
    PageEmbedding,
    PageWords,
    PatchGrid,
    QueryEmbedding,
    all_of,
)

N_ROWS, N_COLS = 100, 60
LINE = 0.02


def _maps(*spots: list[tuple[int, int]]) -> Floats:
    """One map a word, with 1 at each (row, col)."""
    maps = np.zeros((len(spots), N_ROWS, N_COLS), np.float32)
    for word, cells in enumerate(spots):
        for row, col in cells:
            maps[word, row, col] = 1.0
    return maps


def _regions(
    maps: Floats,
    weights: list[float],
    page: Layout = EMPTY,
    pictures: tuple[Picture, ...] = (),
    look: bool = False,
    closeness: Closeness | None = None,
) -> tuple[Region, ...]:
    matches = find_matches(maps, np.array(weights, np.float32))
    places = find_regions(matches, page, pictures, look, closeness)
    return tuple(place.region for place in places)


def _line(y: float, x0: float = 0.1, x1: float = 0.9, width: float = 0.08) -> list[Box]:
    """The words of a line of text, one half of a line's height apart."""
    starts = np.arange(x0, x1 - 1e-6, width + LINE / 2)
    return [(float(x), y, min(float(x) + width, x1), y + LINE) for x in starts]


def _paragraph(y: float, n_lines: int, x0: float = 0.1, x1: float = 0.9) -> list[Box]:
    return [word for i in range(n_lines) for word in _line(y + 1.3 * LINE * i, x0, x1)]


def _layout(*words: list[Box]) -> Layout:
    boxes = np.array([box for some in words for box in some], np.float32)
    return layout(make_words(boxes, [""] * len(boxes)))


def _centre(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _cell(x: float, y: float) -> tuple[int, int]:
    return int(y * N_ROWS), int(x * N_COLS)


# Where


def test_the_best_region_is_where_most_words_meet() -> None:
    maps = _maps([(10, 8), (75, 25)], [(75, 30), (50, 50)], [(76, 22)])
    regions = _regions(maps, [1, 1, 1])
    x, y = _centre(regions[0].box)
    assert abs(x - 26 / N_COLS) < 0.1
    assert abs(y - 75 / N_ROWS) < 0.05
    assert regions[0].score > regions[-1].score


def test_a_heavy_word_outweighs_two_light_ones() -> None:
    regions = _regions(_maps([(10, 8)], [(75, 30)], [(75, 32)]), [5, 1, 1])
    assert _centre(regions[0].box)[1] < 0.2


def test_a_page_that_matches_nothing_has_no_regions() -> None:
    assert _regions(_maps([], []), [1, 1]) == ()
    assert _regions(_maps([(1, 1)]), [0]) == ()


def test_a_query_without_words_has_no_regions() -> None:
    assert _regions(np.zeros((0, N_ROWS, N_COLS), np.float32), []) == ()


@settings(deadline=None)
@given(arrays.arrays(np.float32, (3, 12, 7), elements=st.floats(0, 1, width=32)), st.booleans())
def test_regions_stay_on_the_page_and_are_at_most_five_and_best_first(maps: Floats, look: bool) -> None:
    page = _layout(_paragraph(0.1, 3), _paragraph(0.5, 9, 0.1, 0.45), _paragraph(0.5, 2, 0.55, 0.9))
    pictures = (Picture((0.5, 0.6, 0.95, 0.9), 0.5, 0.6), Picture((0.0, 0.25, 1.0, 0.45), 0.0, 0.9))
    regions = _regions(maps, [1, 2, 0.5], page, pictures, look)
    assert len(regions) <= REGIONS.most
    for region in regions:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert 0 < region.score <= 1
    assert [r.score for r in regions] == sorted((r.score for r in regions), reverse=True)
    assert all(overlap(a.box, b.box) <= 0.3 for i, a in enumerate(regions) for b in regions[:i])


# What


def test_a_match_brings_its_line_where_no_sentences_are_known() -> None:
    page = _layout(_paragraph(0.1, 3), _paragraph(0.3, 3), _paragraph(0.5, 3))
    region = _regions(_maps([_cell(0.3, 0.335)]), [1], page)[0]
    assert region.box == pytest.approx((0.1, 0.3 + 1.3 * LINE, 0.9, 0.3 + 2.3 * LINE), abs=1e-3)


def _written(text: str, y: float = 0.1, per_line: int = 8) -> Layout:
    """Lines of so many words, each word a tenth of the page wide."""
    texts = text.split()
    boxes = [
        (0.1 + 0.1 * (i % per_line), y + 1.3 * LINE * (i // per_line), 0.19 + 0.1 * (i % per_line), 0.0)
        for i in range(len(texts))
    ]
    return layout(make_words(np.array([(a, b, c, b + LINE) for a, b, c, _ in boxes], np.float32), texts))


def test_a_match_brings_the_whole_lines_of_its_sentence_and_no_others() -> None:
    page = _written(
        "The harbour opens at six in the morning. On weekdays dr. Kowalska's pilots board every vessel that is longer "
        "than ninety metres. Smaller vessels enter freely. They report by radio at 12.5 MHz before they pass the mole."
    )
    box = _regions(_maps([_cell(0.55, 0.1 + 1.8 * LINE)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 1.3 * LINE, 0.89, 0.1 + 3.6 * LINE), abs=1e-3)


def test_each_item_of_a_list_is_a_passage() -> None:
    page = _written("a) the first thing that is meant here b) the second thing that is meant here")
    box = _regions(_maps([_cell(0.35, 0.1 + 1.5 * LINE)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 1.3 * LINE, 0.89, 0.1 + 2.3 * LINE), abs=1e-3)


def test_each_line_of_a_menu_is_a_passage_and_lines_of_prose_are_not() -> None:
    dishes = "Oysters with lemon and rye bread 12 euros", "Clear soup of roasted parsnips today 9 euros"
    menu = _written(
        " ".join((*dishes, "Turbot in brown butter with potatoes 24 euros", dishes[0], dishes[1]))
    )
    on_the_third = _maps([_cell(0.55, 0.1 + 3.0 * LINE)])
    box = _regions(on_the_third, [1], menu)[0].box
    assert box == pytest.approx((0.1, 0.1 + 2.6 * LINE, 0.89, 0.1 + 3.6 * LINE), abs=1e-3)
    prose = _written(" ".join(["the pilots board every vessel that is longer"] * 5))
    assert _regions(on_the_third, [1], prose)[0].box == pytest.approx(
        (0.1, 0.1, 0.89, 0.1 + 6.2 * LINE), abs=1e-3
    )


def test_a_caption_that_says_so_brings_its_figure_whatever_is_asked() -> None:
    picture = Picture((0.2, 0.2, 0.8, 0.49), 0.0, 0.9)
    page = _written("Figure 3. The woven texture of a basket", 0.5)
    box = _regions(_maps([_cell(0.35, 0.51)]), [1], page, (picture,))[0].box
    assert box == pytest.approx((0.1, 0.2, 0.89, 0.5 + LINE), abs=1e-3)


@pytest.mark.parametrize(("drawn", "top"), [(0.5, 0.06), (0.12, 0.12)])
def test_a_caption_brings_the_room_above_it_where_no_picture_was_seen(drawn: float, top: float) -> None:
    page = _written("Figure 3. The woven texture of a basket", drawn)
    box = _regions(_maps([_cell(0.35, drawn + 0.01)]), [1], page)[0].box
    assert box == pytest.approx((0.1, top, 0.89, drawn + LINE), abs=1e-3)


def _table(texts: list[str], n_columns: int) -> Layout:
    boxes = [(0.1 + 0.25 * (i % n_columns), 0.2 + 0.03 * (i // n_columns)) for i in range(len(texts))]
    return layout(make_words(np.array([(x, y, x + 0.08, y + LINE) for x, y in boxes], np.float32), texts))


@pytest.mark.parametrize(
    ("head", "second_row"),
    [(["Model", "Learning"], 0.26), (["Small", "17"], 0.2), (["Model", "Bremen"], 0.26)],
)
def test_two_columns_have_a_head_where_numbers_stand_under_words(head: list[str], second_row: float) -> None:
    page = _table([*head, "Base", "1000", "Large", "175"], 2)
    maps = _maps([_cell(0.37, 0.205)], [_cell(0.12, 0.265)])  # the head's second word, "Large"
    assert _regions(maps, [1.1, 1], page)[0].box[1] == pytest.approx(second_row, abs=1e-3)


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
    maps = _maps([_cell(0.62, 0.205)], [_cell(0.12, 0.265)])  # "licence", "Brandt"
    box = _regions(maps, [1, 1], layout(make_words(words, table)))[0].box
    assert box == pytest.approx((0.1, 0.26, 0.68, 0.26 + LINE), abs=1e-3)


def test_two_columns_of_text_are_no_table() -> None:
    page = _layout(_paragraph(0.1, 6, 0.1, 0.48), _paragraph(0.1, 6, 0.53, 0.91))
    box = _regions(_maps([_cell(0.3, 0.14)]), [1], page)[0].box
    assert box[2] <= 0.5


def test_a_line_that_runs_up_the_page_is_a_region_of_its_own() -> None:
    texts = tuple(f"Harbour{i}{'.' * (i % 4 == 3)}" for i in range(12))
    boxes = [
        (0.2 + 0.03 * (i // 4), 0.1 + 0.2 * (i % 4), 0.22 + 0.03 * (i // 4), 0.28 + 0.2 * (i % 4))
        for i in range(12)
    ]
    page = page_layout(
        replace(_page(), kinds=all_of(Kind.PATCH, 3)), PageWords(texts, np.array(boxes, np.float32))
    )
    assert page.lies_sideways
    box = _regions(_maps([_cell(0.24, 0.4)]), [1], page)[0].box
    assert box == pytest.approx((0.23, 0.1, 0.25, 0.88), abs=1e-3)


def test_a_stamp_across_the_page_does_not_join_what_lies_under_it() -> None:
    page = _layout(_paragraph(0.1, 3), _paragraph(0.3, 3), [(0.2, 0.1, 0.8, 0.36)])
    assert len(page.blocks) == 3


def test_a_heading_brings_what_stands_under_it() -> None:
    page = _layout(_line(0.1, 0.1, 0.4), _paragraph(0.14, 4), _paragraph(0.5, 4))
    box = _regions(_maps([_cell(0.2, 0.11)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1, 0.9, 0.14 + 4.9 * LINE), abs=1e-3)


def test_a_cell_of_a_table_brings_its_row() -> None:
    rows = [[*_line(y, 0.1, 0.3), *_line(y, 0.5, 0.6), *_line(y, 0.7, 0.8)] for y in (0.2, 0.26, 0.32)]
    box = _regions(_maps([_cell(0.15, 0.27)]), [1], _layout(*rows))[0].box
    assert box == pytest.approx((0.1, 0.26, 0.8, 0.26 + LINE), abs=1e-3)


def test_a_label_with_a_single_value_beside_it_is_a_row_too() -> None:
    rows = [[*_line(y, 0.1, 0.3), *_line(y, 0.5, 0.6)] for y in (0.2, 0.226, 0.252)]
    box = _regions(_maps([_cell(0.15, 0.235)]), [1], _layout(*rows))[0].box
    assert box == pytest.approx((0.1, 0.226, 0.6, 0.226 + LINE), abs=1e-3)


@pytest.mark.parametrize(
    ("look", "top", "bottom"), [(True, 0.2, 0.51 + 2.3 * LINE), (False, 0.51, 0.51 + LINE)]
)
def test_a_caption_brings_its_picture_where_a_look_is_asked_for(
    look: bool, top: float, bottom: float
) -> None:
    picture = Picture((0.2, 0.2, 0.8, 0.5), 0.0, 0.9)
    page = _layout(_paragraph(0.51, 2, 0.2, 0.8), _paragraph(0.7, 5))
    box = _regions(_maps([_cell(0.5, 0.52)]), [1], page, (picture,), look)[0].box
    assert box == pytest.approx((0.2, top, 0.8, bottom), abs=1e-3)


def test_what_the_page_says_everywhere_does_not_tell_where_to_look() -> None:
    paragraphs = [0.1 + 0.08 * i for i in range(10)]
    page = _layout(*(_paragraph(y, 2) for y in paragraphs))
    everywhere = [_cell(0.2, y + 0.005) for y in paragraphs[:8]]
    together, alone = [_cell(0.25, paragraphs[0] + 0.005)], [_cell(0.5, paragraphs[9] + 0.005)]
    box = _regions(_maps(everywhere, together, alone), [3, 0.5, 2.5], page)[0].box
    assert box[1] == pytest.approx(paragraphs[9], abs=1e-3)


def _close(y: float, deviations: float) -> Closeness:
    """A page of two passages: lines at the top and at `y`, which is so much closer to the query."""
    lines = np.array([[0.1, 0.1, 0.9, 0.1 + LINE], [0.1, y, 0.9, y + LINE]], np.float32)
    return Closeness(lines, np.array([0, 1], np.int32), np.array([-deviations, deviations], np.float32))


def test_what_is_meant_is_a_region_without_any_word_of_the_query() -> None:
    page = _layout(_line(0.1), _line(0.5), _line(0.8))
    regions = _regions(_maps([]), [1], page, closeness=_close(0.5, 2))
    assert [_centre(region.box)[1] for region in regions] == [pytest.approx(0.5 + LINE / 2, abs=0.01)]
    assert _regions(_maps([]), [1], page) == ()


def test_a_few_words_gain_less_by_what_they_mean() -> None:
    lines = np.array([[0.1, 0.1, 0.2, 0.1 + LINE], [0.1, 0.5, 0.9, 0.5 + LINE]], np.float32)
    closeness = Closeness(lines, np.array([0, 1], np.int32), np.array([3, 2], np.float32))
    page = _layout(_line(0.1, 0.1, 0.2), _line(0.5), _line(0.8))
    assert _centre(_regions(_maps([]), [1], page, closeness=closeness)[0].box)[1] > 0.4


def test_what_is_meant_counts_for_what_the_words_leave_open() -> None:
    page = _layout(_line(0.1), _line(0.5), _line(0.8))
    every_word = _maps([_cell(0.3, 0.1 + LINE / 2)], [_cell(0.5, 0.1 + LINE / 2)])
    few_words = _maps([_cell(0.3, 0.1 + LINE / 2)], [])
    assert _centre(_regions(every_word, [1, 1], page, closeness=_close(0.5, 9))[0].box)[1] < 0.2
    assert _centre(_regions(few_words, [1, 9], page, closeness=_close(0.5, 9))[0].box)[1] > 0.4


def test_a_heading_under_a_picture_is_not_its_caption() -> None:
    heading = [(x0, y0, x1, y0 + 1.5 * LINE) for x0, y0, x1, _ in _line(0.51, 0.2, 0.6)]
    page = _layout(heading, _paragraph(0.55, 5, 0.2, 0.8), _paragraph(0.7, 5))
    picture = Picture((0.2, 0.2, 0.8, 0.5), 0.0, 0.9)
    box = _regions(_maps([_cell(0.3, 0.52)]), [1], page, (picture,))[0].box
    assert box[1] == pytest.approx(0.51, abs=1e-3)


def test_a_title_between_two_pictures_is_the_nearer_ones() -> None:
    title = _line(0.4, 0.1, 0.5)
    page = _layout(_line(0.05), title)
    above = Picture((0.1, 0.2, 0.5, 0.4 - LINE), 0.5, 0.9)
    below = Picture((0.1, 0.4 + 1.4 * LINE, 0.5, 0.8), 0.5, 0.9)
    maps = _maps([_cell(0.3, 0.4 + LINE / 2)])
    regions = _regions(maps, [1], page, (above, below), look=True)
    boxes = [region.box for region in regions]
    assert any(box == pytest.approx((0.1, 0.4, 0.5, 0.8), abs=0.01) for box in boxes)
    assert above.box in boxes


def test_larger_letters_are_not_headed_by_smaller_ones() -> None:
    small, large = _line(0.4, 0.1, 0.5), [(0.1, 0.4 + 1.6 * LINE, 0.5, 0.4 + 3.2 * LINE)]
    maps = _maps([_cell(0.3, 0.4 + LINE / 2)])
    (region,) = _regions(maps, [1], _layout(small, large))
    assert region.box[3] == pytest.approx(0.4 + LINE, abs=0.01)


def test_the_look_that_is_asked_for_comes_before_words_elsewhere() -> None:
    pictures = (Picture((0.1, 0.1, 0.9, 0.3), 0.0, 0.9), Picture((0.1, 0.6, 0.9, 0.9), 0.4, 0.4))
    maps = _maps([_cell(0.5, 0.45)], [])
    assert _regions(maps, [1, 1], EMPTY, pictures, look=True)[0].box == (0.1, 0.6, 0.9, 0.9)
    unasked = [replace(picture, asked=0.0) for picture in pictures]
    assert _centre(_regions(maps, [1, 1], EMPTY, unasked)[0].box)[1] == pytest.approx(0.455, abs=0.01)


def test_a_picture_cuts_no_line_that_has_its_middle_in_it() -> None:
    page = _layout(_line(0.5, 0.1, 0.8), _line(0.55, 0.7, 0.95))
    pictures = (Picture((0.3, 0.4, 0.7, 0.7), 0.7, 0.9),)
    best = _regions(_maps([_cell(0.5, 0.7)]), [1], page, pictures, look=True)[0]
    assert best.box == pytest.approx((0.1, 0.4, 0.8, 0.7), abs=1e-3)


def test_of_two_tables_the_one_with_the_words_comes_first() -> None:
    pictures = (Picture((0.1, 0.1, 0.9, 0.3), 0.7, 0.9), Picture((0.1, 0.6, 0.9, 0.9), 0.7, 0.9))
    best = _regions(_maps([_cell(0.5, 0.7)]), [1], EMPTY, pictures, look=True)[0]
    assert best.box == (0.1, 0.6, 0.9, 0.9)


# Layout


def test_paragraphs_headings_and_columns_are_blocks() -> None:
    page = _layout(
        _line(0.05, 0.1, 0.9),
        _paragraph(0.1, 4, 0.1, 0.47),
        _paragraph(0.25, 4, 0.1, 0.47),
        _paragraph(0.1, 9, 0.53, 0.9),
    )
    assert len(page.blocks) == 4


def test_the_lines_of_a_page_with_very_many_stay_apart() -> None:
    words = [(x / 45, y / 50, x / 45 + 0.003, y / 50 + 0.005) for y in range(50) for x in range(45)]
    page = _layout(words)
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


# Embeddings


GRID = PatchGrid(20, 10)
SCORING = TermScoring(midpoint=0.5, slope=30.0, floor=0.1)


def _page() -> PageEmbedding:
    """A word over two cells of row 3, another one beside it, and a look, half sure, over the lower half."""
    cells = np.full((GRID.n_rows, GRID.n_cols), PRUNED, np.int32)
    cells[3, 2:4], cells[3, 4] = 0, 1
    cells[10:] = 2
    vectors = np.diag([1, 1, 0.5]).astype(np.float32)
    n = len(vectors)
    return PageEmbedding(
        vectors,
        GRID,
        cells.ravel(),
        np.ones(n, np.float32),
        np.ones(n, np.int32),
        np.array([Kind.WORD, Kind.WORD, Kind.FIGURE], np.uint8),
    )


def _query(text: str = "first look") -> QueryEmbedding:
    vectors = np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    return QueryEmbedding(
        text,
        ("first", "look"),
        vectors,
        np.array([0, 1], np.int32),
        np.ones(2, np.float32),
        np.array([Kind.WORD, Kind.FIGURE], np.uint8),
        ("first", ""),
    )


def test_seen_words_are_the_cells_that_one_vector_covers_and_looks_are_none() -> None:
    boxes = sorted(tuple(box) for box in page_words(_page(), PageWords())[0].boxes.tolist())
    assert boxes == [pytest.approx((0.2, 0.15, 0.4, 0.2)), pytest.approx((0.4, 0.15, 0.5, 0.2))]


def test_patches_that_are_no_words_have_no_layout() -> None:
    assert len(page_layout(replace(_page(), kinds=all_of(Kind.PATCH, 3)), PageWords()).blocks) == 0


def test_a_picture_is_as_surely_asked_for_as_it_is_what_it_seems() -> None:
    (picture,) = find_pictures(_query(), _page())
    assert picture.box == (0.0, 0.5, 1.0, 1.0)
    assert (picture.asked, picture.sure) == pytest.approx((0.5, 0.5))


def test_looks_that_a_query_asks_for_add_up() -> None:
    """A chart that is half a line chart and half a bar chart is surely a chart."""
    page = replace(_page(), vectors=np.array([[1, 0, 0], [0, 0.5, 0.4], [0, 0.5, 0.4]], np.float32))
    page = replace(page, kinds=np.array([Kind.WORD, Kind.FIGURE, Kind.FIGURE], np.uint8))
    vectors = np.array([[0, 1, 0], [0, 0, 1]], np.float32)
    query = replace(_query(), vectors=vectors, kinds=all_of(Kind.FIGURE, 2))
    (picture,) = find_pictures(query, page)
    assert (picture.asked, picture.sure) == pytest.approx((0.9, 0.9))


def test_patches_are_no_pictures() -> None:
    assert find_pictures(_query(), replace(_page(), kinds=all_of(Kind.PATCH, 3))) == ()


def test_maps_agree_with_similarity_maps_and_are_0_where_pruned() -> None:
    maps = word_maps(_query(), _page(), PageWords(), SCORING)
    similarities = similarity_map(_query().vectors, _page())
    expected = np.where(np.isnan(similarities), 0.0, SCORING.match(np.nan_to_num(similarities)))
    assert np.allclose(maps, expected, atol=1e-6)


def test_without_looks_the_maps_show_words_only() -> None:
    maps = word_maps(_query(), _page(), PageWords(), SCORING, figures=False)
    assert not maps[:, 10:].any()
    assert maps[0, 3, 2] > 0.9


def test_a_query_for_a_look_finds_it_on_the_page() -> None:
    weights = np.ones(2, np.float32)
    assert page_places(_query(), _page(), PageWords(), weights, SCORING)[0].region.box == (0.0, 0.5, 1.0, 1.0)
    words_only = replace(_query(), kinds=all_of(Kind.WORD, 2), spellings=("first", "look"))
    assert _centre(page_places(words_only, _page(), PageWords(), weights, SCORING)[0].region.box)[1] < 0.3


def test_a_sweep_sets_every_part_of_the_highlights() -> None:
    weights = np.ones(2, np.float32)
    given = (_query(), _page(), PageWords(), weights, SCORING)
    assert len(page_places(*given)) == 2
    one = replace(HIGHLIGHTS, regions=replace(HIGHLIGHTS.regions, most=1))
    assert len(page_places(*given, parameters=one)) == len(heatmap(*given, parameters=one).regions) == 1
    no_pictures = replace(HIGHLIGHTS, pictures=replace(HIGHLIGHTS.pictures, least_cells=1000))
    assert _centre(page_places(*given, parameters=no_pictures)[0].region.box)[1] < 0.3
    no_matches = replace(no_pictures, matches=replace(HIGHLIGHTS.matches, least=2.0))
    assert page_places(*given, parameters=no_matches) == ()


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
