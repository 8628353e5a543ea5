"""Visibility of a PDF page's text: which characters a person can see.

The page is drawn twice, with and without its text: where that changes nothing, the text is covered, of the paper's
colour, clipped away, or on a layer that is off. Text that is drawn invisibly (the OCR layer of a scan), or under a
picture of the whole page, stands for the picture, and counts as seen where the picture shows something.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.ingest.render.characters import Characters, shown_boxes

#: scripts from here on, by code point, are those whose fonts are large and not part of every PDF reader
_EAST_ASIAN = "\u2e80"
#: characters that are drawn as blocks, by which some black out what is below them (Unicode block elements; the square)
_BLOCKS = frozenset("\u2588\u2587\u2589\u25a0\u25ae")
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
    deepest: int = 15


VISIBLE_TEXT = VisibleTextParameters()


def seen_characters(
    page: pdfium.PdfPage, characters: Characters, parameters: VisibleTextParameters = VISIBLE_TEXT
) -> NDArray[np.bool_]:
    """(n,) whether each character can be seen."""
    relative = shown_boxes(page, characters.boxes.astype(np.float64))  # (n, 4)
    middle = (relative[:, :2] + relative[:, 2:]) / 2
    on_page = np.asarray(((middle >= 0) & (middle <= 1)).all(axis=1))
    if not on_page.any():
        return on_page
    objects = _Objects(page, parameters)
    scale = _scale(page, characters, parameters)
    changed, without = _changed_by_text(page, objects, scale, parameters.different)
    inner = _inner_boxes(relative, without.shape, parameters.margin)
    is_drawn = _share(changed, inner) >= parameters.least_share
    shows_ink = _share(_edges(without, parameters.different), inner) > 0
    is_drawn |= objects.without_font(characters, is_drawn)
    invisible, covered, under_scan = objects.states(characters)
    if (doubtful := is_drawn & covered).any():
        texts = set(characters.objects[doubtful].tolist())
        shares: list[NDArray[np.float64]] = []
        for hidden in (contextlib.nullcontext(), objects.bars_hidden()):
            blocks = objects.text_hidden(objects.blocks(characters) if shares else set())
            with hidden, blocks:
                changed, _ = _changed_by_text(page, objects, scale, parameters.different, texts)
            shares.append(_share(changed, inner))
        covered &= (shares[0] < parameters.least_share) | (shares[0] < parameters.uncovered * shares[1])
    return on_page & np.where(invisible | (under_scan & ~is_drawn), shows_ink, is_drawn & ~covered)


def _changed_by_text(
    page: pdfium.PdfPage, objects: _Objects, scale: float, levels: int, texts: Set[int] | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """(height, width) where the page's text changes what is drawn, and (height, width, 3) the page without it.

    texts: addresses of the text objects that count, else all
    """
    with_text = _drawn(page, scale)
    with objects.text_hidden(texts):
        without = _drawn(page, scale)
    apart = np.maximum(with_text, without) - np.minimum(with_text, without)  # (height, width, 3)
    return np.asarray((apart >= levels).any(axis=2)), without


class _Objects:
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
                and _is_bar(found.raw, parameters.bar_segments)
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

    def states(
        self, characters: Characters
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """(n,) each: drawn invisibly; under an opaque rectangle or block character; under a picture of the whole page."""
        addresses, of_object = np.unique(characters.objects, return_inverse=True)
        found = [self._texts.get(int(address)) for address in addresses]
        orders = np.array([entry[1] if entry else np.iinfo(np.int64).max for entry in found])[of_object]
        invisible = np.array([entry is not None and entry[2] in _INVISIBLE for entry in found], np.bool_)
        x = (characters.boxes[:, 0] + characters.boxes[:, 2]) / 2
        y = (characters.boxes[:, 1] + characters.boxes[:, 3]) / 2
        covered = np.zeros(len(characters), np.bool_)
        bars = [(order, bounds) for order, bounds, _ in self._bars]
        for index in _block_indices(characters):
            left, top, right, bottom = characters.boxes[index].tolist()
            bars.append((int(orders[index]), (left, bottom, right, top)))
        for order, (left, bottom, right, top) in bars:
            covered |= (orders < order) & (x > left) & (x < right) & (y > bottom) & (y < top)
        return invisible[of_object], covered, orders < self._last_scan


def _block_indices(characters: Characters) -> list[int]:
    return [
        index for index, text in enumerate(characters.texts) if text in _BLOCKS and characters.placed[index]
    ]


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


def _scale(page: pdfium.PdfPage, characters: Characters, parameters: VisibleTextParameters) -> float:
    """Pixels a unit of the page."""
    heights = np.abs(characters.boxes[:, 1] - characters.boxes[:, 3])[characters.placed]
    height = float(np.median(heights)) if len(heights) else 10.0
    width, length = page.get_size()
    fits = (parameters.most_pixels / max(width * length, 1e-6)) ** 0.5
    wanted = max(parameters.character_pixels / max(height, 1e-6), parameters.least_scale)
    wanted = min(wanted, parameters.most_scale)
    return float(min(wanted, fits))


def _drawn(page: pdfium.PdfPage, scale: float) -> NDArray[np.uint8]:
    """(height, width, 3)"""
    pixels: NDArray[np.uint8] = page.render(scale=scale, rev_byteorder=True).to_numpy()
    return pixels[..., :3]


def _inner_boxes(relative: NDArray[np.float64], shape: tuple[int, ...], share: float) -> NDArray[np.int64]:
    """(n, 4) pixels: left, top, right, bottom, without a margin of this share; at least one pixel each."""
    size = np.array([shape[1], shape[0]])
    margin = share * (relative[:, 2:] - relative[:, :2])
    first = np.clip(np.floor((relative[:, :2] + margin) * size + 0.5), 0, size - 1).astype(np.int64)
    last = np.clip(np.ceil((relative[:, 2:] - margin) * size - 0.5).astype(np.int64), first + 1, size)
    return np.concatenate([first, last], axis=1)


def _share(mask: NDArray[np.bool_], boxes: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) the share of each box that is True, by a table of sums."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(np.cumsum(mask, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
    left, top, right, bottom = boxes.T
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(inside / ((right - left) * (bottom - top)))


def _edges(pixels: NDArray[np.uint8], levels: int) -> NDArray[np.bool_]:
    """(height, width) where a pixel differs by so many levels from the one to its right or below it."""
    grey = pixels.max(axis=2).astype(np.int16) + pixels.min(axis=2)
    edges = np.zeros(grey.shape, np.bool_)
    edges[:, :-1] |= np.abs(np.diff(grey, axis=1)) >= 2 * levels
    edges[:-1] |= np.abs(np.diff(grey, axis=0)) >= 2 * levels
    return edges
