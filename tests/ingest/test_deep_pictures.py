"""Pictures of more than eight bits are as light as they are meant, whatever their depth and polarity."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pagelight.ingest.render.tones import to_rgb
from tests.cases import CASES
from tests.ingest.drawn_bar import bar_on_paper, is_ink_on_paper
from tests.ingest.rendered_pages import pages_of


def test_case_26_twelve_bits_in_sixteen_are_as_light_as_they_are() -> None:
    (page,) = pages_of(CASES / "26-gray12in16.tif", 100)
    assert np.median(np.asarray(page.image)) > 230


@pytest.mark.parametrize(
    ("dtype", "paper", "ink"),
    [
        (np.uint16, 65535, 0),
        (np.uint16, 4095, 0),
        (np.uint16, 1023, 20),
        (np.uint16, 16383, 100),
        (np.uint16, 60000, 50000),  # faint
        (np.uint16, 31000, 30000),
        (np.uint16, 2060, 2000),
        (np.float32, 0.99, 0.97),
        (np.int32, 255, 0),
        (np.int32, 2_000_000, 0),
        (np.int32, 1000, -1000),
        (np.float32, 1.0, 0.0),
        (np.float32, 255.0, 0.0),
        (np.float32, np.inf, 0.0),
    ],
)
def test_greys_of_any_depth_are_seen_by_their_real_range(
    tmp_path: Path, dtype: type, paper: float, ink: float
) -> None:
    pixels = bar_on_paper(dtype, paper if np.isfinite(paper) else 1.0, ink)
    if not np.isfinite(paper):
        pixels[0, 0] = np.nan
    path = tmp_path / "deep.tiff"
    Image.fromarray(pixels).save(path)
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize(("paper", "ink"), [(93, 78), (15, 0), (140, 100), (255, 240)])
def test_ink_that_is_hard_to_tell_from_its_paper_is_set_apart(mode: str, paper: int, ink: int) -> None:
    picture = to_rgb(Image.fromarray(bar_on_paper(np.uint8, paper, ink)).convert(mode))
    assert is_ink_on_paper(picture)


def test_noise_is_not_made_stronger() -> None:
    rng = np.random.default_rng(0)
    for low, spread, dtype in ((90, 4, np.uint8), (30000, 200, np.uint16)):
        noise = rng.normal(low, spread, (300, 400)).astype(dtype)
        levels = np.asarray(to_rgb(Image.fromarray(noise)))
        assert int(levels.max()) - int(levels.min()) < 60


def test_a_flat_deep_picture_stays_what_it_is() -> None:
    assert to_rgb(Image.fromarray(np.full((9, 9), 65535, np.uint16))).getpixel((4, 4)) == (255, 255, 255)
    assert to_rgb(Image.fromarray(np.zeros((9, 9), np.uint16))).getpixel((4, 4)) == (0, 0, 0)


def _tiff(pixels: np.ndarray, number_format: int, order: str, photometric: int) -> bytes:
    """An uncompressed TIFF of greys. order: "<" or ">"; photometric: 0 where zero is white"""
    height, width = pixels.shape[:2]
    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    bits = 8 * pixels.itemsize
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()  # type: ignore[arg-type]
    directory = 8 + len(data)
    fields = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, samples, bits), (262, 3, 1, photometric)]
    fields += [(273, 4, 1, 8), (277, 3, 1, samples), (278, 4, 1, height), (279, 4, 1, len(data))]
    fields += [(339, 3, samples, number_format)]
    out, lists = b"", b""
    lists_at = directory + 2 + 12 * len(fields) + 4
    for tag, kind, count, value in fields:
        if kind == 3 and count > 2:
            out += struct.pack(f"{order}HHII", tag, kind, count, lists_at + len(lists))
            lists += struct.pack(f"{order}{count}H", *[value] * count)
        else:
            packed = (
                struct.pack(f"{order}HH", value, value * (count > 1))
                if kind == 3
                else struct.pack(f"{order}I", value)
            )
            out += struct.pack(f"{order}HHI", tag, kind, count) + packed
    head = b"II*\0" if order == "<" else b"MM\0*"
    return (
        head
        + struct.pack(f"{order}I", directory)
        + data
        + struct.pack(f"{order}H", len(fields))
        + out
        + bytes(4)
        + lists
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("dtype", "number_format", "paper", "ink", "photometric"),
    [
        (np.uint16, 1, 65535, 0, 1),
        (np.uint16, 1, 4095, 0, 1),
        (np.uint16, 1, 0, 65535, 0),
        (np.uint16, 1, 0, 4095, 0),
        (np.int16, 2, 32767, -32768, 1),
        (np.uint32, 1, 4294967295, 0, 1),
        (np.uint32, 1, 255, 0, 1),
        (np.uint32, 1, 0, 4294967295, 0),
        (np.int32, 2, 2147483647, -2147483648, 1),
        (np.float32, 3, 0.0, 1.0, 0),
        (np.float64, 3, 1.0, 0.0, 1),
    ],
)
def test_deep_tiffs_of_both_polarities_and_byte_orders(
    tmp_path: Path, dtype: type, number_format: int, paper: float, ink: float, photometric: int, order: str
) -> None:
    path = tmp_path / "deep.tif"
    path.write_bytes(_tiff(bar_on_paper(dtype, paper, ink), number_format, order, photometric))
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("paper", [65535, 4095, 1023])
def test_deep_colours_are_seen_by_their_real_range(tmp_path: Path, paper: int, order: str) -> None:
    path = tmp_path / "deep.tif"
    path.write_bytes(_tiff(np.repeat(bar_on_paper(np.uint16, paper, 0)[..., None], 3, 2), 1, order, 2))
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("colour_type", [0, 2, 4, 6])
@pytest.mark.parametrize("paper", [65535, 4095])
def test_sixteen_bits_of_a_png_of_every_colour_type(tmp_path: Path, colour_type: int, paper: int) -> None:
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour_type]
    pixels = np.repeat(bar_on_paper(np.uint16, paper, 0)[..., None], channels, 2)
    if colour_type >= 4:
        pixels[..., -1] = 65535
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 400, 300, 16, colour_type, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
    )
    path = tmp_path / "deep.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in (*chunks, (b"IEND", b""))
        )
    )
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)
