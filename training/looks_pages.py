"""Practice pages: things and text laid out as in reports, papers, slides, manuals, forms; places known exactly."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from retrieval.encoders.look_words import CELL, LONG_SIDE, LOOKS
from training.looks_canvas import make_style
from training.looks_layouts import document, grid, slide, whole
from training.looks_sheet import MAKERS, Sheet

CROP_SIDE = 128
"""Pixels of the pieces that the turn net's smaller ones are cut from."""
DRAWN_SIDE = 1056
"""Pixels of the long side while drawing, about 90 dpi of A4."""
_SHORT_SIDES = {"portrait": (272, 272, 296, 256), "landscape": (216, 216, 288, 272)}


@dataclass(slots=True)
class PracticePage:
    """image: (n_rows, n_cols, 3) uint8; cells: (n_rows / CELL, n_cols / CELL) uint8, 0 background, then LOOKS;
    crops: (n, CROP_SIDE, CROP_SIDE) uint8, upright pieces of it; worded: (n,), which of them are text."""

    image: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    crops: NDArray[np.uint8]
    worded: NDArray[np.bool_]


def make_page(seed: int, stock: Path | None = None) -> PracticePage:
    """The practice page with this number: the same number, the same page.

    ``stock`` is a folder of ready charts, ``<class>/<n>.png``."""
    rng = random.Random(seed)
    landscape = rng.random() < 0.42
    short = rng.choice(_SHORT_SIDES["landscape" if landscape else "portrait"])
    long, drawn = DRAWN_SIDE, round(short * DRAWN_SIDE / LONG_SIDE)
    size = (long, drawn) if landscape else (drawn, long)
    style = make_style(rng, slide=landscape and rng.random() < 0.8)
    sheet = Sheet(style, Image.new("RGB", size, style.background), Image.new("L", size), _stock(stock))
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
    """Scan marks, text crops for turning, and the reduction to what the net sees."""
    image, labels = sheet.image, sheet.labels
    scanned = rng.random() < 0.22
    if scanned:
        angle = rng.gauss(0, 0.7)
        image = image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=sheet.style.background)
        labels = labels.rotate(angle, Image.Resampling.NEAREST)
        if rng.random() < 0.7:
            image = image.convert("L").convert("RGB")
        if rng.random() < 0.4:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.3)))
        image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.6, 1.3))
    crops, worded = _text_crops(image, labels, rng)
    short = min(image.size) * LONG_SIDE / max(image.size)
    small = round(short / CELL) * CELL
    size = (LONG_SIDE, small) if image.width > image.height else (small, LONG_SIDE)
    method = rng.choice((Image.Resampling.BOX, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR))
    pixels = np.asarray(image.resize(size, method))
    if scanned:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 9), pixels.shape)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    cells = np.asarray(labels.resize((size[0] // CELL, size[1] // CELL), Image.Resampling.NEAREST))
    return PracticePage(np.ascontiguousarray(pixels), np.ascontiguousarray(cells), crops, worded)


def _text_crops(
    image: Image.Image, labels: Image.Image, rng: random.Random
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Up to three square pieces that are mostly text and one without, at 0.6 to 1.1 of the drawn size."""
    marks = np.asarray(labels.resize((labels.width // 16, labels.height // 16), Image.Resampling.NEAREST))
    worded = np.isin(marks, (LOOKS.index("text") + 1, LOOKS.index("heading") + 1))
    gray = image.convert("L")
    crops: list[NDArray[np.uint8]] = []
    kinds: list[bool] = []
    for wanted in (True,) * 6 + (False,) * 3:
        if kinds.count(wanted) >= (3 if wanted else 1):
            continue
        rows, columns = np.nonzero(worded if wanted else marks > 2)
        if not len(rows):
            continue
        side = CROP_SIDE / rng.uniform(0.6, 1.1)
        i = rng.randrange(len(rows))
        x = min(max(0.0, columns[i] * 16 - side / 2), image.width - side)
        y = min(max(0.0, rows[i] * 16 - side / 2), image.height - side)
        share = worded[int(y // 16) : int((y + side) // 16), int(x // 16) : int((x + side) // 16)].mean()
        if share > 0.35 if wanted else share == 0:
            crop = gray.resize((CROP_SIDE, CROP_SIDE), Image.Resampling.BILINEAR, (x, y, x + side, y + side))
            crops.append(np.asarray(crop))
            kinds.append(wanted)
    stacked = np.stack(crops) if crops else np.zeros((0, CROP_SIDE, CROP_SIDE), np.uint8)
    return stacked, np.array(kinds, bool)
