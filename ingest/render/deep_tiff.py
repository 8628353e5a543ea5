"""TIFF files whose samples Pillow reads wrongly or not at all, written anew so that it reads them.

These are bytes with a sign, half floats, colours in floats, deep colours in planes of their own, and greys with an alpha
channel that are deep or premultiplied. Strips and tiles, uncompressed or deflated; others are left as they are.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2


class _Tag(IntEnum):
    """The tags that are read (TIFF 6.0, section 8 and the supplements)."""

    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES = 277
    ROWS = 278
    STRIP_COUNTS = 279
    RESOLUTION = 282
    PLANAR = 284
    RESOLUTION_UNIT = 296
    PREDICTOR = 317
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILE_OFFSETS = 324
    TILE_COUNTS = 325
    EXTRA = 338
    FORMAT = 339


class _Photometric(IntEnum):
    WHITE_IS_ZERO = 0
    BLACK_IS_ZERO = 1
    RGB = 2


class _Compression(IntEnum):
    NONE = 1
    DEFLATE = 8
    OLD_DEFLATE = 32946


class _Format(IntEnum):
    UNSIGNED = 1
    SIGNED = 2
    FLOAT = 3


_KINDS = {_Format.UNSIGNED: "u", _Format.SIGNED: "i", _Format.FLOAT: "f"}
#: pixels of a page beyond which a file is left to Pillow, which refuses it page by page (limit)
_MOST_PIXELS = 100_000_000
#: pages of a file, likewise (limit)
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class _Page:
    """Facts of one page, as its tags have them. order: of the bytes, as numpy writes it; dpi: 0 where it does not say"""

    tags: dict[int, tuple[int, ...]]
    order: str
    dpi: tuple[float, float]

    def value(self, tag: int, default: int = 0) -> int:
        return self.tags[tag][0] if self.tags.get(tag) else default

    @property
    def n_samples(self) -> int:
        return self.value(_Tag.SAMPLES, 1)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Raises TypeError, ValueError where numpy has no such numbers."""
        return np.dtype(
            f"{self.order}{_KINDS[_Format(self.value(_Tag.FORMAT, _Format.UNSIGNED))]}{self.value(_Tag.BITS, 1) // 8}"
        )

    @property
    def is_odd(self) -> bool:
        """Whether Pillow does not read it, or reads it wrongly."""
        bits, number = self.value(_Tag.BITS, 1), self.value(_Tag.FORMAT, _Format.UNSIGNED)
        planes = self.n_samples > 1 and self.value(_Tag.PLANAR, 1) != 1
        return (
            (number == _Format.SIGNED and bits == 8)
            or (number == _Format.FLOAT and (bits == 16 or self.n_samples > 1))
            or (planes and bits > 8)
            or (self.n_samples == 2 and (bits > 8 or self.value(_Tag.EXTRA) == 1))
        )

    @property
    def is_readable(self) -> bool:
        """Whether it is read here."""
        bits, size = set(self.tags.get(_Tag.BITS, (1,))), self.value(_Tag.WIDTH) * self.value(_Tag.HEIGHT)
        return (
            self.value(_Tag.COMPRESSION, _Compression.NONE) in set(_Compression)
            and self.value(_Tag.PHOTOMETRIC, -1) in set(_Photometric)
            and self.n_samples in ((3, 4) if self.value(_Tag.PHOTOMETRIC) == _Photometric.RGB else (1, 2))
            and len(bits) == 1
            and bits <= {8, 16, 32, 64}
            and 0 < size <= _MOST_PIXELS
        )


def rewritten(path: Path, to_bytes: Callable[[NDArray[np.float32]], NDArray[np.uint8]]) -> io.BytesIO | None:
    """The file with 8 bits a sample, or None where Pillow reads it as it is, or nobody does.

    to_bytes: levels of any range to 0..255
    """
    try:
        with path.open("rb") as stream:
            pages = list(_pages(stream))
            if not any(page.is_odd for page in pages) or not all(page.is_readable for page in pages):
                return None
            images = [_image(_samples(stream, page), page, to_bytes) for page in pages]
    except (OSError, ValueError, TypeError, KeyError, IndexError, SyntaxError, struct.error, zlib.error):
        return None  # damaged: Pillow says so
    made = io.BytesIO()
    images[0].save(
        made,
        "TIFF",
        save_all=True,
        append_images=images[1:],
        dpi=pages[0].dpi,
        tiffinfo={_Tag.ORIENTATION: pages[0].value(_Tag.ORIENTATION, 1)},
    )
    made.seek(0)
    return made


