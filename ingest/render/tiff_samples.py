"""Pages of a TIFF file as their tags describe them, and their samples as numbers, of any depth and arrangement.

Pieces are decompressed by Pillow's libtiff, to which each is shown as a picture of bytes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2


class Tag(IntEnum):
    """The tags that are read (TIFF 6.0, section 8 and the supplements)."""

    SUBFILE = 254
    OLD_SUBFILE = 255
    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES = 277
    ROWS = 278
    STRIP_COUNTS = 279
    RESOLUTION = 282
    PLANAR = 284
    RESOLUTION_UNIT = 296
    PREDICTOR = 317
    COLOUR_MAP = 320
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILE_OFFSETS = 324
    TILE_COUNTS = 325
    EXTRA = 338
    FORMAT = 339
    SUBSAMPLING = 530


class Format(IntEnum):
    """Kinds of numbers."""

    UNSIGNED = 1
    SIGNED = 2
    FLOAT = 3
    UNKNOWN = 4


_KINDS = {Format.UNSIGNED: "u", Format.SIGNED: "i", Format.FLOAT: "f", Format.UNKNOWN: "u"}
#: the compression that is none (form)
_UNCOMPRESSED = 1
#: compressions of bytes, whatever they mean: LZW, deflate, PackBits, LZMA, Zstandard (form)
_OF_BYTES = frozenset((5, 8, 32773, 32946, 34925, 50000))
#: pixels of a page beyond which it is left to Pillow, which refuses it (limit)
MOST_PIXELS = 100_000_000
#: samples that are unpacked at once from odd numbers of bits (block)
_UNPACKED = 4_000_000
#: pages of a file (limit)
_MOST_PAGES = 20_000
#: the bytes with their bits in the other order (form)
_REVERSED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1], axis=1)[:, 0]


@dataclass(frozen=True, slots=True)
class TiffPage:
    """Facts of one page, as its tags have them. order: of the bytes, as numpy writes it; dpi: 0 where it does not say"""

    tags: dict[int, tuple[int, ...]]
    order: str
    dpi: tuple[float, float]

    def value(self, tag: int, default: int = 0) -> int:
        return self.tags[tag][0] if self.tags.get(tag) else default

    @property
    def n_samples(self) -> int:
        return self.value(Tag.SAMPLES, 1)

    @property
    def bits(self) -> int:
        return self.value(Tag.BITS, 1)

    @property
    def format(self) -> Format:
        """Raises ValueError for complex numbers."""
        return Format(self.value(Tag.FORMAT, Format.UNSIGNED))

    @property
    def planes(self) -> int:
        return self.n_samples if self.value(Tag.PLANAR, 1) == 2 else 1

    @property
    def is_uncompressed(self) -> bool:
        return self.value(Tag.COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED

    @property
    def is_readable(self) -> bool:
        """Whether its samples can be read here."""
        return (
            (self.is_uncompressed or self.value(Tag.COMPRESSION) in _OF_BYTES)
            and len(set(self.tags.get(Tag.BITS, (1,)))) == 1
            and (self.bits in (16, 32, 64) if self.format is Format.FLOAT else 0 < self.bits <= 32)
            and 0 < self.n_samples <= 64
            and 0 < self.value(Tag.WIDTH) * self.value(Tag.HEIGHT) <= MOST_PIXELS
        )

    @property
    def is_mask(self) -> bool:
        """Whether it only says where another frame is transparent."""
        return bool(self.value(Tag.SUBFILE) & 4)

    def is_smaller_copy_of(self, page: TiffPage) -> bool:
        """Whether it is the page once more in a lower resolution, as of large pictures that are looked at in steps."""
        (width, height), (own_width, own_height) = page.size, self.size
        is_reduced = bool(self.value(Tag.SUBFILE) & 1) or self.value(Tag.OLD_SUBFILE) == 2
        slack = 2 * (width + height)  # a pixel of the smaller one's sides
        return is_reduced and own_width < width and abs(own_width * height - own_height * width) <= slack

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)"""
        return self.value(Tag.WIDTH), self.value(Tag.HEIGHT)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The type of its samples as numbers, in the machine's byte order."""
        size = next(size for size in (8, 16, 32, 64) if size >= self.bits)
        return np.dtype(f"{_KINDS[self.format]}{size // 8}")


