"""Objects of a PDF page in the order in which they are drawn: its texts, and what may cover them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.ingest.render.characters import Characters, address_of
from pagelight.ingest.render.covers import (
    IDENTITY,
    Cover,
    Matrix,
    area_of,
    bounds_of,
    colours_of,
    cover_of,
    has_outlines,
    is_masked,
    matrix_of,
)
from pagelight.ingest.render.visible_text_parameters import VISIBLE_TEXT
from pagelight.retrieval.types import Floats

#: scripts from here on, by code point, are those whose fonts are large and not part of every PDF reader
_EAST_ASIAN = "\u2e80"
#: characters that are drawn as blocks, by which some black out what is below them (Unicode block elements; the square)
_BLOCKS = frozenset("\u2588\u2587\u2589\u25a0\u25ae")
#: letters that are typed over others to strike them out, several of one kind in a row
_CROSSES = frozenset("xX#@")
#: height of a font with its rare marks, in its size, at most (form)
_FULL_HEIGHT = 3.0
_CLIP = pdfium_c.FPDF_TEXTRENDERMODE_CLIP
_INVISIBLE = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, _CLIP)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text object. order: when it is drawn; mode: how; matrix: of the form that it stands in"""

    raw: pdfium_c.FPDF_PAGEOBJECT
    order: int
    mode: int
    matrix: Matrix

    @property
    def size(self) -> float:
        """Size of its font in page units; infinite where that is not known."""
        size = ctypes.c_float()
        if not pdfium_c.FPDFTextObj_GetFontSize(self.raw, size):
            return np.inf
        return float(abs(size.value) * np.hypot(*matrix_of(self.raw, self.matrix)[2:4]))

    @property
    def is_invisible(self) -> bool:
        """Whether it is painted with nothing: by its mode, or in a colour of no opacity."""
        return self.mode in _INVISIBLE or (
            self.mode == pdfium_c.FPDF_TEXTRENDERMODE_FILL and colours_of(self.raw)[3] == 0
        )

    @property
    def look(self) -> tuple[object, ...]:
        """Whether it is painted at all, its colours and its size: other looks are other words."""
        return self.is_invisible, colours_of(self.raw), round(self.size, 1)


