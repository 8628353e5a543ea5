"""A PDF page's own words with their boxes, from pdfium's text page."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.retrieval.types import Floats, PageWords

#: characters read from one page; a poster has 20,000
_MAX_CHARACTERS = 200_000
#: pdfium writes a hyphen at a line's end as one of these
_SOFT_HYPHENS = frozenset("\x02\xad\ufffe")
#: device units across the page for FPDF_PageToDevice, which answers in integers
_DEVICE = 1_000_000
#: a page with a larger share of characters without meaning has a broken text layer
_GARBAGE_PAGE = 0.3
#: levels of a colour that a word's place must span to hold anything that a person can see
_VISIBLE_CONTRAST = 10

_Rect = Sequence[float]
"""left, top, right, bottom in page units, origin bottom left"""


@dataclass(slots=True)
class _Word:
    """A word under construction; box in page units, origin bottom left: left, bottom, right, top."""

    text: list[str] = field(default_factory=list)
    garbage: int = 0
    left: float = np.inf
    bottom: float = np.inf
    right: float = -np.inf
    top: float = -np.inf
    hyphenated: bool = False

    def add(self, text: str, box: _Rect) -> None:
        left, top, right, bottom = box
        self.text.append(text)
        # comparisons instead of min and max, which take twice the time: there are thousands of characters on a page
        self.left = left if left < self.left else self.left
        self.right = right if right > self.right else self.right
        self.bottom = bottom if bottom < self.bottom else self.bottom
        self.top = top if top > self.top else self.top

    def continues_at(self, box: _Rect) -> bool:
        """Whether a character at `box` is near enough to belong to this word.

        Some PDFs have no spaces between columns or lines, only a jump.
        """
        if not self.text:
            return True
        left, top, right, bottom = box
        reach = self.top - self.bottom
        # letters of a vertical word lie on top of each other, and may miss each other by a rounding error
        touch = 0.1 * min(right - left, top - bottom)
        return (
            left <= self.right + reach
            and right >= self.left - reach
            and bottom <= self.top + touch
            and top >= self.bottom - touch
        )


def page_words(page: pdfium.PdfPage, pixels: NDArray[np.uint8]) -> PageWords:
    """The words of a page in the order in which the file has them.

    pixels: (height, width, 3) of the rendered page; words that leave no mark on it are dropped
    Ligatures are spelled out, accents composed, words broken at a line's end joined (in the box of their
    first half). The boxes lie on the page as it is shown: crop box and rotation flag are applied.
    """
    words = _collect(page)
    n_characters = sum(len(word.text) for word in words)
    if sum(word.garbage for word in words) > _GARBAGE_PAGE * n_characters:
        return PageWords()
    words = [word for word in _join_hyphenated(words) if word.garbage * 2 <= len(word.text)]
    if not words:
        return PageWords()
    corners = np.array([(w.left, w.bottom, w.right, w.top) for w in words], np.float64)
    boxes = _on_page(page, corners)  # (n, 4)
    texts, kept = [], []
    for word, box in zip(words, boxes, strict=True):
        text = clean_text("".join(word.text))
        if text and _is_visible(box, pixels):
            texts.append(text)
            kept.append(box)
    if not texts:
        return PageWords()
    return PageWords(tuple(texts), np.clip(np.stack(kept), 0, 1).astype(np.float32))


def clean_text(text: str) -> str:
    """Ligatures and presentation forms spelled out, accents composed, control characters gone.

    >>> clean_text("e\u0301tat"), clean_text("\ufb01n\x07"), clean_text("m²")
    ('état', 'fin', 'm²')
    """
    if text.isascii() and text.isprintable():
        return text
    spelled = "".join(unicodedata.normalize("NFKC", c) if _is_presentation_form(c) else c for c in text)
    return "".join(c for c in unicodedata.normalize("NFC", spelled) if not _is_garbage(c)).strip()


def _is_presentation_form(character: str) -> bool:
    return "\ufb00" <= character <= "\ufdff" or "\ufe70" <= character <= "\ufefc"


def _is_garbage(character: str) -> bool:
    """Whether the character has no meaning: control, private use, unassigned, or the replacement sign."""
    if " " <= character <= "~":
        return False
    return character == "\ufffd" or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn", "Cs"}


def _collect(page: pdfium.PdfPage) -> list[_Word]:
    textpage = page.get_textpage()
    handle = textpage.raw
    try:
        n_characters = min(pdfium_c.FPDFText_CountChars(handle), _MAX_CHARACTERS)
        codes = [pdfium_c.FPDFText_GetUnicode(handle, index) for index in range(n_characters)]
        rects = (pdfium_c.FS_RECTF * n_characters)()
        placed = [pdfium_c.FPDFText_GetLooseCharBox(handle, index, rect) for index, rect in enumerate(rects)]
        boxes = np.frombuffer(rects, np.float32).reshape(-1, 4).tolist()
        words: list[_Word] = []
        word = _Word()
        for code, is_placed, box in zip(codes, placed, boxes, strict=True):
            character = chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
            if character.isspace():
                word = _finish(words, word)
                continue
            if not is_placed:
                continue
            if character in _SOFT_HYPHENS:
                word.hyphenated = True
                word.add("-", box)
                continue
            if not word.continues_at(box):
                word = _finish(words, word)
            if box[2] <= box[0] and not word.text:
                continue
            word.add(character, box)
            word.garbage += _is_garbage(character)
        _finish(words, word)
        return words
    finally:
        textpage.close()


def _finish(words: list[_Word], word: _Word) -> _Word:
    if word.text and word.right > word.left and word.top > word.bottom:
        words.append(word)
    return _Word()


def _join_hyphenated(words: list[_Word]) -> list[_Word]:
    """'exam-' and 'ple' become 'example'; the next word must go on in lower case."""
    joined: list[_Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if before and before.hyphenated and before.text[-1] == "-" and word.text[0].islower():
            before.text = before.text[:-1] + word.text
            before.garbage += word.garbage
            before.hyphenated = word.hyphenated
        else:
            joined.append(word)
    return joined


def _on_page(page: pdfium.PdfPage, corners: NDArray[np.float64]) -> Floats:
    """(n, 4) boxes in page units to (n, 4) relative ones with the origin top left, as the page is shown.

    pdfium maps three points, which give the affine map with its crop box and rotation.
    """
    x, y = ctypes.c_int(), ctypes.c_int()
    size = 1000.0
    images = []
    for px, py in ((0.0, 0.0), (size, 0.0), (0.0, size)):
        pdfium_c.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, px, py, x, y)
        images.append((x.value / _DEVICE, y.value / _DEVICE))
    origin, along_x, along_y = np.array(images)
    matrix = np.stack([along_x - origin, along_y - origin]) / size  # (2, 2): rows are the page's axes
    points = corners.reshape(-1, 2, 2) @ matrix + origin  # (n, 2 corners, 2)
    return np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1).astype(np.float32)


def _is_visible(box: Floats, pixels: NDArray[np.uint8]) -> bool:
    """Whether the box lies on the page and anything can be seen there.

    Text behind a scan (an OCR layer) is drawn invisibly but its place shows ink; white on white, or text
    moved off the page to mislead, shows none.
    """
    x0, y0, x1, y1 = box
    if (x0 + x1) / 2 < 0 or (x0 + x1) / 2 > 1 or (y0 + y1) / 2 < 0 or (y0 + y1) / 2 > 1:
        return False
    height, width, _ = pixels.shape
    left, right = max(int(x0 * width) - 1, 0), int(x1 * width) + 2
    top, bottom = max(int(y0 * height) - 1, 0), int(y1 * height) + 2
    place = pixels[top:bottom, left:right]
    if not place.size:
        return False
    middle = place[len(place) // 2, :, 1].tobytes()  # most words are seen in the green of that row already
    return (
        max(middle) - min(middle) >= _VISIBLE_CONTRAST
        or int(np.ptp(place, (0, 1)).max()) >= _VISIBLE_CONTRAST
    )
