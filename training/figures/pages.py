"""Practice pages: things and text laid out as in reports, papers, slides, manuals, forms; places known exactly."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from pagelight.retrieval.encoders.builtin.figures.query_words import CELL, LONG_SIDE
from training.figures.canvas import make_style
from training.figures.layouts import document, grid, slide, whole
from training.figures.sheet import MAKERS, Sheet, in_cells

DRAWN_SIDE = 1056
"""Pixels of the long side while drawing, about 90 dpi of A4."""
_SHORT_SIDES = {"portrait": (272, 272, 296, 256), "landscape": (216, 216, 288, 272)}


@dataclass(slots=True)
class PracticePage:
    """image: (n_rows, n_cols, 3) uint8; cells: (n_rows / CELL, n_cols / CELL) uint8, 0 background, then FIGURE_KINDS.

    numbers: as cells: which thing it is, from 1; 0 for words and background.
    """

    image: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    numbers: NDArray[np.uint8]


def make_page(seed: int, stock: Path | None = None) -> PracticePage:
    """The practice page with this number: the same number, the same page.

    ``stock`` is a folder of ready charts, ``<class>/<n>.png``."""
    rng = random.Random(seed)
    landscape = rng.random() < 0.42
    short = rng.choice(_SHORT_SIDES["landscape" if landscape else "portrait"])
    long, drawn = DRAWN_SIDE, round(short * DRAWN_SIDE / LONG_SIDE)
    size = (long, drawn) if landscape else (drawn, long)
    style = make_style(rng, slide=landscape and rng.random() < 0.8)
    sheet = Sheet(
        style,
        Image.new("RGB", size, style.background),
        Image.new("L", size),
        Image.new("L", size),
        _stock(stock),
    )
    chance = rng.random()
    if landscape:
        (slide if chance < 0.75 else whole if chance < 0.87 else document)(sheet)
    else:
        (
            document
            if chance < 0.8
            else whole
            if chance < 0.9
            else lambda s: grid(s, (40, 60, size[0] - 40, size[1] - 40))
        )(sheet)
    return _finish(sheet, rng)


@cache
def _stock(folder: Path | None) -> dict[str, list[Path]]:
    if folder is None:
        return {}
    return {name: sorted((folder / name).glob("*.png")) for name in MAKERS if (folder / name).is_dir()}


def _finish(sheet: Sheet, rng: random.Random) -> PracticePage:
    """Scan marks, and the reduction to what the net sees."""
    image, marks = sheet.image, [sheet.labels, sheet.numbers]
    scanned = rng.random() < 0.22
    if scanned:
        angle = rng.gauss(0, 0.7)
        image = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=sheet.style.background)
        marks = [mark.rotate(angle, Image.Resampling.NEAREST) for mark in marks]
        if rng.random() < 0.7:
            image = image.convert("L").convert("RGB")
        if rng.random() < 0.4:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.3)))
        image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.6, 1.3))
    short = min(image.size) * LONG_SIDE / max(image.size)
    small = round(short / CELL) * CELL
    size = (LONG_SIDE, small) if image.width > image.height else (small, LONG_SIDE)
    method = rng.choice((Image.Resampling.BOX, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR))
    pixels = np.asarray(image.resize(size, method))
    if scanned:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 9), pixels.shape)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    cells, numbers = in_cells(marks, size[0] // CELL, size[1] // CELL)
    return PracticePage(np.ascontiguousarray(pixels), cells, numbers)
