"""Wear of a page by paper, scanners and compression: turned a little, bled, dithered, blurred, noisy."""

import io
import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.crops import Glyph, Word

Gray = NDArray[np.uint8]


def turn(
    image: Gray, glyphs: Sequence[Glyph], words: Sequence[Word], degrees: float, paper: int
) -> tuple[Gray, list[Glyph], list[Word]]:
    """Turn a picture about its middle, counterclockwise, and move its letters and words with it."""
    height, width = image.shape
    turned = Image.fromarray(image).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=paper)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def place(x0: float, x1: float, y: float) -> tuple[float, float, float]:
        dx, dy, half = (x0 + x1) / 2 - width / 2, y - height / 2, (x1 - x0) / 2
        x = width / 2 + dx * cos + dy * sin
        return x - half, x + half, height / 2 + dy * cos - dx * sin

    return (
        np.asarray(turned),
        [Glyph(g.letter, *place(g.x0, g.x1, g.centre), g.size) for g in glyphs],
        [Word(w.text, *place(w.x0, w.x1, w.centre), w.size) for w in words],
    )


def wear(image: Gray, rng: random.Random) -> Gray:
    """One or two kinds of wear, mild enough that a person still reads the page."""
    for kind in rng.sample(
        [_photocopy, _blur, _noise, _jpeg, _streaks, _fax, _coarse], rng.choice([1, 1, 2])
    ):
        image = kind(image, rng)
    return image


def _photocopy(image: Gray, rng: random.Random) -> Gray:
    """Ink bleeds, grays go: nearly black and white."""
    soft = np.asarray(
        Image.fromarray(image).filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.8))), np.float32
    )
    middle = (float(soft.max()) + float(soft.min())) / 2 + rng.uniform(-15, 45)
    inked: Gray = (255 / (1 + np.exp(-(soft - middle) / rng.uniform(8, 30)))).astype(np.uint8)
    return inked


def _fax(image: Gray, rng: random.Random) -> Gray:
    """Black and white at twice the resolution, then reduced; grays dithered or cut off."""
    big = Image.fromarray(image).resize((image.shape[1] * 2, image.shape[0] * 2), Image.Resampling.BICUBIC)
    if rng.random() < 0.3:
        bits = big.convert("1")
    else:
        at = rng.randint(110, 190)
        bits = big.point([255 if level > at else 0 for level in range(256)])
    return np.asarray(bits.convert("L").reduce(2))


def _blur(image: Gray, rng: random.Random) -> Gray:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9))))


def _coarse(image: Gray, rng: random.Random) -> Gray:
    """Scanned at a lower resolution and enlarged."""
    height, width = image.shape
    by = rng.uniform(0.65, 0.9)
    small = Image.fromarray(image).resize((int(width * by), int(height * by)), Image.Resampling.BILINEAR)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def _noise(image: Gray, rng: random.Random) -> Gray:
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(3, 16), image.shape)
    return (image + grain).clip(0, 255).astype(np.uint8)


def _streaks(image: Gray, rng: random.Random) -> Gray:
    """A scanner's dusty columns and a lamp that is brighter on one side."""
    height, width = image.shape
    columns = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 7), (1, width))
    lamp = np.linspace(-1, 1, height)[:, None] * rng.uniform(-25, 25) + np.linspace(
        -1, 1, width
    ) * rng.uniform(-25, 25)
    return (image + columns + lamp - 12).clip(0, 255).astype(np.uint8)


def _jpeg(image: Gray, rng: random.Random) -> Gray:
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, "JPEG", quality=rng.randint(25, 70))
    return np.asarray(Image.open(stored))


KINDS: dict[str, Callable[[Gray, random.Random], Gray]] = {
    "photocopied": _photocopy,
    "faxed": _fax,
    "blurred": _blur,
    "scanned coarsely": _coarse,
    "noisy": _noise,
    "streaked": _streaks,
    "JPEG": _jpeg,
}
