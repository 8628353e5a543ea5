"""Pictures, tables and their captions are regions where a query asks for them, or where it has their words."""

from dataclasses import replace

import numpy as np
import pytest

from pagelight.retrieval.highlights.layout import EMPTY
from pagelight.retrieval.highlights.maps import page_places
from pagelight.retrieval.highlights.page_pictures import PICTURES, Picture, find_pictures
from pagelight.retrieval.types import (
    Kind,
    PageWords,
    all_of,
)
from tests.retrieval.lit_pages import (
    LINE,
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
    written_page,
)


def test_a_caption_that_says_so_brings_its_figure_whatever_is_asked() -> None:
    picture = Picture((0.2, 0.2, 0.8, 0.49), 0.0, 0.9)
    page = written_page("Figure 3. The woven texture of a basket", 0.5)
    box = regions_of(maps_of([cell_at(0.35, 0.51)]), [1], page, (picture,))[0].box
    assert box == pytest.approx((0.1, 0.2, 0.89, 0.5 + LINE), abs=1e-3)


@pytest.mark.parametrize(("drawn", "top"), [(0.5, 0.06), (0.12, 0.12)])
def test_a_caption_brings_the_room_above_it_where_no_picture_was_seen(drawn: float, top: float) -> None:
    page = written_page("Figure 3. The woven texture of a basket", drawn)
    box = regions_of(maps_of([cell_at(0.35, drawn + 0.01)]), [1], page)[0].box
    assert box == pytest.approx((0.1, top, 0.89, drawn + LINE), abs=1e-3)


@pytest.mark.parametrize(
    ("look", "top", "bottom"), [(True, 0.2, 0.51 + 2.3 * LINE), (False, 0.51, 0.51 + LINE)]
)
def test_a_caption_brings_its_picture_where_a_look_is_asked_for(
    look: bool, top: float, bottom: float
) -> None:
    picture = Picture((0.2, 0.2, 0.8, 0.5), 0.0, 0.9)
    page = layout_of(paragraph(0.51, 2, 0.2, 0.8), paragraph(0.7, 5))
    box = regions_of(maps_of([cell_at(0.5, 0.52)]), [1], page, (picture,), look)[0].box
    assert box == pytest.approx((0.2, top, 0.8, bottom), abs=1e-3)


def test_a_heading_under_a_picture_is_not_its_caption() -> None:
    heading = [(x0, y0, x1, y0 + 1.5 * LINE) for x0, y0, x1, _ in line_of_words(0.51, 0.2, 0.6)]
    page = layout_of(heading, paragraph(0.55, 5, 0.2, 0.8), paragraph(0.7, 5))
    picture = Picture((0.2, 0.2, 0.8, 0.5), 0.0, 0.9)
    box = regions_of(maps_of([cell_at(0.3, 0.52)]), [1], page, (picture,))[0].box
    assert box[1] == pytest.approx(0.51, abs=1e-3)


def test_a_title_between_two_pictures_is_the_nearer_ones() -> None:
    title = line_of_words(0.4, 0.1, 0.5)
    page = layout_of(line_of_words(0.05), title)
    above = Picture((0.1, 0.2, 0.5, 0.4 - LINE), 0.5, 0.9)
    below = Picture((0.1, 0.4 + 1.4 * LINE, 0.5, 0.8), 0.5, 0.9)
    maps = maps_of([cell_at(0.3, 0.4 + LINE / 2)])
    regions = regions_of(maps, [1], page, (above, below), look=True)
    boxes = [region.box for region in regions]
    assert any(box == pytest.approx((0.1, 0.4, 0.5, 0.8), abs=0.01) for box in boxes)
    assert above.box in boxes


def test_the_look_that_is_asked_for_comes_before_words_elsewhere() -> None:
    pictures = (Picture((0.1, 0.1, 0.9, 0.3), 0.0, 0.9), Picture((0.1, 0.6, 0.9, 0.9), 0.4, 0.4))
    maps = maps_of([cell_at(0.5, 0.45)], [])
    assert regions_of(maps, [1, 1], EMPTY, pictures, look=True)[0].box == (0.1, 0.6, 0.9, 0.9)
    unasked = [replace(picture, asked=0.0) for picture in pictures]
    assert centre(regions_of(maps, [1, 1], EMPTY, unasked)[0].box)[1] == pytest.approx(0.455, abs=0.01)