class PageObjects:
    """The page's objects in the order in which they are drawn."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._texts: dict[int, _Text] = {}  # by address
        self._covers: list[Cover] = []
        self._drawings: list[tuple[float, ...]] = []  # bounds of what invisible text may stand for
        self._last_scan = -1
        scan_area = VISIBLE_TEXT.whole_page * max(area_of(page.get_bbox()), 1e-6)
        pictures_area = 0.0
        matrices: dict[int, Matrix] = {0: IDENTITY}  # by the address of the form
        for order, found in enumerate(page.get_objects(max_depth=VISIBLE_TEXT.deepest)):
            matrix = matrices[address_of(found.container.raw) if found.container else 0]
            if found.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
                mode = pdfium_c.FPDFTextObj_GetTextRenderMode(found.raw)
                self._texts[address_of(found.raw)] = _Text(found.raw, order, mode, matrix)
            elif found.type == pdfium_c.FPDF_PAGEOBJ_FORM:
                matrices[address_of(found.raw)] = matrix_of(found.raw, matrix)
            elif self._texts and (cover := cover_of(found, matrix, order)):
                self._covers.append(cover)
            if found.type == pdfium_c.FPDF_PAGEOBJ_IMAGE or has_outlines(found) or is_masked(found):
                self._drawings.append(bounds_of(found, matrix))
            if found.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
                pictures_area += area_of(self._drawings[-1])
                if area_of(self._drawings[-1]) > scan_area:
                    self._last_scan = order
        self.is_scanned = pictures_area > scan_area  # as a whole, or in strips

    @contextmanager
    def text_hidden(self, texts: Set[int] | None = None) -> Iterator[None]:
        """Do not draw the text objects at these addresses meanwhile, or none of them."""
        drawn = [
            (text.raw, text.mode)
            for address, text in self._texts.items()
            if text.mode not in _INVISIBLE and (texts is None or address in texts)
        ]
        for raw, _ in drawn:
            pdfium_c.FPDFTextObj_SetTextRenderMode(raw, pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)
        try:
            yield
        finally:
            for raw, mode in drawn:
                pdfium_c.FPDFTextObj_SetTextRenderMode(raw, mode)

    @contextmanager
    def hidden(self, covers: Sequence[Cover]) -> Iterator[None]:
        """Do not draw these meanwhile."""
        for cover in covers:
            pdfium_c.FPDFPageObj_SetIsActive(cover.raw, False)
        try:
            yield
        finally:
            for cover in covers:
                pdfium_c.FPDFPageObj_SetIsActive(cover.raw, True)

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
            if address in self._texts and _lacks_font(self._texts[address].raw)
        ]
        return far & np.isin(characters.objects, missing)

    def crossed_out(self, characters: Characters, is_drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(n,) characters over which a row of crosses was typed afterwards."""
        crossed = np.zeros(len(characters), np.bool_)
        rows = [*_rows_of_crosses(characters, is_drawn)]
        if not rows:
            return crossed
        orders = self._orders(characters)
        x, y = _middles(characters)
        for first, (left, bottom, right, top) in rows:
            middle, reach = (bottom + top) / 2, (top - bottom) / 4
            is_level = np.abs(y - middle) < reach
            crossed |= (orders < orders[first]) & is_level & (x > left) & (x < right)
        return crossed

    def _orders(self, characters: Characters) -> NDArray[np.int64]:
        """(n,) when each character is drawn; last where that is not known."""
        last = np.iinfo(np.int64).max
        return self._of_texts(characters, lambda text: text.order, last).astype(np.int64)

    def _of_texts(
        self, characters: Characters, value: Callable[[_Text], float], default: float
    ) -> NDArray[np.generic]:
        """(n,) something of the text object that draws each character."""
        addresses, of_object = np.unique(characters.objects, return_inverse=True)
        texts = [self._texts.get(int(address)) for address in addresses]
        return np.array([value(text) if text else default for text in texts])[of_object]

    def invisible(self, characters: Characters) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(n,) each: which characters are drawn invisibly; which of them where a picture or outlines are."""
        hidden = self._of_texts(characters, lambda text: text.is_invisible, False).astype(np.bool_)
        if not hidden.any():
            return hidden, hidden
        x, y = _middles(characters)
        clips = self._of_texts(
            characters, lambda text: text.mode == _CLIP, False
        )  # what is painted is its shape
        placed = clips.astype(np.bool_)
        for left, bottom, right, top in self._drawings:
            placed |= (x > left) & (x < right) & (y > bottom) & (y < top)
        return hidden, hidden & placed

    def dust(self, characters: Characters, least: float) -> NDArray[np.bool_]:
        """(n,) which characters are of a font smaller than this, in page units."""
        low = np.abs(characters.boxes[:, 1] - characters.boxes[:, 3]) < _FULL_HEIGHT * least
        addresses = set(characters.objects[low].tolist())
        small = [text for text in addresses if text in self._texts and self._texts[text].size < least]
        return np.asarray(low & np.isin(characters.objects, small))

    def hidden_beside(self, characters: Characters, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(n,) characters of text objects of which nothing is seen, right beside others that are seen and look otherwise."""
        objects, texts = characters.objects, characters.texts
        of_hidden = ~np.isin(objects, objects[seen])
        found = set()
        for edge in np.flatnonzero(of_hidden[1:] != of_hidden[:-1]).tolist():
            if texts[edge].isspace() or texts[edge + 1].isspace():
                continue  # they are apart anyway
            pair = int(objects[edge]), int(objects[edge + 1])
            if all(one in self._texts for one in pair) and len({self._texts[one].look for one in pair}) > 1:
                found.add(pair[not of_hidden[edge]])
        return np.isin(objects, [*found]) if found else np.zeros(len(objects), np.bool_)

    def under_scan(self, characters: Characters) -> NDArray[np.bool_]:
        """(n,) which characters lie under a picture of the whole page."""
        return self._orders(characters) < self._last_scan

    def covered(
        self, characters: Characters, is_drawn: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], list[Cover]]:
        """(n,) each: which characters lie under a bar or a block character, and under any other shape or picture; those.

        is_drawn: (n,) the characters that count
        """
        orders = self._orders(characters)
        x, y = _middles(characters)
        heights = np.abs(characters.boxes[:, 1] - characters.boxes[:, 3])
        under_bar, under_shape = np.zeros((2, len(characters)), np.bool_)
        least = VISIBLE_TEXT.bar_height * float(heights[heights > 0].min(initial=np.inf))
        covers: list[tuple[int, tuple[float, ...], Cover | None]] = [
            (cover.order, cover.bounds, cover)
            for cover in self._covers
            if cover.bounds[3] - cover.bounds[1] >= least
        ]
        for index in _block_indices(characters):
            left, top, right, bottom = characters.boxes[index].tolist()
            covers.append((int(orders[index]), (left, bottom, right, top), None))
        over: list[Cover] = []
        for order, (left, bottom, right, top), cover in covers:
            is_high = top - bottom >= VISIBLE_TEXT.bar_height * heights
            under = (orders < order) & is_high & (x > left) & (x < right) & (y > bottom) & (y < top)
            under &= is_drawn
            if under.any():
                (under_bar if cover is None or cover.is_bar else under_shape)[under] = True
                over += [cover] if cover else []
        return under_bar, under_shape & ~under_bar, over


def _middles(characters: Characters) -> tuple[Floats, Floats]:
    """(n,) each: x and y"""
    left, top, right, bottom = characters.boxes.T
    return (left + right) / 2, (bottom + top) / 2


def _block_indices(characters: Characters) -> list[int]:
    return [
        index for index, text in enumerate(characters.texts) if text in _BLOCKS and characters.placed[index]
    ]


def _rows_of_crosses(
    characters: Characters, is_drawn: NDArray[np.bool_]
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Rows of one letter by which others are struck out: index of the first, and bounds (left, bottom, right, top)."""
    for text, run in groupby(enumerate(characters.texts), key=lambda entry: entry[1]):
        if text not in _CROSSES:
            continue
        indices = [index for index, _ in run if characters.placed[index] and is_drawn[index]]
        if len(indices) >= VISIBLE_TEXT.crosses:
            left, top, right, bottom = characters.boxes[indices].T
            yield indices[0], (left.min(), bottom.min(), right.max(), top.max())


def _lacks_font(raw: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    """Whether the text is in a colour that shows, and in a font that the file only names."""
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium_c.FPDFPageObj_GetFillColor(raw, *colour)
    *shade, alpha = (part.value for part in colour)
    shows = alpha > 0 and min(shade) <= 255 - VISIBLE_TEXT.different
    return shows and pdfium_c.FPDFFont_GetIsEmbedded(pdfium_c.FPDFTextObj_GetFont(raw)) == 0