def tiff_pages(stream: BinaryIO) -> Iterator[TiffPage]:
    """The pages of the file. Raises whatever damage leads to, ValueError for a list of pages without an end."""
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
        for tag in Tag:
            value = directory.get(tag)
            if isinstance(value, int):
                tags[tag] = (value,)
            elif isinstance(value, bytes):  # of a kind of its own that stands for bytes
                tags[tag] = tuple(value)
            elif isinstance(value, tuple) and all(isinstance(one, int) for one in value):
                tags[tag] = value
        resolution = float(directory.get(Tag.RESOLUTION) or 0.0)
        inch = 2.54 if tags.get(Tag.RESOLUTION_UNIT) == (3,) else 1.0
        yield TiffPage(tags, order, (resolution * inch,) * 2)
    if directory.next:
        raise ValueError("expected a list of pages that ends")


def other_frames(path: Path) -> set[int]:
    """Indices of frames that are no pages: smaller copies of the one before them, and masks. None in other files than TIFFs."""
    found = set()
    page: TiffPage | None = None
    try:
        with path.open("rb") as stream:
            is_tiff = stream.read(4)[:2] in (b"II", b"MM")
            stream.seek(0)
            for index, frame in enumerate(tiff_pages(stream) if is_tiff else ()):
                if page and (frame.is_mask or frame.is_smaller_copy_of(page)):
                    found.add(index)
                else:
                    page = frame
    except Exception:  # damage, which Pillow tells
        return set()
    return found


