"""What the rendering process makes of a page: its picture with its words, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from retrieval.types import PageWords


@dataclass(frozen=True, slots=True, eq=False)
class RenderedPage:
    """A page that encoders can read.

    number: counts from 1; image: RGB; width_pt, height_pt: of the page as it is shown, in points
    """

    number: int
    image: Image.Image
    words: PageWords
    width_pt: float
    height_pt: float


@dataclass(frozen=True, slots=True)
class Undrawn:
    """One page that could not be drawn, and why."""

    number: int
    reason: str
    error: str = "UnreadableDocument"
