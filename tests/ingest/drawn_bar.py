"""A bar of ink on paper, as pixels, and whether a picture shows it."""

from __future__ import annotations

import numpy as np
from PIL import Image


def bar_on_paper(dtype: type, paper: float, ink: float) -> np.ndarray:
    pixels = np.full((300, 400), paper, dtype)
    pixels[:, 40:120] = ink
    return pixels


def is_ink_on_paper(image: Image.Image) -> bool:
    grey = np.asarray(image.convert("L").resize((400, 300)))
    return grey[150, 80] < 60 and grey[150, 300] > 200
