"""TIFF files with samples that Pillow reads wrongly, or not at all: each shows dark letters on light paper."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pagelight.ingest.render.deep_tiff import rewritten
from pagelight.ingest.render.file_type import FileType
from pagelight.ingest.render.image_files import frame, open_image
from pagelight.ingest.render.limits import Limits

WIDTH, HEIGHT = 80, 60
#: (60, 80) 0 where ink is, else 255
GREY = np.where(np.arange(WIDTH) < 40, 0, 255)[None].repeat(HEIGHT, 0)
DEEP = GREY * 257
ALPHA = np.stack([GREY * 0, 255 - GREY], axis=-1)
FLOAT = GREY / 255


def colours(grey: NDArray[Any]) -> NDArray[Any]:
    return np.stack([grey] * 3, axis=-1)


def differences(samples: NDArray[Any]) -> NDArray[Any]:
    """Of neighbours, as the predictor 2 writes them."""
    return np.concatenate([samples[:, :1], samples[:, 1:] - samples[:, :-1]], axis=1)


def float_differences(samples: NDArray[Any]) -> bytes:
    """Of the bytes, as the predictor 3 writes them."""
    of_bytes = samples.astype(">f4").view(np.uint8).reshape(HEIGHT, WIDTH, 4).transpose(0, 2, 1)
    return differences(of_bytes.reshape(HEIGHT, -1)).astype(np.uint8).tobytes()


def tiff(
    path: Path,
    order: str,
    tags: Mapping[int, Sequence[int]],
    pieces: Sequence[bytes],
    rows_of_strip: int = HEIGHT,
    tile: int = 0,
) -> Path:
    """pieces: its strips, or its tiles where tile, their width and height, says so"""
    offsets, counts = (324, 325) if tile else (273, 279)
    found = {
        256: (WIDTH,),
        257: (HEIGHT,),
        277: (len(tags[258]),),
        **({322: (tile,), 323: (tile,)} if tile else {278: (rows_of_strip,)}),
        **tags,
        counts: tuple(map(len, pieces)),
        offsets: (0,) * len(pieces),
    }
    start = 8 + 2 + 12 * len(found) + 4
    sizes = {tag: 4 * len(values) for tag, values in found.items() if len(values) > 1}
    place = start + sum(sizes.values())
    found[offsets] = tuple(place + sum(map(len, pieces[:index])) for index in range(len(pieces)))
    rows, beside = b"", b""
    for tag, values in sorted(found.items()):
        written = struct.pack(f"{order}{len(values)}I", *values)
        where = written if len(values) == 1 else struct.pack(f"{order}I", start + len(beside))
        rows += struct.pack(f"{order}HHI", tag, 4, len(values)) + where
        beside += written if len(values) > 1 else b""
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    path.write_bytes(
        head + struct.pack(f"{order}H", len(found)) + rows + bytes(4) + beside + b"".join(pieces)
    )
    return path


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("tags", "samples", "kind"),
    [
        ({258: (8,), 262: (1,), 339: (2,)}, GREY - 128, "i1"),
        ({258: (8,), 262: (0,), 339: (2,)}, 127 - GREY, "i1"),
        ({258: (16,), 262: (1,), 339: (3,)}, FLOAT, "f2"),
        ({258: (32,) * 3, 262: (2,), 339: (3,) * 3}, colours(FLOAT), "f4"),
        ({258: (16,) * 2, 262: (1,), 338: (2,)}, ALPHA * 257, "u2"),
        ({258: (8,) * 2, 262: (1,), 338: (1,)}, ALPHA, "u1"),
        ({258: (16,) * 2, 262: (1,), 338: (2,), 259: (8,), 317: (2,)}, differences(ALPHA * 257), "u2"),
    ],
)
def test_samples_of_every_odd_kind_are_read(
    tmp_path: Path, order: str, tags: Mapping[int, Sequence[int]], samples: NDArray[Any], kind: str
) -> None:
    data = samples.astype(f"{order}{kind}").tobytes()
    check(tiff(tmp_path / "a.tif", order, tags, [zlib.compress(data) if 259 in tags else data]))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("bits", [3, 6, 10, 12, 14, 24])
@pytest.mark.parametrize("photometric", [0, 1])
def test_greys_of_any_number_of_bits_are_read(
    tmp_path: Path, photometric: int, bits: int, order: str
) -> None:
    levels = (GREY if photometric else 255 - GREY) // 255 * (2**bits - 1)
    check(tiff(tmp_path / "a.tif", order, {258: (bits,), 262: (photometric,)}, [packed(levels, bits, order)]))


def packed(levels: NDArray[Any], bits: int, order: str = ">") -> bytes:
    """Each row in whole bytes, the highest bit first; whole bytes in their order."""
    if bits % 8 == 0:
        of_bytes = levels.astype(">u4").view(np.uint8).reshape(HEIGHT, -1, 4)[..., 4 - bits // 8 :]
        return (of_bytes[..., ::-1] if order == "<" else of_bytes).tobytes()
    single = levels[..., None] >> np.arange(bits - 1, -1, -1) & 1
    return np.packbits(single.reshape(HEIGHT, -1).astype(np.uint8), axis=1).tobytes()


@pytest.mark.parametrize(
    ("tags", "data"),
    [
        ({258: (4,) * 3, 262: (2,)}, packed(colours(GREY).reshape(HEIGHT, -1) // 17, 4)),
        ({258: (32,) * 3, 262: (2,)}, colours(GREY * 16_843_009).astype("<u4").tobytes()),
        ({258: (16,), 262: (0,), 339: (2,)}, ((255 - GREY) * 128).astype("<i2").tobytes()),
        ({258: (8,) * 5, 262: (1,), 338: (0,) * 4}, np.stack([GREY] * 5, -1).astype("u1").tobytes()),
        ({258: (8,) * 2, 262: (1,), 338: (0,)}, np.stack([GREY, GREY * 0], -1).astype("u1").tobytes()),
        ({258: (1,), 262: (4,)}, packed(GREY // 255, 1)),
        ({258: (8,)}, GREY.astype("u1").tobytes()),  # no word on what zero means
        ({258: (8,), 262: (3,), 320: ((255,) + (0,) * 255) * 3}, (GREY < 128).astype("u1").tobytes()),
        ({258: (16,), 262: (3,), 320: (65535, 0) * 3}, (GREY < 128).astype("<u2").tobytes()),
    ],
)
def test_other_arrangements_of_samples_are_read(
    tmp_path: Path, tags: Mapping[int, Sequence[int]], data: bytes
) -> None:
    check(tiff(tmp_path / "a.tif", "<", tags, [data]))


def test_ycbcr_without_compression_is_read(tmp_path: Path) -> None:
    """Alone, and with colours that four pixels share."""
    grey, middle = GREY.astype("u1"), np.full((HEIGHT, WIDTH, 2), 128, "u1")
    whole = np.concatenate([grey[..., None], middle], axis=-1).tobytes()
    check(tiff(tmp_path / "a.tif", "<", {258: (8,) * 3, 262: (6,), 530: (1, 1)}, [whole]))
    blocks = grey.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).swapaxes(1, 2).reshape(HEIGHT // 2, WIDTH // 2, 4)
    shared = np.concatenate([blocks, middle[::2, ::2]], axis=-1).tobytes()
    check(tiff(tmp_path / "b.tif", "<", {258: (8,) * 3, 262: (6,), 530: (2, 2)}, [shared]))


@pytest.mark.parametrize(("photometric", "middle"), [(8, 0), (9, 128)])
@pytest.mark.parametrize("bits", [8, 16])
def test_lightness_and_colours_are_read(tmp_path: Path, photometric: int, middle: int, bits: int) -> None:
    levels = np.stack([GREY, GREY * 0 + middle, GREY * 0 + middle], axis=-1) << (bits - 8)
    data = levels.astype(f"<u{bits // 8}").tobytes()
    check(tiff(tmp_path / "a.tif", "<", {258: (bits,) * 3, 262: (photometric,)}, [data]))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "zstd", "lzma"])
def test_deep_greys_in_any_compression_are_read(tmp_path: Path, compression: str) -> None:
    """libtiff decompresses half floats as bytes, which is what they are to it."""
    of_bytes = Image.fromarray(FLOAT.astype("<f2").view(np.uint8))
    of_bytes.save(tmp_path / "bytes.tif", compression=compression)
    with Image.open(tmp_path / "bytes.tif") as image:
        places = zip(image.tag_v2[273], image.tag_v2[279], strict=True)
        facts = {258: (16,), 259: (image.tag_v2[259],), 262: (1,), 339: (3,)}
        rows = image.tag_v2[278]
    content = (tmp_path / "bytes.tif").read_bytes()
    pieces = [content[start : start + count] for start, count in places]
    check(tiff(tmp_path / "a.tif", "<", facts, pieces, rows_of_strip=rows))


def test_an_odd_page_costs_no_other_page(tmp_path: Path) -> None:
    odd = Image.open(tiff(tmp_path / "odd.tif", "<", {258: (8,), 262: (1,)}, [GREY.astype("u1").tobytes()]))
    path = tmp_path / "pages.tif"
    others = [Image.fromarray(GREY.astype(np.uint8)).convert(mode) for mode in ("RGB", "1")]
    odd.save(path, save_all=True, append_images=others)
    content = bytearray(path.read_bytes())
    place = content.index(struct.pack("<HHIHH", 262, 3, 1, 1, 0))
    content[place : place + 12] = struct.pack("<HHIHH", 60000, 3, 1, 1, 0)  # no word on what zero means
    path.write_bytes(content)
    with open_image(path, FileType.TIFF) as image:
        for number in (1, 2, 3):
            page = np.asarray(frame(image, number, Limits()).convert("L"))
            assert (page[30, 10] < 10, page[30, 70] > 245) == (True, True)


@pytest.mark.parametrize("order", "<>")
def test_planes_of_deep_colours_strips_and_tiles_are_put_together(tmp_path: Path, order: str) -> None:
    """Pillow reads each plane as one of bytes."""
    deep = {258: (16,) * 3, 262: (2,), 284: (2,)}
    plane = DEEP.astype(f"{order}u2")
    check(tiff(tmp_path / "planes.tif", order, deep, [plane.tobytes()] * 3))
    strips = [plane[row : row + 20].tobytes() for row in range(0, HEIGHT, 20)]
    check(tiff(tmp_path / "strips.tif", order, deep, strips * 3, rows_of_strip=20))
    floats = {258: (32,) * 3, 262: (2,), 284: (2,), 339: (3,) * 3, 259: (8,), 317: (3,)}
    check(tiff(tmp_path / "floats.tif", order, floats, [zlib.compress(float_differences(FLOAT))] * 3))
    padded = np.pad(plane, ((0, 4), (0, 16)))
    tiles = [padded[y : y + 32, x : x + 32].tobytes() for y in (0, 32) for x in (0, 32, 64)]
    check(tiff(tmp_path / "tiles.tif", order, deep, tiles * 3, tile=32))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_what_pillow_reads_and_what_is_damaged_is_left_to_it(tmp_path: Path) -> None:
    data = GREY.astype("u1").tobytes()
    plain = tiff(tmp_path / "plain.tif", "<", {258: (8,), 262: (1,)}, [data])
    assert rewritten(plain, lambda levels: levels.astype(np.uint8)) is None
    check(plain)
    odd = tiff(tmp_path / "odd.tif", "<", {258: (8,), 262: (1,), 339: (2,)}, [data])
    whole = odd.read_bytes()
    for length in (4, 8, 20, 100, len(whole) - 100):
        odd.write_bytes(whole[:length])
        assert rewritten(odd, lambda levels: levels.astype(np.uint8)) is None


def check(path: Path) -> None:
    with open_image(path, FileType.TIFF) as image:
        page = np.asarray(frame(image, 1, Limits()).convert("L"))
    assert page.shape == (HEIGHT, WIDTH)
    assert page[30, 10] < 10
    assert page[30, 70] > 245
