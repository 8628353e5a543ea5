"""Words in Arabic: letters in the order of reading, however the file has them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from pagelight.ingest.render.right_to_left import logical_order
from pagelight.retrieval.text.analyzer import fold
from tests.ingest.raw_pdf import HELVETICA, drawn, raw_pdf, stream, text
from tests.samples import dejavu

PILOT, BOOK, PEACE = "مرشد", "دفتر", ("س", "لا", "م")
#: glyphs of letters, as they look beside others (Unicode block Arabic presentation forms B)
GLYPHS = {
    "م": 0xFEE3,
    "ر": 0xFEAE,
    "ش": 0xFEB7,
    "د": 0xFEAA,
    "ف": 0xFED3,
    "ت": 0xFE98,
    "س": 0xFEB3,
    "لا": 0xFEFC,
    " ": 0x20,
}
NUMBERS = {letters: number for number, letters in enumerate(GLYPHS, 1)}


def arabic_pdf(path: Path, content: str) -> Path:
    """A page with the font /F9, in which a glyph's number is that of NUMBERS."""
    font = TTFont(dejavu())
    places, widths, told = bytearray(2), [], []
    for letters, code in GLYPHS.items():
        name = font.getBestCmap()[code]
        places += font.getReverseGlyphMap()[name].to_bytes(2, "big")
        widths.append(str(font["hmtx"][name][0] * 1000 // font["head"].unitsPerEm))
        told.append(f"<{NUMBERS[letters]:04x}> <{_in_hex(letters)}>")
    unicode = f"1 begincodespacerange <0000> <ffff> endcodespacerange {len(told)} beginbfchar {' '.join(told)} endbfchar"
    objects = {
        3: "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F9 10 0 R >> >> /MediaBox [0 0 400 600] >>",
        5: HELVETICA % "",
        10: "<< /Type /Font /Subtype /Type0 /BaseFont /DejaVu /Encoding /Identity-H /ToUnicode 11 0 R /DescendantFonts [12 0 R] >>",
        11: stream(f"begincmap {unicode} endcmap"),
        12: "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /DejaVu /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        f"/Supplement 0 >> /FontDescriptor 13 0 R /CIDToGIDMap 14 0 R /W [1 [{' '.join(widths)}]] >>",
        13: "<< /Type /FontDescriptor /FontName /DejaVu /Flags 4 /FontBBox [-100 -200 1000 900] /ItalicAngle 0 /Ascent 900 "
        "/Descent -200 /CapHeight 700 /StemV 80 /FontFile2 15 0 R >>",
        14: stream(places.hex() + ">", "/Filter /ASCIIHexDecode"),
        15: stream(Path(dejavu()).read_bytes().hex() + ">", "/Filter /ASCIIHexDecode"),
    }
    return raw_pdf(path, content, objects=objects)


def _in_hex(letters: str) -> str:
    return "".join(f"{ord(one):04x}" for one in letters)


def shown(word: str | tuple[str, ...]) -> str:
    """Letters from left to right, as they are seen."""
    return "".join(f"<{NUMBERS[letters]:04x}> Tj " for letters in reversed(word))


def spelled(word: str | tuple[str, ...]) -> str:
    """The same, each with what it stands for, as browsers print them."""
    glyphs = (
        f"/Span << /ActualText <feff{_in_hex(one)}> >> BDC {shown((one,))} EMC " for one in reversed(word)
    )
    return f"/ReversedChars BMC {''.join(glyphs)} EMC "


@pytest.mark.parametrize("written", [shown, spelled])
@pytest.mark.parametrize("turned", ["1 0 0 1", "0 1 -1 0", "0 -1 1 0"])
def test_letters_are_in_the_order_of_reading(
    tmp_path: Path, written: Callable[[str | tuple[str, ...]], str], turned: str
) -> None:
    line = f"BT /F9 20 Tf {turned} 200 300 Tm {written(PILOT)} ET"
    assert drawn(arabic_pdf(tmp_path / "a.pdf", line)).words.texts == (PILOT,)
    words = f"BT /F9 20 Tf 100 300 Td {written(BOOK)} {shown(' ')} {written(PILOT)} ET"
    assert drawn(arabic_pdf(tmp_path / "a.pdf", words)).words.texts == (PILOT, BOOK)


@pytest.mark.parametrize("written", [shown, spelled])
def test_two_letters_of_one_glyph_are_in_their_order(
    tmp_path: Path, written: Callable[[str | tuple[str, ...]], str]
) -> None:
    path = arabic_pdf(tmp_path / "a.pdf", f"BT /F9 20 Tf 200 300 Td {written(PEACE)} ET")
    assert drawn(path).words.texts == ("".join(PEACE),)


def test_lines_are_in_the_order_of_reading_and_figures_stay(tmp_path: Path) -> None:
    words = (PILOT, BOOK, "تمر")
    lines = "".join(
        f"BT /F9 20 Tf 200 {300 - 24 * row} Td {spelled(word)} ET " for row, word in enumerate(words)
    )
    page = drawn(arabic_pdf(tmp_path / "a.pdf", lines + text("PL-2026/17", 200, 200)))
    assert page.words.texts == (*words, "PL-2026/17")
    tops = page.words.boxes[:3, 1].tolist()
    assert tops == sorted(tops)


@pytest.mark.parametrize("is_first", [False, True])
def test_marks_follow_their_letters(is_first: bool) -> None:
    """Shadda and fatha on the second letter of three, which stand from right to left; their places may be off."""
    letters = ["م", "ح", "\u0651", "\u064e", "د"]
    left = [30.0, 20.0, 27.0, 18.0, 10.0]
    order = [2, 0, 1, 3, 4] if is_first else [0, 1, 2, 3, 4]
    boxes = np.array([[left[i], 10, left[i] + (2 if i in {2, 3} else 10), 0] for i in order], np.float32)
    texts = [letters[i] for i in order]
    found = logical_order(texts, [True] * 5, boxes, lambda _: 0.0)
    read = "".join(texts[i] for i in found) if found else "".join(texts)
    assert [one for one in read if one in "محد"] == ["م", "ح", "د"]
    assert read[0] == "م"
    assert is_first or read == "".join(letters)


@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium")
def test_vocalised_words_of_a_printed_page_are_whole(tmp_path: Path) -> None:
    """Of a letter with its marks the browser tells the glyph of a mark alone, and pdfium adds a space beside it."""
    page, path = tmp_path / "page.html", tmp_path / "page.pdf"
    written = "\u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u05d9\u05ea \u05d1\u05bc\u05b8\u05e8\u05b8\u05d0 \u05d0\u05b1\u05dc\u05b9\u05d4\u05b4\u05d9\u05dd"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><p dir=rtl style='font:20px DejaVu Sans'>{written}", "utf-8"
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    subprocess.run(
        [
            "chromium",
            *options,
            f"--user-data-dir={tmp_path}/profile",
            f"--print-to-pdf={path}",
            page.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    assert [fold(word) for word in drawn(path).words.texts] == [fold(word) for word in written.split()]
