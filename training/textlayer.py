"""The text layer of a PDF page, letter by letter, in pixels of its picture, and whether to believe it."""

import ctypes
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.retrieval.text.analyzer import TOKEN, fold
from training.crops import Glyph, Word

Box = tuple[float, float, float, float]
LOOSE_ACCENTS = frozenset(
    "´`¨ˆ˜¸˙˚˝ˇ˘^¯"
)  # drawn beside their letter by old TeX fonts: the word is not what is written
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Letters and words of one page at one scale; `unknown`: places with text or pictures that it does not tell."""

    glyphs: tuple[Glyph, ...]
    words: tuple[Word, ...]
    unknown: tuple[Box, ...]


def read_layer(page: pdfium.PdfPage, scale: float) -> TextLayer:
    """Read a page's text layer at `scale` pixels a point; the page must not be rotated."""
    text = page.get_textpage()
    n = pdfium_c.FPDFText_CountChars(text)
    height = page.get_height()
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix, loose = pdfium_c.FS_MATRIX(), pdfium_c.FS_RECTF()
    runs: list[list[Glyph]] = [[]]
    unknown: list[Box] = []
    same: Box | None = None
    for i in range(n):
        letter = chr(pdfium_c.FPDFText_GetUnicode(text, i))
        if (
            letter.isspace()
            or pdfium_c.FPDFText_IsGenerated(text, i)
            or unicodedata.category(letter) in ("Cc", "Cf")
        ):
            runs.append([])
            continue
        pdfium_c.FPDFText_GetCharOrigin(text, i, x, y)
        pdfium_c.FPDFText_GetMatrix(text, i, matrix)
        pdfium_c.FPDFText_GetLooseCharBox(text, i, loose)
        pdfium_c.FPDFText_GetCharBox(text, i, left, right, bottom, top)
        size = pdfium_c.FPDFText_GetFontSize(text, i) * math.hypot(matrix.c, matrix.d) * scale
        box = (
            left.value * scale,
            (height - top.value) * scale,
            right.value * scale,
            (height - bottom.value) * scale,
        )
        upright = abs(matrix.b) + abs(matrix.c) < 0.02 * abs(matrix.d) and matrix.a > 0 and matrix.d > 0
        if not upright or not (3 < size < 400) or letter in LOOSE_ACCENTS or letter == "�":
            grown = size * 0.3 if 3 < size < 400 else 4.0
            unknown.append((box[0] - grown, box[1] - grown, box[2] + grown, box[3] + grown))
            runs.append([])
            continue
        x0, x1 = loose.left * scale, loose.right * scale
        if not 0 < x1 - x0 < 2.5 * size:
            x0, x1 = box[0], box[2]
        glyph = Glyph(letter, x0, x1, (height - y.value) * scale - 0.26 * size, size)
        if runs[-1] and box == same:  # pdfium tells a ligature as letters in one and the same box
            runs[-1] = _share(runs[-1], glyph)
        else:
            if runs[-1] and not _follows(runs[-1][-1], glyph):
                runs.append([])
            runs[-1] += _split(glyph)
        same = box
    glyphs = [glyph for run in runs for glyph in run]
    unknown += _pictures(page, scale)
    words = []
    for run in runs:
        written = "".join(glyph.letter for glyph in run)
        for match in TOKEN.finditer(written):
            first, last = run[match.start()], run[match.end() - 1]
            word = Word(fold(match.group()), first.x0, last.x1, first.centre, first.size)
            box = (word.x0, word.centre - word.size / 2, word.x1, word.centre + word.size / 2)
            if (
                word.text.isascii()
                and word.text
                and word.x1 - word.x0 > 1
                and not any(_touch(box, u) for u in unknown)
            ):
                words.append(word)
            else:
                unknown.append(box)
    return TextLayer(tuple(glyphs), tuple(words), tuple(unknown))


def _follows(before: Glyph, after: Glyph) -> bool:
    """Whether two letters stand side by side on one line."""
    size = max(before.size, after.size)
    gap = after.x0 - before.x1
    return abs(before.centre - after.centre) < 0.15 * size and -0.5 * size < gap < 0.18 * size


def _split(glyph: Glyph) -> list[Glyph]:
    """A ligature as its letters, side by side."""
    letters = _LIGATURES.get(glyph.letter, glyph.letter)
    step = (glyph.x1 - glyph.x0) / len(letters)
    return [
        Glyph(letter, glyph.x0 + i * step, glyph.x0 + (i + 1) * step, glyph.centre, glyph.size)
        for i, letter in enumerate(letters)
    ]


def _share(run: list[Glyph], glyph: Glyph) -> list[Glyph]:
    """The run with one more letter in the box of its last letters, which stand side by side in it."""
    inside = [g for g in run if g.x0 >= glyph.x0 - 1e-6]
    written = "".join(g.letter for g in inside) + glyph.letter
    step = (glyph.x1 - glyph.x0) / len(written)
    shared = [
        Glyph(letter, glyph.x0 + i * step, glyph.x0 + (i + 1) * step, glyph.centre, glyph.size)
        for i, letter in enumerate(written)
    ]
    return run[: len(run) - len(inside)] + shared


def _pictures(page: pdfium.PdfPage, scale: float) -> list[Box]:
    """Boxes of the page's pictures: they may hold words that the text layer does not tell."""
    boxes = []
    height = page.get_height()
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        x0, y0, x1, y1 = item.get_bounds() if hasattr(item, "get_bounds") else item.get_pos()
        boxes.append((x0 * scale, (height - y1) * scale, x1 * scale, (height - y0) * scale))
    return boxes


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def visible(word: Word, image: NDArray[np.uint8]) -> bool:
    """Whether the picture shows anything where the word should be: hidden, clipped and covered text does not."""
    rows = slice(max(int(word.centre - word.size * 0.45), 0), int(word.centre + word.size * 0.3) + 1)
    seen = image[rows, max(int(word.x0), 0) : int(word.x1) + 1]
    return bool(seen.size) and int(seen.max()) - int(seen.min()) > 40


def believable(words: Sequence[Word], known: frozenset[str]) -> bool:
    """Whether enough of the longer words are words: broken font encodings make up letters."""
    long = [word.text for word in words if word.text.isalpha() and len(word.text) > 3]
    return len(long) >= 5 and sum(text in known for text in long) >= 0.4 * len(long)
