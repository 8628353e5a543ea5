"""Regions lie where the query's words are, and snap to the document's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from retrieval.highlights import MAX_REGIONS, find_regions
from retrieval.types import PageWords

NO_WORDS = PageWords()


def _maps(*spots: list[tuple[int, int]]) -> np.ndarray:
    """One 40 x 24 map a word, with 1 at each (row, col)."""
    maps = np.zeros((len(spots), 40, 24), np.float32)
    for word, cells in enumerate(spots):
        for row, col in cells:
            maps[word, row, col] = 1.0
    return maps


def _centre(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def test_the_best_region_is_where_most_words_meet() -> None:
    maps = _maps([(4, 3), (30, 10)], [(30, 12), (20, 20)], [(31, 9)])
    regions = find_regions(maps, np.ones(3, np.float32), NO_WORDS)
    x, y = _centre(regions[0].box)
    assert abs(x - 11 / 24) < 0.1
    assert abs(y - 31 / 40) < 0.05
    assert regions[0].score > regions[-1].score


def test_a_heavy_word_outweighs_two_light_ones() -> None:
    maps = _maps([(4, 3)], [(30, 12)], [(30, 13)])
    regions = find_regions(maps, np.array([5, 1, 1], np.float32), NO_WORDS)
    assert _centre(regions[0].box)[1] < 0.2


def test_a_page_that_matches_nothing_has_no_regions() -> None:
    assert find_regions(_maps([], []), np.ones(2, np.float32), NO_WORDS) == ()
    assert find_regions(_maps([(1, 1)]), np.zeros(1, np.float32), NO_WORDS) == ()


def test_a_region_snaps_to_the_words_that_it_touches() -> None:
    boxes = np.array([[0.40, 0.762, 0.55, 0.781], [0.1, 0.1, 0.2, 0.12]], np.float32)
    region = find_regions(_maps([(30, 11)]), np.ones(1, np.float32), PageWords(("answer", "else"), boxes))[0]
    assert np.allclose(region.box, (0.40, 0.762, 0.55, 0.781), atol=1e-6)


@given(arrays.arrays(np.float32, (3, 12, 7), elements=st.floats(0, 1, width=32)))
def test_regions_stay_on_the_page_and_are_at_most_five_and_best_first(maps: np.ndarray) -> None:
    regions = find_regions(maps, np.array([1, 2, 0.5], np.float32), NO_WORDS)
    assert len(regions) <= MAX_REGIONS
    for region in regions:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1
        assert 0 < region.score <= 1
    assert [r.score for r in regions] == sorted((r.score for r in regions), reverse=True)
