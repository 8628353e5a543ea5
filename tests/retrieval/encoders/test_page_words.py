"""How large a page is read: as its print asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pagelight.retrieval.encoders import Encoder, load_encoder
from pagelight.retrieval.encoders.builtin.builtin_encoder import BUILTIN_PARAMETERS, BuiltinEncoder
from pagelight.retrieval.encoders.builtin.reader.nets import CELL_WIDTH
from pagelight.retrieval.encoders.builtin.reader.page_words import PAGE_READING
from tests.retrieval.encoders.printed_pages import PrintedPage, report, slide


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


def share_of_width(encoder: Encoder, printed: PrintedPage) -> float:
    """The width that was read over the picture's own at the reader's usual size."""
    width, long_side = printed.image.width, max(printed.image.size)
    usual = width * min(
        max(1.0, PAGE_READING.shortest_side / long_side), PAGE_READING.longest_side / long_side
    )
    return encoder.encode_pages([printed.image])[0].grid.n_cols * CELL_WIDTH / usual


def test_a_page_with_footnotes_is_read_whole(encoder: Encoder) -> None:
    assert share_of_width(encoder, report(footnotes=7)) == pytest.approx(1, abs=0.02)


def test_a_slide_of_large_print_is_read_reduced(encoder: Encoder) -> None:
    assert PAGE_READING.least - 0.02 < share_of_width(encoder, slide()) < 0.8


def test_an_empty_page_is_read_whole(encoder: Encoder) -> None:
    blank = report()
    empty = blank.drawn(blank.image.point(lambda _: 255))
    assert share_of_width(encoder, empty) == pytest.approx(1, abs=0.02)


def test_an_encoder_reads_by_the_parameters_it_is_given() -> None:
    whole = replace(BUILTIN_PARAMETERS, page=replace(PAGE_READING, least=1.0), max_tokens=1)
    encoder = BuiltinEncoder.load(parameters=whole)
    assert share_of_width(encoder, slide()) == pytest.approx(1, abs=0.02)
    assert len(encoder.encode_query("revenue by region").vectors) == 1
