"""Image files as pages: frames of any mode, upright, in RGB on white."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError
from pillow_heif import register_heif_opener

from pagelight.ingest.render.deep_tiff import rewritten
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import PAGE_SIZE, Limits
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument

#: Pillow's names of the formats
_FORMATS = {
    FileType.PNG: "PNG",
    FileType.JPEG: "JPEG",
    FileType.TIFF: "TIFF",
    FileType.WEBP: "WEBP",
    FileType.GIF: "GIF",
    FileType.BMP: "BMP",
    FileType.AVIF: "AVIF",
    FileType.JP2: "JPEG2000",
    FileType.HEIC: "HEIF",
}
#: types whose frames are pages; the frames of the others are an animation, which is one page
_PAGED = frozenset((FileType.TIFF, FileType.HEIC))
#: frames of an animation among which the one to show is looked for (limit)
_LOOKED_AT_FRAMES = 20
#: widest values of the depths that scanners write; a picture is one of these, or of a range of its own (form)
_TOPS = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
#: TIFF's tag for what zero means, and its value for "white"; for the kind of number, and its value for "without a sign" (form)
_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0
_SAMPLE_FORMAT, _UNSIGNED = 339, 1
#: key of a picture's `info` under which it is kept how the first frame's pixels are written
_RAW_MODES = "raw modes"
#: (number format, bits) of greys that Pillow can decode, but does not know from TIFF files, and its modes for the two byte orders
_DEEP_TIFFS = {
    (1, 16): ("I;16", "I;16", "I;16B"),
    (1, 32): ("I", "I;32N", "I;32B"),
    (2, 32): ("I", "I;32S", "I;32BS"),
    (3, 32): ("F", "F;32F", "F;32BF"),
    (3, 64): ("F", "F;64F", "F;64BF"),
}


@dataclass(frozen=True, slots=True)
class SheetParameters:
    """Size of the sheet that an image shows, where it does not say so plausibly.

    scan_pixels: images with a longer side are taken for scans of a sheet (geometry)
    sheet_inches: length of such a sheet, A4 (geometry)
    strip_pixels: strips that are wider are taken for scans of a sheet's width (geometry)
    strip_inches: that width, of A4 (geometry)
    finest_dpi: dots an inch of the finest scan that is guessed: a larger image shows a larger sheet (geometry)
    screen_dpi: of all other images (geometry)
    """

    scan_pixels: int = 2000
    sheet_inches: float = 11.69
    strip_pixels: int = 1600
    strip_inches: float = 8.27
    finest_dpi: float = 600.0
    screen_dpi: float = 96.0


SHEET = SheetParameters()


@functools.cache
def _register_deep_tiffs() -> None:
    """Let Pillow open deep greys of both polarities and byte orders."""
    for (number, bits), (mode, *raw_modes) in _DEEP_TIFFS.items():
        for order, raw in zip((b"II", b"MM"), raw_modes, strict=True):
            for zero in (0, 1):
                TiffImagePlugin.OPEN_INFO.setdefault((order, zero, (number,), 1, (bits,), ()), (mode, raw))


@contextmanager
def open_image(path: Path, file_type: FileType) -> Iterator[Image.Image]:
    """The image with its first frame, decoded by no other format's decoder than its own.

    Raises UnreadableDocument and DocumentTooLarge, also for errors inside the block.
    """
    if file_type is FileType.HEIC:
        register_heif_opener()
    if file_type is FileType.TIFF:
        _register_deep_tiffs()
    # the limit is checked before decoding, for each frame; Pillow's own bound would only get in the way
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = rewritten(path, _deep) if file_type is FileType.TIFF else None
            with Image.open(content or path, formats=[_FORMATS[file_type]]) as image:
                image.info[_RAW_MODES] = _raw_modes(image)
                yield image
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        RuntimeError,  # of the decoders of AVIF and HEIC
    ) as error:
        raise UnreadableDocument("The image is damaged and cannot be read; export it again.") from error


def n_frames(image: Image.Image, file_type: FileType) -> int:
    """Pages of an image file: every frame of a TIFF or HEIC; an animation is one page."""
    return int(getattr(image, "n_frames", 1)) if file_type in _PAGED else 1


def frame(image: Image.Image, file_type: FileType, number: int, limits: Limits) -> Image.Image:
    """Page `number`, counted from 1, upright, as RGB on white, with its "dpi" kept in `info`."""
    image.seek(number - 1)
    n_pixels = image.width * image.height
    if n_pixels > limits.max_pixels:
        raise DocumentTooLarge(
            f"The image has {n_pixels / 1e6:.0f} megapixels, the limit is {limits.max_pixels / 1e6:.0f}; "
            "make it smaller or raise max_pixels."
        )
    if file_type not in _PAGED:
        image.seek(_first_frame_with_ink(image))
    dpi = image.info.get("dpi")
    samples = _Samples.of(image)
    upright = to_rgb(ImageOps.exif_transpose(image), samples)
    upright.info = {"dpi": dpi}
    return upright


def _first_frame_with_ink(image: Image.Image) -> int:
    """The first frame of an animation that shows something: many begin with an empty one."""
    count = int(getattr(image, "n_frames", 1))
    for index in range(min(count, _LOOKED_AT_FRAMES) if count > 1 else 0):
        image.seek(index)
        channels = image.convert("RGBA").split()
        if any(low != high for low, high in (channel.getextrema() for channel in channels)):
            return index
    return 0


def size_in_points(image: Image.Image, parameters: SheetParameters = SHEET) -> tuple[float, float]:
    """(width_pt, height_pt) of the sheet that the image shows: from its resolution, else a good guess.

    72 and 96 dots an inch are what programs write that know nothing, so they count as a screen's. A long strip (a
    page of the web, a chat, a receipt) is as wide as a sheet or a screen, and as long as it is.
    """
    longest, shortest = max(image.size), min(image.size)
    try:
        dpi = float((image.info.get("dpi") or (0.0, 0.0))[0])
    except (TypeError, ValueError, ZeroDivisionError):
        dpi = 0.0
    is_strip = longest > PAGE_SIZE.strip * shortest
    if is_strip:
        side, sheet, scan = shortest, parameters.strip_inches, parameters.strip_pixels
    else:
        side, sheet, scan = longest, parameters.sheet_inches, parameters.scan_pixels
    if not (dpi > 100 and (0.5 if is_strip else 2) <= side / dpi <= 60):
        dpi = min(side / sheet, parameters.finest_dpi) if side > scan else parameters.screen_dpi
    return image.width / dpi * 72, image.height / dpi * 72


def resize(image: Image.Image, scale: float) -> Image.Image:
    """The image at `scale`, enlarged to twice its size at most, and left alone where it nearly fits."""
    scale = min(scale, 2.0)
    if 0.9 < scale < 1.1:
        return image
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


@dataclass(frozen=True, slots=True)
class ToneParameters:
    """Levels that become black and white, and the paper that ink lies on.

    darkest: quantile of the grey levels that becomes black, so that single dark pixels do not count (geometry)
    lightest: quantile that becomes white, so that single hot pixels do not count (geometry)
    flat: a picture whose levels span less than this share of the widest value is one flat tone (geometry)
    dark_end: share of its highest level below which a picture's lowest is as low as its depth allows (geometry)
    light_end: share of the widest value above which its highest is as high (geometry)
    light_ink: mean level of ink on transparent paper from which it is light, and gets dark paper (geometry)
    dark_paper: grey level of the paper that light ink is put on (looked at)
    paper: share of the picture that is transparent where it counts as ink on paper (geometry)
    sample: pixels whose levels are looked at (speed)
    dim: highest level of deep colours from which on they use their depth: 12 bits in 16 reach 15 of 255 (form)
    """

    darkest: float = 0.0005
    lightest: float = 0.9995
    flat: float = 0.02
    dark_end: float = 0.5
    light_end: float = 0.7
    light_ink: float = 170.0
    dark_paper: int = 32
    paper: float = 0.2
    sample: int = 2_000_000
    dim: int = 64


TONES = ToneParameters()


@dataclass(frozen=True, slots=True)
class _Samples:
    """Facts of a file's samples that Pillow's pixels do not tell.

    is_inverted: zero is white; is_unsigned: 32 bits without a sign; is_deep_colour: 16 bits a colour, of which Pillow
    keeps the upper half
    """

    is_inverted: bool = False
    is_unsigned: bool = False
    is_deep_colour: bool = False

    @classmethod
    def of(cls, image: Image.Image) -> _Samples:
        """Of a file's frame."""
        tags = getattr(image, "tag_v2", {})
        raw_modes = _raw_modes(image) or image.info.get(_RAW_MODES, [])
        return cls(
            tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
            bool(tags) and set(tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))) == {_UNSIGNED},
            any(";16" in mode for mode in raw_modes) and not image.mode.startswith(("I", "F")),
        )


