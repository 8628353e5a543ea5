"""Results of the rendering process: a page's picture with its words, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pagelight.retrieval.types import PageWords

#: the note on a page that is too large to be read at the size of its print
READ_TOO_SMALL = "it is too large to be read at the size of its print; split it, or add it in parts"


@dataclass(frozen=True, slots=True, eq=False)
class RenderedPage:
    """A page that encoders can read.

    number: counts from 1; image: RGB; width_pt, height_pt: of the page as it is shown, in points
    notes: what a person should know of it, e.g. "it is too large to be read at the size of its print"
    """

    number: int
    image: Image.Image
    words: PageWords
    width_pt: float
    height_pt: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DrawnPage:
    """The same in the rendering process. pixels: (height, width, 3) RGB"""

    number: int
    pixels: NDArray[np.uint8]
    words: PageWords
    width_pt: float
    height_pt: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undrawn:
    """One page that could not be drawn, and why. details: for the log"""

    number: int
    reason: str
    error: str = "UnreadableDocument"
    details: str = ""
