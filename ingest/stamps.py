"""Stamps across the text of a scan: the picture with nothing but thick strokes, or colours, on it.

Text recognition reads neither the stamp nor the words that it runs through. Its strokes are thicker than those of the text, or of
another colour, so that it can be read by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.retrieval.slant import SLANT, SlantParameters, slant_of

#: grey of paper (form)
_PAPER = 255

Gray = NDArray[np.uint8]


#: one word is a line less sharp than a page of them (geometry)
_SLANT = replace(SLANT, lines=3.0)


@dataclass(frozen=True, slots=True)
class StampParameters:
    """What is left of a page for stamps to be seen.

    thick: pixels of a picture of a page's width for Tesseract; thinner strokes are text (geometry)
    colourful: levels between a pixel's channels from which on it has a colour: text in black has none (geometry)
    least_ink: share of the picture that is left, at least; with less there is no stamp (geometry)
    most_ink: the same, at most; with more it is a photo (geometry)
    ink: grey levels that are ink (geometry)
    slant: how the stamp's slant is told
    """

    thick: int = 9
    colourful: int = 50
    least_ink: float = 0.001
    most_ink: float = 0.1
    ink: int = 225
    slant: SlantParameters = _SLANT


STAMPS = StampParameters()


def stamp_layers(picture: Image.Image) -> Iterator[tuple[Gray, float]]:
    """The picture with its thick strokes only, and with its colours only, in grey; not where that is nothing, or nearly all. Their slants."""
    for layer in (_thick, _coloured):
        gray = layer(picture)
        if STAMPS.least_ink <= (gray < STAMPS.ink).mean() <= STAMPS.most_ink:
            yield gray, slant_of(gray, STAMPS.slant)


def _thick(picture: Image.Image) -> Gray:
    gray = np.asarray(picture.convert("L"))
    without_text = _around(gray, STAMPS.thick, np.maximum, 0)
    return _around(without_text, STAMPS.thick, np.minimum, _PAPER)


def _coloured(picture: Image.Image) -> Gray:
    red, green, blue = (np.asarray(channel, np.uint8) for channel in picture.convert("RGB").split())
    colour = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    strength = np.minimum(colour.astype(np.int16) * 2, _PAPER)
    return np.where(colour > STAMPS.colourful, _PAPER - strength, _PAPER).astype(np.uint8)


def _around(gray: Gray, size: int, choose: Callable[[Gray, Gray], Gray], outside: int) -> Gray:
    """(height, width) the greatest or the least level of the square around each pixel."""
    for _ in range(2):
        padding = ((size // 2, size - 1 - size // 2), (0, 0))
        rows = np.pad(gray, padding, constant_values=outside)
        reach = 1  # rows that each row stands for
        while reach < size:
            step = min(reach, size - reach)
            rows = choose(rows[:-step], rows[step:])
            reach += step
        gray = rows.T
    return gray