def test_a_picture_cuts_no_line_that_has_its_middle_in_it() -> None:
    page = layout_of(line_of_words(0.5, 0.1, 0.8), line_of_words(0.55, 0.7, 0.95))
    pictures = (Picture((0.3, 0.4, 0.7, 0.7), 0.7, 0.9),)
    best = regions_of(maps_of([cell_at(0.5, 0.7)]), [1], page, pictures, look=True)[0]
    assert best.box == pytest.approx((0.1, 0.4, 0.8, 0.7), abs=1e-3)


def test_of_two_tables_the_one_with_the_words_comes_first() -> None:
    pictures = (Picture((0.1, 0.1, 0.9, 0.3), 0.7, 0.9), Picture((0.1, 0.6, 0.9, 0.9), 0.7, 0.9))
    best = regions_of(maps_of([cell_at(0.5, 0.7)]), [1], EMPTY, pictures, look=True)[0]
    assert best.box == (0.1, 0.6, 0.9, 0.9)


def test_a_picture_is_as_surely_asked_for_as_it_is_what_it_seems() -> None:
    (picture,) = find_pictures(word_and_look(), seen_page())
    assert picture.box == (0.0, 0.5, 1.0, 1.0)
    assert (picture.asked, picture.sure) == pytest.approx((0.5, 0.5))


def test_looks_that_a_query_asks_for_add_up() -> None:
    """A chart that is half a line chart and half a bar chart is surely a chart."""
    page = replace(seen_page(), vectors=np.array([[1, 0, 0], [0, 0.5, 0.4], [0, 0.5, 0.4]], np.float32))
    page = replace(page, kinds=np.array([Kind.WORD, Kind.FIGURE, Kind.FIGURE], np.uint8))
    vectors = np.array([[0, 1, 0], [0, 0, 1]], np.float32)
    query = replace(word_and_look(), vectors=vectors, kinds=all_of(Kind.FIGURE, 2))
    (picture,) = find_pictures(query, page)
    assert (picture.asked, picture.sure) == pytest.approx((0.9, 0.9))


@pytest.mark.parametrize(
    ("text", "weight", "gives_way"),
    [
        ("first look", 1.0, np.inf),
        ("first look", 0.3, PICTURES.said),
        ("who took a look?", 1.0, PICTURES.answered),
    ],
)
def test_a_picture_gives_way_to_text_where_a_question_or_a_word_of_other_meaning_asks_for_it(
    text: str, weight: float, gives_way: float
) -> None:
    query = replace(word_and_look(text), weights=np.array([1, weight], np.float32))
    (picture,) = find_pictures(query, seen_page())
    assert picture.gives_way == gives_way


@pytest.mark.parametrize(("gives_way", "top"), [(0.5, 0.1), (np.inf, 0.6)])
def test_what_says_all_of_the_query_goes_before_a_picture_that_gives_way(
    gives_way: float, top: float
) -> None:
    page = layout_of(line_of_words(0.1), line_of_words(0.4))
    picture = Picture((0.1, 0.6, 0.9, 0.9), 0.5, 0.9, gives_way)
    best = regions_of(maps_of([cell_at(0.3, 0.11)]), [1], page, (picture,), look=True)[0]
    assert best.box[1] == pytest.approx(top, abs=1e-3)


def test_patches_are_no_pictures() -> None:
    assert find_pictures(word_and_look(), replace(seen_page(), kinds=all_of(Kind.PATCH, 3))) == ()


def test_a_query_for_a_look_finds_it_on_the_page() -> None:
    weights = np.ones(2, np.float32)
    assert page_places(word_and_look(), seen_page(), PageWords(), weights, SCORING)[0].region.box == (
        0.0,
        0.5,
        1.0,
        1.0,
    )
    words_only = replace(word_and_look(), kinds=all_of(Kind.WORD, 2), spellings=("first", "look"))
    assert centre(page_places(words_only, seen_page(), PageWords(), weights, SCORING)[0].region.box)[1] < 0.3
