"""What the reader is unsure of is read once more: numbers, codes and names as they stand, each once, in its place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pagelight.retrieval.encoders import Encoder, load_encoder
from pagelight.retrieval.encoders.builtin.builtin_encoder import ASSETS
from pagelight.retrieval.encoders.builtin.placement import doubles, in_gray
from pagelight.retrieval.encoders.builtin.reader.line_net import (
    CHARACTERS,
    COLUMN,
    HEIGHT,
    LINES,
    N_CLASSES,
    OTHER,
    LineNet,
    classes,
    load_line_net,
)
from pagelight.retrieval.encoders.builtin.reader.line_reading import LineReader, decoded
from pagelight.retrieval.encoders.builtin.reader.line_strips import cut, find_strips, ink
from pagelight.retrieval.types import Floats
from tests.retrieval.encoders.printed_pages import A4, CellReadings, PrintedPage, report

#: height and width of a page in pixels
SHAPE = (1520, 1075)

ORDER = (
    "Order QE-PCB-4567 of 12.05.2024",
    "Invoice number 87B37C9-0152",
    "Unit price $1,840.63 total 36,812.50",
    "Attn Szczepan Wodzislawski, tel 650 701 7829",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder()


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return LineReader(load_line_net(ASSETS / LINES))


def order(ink: str = "#000000", paper: str = "#ffffff") -> PrintedPage:
    sheet = CellReadings(A4, paper)
    for number, line in enumerate(ORDER):
        sheet.line(line, 70, 100 + 40 * number, 10, ink=ink)
    return sheet.printed()


def words(*places: tuple[float, float, float, float]) -> Floats:
    """Boxes in pixels, relative to a page of SHAPE."""
    return np.array(places, np.float32) / np.tile(SHAPE[::-1], 2)


def seen(named: str, blank: int = 0) -> Floats:
    """Log probabilities of columns that show these characters, "_" for none."""
    columns = [blank if c == "_" else classes(c)[0] for c in named]
    return np.log(np.full((len(columns), N_CLASSES), 1e-3) + np.eye(N_CLASSES)[columns]).astype(np.float32)


def test_columns_become_characters() -> None:
    found = decoded(seen("_aa_a__b7"))
    assert found.text == "aab7"
    assert found.starts.tolist() == [1, 4, 7, 8]
    assert found.ends.tolist() == [3, 5, 8, 9]
    assert decoded(seen("____")).text == ""


def test_a_character_without_a_name_is_no_word() -> None:
    assert classes("a\N{SNOWMAN}") == [CHARACTERS.index("a") + 1, OTHER]
    assert not decoded(seen("\N{SNOWMAN}")).text.isalnum()


def test_ink_is_ink_whatever_its_colour() -> None:
    strip = np.full((HEIGHT, 64), 230, np.uint8)
    strip[10:20, 20:30] = 40
    assert np.array_equal(ink(strip), ink(255 - strip))
    assert ink(strip)[0, 0] == 0
    assert ink(strip)[15, 25] == 255
    faint = np.full((HEIGHT, 64), 230, np.uint8)
    faint[10:20, 20:30] = 228
    assert ink(faint).max() < 40  # grain is no print


def test_a_strip_at_the_edge_of_a_page_has_the_height_of_the_net() -> None:
    page = np.full(SHAPE, 255, np.uint8)
    for left, right, middle in ((0, 60, 3), (1000, SHAPE[1], SHAPE[0] - 2)):
        strip = cut(page, left, right, middle, 15)
        assert strip.shape[0] == HEIGHT
        assert strip.shape[1] % COLUMN == 0


def test_what_is_unsure_and_stands_together_is_a_strip() -> None:
    boxes = words(
        (100, 100, 160, 116),
        (166, 100, 200, 116),
        (206, 100, 260, 116),
        (500, 100, 560, 116),
        (100, 140, 160, 156),
    )
    unsure = np.array([True, True, False, True, True])
    strips = list(find_strips(boxes, unsure, SHAPE))
    assert [strip.own.tolist() for strip in strips] == [[0, 1], [3], [4]]
    assert 200 < strips[0].right <= 204  # half of the space before the next word
    assert strips[0].left < 100
    assert strips[2].right > 160
    assert list(find_strips(boxes, np.zeros(5, bool), SHAPE)) == []


def test_doubles_are_told_among_many_words() -> None:
    generator = np.random.default_rng(0)
    left = np.tile(np.arange(20) * 0.05, 30)
    top = np.repeat(np.arange(30) * 0.03, 20)
    boxes = np.stack([left, top, left + 0.04, top + 0.012], axis=1).astype(np.float32)
    again = boxes[::7] + np.array([0.001, 0.004, 0.001, 0.004], np.float32)
    texts = [f"word{i}" for i in range(len(boxes))] + [f"word{7 * i}" for i in range(len(again))]
    order = generator.permutation(len(texts))
    sure = np.append(np.ones(len(boxes)), np.full(len(again), 0.5))
    found = doubles([texts[i] for i in order], np.concatenate([boxes, again])[order], sure[order])
    assert sorted(order[found].tolist()) == list(range(len(boxes), len(texts)))


def test_long_lines_and_slanting_ones_are_read_in_parts() -> None:
    row = [(100 + 70.0 * i, 100.0, 160 + 70.0 * i, 116.0) for i in range(12)]
    parts = list(find_strips(words(*row), np.ones(12, bool), SHAPE))
    assert len(parts) > 2
    assert sum(len(part.own) for part in parts) == 12
    rising = [(100 + 70.0 * i, 100 - 4.0 * i, 160 + 70.0 * i, 116 - 4.0 * i) for i in range(4)]
    assert len(list(find_strips(words(*rising), np.ones(4, bool), SHAPE))) > 1


def test_the_shipped_net_is_the_trained_one_with_its_norms_folded() -> None:
    torch.manual_seed(0)
    net = LineNet().eval()
    strips = torch.rand(2, 1, HEIGHT, 96)
    assert net(strips).shape == (2, 96 // COLUMN, N_CLASSES)
    folded = load_line_net(ASSETS / LINES)
    assert not any(isinstance(part, torch.nn.BatchNorm2d) for part in folded.modules())
    assert folded(strips).shape == (2, 96 // COLUMN, N_CLASSES)


def test_what_is_read_takes_the_place_of_what_it_covers(reader: LineReader) -> None:
    page = order()
    left, top, right, bottom = page.boxes["qe-pcb-4567"][0]
    middle = (left + right) / 2
    halves = [(left, top, middle, bottom), (middle, top, right, bottom)]
    boxes = np.array([*halves, page.boxes["order"][0], page.boxes["of"][0]], np.float32)
    found = reader.read(in_gray(page.image), boxes, np.array([False, False, True, True]))
    assert found.texts == ("qe", "pcb", "4567")
    assert found.gone.tolist() == [True, True, False, False]
    assert np.all(np.diff(found.boxes[:, 0]) > 0)
    assert np.all(found.sure > 0.7)
    assert found.boxes[0, 0] == pytest.approx(left, abs=0.006)
    assert found.boxes[-1, 2] == pytest.approx(right, abs=0.006)


def test_nothing_unsure_and_nothing_there_give_nothing(reader: LineReader) -> None:
    page = order()
    boxes = np.array([box for found in page.boxes.values() for box in found], np.float32)
    assert reader.read(in_gray(page.image), boxes, np.ones(len(boxes), bool)).texts == ()
    blank = np.full(SHAPE, 255, np.uint8)
    found = reader.read(blank, words((100, 100, 160, 116)), np.zeros(1, bool))
    assert found.texts == ()
    assert not found.gone.any()


def test_a_page_full_of_strokes_is_no_print(reader: LineReader) -> None:
    generator = np.random.default_rng(0)
    page = np.full(SHAPE, 255, np.uint8)
    places = []
    for row in range(30):
        for column in range(10):
            x, y = 40 + 100 * column, 40 + 45 * row
            places.append((float(x), float(y), float(x + 40), float(y + 16)))
            for _ in range(14):  # as the strokes of characters that the net does not know
                left, top = generator.integers(0, 36), generator.integers(0, 14)
                if generator.random() < 0.5:
                    page[y + top : y + top + 2, x + left // 2 : x + 20 + left // 2] = 0
                else:
                    page[y + top // 2 : y + 8 + top // 2, x + left : x + left + 2] = 0
    assert reader.read(page, words(*places), np.zeros(len(places), bool)).texts == ()


@pytest.mark.parametrize("colours", [("#000000", "#ffffff"), ("#ffffff", "#14324a")])
def test_codes_numbers_and_names_of_a_picture_are_read_as_they_stand(
    encoder: Encoder, colours: tuple[str, str]
) -> None:
    page = encoder.encode_pages([order(*colours).image])[0]
    read = list(page.read.texts)
    for text in ("qe", "pcb", "4567", "12.05.2024", "b37c9", "0152", "1,840.63", "36,812.50", "7829"):
        assert read.count(text) == 1, (text, read)
    assert "szczepan" in read


def test_a_code_is_found_by_its_vector_and_a_neighbour_of_it_is_not(encoder: Encoder) -> None:
    page = encoder.encode_pages([order().image])[0]
    scoring = encoder.scoring
    assert scoring is not None
    for typed, there in (("36,812.50", True), ("52,149.75", False), ("4567", True), ("8931", False)):
        query = encoder.encode_query(typed)
        match = scoring.match((query.vectors @ page.vectors.T).max(axis=1))[0]
        assert (match > 0.5) == there, typed


def test_each_word_of_a_page_is_read_once(encoder: Encoder) -> None:
    printed = report(footnotes=7)
    page = encoder.encode_pages([printed.image])[0]
    texts, boxes = list(page.read.texts), page.read.boxes
    assert len(doubles(texts, boxes, np.ones(len(texts), np.float32))) == 0
    assert texts.count("harbour") == len(printed.boxes["harbour"])
