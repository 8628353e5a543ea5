"""What a page says is lit as people read it: sentences, items, lines of a list, and passages that mean what is asked."""

import numpy as np
import pytest

from pagelight.retrieval.highlights.passage_closeness import Closeness
from pagelight.retrieval.highlights.sentences import ListParameters, items
from tests.retrieval.lit_pages import (
    LINE,
    cell_at,
    centre,
    layout_of,
    line_of_words,
    maps_of,
    paragraph,
    regions_of,
    written_page,
)


def test_a_match_brings_its_line_where_no_sentences_are_known() -> None:
    page = layout_of(paragraph(0.1, 3), paragraph(0.3, 3), paragraph(0.5, 3))
    region = regions_of(maps_of([cell_at(0.3, 0.335)]), [1], page)[0]
    assert region.box == pytest.approx((0.1, 0.3 + 1.3 * LINE, 0.9, 0.3 + 2.3 * LINE), abs=1e-3)


def test_a_match_brings_the_whole_lines_of_its_sentence_and_no_others() -> None:
    page = written_page(
        "The harbour opens at six in the morning. On weekdays dr. Kowalska's pilots board every vessel that is longer "
        "than ninety metres. Smaller vessels enter freely. They report by radio at 12.5 MHz before they pass the mole."
    )
    box = regions_of(maps_of([cell_at(0.55, 0.1 + 1.8 * LINE)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 1.3 * LINE, 0.89, 0.1 + 3.6 * LINE), abs=1e-3)


def test_a_short_word_ends_a_sentence_and_a_short_form_does_not() -> None:
    page = written_page(
        "They say who comes aboard, and when, and how. A master has to tell Capt. Bell and Mrs. Lund of art. 4 before "
        "the ferry leaves the mole for the last time today."
    )
    box = regions_of(maps_of([cell_at(0.35, 0.1 + 3.0 * LINE)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 1.3 * LINE, 0.89, 0.1 + 6.2 * LINE), abs=1e-3)


def test_each_item_of_a_list_is_a_passage() -> None:
    page = written_page("a) the first thing that is meant here b) the second thing that is meant here")
    box = regions_of(maps_of([cell_at(0.35, 0.1 + 1.5 * LINE)]), [1], page)[0].box
    assert box == pytest.approx((0.1, 0.1 + 1.3 * LINE, 0.89, 0.1 + 2.3 * LINE), abs=1e-3)


def test_each_line_of_a_menu_is_a_passage_and_lines_of_prose_are_not() -> None:
    dishes = "Oysters with lemon and rye bread 12 euros", "Clear soup of roasted parsnips today 9 euros"
    menu = written_page(
        " ".join((*dishes, "Turbot in brown butter with potatoes 24 euros", dishes[0], dishes[1]))
    )
    on_the_third = maps_of([cell_at(0.55, 0.1 + 3.0 * LINE)])
    box = regions_of(on_the_third, [1], menu)[0].box
    assert box == pytest.approx((0.1, 0.1 + 2.6 * LINE, 0.89, 0.1 + 3.6 * LINE), abs=1e-3)
    prose = written_page(" ".join(["the pilots board every vessel that is longer"] * 5))
    assert regions_of(on_the_third, [1], prose)[0].box == pytest.approx(
        (0.1, 0.1, 0.89, 0.1 + 6.2 * LINE), abs=1e-3
    )


def test_full_lines_of_prose_that_begin_with_names_and_figures_are_no_list() -> None:
    starts = ["Bergen", "Narvik", "and", "2019", "Molde"]
    prose = written_page(" ".join(f"{start} has pilots for vessels of every length" for start in starts))
    box = regions_of(maps_of([cell_at(0.55, 0.1 + 3.0 * LINE)]), [1], prose)[0].box
    assert box == pytest.approx((0.1, 0.1, 0.89, 0.1 + 6.2 * LINE), abs=1e-3)


def test_what_the_page_says_everywhere_does_not_tell_where_to_look() -> None:
    paragraphs = [0.1 + 0.08 * i for i in range(10)]
    page = layout_of(*(paragraph(y, 2) for y in paragraphs))
    everywhere = [cell_at(0.2, y + 0.005) for y in paragraphs[:8]]
    together, alone = [cell_at(0.25, paragraphs[0] + 0.005)], [cell_at(0.5, paragraphs[9] + 0.005)]
    box = regions_of(maps_of(everywhere, together, alone), [3, 0.5, 2.5], page)[0].box
    assert box[1] == pytest.approx(paragraphs[9], abs=1e-3)


def _close(y: float, deviations: float) -> Closeness:
    """A page of two passages: lines at the top and at `y`, which is so much closer to the query."""
    lines = np.array([[0.1, 0.1, 0.9, 0.1 + LINE], [0.1, y, 0.9, y + LINE]], np.float32)
    return Closeness(lines, np.array([0, 1], np.int32), np.array([-deviations, deviations], np.float32))


def test_what_is_meant_is_a_region_without_any_word_of_the_query() -> None:
    page = layout_of(line_of_words(0.1), line_of_words(0.5), line_of_words(0.8))
    regions = regions_of(maps_of([]), [1], page, closeness=_close(0.5, 2))
    assert [centre(region.box)[1] for region in regions] == [pytest.approx(0.5 + LINE / 2, abs=0.01)]
    assert regions_of(maps_of([]), [1], page) == ()


def test_a_few_words_gain_less_by_what_they_mean() -> None:
    lines = np.array([[0.1, 0.1, 0.2, 0.1 + LINE], [0.1, 0.5, 0.9, 0.5 + LINE]], np.float32)
    closeness = Closeness(lines, np.array([0, 1], np.int32), np.array([3, 2], np.float32))
    page = layout_of(line_of_words(0.1, 0.1, 0.2), line_of_words(0.5), line_of_words(0.8))
    assert centre(regions_of(maps_of([]), [1], page, closeness=closeness)[0].box)[1] > 0.4


def test_what_is_meant_counts_for_what_the_words_leave_open() -> None:
    page = layout_of(line_of_words(0.1), line_of_words(0.5), line_of_words(0.8))
    every_word = maps_of([cell_at(0.3, 0.1 + LINE / 2)], [cell_at(0.5, 0.1 + LINE / 2)])
    few_words = maps_of([cell_at(0.3, 0.1 + LINE / 2)], [])
    assert centre(regions_of(every_word, [1, 1], page, closeness=_close(0.5, 9))[0].box)[1] < 0.2
    assert centre(regions_of(few_words, [1, 9], page, closeness=_close(0.5, 9))[0].box)[1] > 0.4


def test_a_label_in_the_next_line_does_not_make_an_item_of_this_one() -> None:
    texts, line_at = ["boats", "leave", "at", "Noon", "Total:", "three"], [0, 0, 0, 1, 2, 2]
    begins_full = [line != before for before, line in zip([0, *line_at], line_at, strict=False)]
    assert items((0, 6), texts, line_at, begins_full, ListParameters()) == [(0, 6)]
