"""Image files as pages: frames of any mode, upright, in RGB on white."""

from __future__ import annotations

import functools
import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError
from pillow_heif import register_heif_opener

from pagelight.ingest.render.deep_tiff import rewritten
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import PAGE_SIZE, Limits
from pagelight.ingest.render.masked_bmp import rewritten_bmp
from pagelight.ingest.render.tiff_samples import other_frames
from pagelight.ingest.render.tones import Samples, grey_levels, to_rgb
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
    FileType.ICO: "ICO",
    FileType.ICNS: "ICNS",
    FileType.PNM: "PPM",
    FileType.PCX: "PCX",
    FileType.SGI: "SGI",
    FileType.QOI: "QOI",
    FileType.TGA: "TGA",
    FileType.DDS: "DDS",
    FileType.PSD: "PSD",
}
#: types whose frames are pages; the frames of the others are an animation, which is one page
_PAGED = frozenset((FileType.TIFF, FileType.HEIC))
#: types whose frames are layers of the picture that the file begins with
_LAYERED = frozenset((FileType.PSD,))
#: frames of an animation among which the one to show is looked for (limit)
_LOOKED_AT_FRAMES = 20
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


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """An image file. first: its first frame; pages: indices of the frames that are pages; an animation is one page"""

    file_type: FileType
    first: Image.Image
    pages: Sequence[int]


@contextmanager
def open_image(path: Path, file_type: FileType) -> Iterator[OpenedImage]:
    """The file, decoded by no other format's decoder than its own.

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
            content, formats = _rewritten(path, file_type)
            # from a stream: Pillow maps a named file's greys into memory, turned ones with their sides exchanged
            with content or path.open("rb") as stream, Image.open(stream, formats=formats) as image:
                image.info[_RAW_MODES] = _raw_modes(image)
                count = int(getattr(image, "n_frames", 1)) if file_type in _PAGED else 1
                others = other_frames(path) if count > 1 else set()
                yield OpenedImage(file_type, image, [i for i in range(count) if i not in others])
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


def _rewritten(path: Path, file_type: FileType) -> tuple[io.BytesIO | None, list[str]]:
    """A file that Pillow reads in place of one that it does not, and the formats that the picture may have."""
    if file_type is FileType.TIFF:
        return rewritten(path, grey_levels), ["TIFF"]
    content = rewritten_bmp(path) if file_type is FileType.BMP else None
    return content, ["TIFF", "JPEG", "PNG"] if content else [_FORMATS[file_type]]


def frame(opened: OpenedImage, number: int, limits: Limits) -> Image.Image:
    """Page `number`, counted from 1, upright, as RGB on white, with its "dpi" kept in `info`."""
    image, file_type = opened.first, opened.file_type
    if file_type not in _LAYERED:
        image.seek(opened.pages[number - 1])
    n_pixels = image.width * image.height
    if n_pixels > limits.max_pixels:
        raise DocumentTooLarge(
            f"The image has {n_pixels / 1e6:.0f} megapixels, the limit is {limits.max_pixels / 1e6:.0f}; "
            "make it smaller or raise max_pixels."
        )
    if file_type not in _PAGED | _LAYERED:
        image.seek(_first_frame_with_ink(image))
    dpi = image.info.get("dpi")
    samples = _samples(image)
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


def size_in_points(image: Image.Image) -> tuple[float, float]:
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
        side, sheet, scan = shortest, SHEET.strip_inches, SHEET.strip_pixels
    else:
        side, sheet, scan = longest, SHEET.sheet_inches, SHEET.scan_pixels
    if not (dpi > 100 and (0.5 if is_strip else 2) <= side / dpi <= 60):
        dpi = min(side / sheet, SHEET.finest_dpi) if side > scan else SHEET.screen_dpi
    return image.width / dpi * 72, image.height / dpi * 72


def resize(image: Image.Image, scale: float) -> Image.Image:
    """The image at `scale`, enlarged to twice its size at most, and left alone where it nearly fits."""
    scale = min(scale, 2.0)
    if 0.9 < scale < 1.1:
        return image
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _samples(image: Image.Image) -> Samples:
    """Facts of a file's frame that its pixels do not tell."""
    tags = getattr(image, "tag_v2", {})
    raw_modes = _raw_modes(image) or image.info.get(_RAW_MODES, [])
    return Samples(
        tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO,
        bool(tags) and set(tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))) == {_UNSIGNED},
        any(";16" in mode for mode in raw_modes) and not image.mode.startswith(("I", "F")),
    )


def _raw_modes(image: Image.Image) -> list[str]:
    """The modes in which the pixels are written; none once they are decoded."""
    return [str(tile[3]) for tile in getattr(image, "tile", ())]
