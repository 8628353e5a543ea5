"""Known-item queries come from the pages' own words, with the place they were taken from."""

import numpy as np

from pagelight.app.evaluation.known_item import HEADING, PHRASE, ROW, known_items, lines
from pagelight.retrieval.types import PageWords


def page(*rows):
    """A page from (text, top, height) rows of words of equal width."""
    texts, boxes = [], []
    for text, top, height in rows:
        for column, word in enumerate(text.split()):
            texts.append(word)
            boxes.append((0.1 + 0.09 * column, top, 0.18 + 0.09 * column, top + height))
    return PageWords(tuple(texts), np.array(boxes, np.float32).reshape(-1, 4))


REPORT = page(
    ("Glacier retreat survey", 0.05, 0.04),
    ("moraines recede behind turquoise lakes", 0.15, 0.015),
    ("while sediment accumulates along every shoreline", 0.18, 0.015),
    ("melt season length 112 98 87", 0.30, 0.015),
    ("annual mass balance -1.2 (0.8) 4 %", 0.33, 0.015),
)
OTHER = page(
    ("Unrelated matters entirely", 0.05, 0.04),
    ("ordinary paragraph without anything special", 0.15, 0.015),
    ("another ordinary paragraph without glaciers", 0.18, 0.015),
)


def queries():
    return known_items([(("a.pdf", 1), REPORT), (("a.pdf", 2), OTHER)])


def test_larger_letters_make_a_heading():
    assert {q.text for q in queries() if q.type == HEADING} == {
        "Glacier retreat survey",
        "Unrelated matters entirely",
    }


def test_a_line_that_ends_in_numbers_gives_its_label():
    assert {q.text for q in queries() if q.type == ROW} == {"melt season length", "annual mass balance"}


def test_a_phrase_is_four_words_of_one_line():
    phrases = [q for q in queries() if q.type == PHRASE]
    assert phrases
    assert all(len(q.text.split()) == 4 for q in phrases)


def test_each_query_knows_its_page_and_box():
    row = next(q for q in queries() if q.text == "melt season length")
    assert dict(row.relevant) == {("a.pdf", 1): 1}
    x0, y0, x1, y1 = row.boxes[0].box
    assert row.boxes[0].place == ("a.pdf", 1)
    assert np.allclose([x0, y0, x1, y1], [0.1, 0.30, 0.63, 0.315], atol=1e-4)


def test_every_type_says_that_nobody_judged_it():
    types = [q.type for q in queries()]
    assert types
    assert all(name.startswith("known-item: ") for name in types)


def test_running_heads_are_no_known_items():
    pages = [(("a.pdf", n), page(("Annual report", 0.05, 0.04), (f"text number {n} of many", 0.2, 0.015),
                                 ("more lines follow below", 0.3, 0.015))) for n in range(1, 6)]  # fmt: skip
    assert not [q for q in known_items(pages) if q.text == "Annual report"]


def test_pages_that_hold_all_the_words_count_as_well():
    pages = [(("a.pdf", 1), REPORT), (("b.pdf", 4), REPORT)]
    row = next(q for q in known_items(pages) if q.text == "melt season length")
    assert set(row.relevant) == {("a.pdf", 1), ("b.pdf", 4)}


def test_the_same_seed_draws_the_same_queries():
    assert queries() == queries()


def test_pages_without_words_give_no_queries():
    assert known_items([(("scan.pdf", 1), PageWords())]) == ()


def test_words_of_the_next_line_start_a_new_line():
    assert [line.words for line in lines(page(("one two", 0.1, 0.02), ("three", 0.2, 0.02)))] == [
        ("one", "two"),
        ("three",),
    ]
