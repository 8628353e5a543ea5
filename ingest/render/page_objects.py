"""Objects of a PDF page in the order in which they are drawn: its texts, and what may cover them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.ingest.render.characters import Characters

#: scripts from here on, by code point, are those whose fonts are large and not part of every PDF reader
_EAST_ASIAN = "\u2e80"
#: characters that are drawn as blocks, by which some black out what is below them (Unicode block elements; the square)
_BLOCKS = frozenset("\u2588\u2587\u2589\u25a0\u25ae")
#: letters that are typed over others to strike them out, several of one kind in a row
_CROSSES = frozenset("xX#@")
_INVISIBLE = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)


@dataclass(frozen=True, slots=True)
class VisibleTextParameters:
    """Drawing of a page to see what its text changes, and what counts as changed.

    character_pixels: height of a character of middling size (geometry)
    most_pixels: of the page (memory)
    least_scale: pixels a point, at least (geometry)
    most_scale: pixels a point, at most (memory)
    different: levels by which a pixel differs with and without the text: light grey on white differs by 20 (geometry)
    least_share: share of a character's inner box that differs: a point or a dash has 5 %, letters 15 to 60 % (geometry)
    uncovered: share of what its text changes on a page without its bars, from which on a character lies under none: bars
        may be clipped away, or on a layer that is off (geometry)
    margin: share of a character's box that the inner box leaves out on each side, where neighbours and the edges of
        bars reach in (geometry)
    whole_page: a picture of at least this share of the page is a scan of it, and text under it the scan's (geometry)
    bar_segments: segments of a path that may be a rectangle, at most (geometry)
    bar_height: height of a bar, as a share of the letters', from which it hides them: thinner ones strike them through
        (geometry)
    bar_stroke: points; a line of this width or more may hide what it is drawn over (geometry)
    crosses: letters of one kind in a row that strike out what is below them, at least (geometry)
    deepest: levels of forms within forms that are looked into (speed)
    """

    character_pixels: float = 10.0
    most_pixels: int = 6_000_000
    least_scale: float = 0.4
    most_scale: float = 4.0
    different: int = 8
    least_share: float = 0.03
    uncovered: float = 0.8
    margin: float = 0.18
    whole_page: float = 0.5
    bar_segments: int = 6
    bar_height: float = 0.25
    bar_stroke: float = 4.0
    crosses: int = 3
    deepest: int = 15


VISIBLE_TEXT = VisibleTextParameters()


class PageObjects:
    """The page's objects in the order in which they are drawn."""

    def __init__(self, page: pdfium.PdfPage, parameters: VisibleTextParameters) -> None:
        self._parameters = parameters
        self._texts: dict[int, tuple[pdfium_c.FPDF_PAGEOBJECT, int, int]] = {}  # address: raw, order, mode
        self._bars: list[tuple[int, tuple[float, ...], pdfium_c.FPDF_PAGEOBJECT]] = []  # order, bounds, raw
        self._last_scan = -1
        left, bottom, right, top = page.get_bbox()
        scan_area = parameters.whole_page * max((right - left) * (top - bottom), 1e-6)
        for order, found in enumerate(page.get_objects(max_depth=parameters.deepest)):
            if found.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
                mode = pdfium_c.FPDFTextObj_GetTextRenderMode(found.raw)
                address = int(ctypes.cast(found.raw, ctypes.c_void_p).value or 0)
                self._texts[address] = (found.raw, order, mode)
            elif found.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
                bounds = _bounds(found)
                if found.level or (bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) > scan_area:
                    self._last_scan = order
            elif (
                found.type == pdfium_c.FPDF_PAGEOBJ_PATH
                and not found.level
                and (
                    _is_bar(found.raw, parameters.bar_segments)
                    or _is_thick_line(found.raw, parameters.bar_stroke)
                )
            ):
                self._bars.append((order, _bounds(found), found.raw))

    @contextmanager
    def text_hidden(self, texts: Set[int] | None = None) -> Iterator[None]:
        """Do not draw the text objects at these addresses meanwhile, or none of them."""
        drawn = [
            (raw, mode)
            for address, (raw, _, mode) in self._texts.items()
            if mode not in _INVISIBLE and (texts is None or address in texts)
        ]
        for raw, _ in drawn:
            pdfium_c.FPDFTextObj_SetTextRenderMode(raw, pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)
        try:
            yield
        finally:
            for raw, mode in drawn:
                pdfium_c.FPDFTextObj_SetTextRenderMode(raw, mode)

    @contextmanager
    def bars_hidden(self) -> Iterator[None]:
        """Draw no bar meanwhile that lies over some text."""
        first = min((order for _, order, _ in self._texts.values()), default=0)
        above = [raw for order, _, raw in self._bars if order > first]
        for raw in above:
            pdfium_c.FPDFPageObj_SetIsActive(raw, False)
        try:
            yield
        finally:
            for raw in above:
                pdfium_c.FPDFPageObj_SetIsActive(raw, True)

    def blocks(self, characters: Characters) -> set[int]:
        """Addresses of the text objects that draw blocks."""
        return {int(characters.objects[index]) for index in _block_indices(characters)}

    def without_font(self, characters: Characters, is_drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(n,) characters that everybody sees who has their font: Chinese, Japanese and Korean ones, often not embedded.

        Letters of other scripts can always be drawn, so that those which are not are hidden.
        """
        far = np.array([text >= _EAST_ASIAN for text in characters.texts], np.bool_)
        if not far.any():
            return far
        drawn = set(characters.objects[is_drawn].tolist())
        missing = [
            address
            for address in set(characters.objects[far].tolist()) - drawn
            if address in self._texts and _lacks_font(self._texts[address][0], self._parameters)
        ]
        return far & np.isin(characters.objects, missing)

    def crossed_out(self, characters: Characters, is_drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(n,) characters over which a row of crosses was typed afterwards."""
        crossed = np.zeros(len(characters), np.bool_)
        rows = [*_rows_of_crosses(characters, is_drawn, self._parameters.crosses)]
        if not rows:
            return crossed
        orders = self._orders(characters)
        x = (characters.boxes[:, 0] + characters.boxes[:, 2]) / 2
        y = (characters.boxes[:, 1] + characters.boxes[:, 3]) / 2
        for first, (left, bottom, right, top) in rows:
            middle, reach = (bottom + top) / 2, (top - bottom) / 4
            is_level = np.abs(y - middle) < reach
            crossed |= (orders < orders[first]) & is_level & (x > left) & (x < right)
        return crossed

    def _orders(self, characters: Characters) -> NDArray[np.int64]:
        """(n,) when each character is drawn; last where that is not known."""
        addresses, of_object = np.unique(characters.objects, return_inverse=True)
        last = np.iinfo(np.int64).max
        found = [self._texts.get(int(address), (None, last, 0))[1] for address in addresses]
        return np.array(found, np.int64)[of_object]

    def states(
        self, characters: Characters
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """(n,) each: drawn invisibly; under an opaque rectangle or block character; under a picture of the whole page."""
        addresses, of_object = np.unique(characters.objects, return_inverse=True)
        found = [self._texts.get(int(address)) for address in addresses]
        orders = self._orders(characters)
        invisible = np.array([entry is not None and entry[2] in _INVISIBLE for entry in found], np.bool_)
        x = (characters.boxes[:, 0] + characters.boxes[:, 2]) / 2
        y = (characters.boxes[:, 1] + characters.boxes[:, 3]) / 2
        covered = np.zeros(len(characters), np.bool_)
        bars = [(order, bounds) for order, bounds, _ in self._bars]
        for index in _block_indices(characters):
            left, top, right, bottom = characters.boxes[index].tolist()
            bars.append((int(orders[index]), (left, bottom, right, top)))
        heights = np.abs(characters.boxes[:, 1] - characters.boxes[:, 3])
        for order, (left, bottom, right, top) in bars:
            is_high = top - bottom >= self._parameters.bar_height * heights
            covered |= (orders < order) & is_high & (x > left) & (x < right) & (y > bottom) & (y < top)
        return invisible[of_object], covered, orders < self._last_scan


def _block_indices(characters: Characters) -> list[int]:
    return [
        index for index, text in enumerate(characters.texts) if text in _BLOCKS and characters.placed[index]
    ]


def _rows_of_crosses(
    characters: Characters, is_drawn: NDArray[np.bool_], least: int
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Rows of one letter by which others are struck out: index of the first, and bounds (left, bottom, right, top)."""
    for text, run in groupby(enumerate(characters.texts), key=lambda entry: entry[1]):
        if text not in _CROSSES:
            continue
        indices = [index for index, _ in run if characters.placed[index] and is_drawn[index]]
        if len(indices) >= least:
            left, top, right, bottom = characters.boxes[indices].T
            yield indices[0], (left.min(), bottom.min(), right.max(), top.max())


def _bounds(found: pdfium.PdfObject) -> tuple[float, ...]:
    """left, bottom, right, top"""
    try:
        return tuple(found.get_bounds())
    except pdfium.PdfiumError:
        return (0.0, 0.0, 0.0, 0.0)


def _lacks_font(raw: pdfium_c.FPDF_PAGEOBJECT, parameters: VisibleTextParameters) -> bool:
    """Whether the text is in a colour that shows, and in a font that the file only names."""
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium_c.FPDFPageObj_GetFillColor(raw, *colour)
    *shade, alpha = (part.value for part in colour)
    shows = alpha > 0 and min(shade) <= 255 - parameters.different
    return shows and pdfium_c.FPDFFont_GetIsEmbedded(pdfium_c.FPDFTextObj_GetFont(raw)) == 0


def _is_bar(raw: pdfium_c.FPDF_PAGEOBJECT, most_segments: int) -> bool:
    """Whether the path, of so many segments at most, is a filled, opaque rectangle."""
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    alpha = [ctypes.c_uint() for _ in range(4)]
    return bool(
        pdfium_c.FPDFPath_CountSegments(raw) <= most_segments
        and pdfium_c.FPDFPath_GetDrawMode(raw, mode, stroke)
        and mode.value != pdfium_c.FPDF_FILLMODE_NONE
        and pdfium_c.FPDFPageObj_GetFillColor(raw, *alpha)
        and alpha[3].value == 255
        and not pdfium_c.FPDFPageObj_HasTransparency(raw)
    )


def _is_thick_line(raw: pdfium_c.FPDF_PAGEOBJECT, least: float) -> bool:
    """Whether the path is drawn as an opaque line of at least this width, dashed ones included."""
    mode, stroke, width = ctypes.c_int(), ctypes.c_int(), ctypes.c_float()
    colour = [ctypes.c_uint() for _ in range(4)]
    matrix = pdfium_c.FS_MATRIX()
    return bool(
        pdfium_c.FPDFPath_GetDrawMode(raw, mode, stroke)
        and stroke.value
        and pdfium_c.FPDFPageObj_GetStrokeWidth(raw, width)
        and pdfium_c.FPDFPageObj_GetMatrix(raw, matrix)
        and width.value * max(abs(matrix.a), abs(matrix.b)) >= least
        and pdfium_c.FPDFPageObj_GetStrokeColor(raw, *colour)
        and colour[3].value == 255
        and not pdfium_c.FPDFPageObj_HasTransparency(raw)
    )
