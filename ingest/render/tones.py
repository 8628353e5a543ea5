"""Tones of an image of any mode as RGB on white: transparency, CMYK, greys and colours of more than eight bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: widest values of the depths that scanners write; a picture is one of these, or of a range of its own (form)
_TOPS = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)


@dataclass(frozen=True, slots=True)
class ToneParameters:
    """Levels that become black and white, and the paper that ink lies on.

    darkest: quantile of the grey levels that becomes black, so that single dark pixels do not count (geometry)
    lightest: quantile that becomes white, so that single hot pixels do not count (geometry)
    flat: a picture whose levels span less than this share of the widest value is one flat tone, if they are not two (geometry)
    flattest: the same, whatever they are (geometry)
    two_tones: share of the levels' variance that is between two tones, from which on there are two: noise has .64, an even
        gradient .75 (geometry)
    apart: levels of 255 between the darkest and the lightest, at most, that are set further apart (by eye)
    least_apart: the same, at least: less is a blank sheet (geometry)
    dark_end: share of its highest level below which a picture's lowest is as low as its depth allows (geometry)
    light_end: share of the widest value above which its highest is as high (geometry)
    light_ink: mean level of ink on transparent paper from which it is light, and gets dark paper (geometry)
    dark_paper: grey level of the paper that light ink is put on (looked at)
    paper: share of the picture that is transparent where it counts as ink on paper (geometry)
    white: level of all that is opaque from which it cannot be told from white paper (geometry)
    nothing: alpha below which all of a picture is as good as transparent (geometry)
    sample: pixels whose levels are looked at (speed)
    dim: highest level of deep colours from which on they use their depth: 12 bits in 16 reach 15 of 255 (form)
    """

    darkest: float = 0.0005
    lightest: float = 0.9995
    flat: float = 0.02
    flattest: float = 0.0005
    two_tones: float = 0.85
    apart: int = 40
    least_apart: int = 8
    dark_end: float = 0.5
    light_end: float = 0.7
    light_ink: float = 170.0
    dark_paper: int = 32
    paper: float = 0.2
    white: int = 240
    nothing: int = 8
    sample: int = 2_000_000
    dim: int = 64


TONES = ToneParameters()


@dataclass(frozen=True, slots=True)
class Samples:
    """Facts of a file's samples that Pillow's pixels do not tell.

    is_inverted: zero is white; is_unsigned: 32 bits without a sign; is_deep_colour: 16 bits a colour, of which Pillow
    keeps the upper half
    """

    is_inverted: bool = False
    is_unsigned: bool = False
    is_deep_colour: bool = False


def to_rgb(image: Image.Image, samples: Samples = Samples()) -> Image.Image:
    """Any mode to RGB: transparency on white (light ink: on dark), CMYK converted, deep greys by their real range.

    Ink and paper that are hard to tell from each other are set apart.

    >>> to_rgb(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    picture = _in_rgb(image, samples)
    counts = np.array(picture.convert("L").histogram())
    ends = np.cumsum(counts) / counts.sum()
    low, high = (int(np.searchsorted(ends, edge)) for edge in (TONES.darkest, TONES.lightest))
    if not TONES.least_apart <= high - low <= TONES.apart:
        return picture
    if _two_tones(counts[low : high + 1], np.arange(low, high + 1)) < TONES.two_tones:
        return picture
    return picture.point(lambda level: (level - low) * 255 // (high - low))


def _in_rgb(image: Image.Image, samples: Samples) -> Image.Image:
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        values = np.asarray(image)
        if image.mode == "I" and samples.is_unsigned:
            values = values.view(np.uint32)
        grey = grey_levels(values.astype(np.float32))
        return Image.fromarray(255 - grey if samples.is_inverted else grey).convert("RGB")
    if samples.is_deep_colour:
        image = _stretched(image)
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        if _says_nothing(layered):
            return layered.convert("RGB")
        paper = Image.new(
            "RGBA", layered.size, (*(TONES.dark_paper,) * 3, 255) if _has_light_ink(layered) else "white"
        )
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """Colours that use less than their depth, over the whole range."""
    colours, alpha = image.convert("RGB"), image.getchannel("A") if "A" in image.getbands() else None
    brightest = max(int(band.getextrema()[1]) for band in colours.split())  # type: ignore[arg-type]
    if not 0 < brightest < TONES.dim:
        return image
    stretched = colours.point(lambda level: level * 255 // brightest)
    if alpha:
        stretched.putalpha(alpha)
    return stretched


def grey_levels(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Levels of any range to 0..255, in the same shape.

    >>> grey_levels(np.array([[0, 4095]], np.float32)).tolist(), grey_levels(np.full((2, 2), 65535, np.float32)).max()
    ([[0, 255]], np.uint8(255))
    """
    finite = np.isfinite(values)
    sample = values.ravel()[:: 1 + values.size // TONES.sample]
    sample = sample[np.isfinite(sample)] if np.isfinite(sample).any() else np.zeros(1, np.float32)
    ends = (TONES.darkest, TONES.lightest)
    low, high = (float(edge) for edge in np.quantile(sample, ends))
    if not finite.all():  # what has no level is told from what has one
        nothing = high if float(sample.mean()) < (low + high) / 2 else low
        values = np.nan_to_num(values, nan=nothing, posinf=high, neginf=low)
    top = next((top for top in _TOPS if high <= top), high)
    widest = top if high > 1 else 1.0
    is_flat = not high - low > TONES.flat * top
    if is_flat and high - low > TONES.flattest * widest:
        counts, edges = np.histogram(sample.clip(low, high), 256)
        is_flat = _two_tones(counts, (edges[:-1] + edges[1:]) / 2) < TONES.two_tones
    is_wide = 0 <= low < TONES.dark_end * high and high > TONES.light_end * top
    if is_flat or is_wide:
        low, high = 0.0, widest  # flat, or as wide as its depth: as it is
    stretched: NDArray[np.float32] = (values - low) / max(high - low, 1e-9)
    return np.asarray(np.clip(stretched * 255 + 0.5, 0, 255), np.uint8)


def _two_tones(counts: NDArray[np.int64], levels: NDArray[np.number]) -> float:
    """Share of the levels' variance that is between the darker and the lighter ones, divided where it is most (Otsu 1979)."""
    weights = counts / counts.sum()
    mean = float(weights @ levels)
    darker, sums = np.cumsum(weights)[:-1], np.cumsum(weights * levels)[:-1]
    between = (mean * darker - sums) ** 2 / np.maximum(darker * (1 - darker), 1e-12)
    return float(between.max() / max(float(weights @ (levels - mean) ** 2), 1e-12))


def _says_nothing(layered: Image.Image) -> bool:
    """Whether an alpha channel hides a picture whole: programs that know no transparency leave zeros there."""
    *colours, alpha = (band.getextrema() for band in layered.split())
    return int(alpha[1]) < TONES.nothing and any(low != high for low, high in colours)  # type: ignore[arg-type]


def _has_light_ink(layered: Image.Image) -> bool:
    """Whether what is opaque would be lost on white: light ink on transparent paper, or light paper with ink cut out."""
    alpha = np.asarray(layered.getchannel("A"))
    opaque = np.asarray(layered.convert("RGB").convert("L"))[alpha >= 128]
    if not len(opaque) or len(opaque) == alpha.size:
        return False
    if (alpha < 128).mean() < TONES.paper:
        return int(opaque.min()) >= TONES.white
    return float(opaque.mean()) >= TONES.light_ink
