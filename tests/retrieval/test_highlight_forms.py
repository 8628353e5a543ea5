"""Forms, receipts and typed lists are lit as people read them: an entry, a line that says its value, a card."""

import pytest

from pagelight.retrieval.results import Region
from pagelight.retrieval.types import Box
from tests.retrieval.lit_pages import LETTER, LINE, PITCH, maps_of, regions_of, typed_cell, typed_page


def _span(first: int, last: int) -> tuple[float, float]:
    """Top and bottom of lines of a typed page."""
    return 0.1 + PITCH * first, 0.1 + PITCH * last + LINE


def _rows(box: Box) -> tuple[float, float]:
    return box[1], box[3]


def _lit(page: tuple[Region, ...]) -> Box:
    return page[0].box


def test_lines_that_end_before_they_are_full_are_entries() -> None:
    page = typed_page(
        "Harbour office, second floor of the old customs house",
        "Molde",
        "| Pilots and tugs",
        "14 berths",
        "Radio channel",
    )
    box = _lit(regions_of(maps_of([typed_cell(2, 0.15)]), [1], page))
    assert _rows(box) == pytest.approx(_span(2, 2), abs=1e-3)


def test_an_entry_that_goes_on_in_the_next_line_stays_whole() -> None:
    page = typed_page(
        "Cargo of the ferry",
        "Timber for the shipyard in the outer harbour, on two",
        "barges with a tug",
        "Salt in bags",
        "Dried cod",
    )
    box = _lit(regions_of(maps_of([typed_cell(2, 0.15)]), [1], page))
    assert _rows(box) == pytest.approx(_span(1, 2), abs=1e-3)


def test_a_line_that_names_its_value_is_an_entry_however_long_the_next_name() -> None:
    page = typed_page(
        "Pilotage dues: 4,719", "Reimbursement: 310", "Harbourmaster: 2,500", "Refurbishment: 333"
    )
    box = _lit(regions_of(maps_of([typed_cell(1, 0.15)]), [1], page))
    assert _rows(box) == pytest.approx(_span(1, 1), abs=1e-3)


def test_ragged_prose_is_no_list() -> None:
    page = typed_page(
        "The pilots board each vessel that is longer than the",
        "mole and bring it to its berth in",
        "the inner harbour, whatever the",
        "weather may be on that day",
    )
    box = _lit(regions_of(maps_of([typed_cell(2, 0.15)]), [1], page))
    assert _rows(box) == pytest.approx(_span(0, 3), abs=1e-3)


def test_what_leads_to_a_list_holds_for_its_items() -> None:
    page = typed_page(
        "Certificates of the vessel:",
        "- tonnage, measured in the yard by a surveyor of the flag",
        "- stability of the hull",
        "- radio station and its licence from the authority ashore",
        "- lights and shapes",
    )
    words = maps_of([typed_cell(0, 0.15)], [typed_cell(2, 0.16)])
    assert _rows(_lit(regions_of(words, [1, 1], page))) == pytest.approx(_span(2, 2), abs=1e-3)


def test_rules_of_dashes_part_entries() -> None:
    entry = "Berth booked for the ferry", "Confirmed by the harbour office"
    page = typed_page(
        *entry, "-" * 40, "Crane booked for the barge", "Refused by the office", "-" * 40, *entry
    )
    box = _lit(regions_of(maps_of([typed_cell(3, 0.15)], [typed_cell(4, 0.15)]), [1, 1], page))
    assert _rows(box) == pytest.approx(_span(3, 4), abs=1e-3)


def test_a_name_with_a_colon_and_its_value_beside_it_are_a_row() -> None:
    page = typed_page(
        {0.1: "Master:", 0.3: "Captain Ingrid Solberg of Molde"},
        {0.1: "Owner:", 0.3: "Fjord and Island Shipping Company"},
        {0.1: "Flag:", 0.3: "Norway, second register of ships"},
    )
    box = _lit(regions_of(maps_of([typed_cell(1, 0.12)]), [1], page))
    assert (box[0], box[2]) == pytest.approx((0.1, 0.3 + 33 * LETTER), abs=2e-3)
    assert _rows(box) == pytest.approx(_span(1, 1), abs=1e-3)


def test_a_sentence_heads_nothing() -> None:
    page = typed_page(
        "c) A path is simple where it meets itself nowhere.", "", "Example of a path", "All of it is constant"
    )
    box = _lit(regions_of(maps_of([typed_cell(0, 0.15)]), [1], page))
    assert _rows(box) == pytest.approx(_span(0, 0), abs=1e-3)


def test_a_card_is_its_name_with_its_figure() -> None:
    page = typed_page(
        {0.1: "Ships berthed", 0.4: "Tons landed", 0.7: "Pilots aboard"},
        {0.1: "1,247", 0.4: "580", 0.7: "88"},
    )
    box = _lit(regions_of(maps_of([typed_cell(0, 0.42)]), [1], page))
    assert box == pytest.approx((0.4, _span(0, 1)[0], 0.4 + 11 * LETTER, _span(0, 1)[1]), abs=2e-3)
