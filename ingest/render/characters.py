"""The characters of a PDF page's text, with their places and the text objects that draw them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, replace

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.ingest.render.right_to_left import logical_order
from pagelight.retrieval.types import Floats

#: Characters read from one page: a poster has 20,000, a page of numbers printed as small as dust 900,000 (limit)
MAX_CHARACTERS = 2_000_000


#: stands for a letter that the font does not tell
UNKNOWN = "\ufffd"
#: pdfium's sign for a hyphen at a line's end (form)
_HYPHEN = "\x02"

#: On pages with more characters, only every so many is asked for the object that draws it (block)
_MANY, _STEP = 50_000, 8


@dataclass(frozen=True, slots=True, eq=False)
class Characters:
    """n characters in the order in which the file has them.

    texts: n, each one character, `UNKNOWN` where the font does not say which; placed: (n,) whether it has a place
    boxes: (n, 4) left, top, right, bottom in page units, origin bottom left, of the font's full height
    objects: (n,) addresses of pdfium's text objects, 0 where there is none; cut: whether there were more
    """

    texts: list[str]
    placed: NDArray[np.bool_]
    boxes: Floats
    objects: NDArray[np.int64]
    cut: bool

    def __len__(self) -> int:
        return len(self.texts)


def read_characters(textpage: pdfium.PdfTextPage) -> Characters:
    """pdfium counts characters beyond U+FFFF twice, as the halves of a UTF-16 pair; here they are one again."""
    handle = textpage.raw
    total = pdfium_c.FPDFText_CountChars(handle)
    n = max(min(total, MAX_CHARACTERS), 0)
    codes = [pdfium_c.FPDFText_GetUnicode(handle, index) for index in range(n)]
    rects = (pdfium_c.FS_RECTF * n)()
    placed = [bool(pdfium_c.FPDFText_GetLooseCharBox(handle, i, rect)) for i, rect in enumerate(rects)]
    step = 1 if n <= _MANY else _STEP  # neighbours mostly belong to one object
    objects = np.repeat(
        [address_of(pdfium_c.FPDFText_GetTextObject(handle, index)) for index in range(0, n, step)], step
    )
    boxes = np.frombuffer(rects, np.float32).reshape(-1, 4) if n else np.zeros((0, 4), np.float32)
    firsts: list[int] = []
    texts: list[str] = []
    index = 0
    while index < n:
        firsts.append(index)
        code, following = codes[index], codes[index + 1] if index + 1 < n else 0
        if 0xD800 <= code < 0xDC00 <= following < 0xE000:
            code = 0x10000 + ((code - 0xD800) << 10) + following - 0xDC00
            index += 1
        texts.append(chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else UNKNOWN)
        index += 1
    kept = np.array(firsts, np.int64)
    order = logical_order(
        texts,
        [placed[first] for first in firsts],
        boxes[kept],
        lambda i: float(pdfium_c.FPDFText_GetCharAngle(handle, firsts[i])),
    )
    if order is not None:
        texts, kept = [texts[i] for i in order], kept[order]
    return Characters(
        texts, np.array(placed, np.bool_)[kept], boxes[kept].copy(), objects.astype(np.int64)[kept], total > n
    )


def with_unknown(characters: Characters, seen: NDArray[np.bool_], apart: NDArray[np.bool_]) -> Characters:
    """Control characters that are letters to see, often ligatures, as `UNKNOWN`: fonts number their letters without naming them.

    seen: (n,) whether a character can be seen. What pdfium adds belongs to no object; U+0002 is its hyphen at a line's end.
    apart: (n,) whether it is hidden beside words that it does not belong to, and stands there for a space
    """
    texts = list(characters.texts)
    for index in np.flatnonzero(apart).tolist():
        texts[index] = " "
    for index in np.flatnonzero(seen & characters.placed & (characters.objects != 0)).tolist():
        if texts[index] < " " and (texts[index] != _HYPHEN or _goes_on(characters, index)):
            texts[index] = UNKNOWN
    return replace(characters, texts=texts)


def _goes_on(characters: Characters, index: int) -> bool:
    """Whether its line goes on behind it."""
    following = index + 1
    while following < len(characters) and characters.texts[following].isspace():
        following += 1
    if following == len(characters):
        return False
    _, top, right, bottom = characters.boxes[index].tolist()
    left, next_top, _, next_bottom = characters.boxes[following].tolist()
    return bool(left >= right - (top - bottom) / 2 and next_top > bottom and next_bottom < top)


def address_of(pointer: object) -> int:
    """The address of a pdfium object, which tells it from others."""
    return int(ctypes.cast(pointer, ctypes.c_void_p).value or 0)  # type: ignore[arg-type]


def page_map(page: pdfium.PdfPage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(2, 2) matrix and (2,) origin that take page units to relative places of the page as it is shown.

    `points @ matrix + origin`, origin top left, crop box and rotation applied. pdfium maps three points for it.
    """
    x, y = ctypes.c_int(), ctypes.c_int()
    size = 1000.0
    images = []
    for px, py in ((0.0, 0.0), (size, 0.0), (0.0, size)):
        pdfium_c.FPDF_PageToDevice(page, 0, 0, _DEVICE, _DEVICE, 0, px, py, x, y)
        images.append((x.value / _DEVICE, y.value / _DEVICE))
    origin, along_x, along_y = np.array(images)
    return np.stack([along_x - origin, along_y - origin]) / size, origin


def shown_boxes(page: pdfium.PdfPage, corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 4) boxes in page units, two opposite corners each, to (n, 4) relative x0, y0, x1, y1 as shown."""
    matrix, origin = page_map(page)
    points = corners.reshape(-1, 2, 2) @ matrix + origin  # (n, 2 corners, 2)
    return np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)


#: Device units across the page for FPDF_PageToDevice, which answers in integers (form)
_DEVICE = 1_000_000