def _pages(stream: BinaryIO) -> Iterator[_Page]:
    head = stream.read(8)
    if head[2:4] in (b"+\0", b"\0+"):  # offsets of 64 bits
        head += stream.read(8)
    order = "<" if head[:2] == b"II" else ">"
    directory = ImageFileDirectory_v2(head)
    seen: set[int] = set()
    while directory.next and directory.next not in seen and len(seen) < _MOST_PAGES:
        seen.add(directory.next)
        stream.seek(directory.next)
        directory.load(stream)
        tags: dict[int, tuple[int, ...]] = {}
        for tag in range(_Tag.WIDTH, _Tag.FORMAT + 1):
            value = directory.get(tag)
            if isinstance(value, int):
                tags[tag] = (value,)
            elif isinstance(value, tuple) and all(isinstance(one, int) for one in value):
                tags[tag] = value
        resolution = float(directory.get(_Tag.RESOLUTION) or 0.0)
        inch = 2.54 if tags.get(_Tag.RESOLUTION_UNIT) == (3,) else 1.0
        yield _Page(tags, order, (resolution * inch,) * 2)
    if directory.next:
        raise ValueError("expected a list of pages that ends")


def _samples(stream: BinaryIO, page: _Page) -> NDArray[np.generic]:
    """(height, width, n_samples) as they are written."""
    width, height = page.value(_Tag.WIDTH), page.value(_Tag.HEIGHT)
    is_tiled = page.value(_Tag.TILE_WIDTH) > 0
    columns = page.value(_Tag.TILE_WIDTH) if is_tiled else width
    rows = page.value(_Tag.TILE_HEIGHT) if is_tiled else min(page.value(_Tag.ROWS, height), height)
    offsets = page.tags[_Tag.TILE_OFFSETS if is_tiled else _Tag.STRIP_OFFSETS]
    counts = page.tags[_Tag.TILE_COUNTS if is_tiled else _Tag.STRIP_COUNTS]
    planes = page.n_samples if page.value(_Tag.PLANAR, 1) != 1 else 1
    depth = page.n_samples // planes  # samples that lie side by side
    if not 0 < rows * columns <= _MOST_PIXELS:
        raise ValueError("expected pieces of a page")
    found = np.zeros((height, width, page.n_samples), page.dtype)
    across, down = -(-width // columns), -(-height // rows)
    for index, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
        plane, place = divmod(index, across * down)
        top, left = place // across * rows, place % across * columns
        n_rows = rows if is_tiled else min(rows, height - top)
        stream.seek(offset)
        piece = _piece(stream.read(count), (n_rows, columns, depth), page)
        part = found[top : top + n_rows, left : left + columns, plane * depth : (plane + 1) * depth]
        part[...] = piece[: part.shape[0], : part.shape[1]]
    return found


def _piece(data: bytes, shape: tuple[int, int, int], page: _Page) -> NDArray[np.generic]:
    """(n_rows, n_columns, n_samples) of a strip or tile."""
    n_rows, n_columns, depth = shape
    n_bytes = n_rows * n_columns * depth * page.dtype.itemsize
    if page.value(_Tag.COMPRESSION, _Compression.NONE) != _Compression.NONE:
        data = zlib.decompressobj().decompress(data, n_bytes)
    predictor = page.value(_Tag.PREDICTOR, 1)
    if (
        predictor == 3
    ):  # differences of bytes, the highest ones of all numbers of a row first (Adobe's note 3)
        levels = np.frombuffer(data, np.uint8, n_bytes).reshape(n_rows, -1, depth)
        summed = np.cumsum(levels, axis=1, dtype=np.uint8)
        shuffled = summed.reshape(n_rows, page.dtype.itemsize, n_columns * depth).swapaxes(1, 2)
        return np.ascontiguousarray(shuffled).view(page.dtype.newbyteorder(">")).reshape(shape)
    piece = np.frombuffer(data, page.dtype, n_rows * n_columns * depth).reshape(shape)
    if predictor == 2:
        return np.cumsum(piece, axis=1, dtype=piece.dtype)
    return piece


def _image(
    samples: NDArray[np.generic], page: _Page, to_bytes: Callable[[NDArray[np.float32]], NDArray[np.uint8]]
) -> Image.Image:
    """samples: (height, width, n_samples)"""
    has_alpha = page.n_samples in (2, 4)
    colours = samples[..., : page.n_samples - has_alpha].astype(np.float32)
    if page.value(_Tag.FORMAT) == _Format.SIGNED and page.value(_Tag.BITS) == 8:
        levels = (colours + 128).astype(np.uint8)
    else:
        levels = to_bytes(colours)
    if page.value(_Tag.PHOTOMETRIC) == _Photometric.WHITE_IS_ZERO:
        levels = 255 - levels
    if has_alpha:
        widest = 1.0 if page.dtype.kind == "f" else 2.0 ** page.value(_Tag.BITS) - 1
        alpha = np.clip(samples[..., -1:].astype(np.float32) / widest * 255 + 0.5, 0, 255).astype(np.uint8)
        levels = np.concatenate([levels, alpha], axis=-1)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[levels.shape[-1]]
    return Image.fromarray(levels[..., 0] if mode == "L" else levels, mode)
