"""Image files as pages: frames of any mode, upright, in RGB on white."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import DocumentTooLarge, UnreadableDocument

_FORMATS = {FileType.PNG: "PNG", FileType.JPEG: "JPEG", FileType.TIFF: "TIFF", FileType.WEBP: "WEBP"}
#: without a plausible resolution, larger images are taken for scans of a sheet this long, in inches
_SHEET = 11.69
_SCAN_PIXELS = 2000
_SCREEN_DPI = 96.0


@contextmanager
def open_image(path: Path, file_type: FileType) -> Iterator[Image.Image]:
    """The image with its first frame, decoded by no other format's decoder than its own.

    Raises UnreadableDocument and DocumentTooLarge, also for errors inside the block.
    """
    # the limit is checked before decoding, for each frame; Pillow's own bound would only get in the way
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=[_FORMATS[file_type]]) as image:
                yield image
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
    ) as error:
        raise UnreadableDocument("The image is damaged and cannot be read; export it again.") from error


def n_frames(image: Image.Image, file_type: FileType) -> int:
    """Pages of an image file: every frame of a TIFF, the first of anything else (an animation is one page)."""
    return int(getattr(image, "n_frames", 1)) if file_type is FileType.TIFF else 1


def frame(image: Image.Image, number: int, limits: Limits) -> Image.Image:
    """Frame `number`, counted from 1, upright, as RGB on white, with its "dpi" kept in `info`."""
    image.seek(number - 1)
    n_pixels = image.width * image.height
    if n_pixels > limits.max_pixels:
        raise DocumentTooLarge(
            f"The image has {n_pixels / 1e6:.0f} megapixels, the limit is {limits.max_pixels / 1e6:.0f}; "
            "make it smaller or raise max_pixels."
        )
    dpi = image.info.get("dpi")
    upright = to_rgb(ImageOps.exif_transpose(image))
    upright.info = {"dpi": dpi}
    return upright


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to RGB: transparency on white, CMYK converted, 16 bits scaled rather than cut off.

    >>> to_rgb(Image.new("RGBA", (1, 1), (0, 0, 0, 0))).getpixel((0, 0))
    (255, 255, 255)
    """
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        values = np.asarray(image, np.float32)  # (height, width)
        # an "I" image comes from 16-bit PNG and TIFF files; "F" has no range of its own
        top = 65535.0 if image.mode != "F" else max(float(np.nan_to_num(values).max()), 1e-6)
        grey = np.clip(np.nan_to_num(values) / top * 255, 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")


def size_in_points(image: Image.Image) -> tuple[float, float]:
    """(width_pt, height_pt) of the sheet that the image shows: from its resolution, else a good guess.

    72 and 96 dots an inch are what programs write that know nothing, so they count as a screen's.
    """
    longest = max(image.size)
    try:
        dpi = float((image.info.get("dpi") or (0.0, 0.0))[0])
    except (TypeError, ValueError, ZeroDivisionError):
        dpi = 0.0
    if not (dpi > 100 and 2 <= longest / dpi <= 60):
        dpi = longest / _SHEET if longest > _SCAN_PIXELS else _SCREEN_DPI
    return image.width / dpi * 72, image.height / dpi * 72


def resize(image: Image.Image, scale: float) -> Image.Image:
    """The image at `scale`, enlarged to twice its size at most, and left alone where it nearly fits."""
    scale = min(scale, 2.0)
    if 0.9 < scale < 1.1:
        return image
    size = max(round(image.width * scale), 1), max(round(image.height * scale), 1)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
