"""Pictures of every common type."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin
from pillow_heif import register_heif_opener

from pagelight.ingest.render.file_type import FileType, check_file
from pagelight.ingest.render.image_pdf import write_image_pdf
from pagelight.ingest.render.limits import Limits
from pagelight.retrieval.errors import UnreadableDocument
from tests.cases import CASES
from tests.ingest.drawn_bar import bar_on_paper, is_ink_on_paper
from tests.ingest.office.made_files import zipped
from tests.ingest.rendered_pages import pages_of

PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"


@pytest.mark.parametrize("name", ["23-anim.gif", "23-photo.avif", "23-photo.jp2"])
def test_case_23_common_types_are_pages(name: str) -> None:
    (page,) = pages_of(CASES / name, 100)
    assert np.ptp(np.asarray(page.image)) > 100


@pytest.mark.parametrize(
    ("suffix", "file_type"),
    [
        ("gif", FileType.GIF),
        ("bmp", FileType.BMP),
        ("avif", FileType.AVIF),
        ("jp2", FileType.JP2),
        ("heic", FileType.HEIC),
        ("j2k", FileType.JP2),
        ("ico", FileType.ICO),
        ("ppm", FileType.PNM),
        ("pcx", FileType.PCX),
        ("sgi", FileType.SGI),
        ("qoi", FileType.QOI),
        ("tga", FileType.TGA),
        ("dds", FileType.DDS),
    ],
)
def test_every_type_is_told_by_its_content_and_drawn(
    tmp_path: Path, suffix: str, file_type: FileType
) -> None:
    register_heif_opener()
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("RGB").save(path)
    path = path.rename(tmp_path / "noname")
    assert check_file(path, Limits()) is file_type
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize(("mode", "number"), [("L", 1), ("RGB", 3), ("RGBA", 3), ("CMYK", 4)])
def test_a_photoshop_picture_is_read_from_its_preview(tmp_path: Path, mode: str, number: int) -> None:
    picture = Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("RGB").convert(mode)
    planes = [255 - np.asarray(plane) if mode == "CMYK" else np.asarray(plane) for plane in picture.split()]
    path = tmp_path / "a.psd"
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, len(planes), 300, 400, 8, number)
    path.write_bytes(head + bytes(14) + b"".join(plane.tobytes() for plane in planes))
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("compression", [None, "tga_rle"])
@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA"])
def test_a_tga_of_any_mode_is_read(tmp_path: Path, mode: str, compression: str | None) -> None:
    path = tmp_path / "a.tga"
    Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("RGB").convert(mode).save(
        path, compression=compression
    )
    (page,) = pages_of(path, 96)
    assert is_ink_on_paper(page.image)


def test_a_tga_of_one_bit_or_of_a_palette_of_256_is_read(tmp_path: Path) -> None:
    shades = Image.fromarray(bar_on_paper(np.uint8, 255, 0))
    of_a_palette = shades.copy()
    of_a_palette.putpalette([level for level in range(256) for _ in range(3)])
    for image in (shades.convert("1"), of_a_palette):
        image.save(tmp_path / "a.tga")
        (page,) = pages_of(tmp_path / "a.tga", 96)
        assert is_ink_on_paper(page.image), image.mode


def test_each_picture_of_a_heic_is_a_page(tmp_path: Path) -> None:
    register_heif_opener()
    frames = [Image.new("RGB", (200, 100 + 10 * n), "white") for n in range(3)]
    frames[0].save(tmp_path / "a.heic", save_all=True, append_images=frames[1:])
    assert len(pages_of(tmp_path / "a.heic", 96)) == 3


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_an_animation_is_one_page(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(bar_on_paper(np.uint8, 255, n)).convert("RGB") for n in range(0, 30, 10)]
    frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:])
    (page,) = pages_of(tmp_path / f"a.{suffix}", 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_an_animation_that_begins_empty_shows_its_first_picture(tmp_path: Path, suffix: str) -> None:
    empty = Image.new("RGB", (400, 300), "white")
    shown = Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("RGB")
    empty.save(tmp_path / f"a.{suffix}", save_all=True, append_images=[empty, shown], duration=100)
    (page,) = pages_of(tmp_path / f"a.{suffix}", 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16"])
def test_smaller_copies_and_masks_in_a_tiff_are_no_pages(tmp_path: Path, mode: str) -> None:
    shown = Image.fromarray(bar_on_paper(np.uint8, 255, 0))
    shown = (
        shown.convert(mode) if mode != "I;16" else Image.fromarray(np.asarray(shown).astype(np.uint16) * 16)
    )
    half, quarter = (shown.resize((shown.width // n, shown.height // n), 0) for n in (2, 4))
    with TiffImagePlugin.AppendingTiffWriter(str(tmp_path / "a.tif"), new=True) as target:
        for picture, kind in (
            (shown, 0),
            (half, 1),
            (quarter, 1),
            (shown, 4),
            (shown, 2),
            (half, 2),
            (half, 1),
        ):
            picture.save(target, "TIFF", tiffinfo={254: kind})
            target.newFrame()
    pages = pages_of(tmp_path / "a.tif", 96)
    assert [page.image.size for page in pages] == [shown.size, shown.size, half.size, half.size]
    assert not write_image_pdf(tmp_path / "a.tif", tmp_path / "out.pdf", Limits())


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif", "avif", "heic"])
@pytest.mark.parametrize(
    ("orientation", "turn"), [(6, Image.Transpose.ROTATE_90), (3, Image.Transpose.ROTATE_180)]
)
def test_a_picture_that_says_how_it_was_held_is_upright(
    tmp_path: Path, suffix: str, orientation: int, turn: Image.Transpose
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    lying = Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("RGB").transpose(turn)
    register_heif_opener()
    lying.save(tmp_path / f"a.{suffix}", exif=exif.tobytes())
    (page,) = pages_of(tmp_path / f"a.{suffix}", 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_a_picture_that_is_transparent_all_over_shows_its_colours(tmp_path: Path, suffix: str) -> None:
    image = Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("RGBA")
    image.putalpha(0)
    image.save(tmp_path / f"a.{suffix}", **({"lossless": True, "exact": True} if suffix == "webp" else {}))
    (page,) = pages_of(tmp_path / f"a.{suffix}", 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("header", [40, 56, 108, 124])
def test_a_bmp_whose_fourth_byte_says_nothing_is_not_blank(tmp_path: Path, header: int) -> None:
    grey = bar_on_paper(np.uint8, 255, 0)
    pixels = np.stack([grey, grey, grey, grey * 0], axis=-1)[::-1].tobytes()
    facts = struct.pack("<IiiHHIIiiII", header, 400, 300, 1, 32, 3, len(pixels), 0, 0, 0, 0)
    facts += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)[: 12 if header == 40 else 16]
    facts = facts.ljust(header, b"\0")
    start = 14 + len(facts)
    (tmp_path / "a.bmp").write_bytes(b"BM" + struct.pack("<IHHI", start, 0, 0, start) + facts + pixels)
    (page,) = pages_of(tmp_path / "a.bmp", 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (32, (0xFF, 0xFF00, 0xFF0000)),
        (32, (0xFF00, 0xFF0000, 0xFF000000, 0xFF)),
        (32, (0x3FF00000, 0xFFC00, 0x3FF)),
        (16, (0xF00, 0xF0, 0xF, 0xF000)),
        (16, (0x7C00, 0x3E0, 0x1F, 0x8000)),
    ],
)
@pytest.mark.parametrize("header", [40, 124])
@pytest.mark.parametrize("alpha", [0, 1])
def test_a_bmp_with_masks_of_any_kind_is_read(
    tmp_path: Path, header: int, bits: int, masks: tuple[int, ...], alpha: int
) -> None:
    grey = bar_on_paper(np.uint8, 1, 0).astype(np.uint64)
    levels = sum((grey * mask for mask in masks[:3]), alpha * np.uint64((*masks, 0)[3]))
    pixels = np.asarray(levels)[::-1].astype(f"<u{bits // 8}").tobytes()
    compression = 6 if header == 40 and len(masks) == 4 else 3
    facts = struct.pack("<IiiHHIIiiII", header, 400, 300, 1, bits, compression, len(pixels), 0, 0, 0, 0)
    facts = (facts + struct.pack(f"<{len(masks)}I", *masks)).ljust(header, b"\0")
    start = 14 + len(facts)
    (tmp_path / "a.bmp").write_bytes(b"BM" + struct.pack("<IHHI", start, 0, 0, start) + facts + pixels)
    (page,) = pages_of(tmp_path / "a.bmp", 96)
    assert is_ink_on_paper(page.image)


def test_a_bmp_that_says_all_in_its_fourth_byte_is_not_blank(tmp_path: Path) -> None:
    ink = 255 - bar_on_paper(np.uint8, 255, 0)
    black = np.zeros_like(ink)
    Image.fromarray(np.dstack([black, black, black, ink])).save(tmp_path / "a.bmp")
    (page,) = pages_of(tmp_path / "a.bmp", 96)
    assert is_ink_on_paper(page.image)


def test_ink_that_is_cut_out_of_white_paper_can_be_seen(tmp_path: Path) -> None:
    image = Image.fromarray(bar_on_paper(np.uint8, 255, 0)).convert("P")
    image.save(tmp_path / "a.png", transparency=0)
    (page,) = pages_of(tmp_path / "a.png", 96)
    assert np.ptp(np.asarray(page.image.convert("L"))) > 150


@pytest.mark.parametrize("mode", ["L", "I;16", "RGB", "1"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_turned_tiff_is_upright_in_every_mode(tmp_path: Path, mode: str, compression: str | None) -> None:
    """Pillow maps a named file's greys into memory, with their sides exchanged."""
    lying = np.rot90(bar_on_paper(np.uint8, 255, 0))
    image = Image.fromarray(lying.astype(np.uint16) * 257 if mode == "I;16" else lying)
    image = image if mode == "I;16" else image.convert(mode)
    image.save(tmp_path / "a.tif", tiffinfo={274: 6}, compression=compression)
    (page,) = pages_of(tmp_path / "a.tif", 96)
    assert is_ink_on_paper(page.image)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_light_ink_on_transparent_paper_can_be_seen(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGBA", (400, 300), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (40, 0, 120, 300))
    path = tmp_path / "light.png"
    image.convert(mode).save(path)
    (page,) = pages_of(path, 96)
    grey = np.asarray(page.image.convert("L")).astype(int)
    assert abs(grey[150, 80] - grey[150, 300]) > 150


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"\0" * 99, "get the whole file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "LibreOffice"),
        (b"{\\rtf1 hello}", "LibreOffice"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"# Notes\n\nThe header %PDF-1.4 is the first line of a PDF.\n", "plain text"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\xff\x0a" + b"\0" * 99, "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0" * 99, "JPEG XL"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b"<?xml version='1.0'?>\n<!--" + b" drawn" * 1000 + b"-->\n<svg viewBox='0 0 9 9'/>", "SVG"),
        (gzip.compress(b"<svg viewBox='0 0 9 9'/>", mtime=0), "SVG"),
        (gzip.compress(b"harbour", mtime=0), "unpack it"),
        (zipped({"a.pdf": PDF, "b.txt": "lamp"}), "unpack it"),
        (bytes(257) + b"ustar" + bytes(250) + PDF, "unpack it"),
        (b"7z\xbc\xaf\x27\x1c" + PDF, "unpack it"),
        (zipped({"Index/Document.iwa": "lamp", "preview.jpg": "lamp"}), "Pages, Numbers or Keynote"),
        (zipped({"QuickLook/Preview.pdf": PDF}), "Pages, Numbers or Keynote"),
        (zipped({"[Content_Types].xml": "", "visio/document.xml": ""}), "office program"),
        (bytes(range(256)), "not a PDF"),
    ],
)
def test_other_files_are_told_what_to_do(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UnreadableDocument, match=words) as caught:
        check_file(path, Limits())
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize("junk", [b"\n\n", b"\0\1\2junk\n", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_pdf_behind_some_bytes_is_a_pdf(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(junk + (CASES / "10-spaced-letters.pdf").read_bytes())
    assert check_file(path, Limits()) is FileType.PDF


@pytest.mark.parametrize("junk", [b"\0" * 2000, b"From: harbour\n" * 200 + b"\n"])
def test_a_pdf_far_behind_other_bytes_is_read(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(junk + (CASES / "10-spaced-letters.pdf").read_bytes())
    (page,) = pages_of(path, 100)
    assert "INVOICE" in page.words.texts


def test_a_pdf_without_its_header_is_read(tmp_path: Path) -> None:
    content = (CASES / "10-spaced-letters.pdf").read_bytes()
    path = tmp_path / "a.pdf"
    path.write_bytes(content[content.index(b"1 0 obj") :])
    (page,) = pages_of(path, 100)
    assert "INVOICE" in page.words.texts