def tiff_samples(stream: BinaryIO, page: TiffPage) -> NDArray[np.generic]:
    """(height, width, n_samples) as they are written. Raises ValueError and what damage leads to."""
    width, height = page.value(Tag.WIDTH), page.value(Tag.HEIGHT)
    depth = page.n_samples // page.planes  # samples that lie side by side
    found = np.zeros((height, width, page.n_samples), page.dtype)
    for (top, left, n_rows, n_columns), plane, data in tiff_pieces(stream, page):
        rows = _decompressed(data, n_rows, -(-n_columns * depth * page.bits // 8), page)
        piece = _numbers(rows, (n_rows, n_columns, depth), page)
        part = found[top : top + n_rows, left : left + n_columns, plane * depth : (plane + 1) * depth]
        part[...] = piece[: part.shape[0], : part.shape[1]]
    return found


def tiff_pieces(stream: BinaryIO, page: TiffPage) -> Iterator[tuple[tuple[int, int, int, int], int, bytes]]:
    """Strips or tiles: (top, left, n_rows, n_columns), the plane, and the bytes as they are written."""
    width, height = page.value(Tag.WIDTH), page.value(Tag.HEIGHT)
    is_tiled = page.value(Tag.TILE_WIDTH) > 0
    columns = page.value(Tag.TILE_WIDTH) if is_tiled else width
    rows = page.value(Tag.TILE_HEIGHT) if is_tiled else min(page.value(Tag.ROWS, height), height)
    offsets = page.tags[Tag.TILE_OFFSETS if is_tiled else Tag.STRIP_OFFSETS]
    counts = page.tags[Tag.TILE_COUNTS if is_tiled else Tag.STRIP_COUNTS]
    if not 0 < rows * columns <= MOST_PIXELS:
        raise ValueError("expected pieces of a page")
    across, down = -(-width // columns), -(-height // rows)
    for index, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
        plane, place = divmod(index, across * down)
        top, left = place // across * rows, place % across * columns
        n_rows = rows if is_tiled else min(rows, height - top)
        stream.seek(offset)
        yield (top, left, n_rows, columns), plane, stream.read(count)


def _decompressed(data: bytes, n_rows: int, n_bytes: int, page: TiffPage) -> NDArray[np.uint8]:
    """(n_rows, n_bytes)"""
    is_reversed = page.value(Tag.FILL_ORDER, 1) == 2
    if page.is_uncompressed:
        found = np.frombuffer(data, np.uint8, n_rows * n_bytes).reshape(n_rows, n_bytes)
        return _REVERSED[found] if is_reversed else found
    shown = {
        Tag.WIDTH: n_bytes,
        Tag.HEIGHT: n_rows,
        Tag.BITS: 8,
        Tag.COMPRESSION: page.value(Tag.COMPRESSION),
        Tag.PHOTOMETRIC: 1,
        Tag.FILL_ORDER: 2 if is_reversed else 1,
        Tag.STRIP_OFFSETS: 0,
        Tag.SAMPLES: 1,
        Tag.ROWS: n_rows,
        Tag.STRIP_COUNTS: len(data),
    }
    shown[Tag.STRIP_OFFSETS] = 8 + 2 + 12 * len(shown) + 4
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in shown.items())
    file = struct.pack("<2sHIH", b"II", 42, 8, len(shown)) + fields + bytes(4) + data
    with Image.open(io.BytesIO(file), formats=["TIFF"]) as image:
        return np.asarray(image)


def _numbers(data: NDArray[np.uint8], shape: tuple[int, int, int], page: TiffPage) -> NDArray[np.generic]:
    """(n_rows, n_columns, n_samples) of the rows of a strip or tile."""
    n_rows, n_columns, depth = shape
    predictor = page.value(Tag.PREDICTOR, 1)
    if (
        predictor == 3
    ):  # differences of bytes, the highest ones of all numbers of a row first (Adobe's note 3)
        levels = data.reshape(n_rows, -1, depth)
        summed = np.cumsum(levels, axis=1, dtype=np.uint8)
        shuffled = summed.reshape(n_rows, page.dtype.itemsize, n_columns * depth).swapaxes(1, 2)
        return np.ascontiguousarray(shuffled).view(page.dtype.newbyteorder(">")).reshape(shape)
    if page.bits in (8, 16, 32, 64):
        written = np.ascontiguousarray(data).view(page.dtype.newbyteorder(page.order))  # type: ignore[arg-type]
        piece: NDArray[np.generic] = written.reshape(shape).astype(page.dtype)
    else:
        piece = _unpacked(data, n_columns * depth, page).reshape(shape)
    return np.cumsum(piece, axis=1, dtype=piece.dtype) if predictor == 2 else piece


def _unpacked(data: NDArray[np.uint8], n: int, page: TiffPage) -> NDArray[np.generic]:
    """(n_rows, n) numbers of any number of bits, the highest bit first; whole bytes in the file's order."""
    bits, size = page.bits, page.dtype.itemsize * 8
    if bits % 8 == 0:
        of_bytes = data.reshape(len(data), n, bits // 8)
        of_bytes = of_bytes[..., ::-1] if page.order == "<" else of_bytes
        widened = np.pad(of_bytes, ((0, 0), (0, 0), (size // 8 - bits // 8, 0)))
        return _signed(np.ascontiguousarray(widened).view(f">u{size // 8}")[..., 0], page)
    found = np.zeros((len(data), n), f"u{size // 8}")
    step = max(_UNPACKED // n, 1)
    for first in range(0, len(data), step):
        single = np.unpackbits(data[first : first + step], axis=1)[:, : n * bits].reshape(-1, n, bits)
        widened = np.packbits(np.pad(single, ((0, 0), (0, 0), (size - bits, 0))), axis=-1)
        found[first : first + step] = np.ascontiguousarray(widened).view(f">u{size // 8}")[..., 0]
    return _signed(found, page)


def _signed(numbers: NDArray[np.generic], page: TiffPage) -> NDArray[np.generic]:
    """Numbers with a sign where the page has such."""
    if page.format is not Format.SIGNED:
        return numbers.astype(page.dtype)
    wide = numbers.astype(np.int64)
    return np.where(wide >> (page.bits - 1), wide - (1 << page.bits), wide).astype(page.dtype)
