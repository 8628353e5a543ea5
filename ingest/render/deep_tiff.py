"""TIFF files with pages that Pillow reads wrongly or not at all, written anew so that it reads them.

These are numbers of odd depths, with a sign or in floats, deep colours in planes of their own, alpha channels that are deep or
premultiplied, uncompressed YCbCr, deep CIELab, and pages without a word on what zero means.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from pagelight.ingest.render.tiff_samples import Format, Tag, TiffPage, tiff_pages, tiff_pieces, tiff_samples


class _Photometric(IntEnum):
    WHITE_IS_ZERO = 0
    BLACK_IS_ZERO = 1
    RGB = 2
    PALETTE = 3
    MASK = 4
    CMYK = 5
    YCBCR = 6
    CIELAB = 8
    ICCLAB = 9


#: samples of a colour; what a page has beyond them are alpha channels and others (form)
_N_COLOURS = {
    _Photometric.RGB: 3,
    _Photometric.CMYK: 4,
    _Photometric.YCBCR: 3,
    _Photometric.CIELAB: 3,
    _Photometric.ICCLAB: 3,
}
#: kinds of extra samples: premultiplied alpha, and alpha (form)
_ALPHA = (1, 2)
#: levels of grey to one another in an array of floats of any range
ToBytes = Callable[[NDArray[np.float32]], NDArray[np.uint8]]


def rewritten(path: Path, to_bytes: ToBytes) -> io.BytesIO | None:
    """The file with 8 bits a sample in its odd pages, or None where Pillow reads it as it is, or nobody does.

    to_bytes: levels of any range to 0..255
    """
    try:
        with path.open("rb") as stream:
            pages = list(tiff_pages(stream))
            read_here = [_is_odd(page) and _is_readable(page) for page in pages]
            return _written(stream, pages, read_here, to_bytes) if any(read_here) else None
    except (OSError, ValueError, TypeError, KeyError, IndexError, SyntaxError, struct.error, zlib.error):
        return None  # damaged: Pillow says so


def _written(
    stream: BinaryIO, pages: Sequence[TiffPage], read_here: Sequence[bool], to_bytes: ToBytes
) -> io.BytesIO:
    made = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(made) as target:
        for number, (page, is_read_here) in enumerate(zip(pages, read_here, strict=True)):
            try:
                image = _image(stream, page, to_bytes) if is_read_here else _by_pillow(stream, number)
            except (OSError, ValueError, TypeError, KeyError, IndexError, SyntaxError):
                if number == 0:
                    raise
                image = Image.new("1", (1, 1))  # costs no other page; one pixel says that there is nothing
            orientation = page.value(Tag.ORIENTATION, 1) if is_read_here else 1
            image.save(
                target,
                "TIFF",
                dpi=page.dpi,
                compression="tiff_adobe_deflate",
                tiffinfo={Tag.ORIENTATION: orientation},
            )
            target.newFrame()
    made.seek(0)
    return made


def _by_pillow(stream: BinaryIO, number: int) -> Image.Image:
    stream.seek(0)
    with Image.open(io.BytesIO(stream.read()), formats=["TIFF"]) as image:
        image.seek(number)
        image.load()
        return image.copy()


def _is_odd(page: TiffPage) -> bool:
    """Whether Pillow does not read it, or reads it wrongly."""
    bits, photometric = page.bits, page.value(Tag.PHOTOMETRIC, -1)
    number = page.value(Tag.FORMAT, Format.UNSIGNED)
    colour_map = page.tags.get(Tag.COLOUR_MAP, (256,))
    return (
        (number == Format.SIGNED and bits == 8)
        or (number == Format.FLOAT and (bits == 16 or page.n_samples > 1))
        or (page.planes > 1 and bits > 8)
        or (page.n_samples == 2 and (bits > 8 or page.value(Tag.EXTRA) == 1))
        or photometric == -1
        or (photometric == _Photometric.YCBCR and page.is_uncompressed)
        or (photometric == _Photometric.PALETTE and 0 < max(colour_map, default=0) < 256)
        or not _is_known_to_pillow(page, photometric)
    )


def _is_known_to_pillow(page: TiffPage, photometric: int) -> bool:
    """Whether Pillow has a name for such pixels (its key: `TiffImagePlugin.OPEN_INFO`)."""
    numbers = page.tags.get(Tag.FORMAT, (Format.UNSIGNED.value,))
    bits, extra = page.tags.get(Tag.BITS, (1,)), page.tags.get(Tag.EXTRA, ())
    key = (
        b"II" if page.order == "<" else b"MM",
        photometric,
        numbers[:1] if len(set(numbers)) == 1 else numbers,
        page.value(Tag.FILL_ORDER, 1),
        bits * page.n_samples if len(bits) == 1 else bits[: page.n_samples],
        extra,
    )
    return key in TiffImagePlugin.OPEN_INFO or (page.planes > 1 and page.bits == 8)


def _is_readable(page: TiffPage) -> bool:
    photometric = page.value(Tag.PHOTOMETRIC, _Photometric.BLACK_IS_ZERO)
    return (
        page.is_readable
        and photometric in set(_Photometric)
        and page.n_samples >= _N_COLOURS.get(_Photometric(photometric), 1)
    )


def _image(stream: BinaryIO, page: TiffPage, to_bytes: ToBytes) -> Image.Image:
    """The page as greys or RGB with 8 bits, with its alpha channel where it has one."""
    photometric = _Photometric(page.value(Tag.PHOTOMETRIC, _Photometric.BLACK_IS_ZERO))
    if photometric is _Photometric.YCBCR and page.planes == 1:
        return Image.fromarray(_chroma(stream, page), "YCbCr").convert("RGB")
    samples = tiff_samples(stream, page)
    n_colours = _N_COLOURS.get(photometric, 1)
    colours, others = samples[..., :n_colours], samples[..., n_colours:]
    extra = page.tags.get(Tag.EXTRA, ())
    alphas = [i for i, kind in enumerate(extra[: others.shape[-1]]) if kind in _ALPHA]
    levels = _levels(colours, photometric, page, to_bytes)
    if alphas:
        widest = 1.0 if samples.dtype.kind == "f" else 2.0**page.bits - 1
        alpha = others[..., alphas[:1]].astype(np.float32) / widest * 255 + 0.5
        levels = np.concatenate([levels, np.clip(alpha, 0, 255).astype(np.uint8)], axis=-1)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[levels.shape[-1]]
    return Image.fromarray(levels[..., 0] if mode == "L" else levels, mode)


def _levels(
    colours: NDArray[np.generic], photometric: _Photometric, page: TiffPage, to_bytes: ToBytes
) -> NDArray[np.uint8]:
    """(height, width, 1 or 3) of colours (height, width, n)."""
    if photometric is _Photometric.PALETTE:
        return _of_palette(colours[..., 0], page)
    if photometric in (_Photometric.CIELAB, _Photometric.ICCLAB):
        return _of_lab(colours, photometric, page)
    if page.format is Format.SIGNED and page.bits == 8:
        levels = (colours.astype(np.int16) + 128).astype(np.uint8)
    elif page.bits < 8 and page.format is not Format.FLOAT:
        levels = (colours.astype(np.uint16) * 255 // (2**page.bits - 1)).astype(np.uint8)
    elif page.bits == 8:
        levels = colours.astype(np.uint8)
    else:
        levels = to_bytes(colours.astype(np.float32))
    if photometric is _Photometric.CMYK:
        ink = 255 - levels.astype(np.uint16)
        return (ink[..., :3] * ink[..., 3:] // 255).astype(np.uint8)
    if photometric is _Photometric.YCBCR:
        return np.asarray(Image.fromarray(levels, "YCbCr").convert("RGB"))
    is_dark = Tag.PHOTOMETRIC not in page.tags and float(levels.mean()) < 127  # paper is light
    return 255 - levels if photometric is _Photometric.WHITE_IS_ZERO or is_dark else levels


def _of_palette(indices: NDArray[np.generic], page: TiffPage) -> NDArray[np.uint8]:
    """(height, width, 3) of indices (height, width): colours of 16 bits, or of 8 where no one is larger."""
    entries = np.array(page.tags[Tag.COLOUR_MAP], np.uint32).reshape(3, -1).T
    entries = entries // 257 if entries.max(initial=0) > 255 else entries
    return entries.astype(np.uint8)[np.minimum(indices.astype(np.int64), len(entries) - 1)]


def _of_lab(colours: NDArray[np.generic], photometric: _Photometric, page: TiffPage) -> NDArray[np.uint8]:
    """(height, width, 3) of CIE L*a*b*, whose a* and b* have a sign or, as ICC has it, an offset."""
    whole = (colours.astype(np.int64) >> max(page.bits - 8, 0)).astype(np.uint8)
    if photometric is _Photometric.ICCLAB:
        whole[..., 1:] += 128
    return np.asarray(Image.fromarray(whole, "LAB").convert("RGB"))


def _chroma(stream: BinaryIO, page: TiffPage) -> NDArray[np.uint8]:
    """(height, width, 3) of YCbCr, whose colours several pixels share: their Ys, then Cb and Cr (TIFF 6.0, section 21)."""
    width, height = page.value(Tag.WIDTH), page.value(Tag.HEIGHT)
    across, down = page.tags.get(Tag.SUBSAMPLING, (2, 2))
    found = np.zeros((height, width, 3), np.uint8)
    for (top, left, n_rows, n_columns), _, data in tiff_pieces(stream, page):
        n_down, n_across = -(-n_rows // down), -(-n_columns // across)
        size = n_down * n_across * (across * down + 2)
        blocks = np.frombuffer(data, np.uint8, size).reshape(n_down, n_across, -1)
        grey = blocks[..., :-2].reshape(n_down, n_across, down, across).swapaxes(1, 2)
        shared = blocks[..., -2:].repeat(down, 0).repeat(across, 1)
        whole = np.concatenate([grey.reshape(n_down * down, -1, 1), shared], axis=-1)
        part = found[top : top + n_rows, left : left + n_columns]
        part[...] = whole[: part.shape[0], : part.shape[1]]
    return found
