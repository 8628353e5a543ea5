"""Any depth and polarity of pixels to RGB as a person would want to see them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Quantiles of the grey levels that become black and white, so that single hot pixels do not count.
_DARKEST, _LIGHTEST = 0.0005, 0.9995
#: The widest value of the depths that scanners write; a picture is one of these, or of a range of its own.
_TOPS = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
#: A picture whose levels span less than this share of the widest value is one flat tone.
_FLAT = 0.02
#: Ink on transparent paper whose mean level is at least this is light, and gets dark paper.
_LIGHT_INK = 170
#: Share of the picture that is transparent where it counts as ink on paper.
_PAPER = 0.2
_DARK_PAPER = (32, 32, 32, 255)
#: Pixels whose levels are looked at.
_SAMPLE = 2_000_000
#: TIFF's tag for what zero means, and its value for "white".
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to RGB: transparency on white (light ink: on dark), CMYK converted, deep greys by their real range.

    >>> to_rgb(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        grey = _deep(np.asarray(image, np.float32))
        tags = getattr(image, "tag_v2", {})
        if image.mode.startswith("I;16") and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
            grey = 255 - grey
        return Image.fromarray(grey).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        paper = Image.new("RGBA", layered.size, _DARK_PAPER if _has_light_ink(layered) else "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _deep(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(height, width) of any range to 0..255.

    >>> _deep(np.array([[0, 4095]], np.float32)).tolist(), _deep(np.full((2, 2), 65535, np.float32)).max()
    ([[0, 255]], np.uint8(255))
    """
    finite = np.isfinite(values)
    values = np.where(finite, values, 0)
    sample = values.ravel()[:: 1 + values.size // _SAMPLE]
    low, high = (float(edge) for edge in np.quantile(sample, (_DARKEST, _LIGHTEST)))
    top = next((top for top in _TOPS if high <= top), high)
    if not high - low > _FLAT * top or (low < 0.5 * high and low >= 0 and high > 0.7 * top):
        low, high = 0.0, top if high > 1 else 1.0  # flat, or as wide as its depth: as it is
    stretched: NDArray[np.float32] = (values - low) / max(high - low, 1e-9)
    return np.asarray(np.clip(stretched * 255 + 0.5, 0, 255), np.uint8)


def _has_light_ink(layered: Image.Image) -> bool:
    """Whether what is opaque on a largely transparent picture would be lost on white."""
    alpha = np.asarray(layered.getchannel("A"))
    if (alpha < 128).mean() < _PAPER:
        return False
    ink = np.asarray(layered.convert("RGB").convert("L"))[alpha >= 128]
    return bool(len(ink)) and float(ink.mean()) >= _LIGHT_INK
