"""Veils: places of a page's picture where words shine faintly through what hides them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats


def without_places(pixels: NDArray[np.uint8], boxes: Floats) -> NDArray[np.uint8]:
    """(height, width, 3) the picture with each place in its most usual colour, so that nothing is read there.

    boxes: (n, 4) relative x0, y0, x1, y1
    """
    if not len(boxes):
        return pixels
    pixels = pixels.copy()
    height, width, _ = pixels.shape
    edges = np.clip(boxes, 0, 1) * (width, height, width, height)
    for left, top, right, bottom in np.concatenate([np.floor(edges[:, :2]), np.ceil(edges[:, 2:])], 1).astype(
        int
    ):
        place = pixels[top:bottom, left:right]
        if place.size:
            place[:] = np.median(place, axis=(0, 1))
    return pixels
