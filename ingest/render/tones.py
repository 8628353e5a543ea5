"""Any depth and polarity of pixels to RGB as a person would want to see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: widest values of the depths that scanners write; a picture is one of these, or of a range of its own
_TOPS = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
_DARK_PAPER = (32, 32, 32, 255)
#: TIFF's tag for what zero means, and its value for "white".
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0


@dataclass(frozen=True, slots=True)
class ToneParameters:
    """How levels become black and white, and which paper ink lies on.

    darkest: quantile of the grey levels that becomes black, so that single dark pixels do not count (geometry)
    lightest: quantile that becomes white, so that single hot pixels do not count (geometry)
    flat: a picture whose levels span less than this share of the widest value is one flat tone (geometry)
    dark_end: share of its highest level below which a picture's lowest is as low as its depth allows (geometry)
    light_end: share of the widest value above which its highest is as high (geometry)
    light_ink: mean level of ink on transparent paper from which it is light, and gets dark paper (geometry)
    paper: share of the picture that is transparent where it counts as ink on paper (geometry)
    sample: pixels whose levels are looked at (speed)
    """

    darkest: float = 0.0005
    lightest: float = 0.9995
    flat: float = 0.02
    dark_end: float = 0.5
    light_end: float = 0.7
    light_ink: float = 170.0
    paper: float = 0.2
    sample: int = 2_000_000


TONES = ToneParameters()


def to_rgb(image: Image.Image, parameters: ToneParameters = TONES) -> Image.Image:
    """Any mode to RGB: transparency on white (light ink: on dark), CMYK converted, deep greys by their real range.

    >>> to_rgb(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        grey = _deep(np.asarray(image, np.float32), parameters)
        tags = getattr(image, "tag_v2", {})
        if image.mode.startswith("I;16") and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
            grey = 255 - grey
        return Image.fromarray(grey).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        paper = Image.new(
            "RGBA", layered.size, _DARK_PAPER if _has_light_ink(layered, parameters) else "white"
        )
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _deep(values: NDArray[np.float32], parameters: ToneParameters = TONES) -> NDArray[np.uint8]:
    """(height, width) of any range to 0..255.

    >>> _deep(np.array([[0, 4095]], np.float32)).tolist(), _deep(np.full((2, 2), 65535, np.float32)).max()
    ([[0, 255]], np.uint8(255))
    """
    finite = np.isfinite(values)
    values = np.where(finite, values, 0)
    sample = values.ravel()[:: 1 + values.size // parameters.sample]
    ends = (parameters.darkest, parameters.lightest)
    low, high = (float(edge) for edge in np.quantile(sample, ends))
    top = next((top for top in _TOPS if high <= top), high)
    is_flat = not high - low > parameters.flat * top
    is_wide = 0 <= low < parameters.dark_end * high and high > parameters.light_end * top
    if is_flat or is_wide:
        low, high = 0.0, top if high > 1 else 1.0  # flat, or as wide as its depth: as it is
    stretched: NDArray[np.float32] = (values - low) / max(high - low, 1e-9)
    return np.asarray(np.clip(stretched * 255 + 0.5, 0, 255), np.uint8)


def _has_light_ink(layered: Image.Image, parameters: ToneParameters) -> bool:
    """Whether what is opaque on a largely transparent picture would be lost on white."""
    alpha = np.asarray(layered.getchannel("A"))
    if (alpha < 128).mean() < parameters.paper:
        return False
    ink = np.asarray(layered.convert("RGB").convert("L"))[alpha >= 128]
    return bool(len(ink)) and float(ink.mean()) >= parameters.light_ink