def _raw_modes(image: Image.Image) -> list[str]:
    """The modes in which the pixels are written; none once they are decoded."""
    return [str(tile[3]) for tile in getattr(image, "tile", ())]


def to_rgb(
    image: Image.Image, samples: _Samples = _Samples(), parameters: ToneParameters = TONES
) -> Image.Image:
    """Any mode to RGB: transparency on white (light ink: on dark), CMYK converted, deep greys by their real range.

    >>> to_rgb(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        values = np.asarray(image)
        if image.mode == "I" and samples.is_unsigned:
            values = values.view(np.uint32)
        grey = _deep(values.astype(np.float32), parameters)
        return Image.fromarray(255 - grey if samples.is_inverted else grey).convert("RGB")
    if samples.is_deep_colour:
        image = _stretched(image, parameters.dim)
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        paper = Image.new(
            "RGBA",
            layered.size,
            (*(parameters.dark_paper,) * 3, 255) if _has_light_ink(layered, parameters) else "white",
        )
        return Image.alpha_composite(paper, layered).convert("RGB")
    return image.convert("RGB")


def _stretched(image: Image.Image, dim: int) -> Image.Image:
    """Colours that use less than their depth, over the whole range."""
    colours, alpha = image.convert("RGB"), image.getchannel("A") if "A" in image.getbands() else None
    brightest = max(int(band.getextrema()[1]) for band in colours.split())  # type: ignore[arg-type]
    if not 0 < brightest < dim:
        return image
    stretched = colours.point(lambda level: level * 255 // brightest)
    if alpha:
        stretched.putalpha(alpha)
    return stretched


def _deep(values: NDArray[np.float32], parameters: ToneParameters = TONES) -> NDArray[np.uint8]:
    """Levels of any range to 0..255, in the same shape.

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
