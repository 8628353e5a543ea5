"""The sentence that a card shows, and finding in a document."""

from __future__ import annotations

import numpy as np
import pytest

from pagelight.app.excerpts import LONGEST, excerpt
from pagelight.app.places import find_text
from pagelight.app.web.ui.search_calls import non_increasing
from pagelight.retrieval.types import PageWords


def page(*lines: str) -> PageWords:
    """Words on lines of one size, one line below the other."""
    texts: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    for row, line in enumerate(lines):
        for column, word in enumerate(line.split()):
            texts.append(word)
            boxes.append((0.05 * column, 0.03 * row, 0.05 * column + 0.045, 0.03 * row + 0.02))
    return PageWords(tuple(texts), np.array(boxes, np.float32).reshape(-1, 4))


def plain(parts: list[tuple[str, bool]]) -> str:
    return "".join(text for text, _ in parts)


def marked(parts: list[tuple[str, bool]]) -> list[str]:
    return [text for text, is_marked in parts if is_marked]


def test_the_sentence_with_most_words_of_the_query_is_told_and_they_are_marked() -> None:
    words = page("The lantern is old. At dusk the", "lantern is lit. Rain fell.")
    found = excerpt(words, "when is the lantern lit")
    assert plain(found) == "At dusk the lantern is lit."
    assert marked(found) == ["lantern", "lit."]


def test_another_form_of_a_word_is_marked_and_stop_words_are_not() -> None:
    found = excerpt(page("Lanterns of the harbour."), "the lantern of a harbour")
    assert marked(found) == ["Lanterns", "harbour."]


def test_a_long_sentence_is_cut_around_its_words() -> None:
    words = page(*["grey sea and grey sky over the water again"] * 6, "then a walrus came", "and sat down")
    found = excerpt(words, "walrus")
    assert plain(found).startswith("… ")
    assert marked(found) == ["walrus"]
    assert len(plain(found).split()) <= LONGEST + 2


def test_without_any_word_the_region_speaks() -> None:
    words = page("Sales by quarter", "North South East")
    assert excerpt(words, "a bar chart", (0.0, 0.025, 1.0, 0.06)) == [("North South East", False)]
    assert excerpt(words, "a bar chart") == []
    assert excerpt(PageWords(), "a bar chart", (0.0, 0.0, 1.0, 1.0)) == []


def test_a_label_that_is_the_word_itself_gives_way_to_a_sentence() -> None:
    words = page("passengers.", "Our ships carried many more passengers.", "The passengers slept.")
    assert (
        plain(excerpt(words, "passengers", (0.0, 0.0, 1.0, 0.02)))
        == "Our ships carried many more passengers."
    )
    assert plain(excerpt(page("passengers."), "passengers", (0.0, 0.0, 1.0, 0.02))) == "passengers."


def test_a_region_with_more_words_than_a_card_holds_is_cut_with_a_mark() -> None:
    words = page(*["Grey sea over the water again and again"] * 6)
    ((text, _),) = excerpt(words, "walrus", (0.0, 0.0, 1.0, 1.0))
    assert len(text.split()) == LONGEST
    assert text.endswith("…")


def test_a_region_that_begins_or_ends_amid_a_sentence_says_so() -> None:
    words = page("The keeper went home after", "a long night. Rain fell on the", "grey harbour wall.")
    second, third = (0.0, 0.025, 1.0, 0.055), (0.0, 0.055, 1.0, 0.085)
    assert plain(excerpt(words, "walrus", third)) == "grey harbour wall."  # a label might be
    assert plain(excerpt(words, "walrus", second)) == "… a long night. Rain fell on the…"
    late = page("went home. Rain fell on the roof of the", "grey harbour wall.")
    assert plain(excerpt(late, "walrus", (0.08, 0.0, 1.0, 0.02))) == "Rain fell on the roof of the…"


def test_a_text_is_found_over_the_end_of_a_line_whatever_its_case() -> None:
    pages = [(1, page("The emergency", "telephone hangs here")), (2, page("An EMERGENCY telephone"))]
    found = find_text(pages, "emergency  Telephone")
    assert [(number, len(boxes)) for number, boxes in found] == [(1, 2), (2, 1)]
    assert find_text(pages, "") == []
    assert find_text(pages, "walrus") == []


def test_strengths_that_cards_show_never_rise() -> None:
    shown = non_increasing([0.5, 0.9, 0.1, 0.3, 0.2])
    assert shown == sorted(shown, reverse=True)
    assert shown == pytest.approx([0.7, 0.7, 0.2, 0.2, 0.2])
    assert non_increasing([]) == []


def test_a_label_brings_the_figure_that_it_names() -> None:
    words = page("Gross margin", "88%", "5% above target", "", "The lantern is lit at dusk.")
    assert plain(excerpt(words, "gross margin", (0.0, 0.0, 0.3, 0.085))) == "Gross margin 88% 5% above target"
    cells = page("Net weight", "14.2")
    beside = PageWords(
        cells.texts, cells.boxes + np.array([[0] * 4] * 2 + [[0.5, -0.03, 0.5, -0.03]], np.float32)
    )
    assert plain(excerpt(beside, "net weight", (0.0, 0.0, 0.9, 0.03))) == "Net weight · 14.2"


def test_the_word_that_tells_most_decides() -> None:
    words = page(
        "The machine pumps a little water when it starts. The machine stops by itself after an hour. "
        "Descale it every two months with a sachet of powder. Switch the machine off before that."
    )
    assert "Descale it every" in plain(excerpt(words, "how to descale the machine"))


def test_cells_of_a_row_are_told_apart_and_short_forms_end_no_sentence() -> None:
    row = page("Pump hums Air inside Prime it")
    moved = row.boxes + np.array([0.3 * (i // 2) for i in range(6)], np.float32)[:, None] * [1, 0, 1, 0]
    row = PageWords(row.texts, moved.astype(np.float32))
    assert plain(excerpt(row, "why does the pump hum")) == "Pump hums · Air inside · Prime it"
    doctor = page("Ask Dr. Bell about the pump first. Then wait.")
    assert plain(excerpt(doctor, "who knows the pump")) == "Ask Dr. Bell about the pump first."
