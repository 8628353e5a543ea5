"""Slant of lines of text, of whatever pictures show."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pagelight.retrieval.slant import boxes_back, course_along, points_on_turned, slant_of, turned_by
from pagelight.retrieval.types import Floats

LINES = (
    "The harbour master's office opens at 7:30,",
    "and closes at noon; late barges pay a fine",
    "of nine.",
)


def sheet(degrees: float, ink: int = 0, paper: int = 255) -> Image.Image:
    """A sheet with eight lines of text that rise by so much."""
    picture = Image.new("L", (700, 500), paper)
    draw = ImageDraw.Draw(picture)
    for line in range(8):
        draw.text((40, 40 + 50 * line), LINES[line % 3], ink, ImageFont.load_default(26))
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=paper)


@pytest.mark.parametrize("degrees", [0, 3.2, -7, 15, -30, 45, 60, -80])
@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (190, 230), (250, 20)])
def test_slant_of_text_is_told(degrees: float, ink: int, paper: int) -> None:
    assert slant_of(np.asarray(sheet(degrees, ink, paper))) == pytest.approx(degrees, abs=0.4)


@pytest.mark.parametrize("degrees", [90, -90])
def test_text_on_its_side_has_a_quarter_turn(degrees: float) -> None:
    assert abs(slant_of(np.asarray(sheet(degrees)))) == pytest.approx(90, abs=0.4)


@pytest.mark.parametrize("size", [(20, 30), (80, 120)])
def test_what_has_no_lines_has_no_slant(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    picture = Image.fromarray(noise).resize((800, 1100), Image.Resampling.BICUBIC)
    assert slant_of(np.asarray(picture)) == 0
    assert slant_of(np.full((300, 200), 255, np.uint8)) == 0
    assert slant_of(np.zeros((1, 1), np.uint8)) == 0


@pytest.mark.parametrize("degrees", [0, 17.5, -60, 90, 200])
def test_places_on_the_turned_picture_are_those_before(degrees: float) -> None:
    """A black square is where its box says, on either picture."""
    picture = np.full((300, 500), 255, np.uint8)
    picture[200:220, 100:120] = 0
    turned = turned_by(picture, degrees)
    size, turned_size = (500, 300), (turned.shape[1], turned.shape[0])
    box = np.array([[100 / 500, 200 / 300, 120 / 500, 220 / 300]], np.float32)
    middle = (box[:, :2] + box[:, 2:]) / 2
    x, y = points_on_turned(middle, degrees, size, turned_size)[0] * turned_size
    assert turned[int(y), int(x)] < 50
    half = 10 / np.array(turned_size)
    there = np.concatenate([[x, y] / np.array(turned_size) - half, [x, y] / np.array(turned_size) + half])
    (back,) = boxes_back(there[None].astype(np.float32), degrees, size, turned_size)
    assert (back[:2] + back[2:]) / 2 == pytest.approx(middle[0], abs=0.01)


def boxes(n_lines: int, n_words: int) -> Floats:
    """Words of an upright page, line by line."""
    lefts = np.tile(np.arange(n_words) * 0.1, n_lines)
    tops = np.repeat(np.arange(n_lines) * 0.1, n_words)
    return np.stack([lefts, tops, lefts + 0.08, tops + 0.03], axis=1).astype(np.float32)


def test_the_order_of_words_tells_which_way_lines_run() -> None:
    upright = boxes(6, 8)
    on_its_head = 1 - upright[:, [2, 3, 0, 1]]
    assert course_along(0, upright, (1000, 1000)) == 1
    assert course_along(0, on_its_head, (1000, 1000)) == -1
    assert course_along(90, upright, (1000, 1000)) == 0
    assert course_along(45, upright, (1000, 1000)) == 0
    assert course_along(0, upright[:3], (1000, 1000)) == 0
