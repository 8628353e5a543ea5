"""BMP files whose colours are cut out of a pixel's bits by masks of any kind: Pillow knows the usual ones only."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: header of the file and its first 40 bytes of facts, where the masks follow, or the longer header goes on (form)
_MASKS_AT = 54
#: compressions that are none: masks for three colours, and for four (form)
_MASKED = (3, 6)
#: the compression that is none at all, and its masks with the fourth byte, which counts where the others say nothing (form)
_PLAIN, _FOUR_BYTES = 0, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
#: compressions that are whole files of other types: JPEG and PNG (form)
_WHOLE = (4, 5)
#: size of the first header with a mask for alpha (form)
_WITH_ALPHA = 56
#: pixels beyond which a file is left to Pillow, which refuses it (limit)
_MOST_PIXELS = 100_000_000
#: inches of a metre's dots: dots a metre to dots an inch (form)
_DOTS_A_METRE = 0.0254


def rewritten_bmp(path: Path) -> io.BytesIO | None:
    """The picture as a TIFF, JPEG or PNG file, or None where Pillow reads it as it is, or nobody does."""
    try:
        content = path.read_bytes()
        start, header, width, height, bits, compression = struct.unpack_from("<10xIIii2xHI", content)
        if compression in _WHOLE:
            return io.BytesIO(content[start:])
        is_plain = compression == _PLAIN and bits == 32
        if (
            not (is_plain or (compression in _MASKED and bits in (16, 32)))
            or not 0 < width * abs(height) <= _MOST_PIXELS
        ):
            return None
        n_masks = 4 if header >= _WITH_ALPHA or compression == _MASKED[1] else 3
        masks = _FOUR_BYTES if is_plain else struct.unpack_from(f"<{n_masks}I", content, _MASKS_AT)
        n_bytes = -(-width * bits // 32) * 4
        rows = np.frombuffer(content, np.uint8, abs(height) * n_bytes, start).reshape(-1, n_bytes)
        pixels = np.ascontiguousarray(rows).view(f"<u{bits // 8}")[:, :width]
        if is_plain and not _is_in_fourth_bytes(pixels):
            return None
        channels = [_channel(pixels, mask) for mask in masks]
        dots = struct.unpack_from("<2i", content, 38)
    except (OSError, ValueError, struct.error):
        return None  # damaged: Pillow says so
    if len(channels) == 4 and not (masks[3] and channels[3].any()):
        channels.pop()  # programs that know no transparency leave zeros there
    levels = np.stack(channels, axis=-1)
    made = io.BytesIO()
    upright = levels if height < 0 else np.ascontiguousarray(levels[::-1])
    Image.fromarray(upright).save(made, "TIFF", dpi=tuple(dot * _DOTS_A_METRE for dot in dots))
    made.seek(0)
    return made


def _is_in_fourth_bytes(pixels: NDArray[np.unsignedinteger]) -> bool:
    """Whether all that a picture shows is in the fourth bytes of its pixels (height, width) of 32 bits."""
    first = pixels[0, 0]
    has_colours = any(((row ^ first) & 0xFFFFFF).any() for row in pixels)  # mostly in the first rows
    return not has_colours and bool((pixels != first).any())


def _channel(pixels: NDArray[np.unsignedinteger], mask: int) -> NDArray[np.uint8]:
    """(height, width) levels 0..255 of the bits that the mask leaves."""
    if not mask:
        return np.zeros(pixels.shape, np.uint8)
    shift = (mask & -mask).bit_length() - 1
    levels = (pixels.astype(np.uint32) & np.uint32(mask)) >> np.uint32(shift)
    return (levels.astype(np.float32) * (255 / (mask >> shift)) + 0.5).astype(np.uint8)
