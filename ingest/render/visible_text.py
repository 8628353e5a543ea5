"""Visibility of a PDF page's text: which characters a person can see.

The page is drawn twice, with and without its text: where that changes nothing, the text is covered, of the paper's
colour, clipped away, or on a layer that is off. Text that is drawn invisibly (the OCR layer of a scan), or under a
picture of the whole page, stands for the picture, and counts as seen where the picture shows something.
"""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from pagelight.ingest.render.characters import Characters, shown_boxes
from pagelight.ingest.render.page_objects import PageObjects
from pagelight.ingest.render.visible_text_parameters import VISIBLE_TEXT

#: points of A6's longer side: smaller sheets are looked at enlarged (form)
_A6 = 420.0


def seen_characters(
    page: pdfium.PdfPage, characters: Characters
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """(n,) each: whether a character can be seen; shines through something that hides it; is hidden, and no part of the word beside it."""
    relative = shown_boxes(page, characters.boxes.astype(np.float64))  # (n, 4)
    middle = (relative[:, :2] + relative[:, 2:]) / 2
    on_page = np.asarray(((middle >= 0) & (middle <= 1)).all(axis=1))
    if not on_page.any():
        return on_page, on_page, on_page
    objects = PageObjects(page)
    scale = _scale(page, characters)
    contrast, without = _contrast_of_text(page, objects, scale)
    inner = _inner_boxes(relative, without.shape)
    is_drawn = _share(contrast >= VISIBLE_TEXT.different, inner) >= VISIBLE_TEXT.least_share
    is_faint = is_drawn & (_share(contrast >= VISIBLE_TEXT.faint, inner) == 0)
    # spaces and points are faint on nearly every page
    is_faint[is_faint] = [characters.texts[i].isalnum() for i in np.flatnonzero(is_faint)]
    if is_faint.any():  # or so thin that it is to be seen only when the page is drawn larger
        is_faint &= ~_has_contrast(page, objects, VISIBLE_TEXT.enlarged * scale, relative)
    is_drawn |= objects.without_font(characters, is_drawn)
    shines_through = _covered(page, objects, characters, is_drawn, inner, scale)
    shines_through |= is_faint
    is_hidden = shines_through | objects.crossed_out(characters, is_drawn)
    longest_side = max(page.get_size())
    is_hidden |= objects.dust(characters, VISIBLE_TEXT.least_size * min(1.0, longest_side / _A6))
    invisible, stands_for_picture = objects.invisible(characters)
    under_scan = objects.under_scan(characters) & ~is_drawn
    if under_scan.sum() >= VISIBLE_TEXT.under_scan * (is_drawn & ~invisible).sum():
        stands_for_picture |= under_scan
    seen = is_drawn & ~invisible
    if stands_for_picture.any():
        edges = _edges(without, VISIBLE_TEXT.different)
        shows_ink = _share(edges, inner) > 0
        if not objects.is_scanned:
            lines = np.where(stands_for_picture, characters.objects, 0)
            shows_ink &= ~_in_larger_drawing(edges, relative, lines)
        seen = np.where(stands_for_picture, shows_ink, seen)
    seen &= on_page & ~is_hidden
    return seen, shines_through, objects.hidden_beside(characters, seen)


def _covered(
    page: pdfium.PdfPage,
    objects: PageObjects,
    characters: Characters,
    is_drawn: NDArray[np.bool_],
    inner: NDArray[np.int64],
    scale: float,
) -> NDArray[np.bool_]:
    """(n,) characters that something lies over, with which hardly anything is left of their contrast.

    is_drawn: (n,) whether the character changes anything on the page; inner: (n, 4) boxes in pixels
    """
    under_bar, under_shape, covers = objects.covered(characters, is_drawn)
    doubtful = under_bar | under_shape
    if not doubtful.any():
        return doubtful
    texts = set(characters.objects[doubtful].tolist())
    left, _ = _contrast_of_text(page, objects, scale, texts)
    with objects.hidden(covers), objects.text_hidden(objects.blocks(characters)):
        bare, _ = _contrast_of_text(page, objects, scale, texts)
    shown = _share(left >= np.maximum(VISIBLE_TEXT.different, VISIBLE_TEXT.remains * bare), inner)
    whole = _share(bare >= VISIBLE_TEXT.different, inner)
    uncovered = np.where(under_bar, VISIBLE_TEXT.uncovered, VISIBLE_TEXT.uncovered_shape)
    return doubtful & ((shown < VISIBLE_TEXT.least_share) | (shown < uncovered * whole))


def _contrast_of_text(
    page: pdfium.PdfPage, objects: PageObjects, scale: float, texts: Set[int] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(height, width) levels by which the page's text changes what is drawn; (height, width, 3) the page without it.

    texts: addresses of the text objects that count, else all
    """
    with_text = _drawn(page, scale)
    with objects.text_hidden(texts):
        without = _drawn(page, scale)
    apart = np.maximum(with_text, without) - np.minimum(with_text, without)  # (height, width, 3)
    return _extreme(np.maximum, apart), without


def _has_contrast(
    page: pdfium.PdfPage, objects: PageObjects, scale: float, relative: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(n,) characters of which anything is dark or light enough for an eye. relative: (n, 4) boxes"""
    width, height = page.get_size()
    fits = (VISIBLE_TEXT.most_pixels / max(width * height, 1e-6)) ** 0.5
    contrast, _ = _contrast_of_text(page, objects, min(scale, fits))
    inner = _inner_boxes(relative, contrast.shape)
    return _share(contrast >= VISIBLE_TEXT.faint, inner) > 0


def _scale(page: pdfium.PdfPage, characters: Characters) -> float:
    """Pixels a unit of the page."""
    heights = np.abs(characters.boxes[:, 1] - characters.boxes[:, 3])[characters.placed]
    height = float(np.median(heights)) if len(heights) else 10.0
    width, length = page.get_size()
    fits = (VISIBLE_TEXT.most_pixels / max(width * length, 1e-6)) ** 0.5
    wanted = max(VISIBLE_TEXT.character_pixels / max(height, 1e-6), VISIBLE_TEXT.least_scale)
    wanted = min(wanted, VISIBLE_TEXT.most_scale)
    return float(min(wanted, fits))


def _drawn(page: pdfium.PdfPage, scale: float) -> NDArray[np.uint8]:
    """(height, width, 3)"""
    pixels: NDArray[np.uint8] = page.render(scale=scale, rev_byteorder=True).to_numpy()
    return pixels[..., :3]


def _inner_boxes(relative: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """(n, 4) pixels: left, top, right, bottom, without their margins; at least one pixel each."""
    size = np.array([shape[1], shape[0]])
    margin = VISIBLE_TEXT.margin * (relative[:, 2:] - relative[:, :2])
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


def _in_larger_drawing(
    edges: NDArray[np.bool_], relative: NDArray[np.float64], lines: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(n,) characters of lines beside which the drawing goes on, so that they are not what it shows: a line has none above or below.

    edges: (height, width); relative: (n, 4) boxes; lines: (n,) a number for each line, 0 for none
    """
    found = np.zeros(len(lines), np.bool_)
    size = np.tile(edges.shape[::-1], 2)
    for line in set(lines.tolist()) - {0}:
        own = relative[lines == line] * size
        first = own[:, :2].min(axis=0).clip(0).round().astype(int)  # left, top
        last = own[:, 2:].max(axis=0).round().astype(int)
        is_upright = bool(np.diff(last - first)[0] > 0)
        place, across = (edges.T, 0) if is_upright else (edges, 1)
        near = max(round(VISIBLE_TEXT.beside * float((last - first)[across])), 1)
        rows = place[
            max(first[across] - near, 0) : last[across] + near,
            first[1 - across] : max(last[1 - across], first[1 - across] + 1),
        ]
        if len(rows) > 4 * near:
            ink = rows.mean(axis=1)
            clear = min(ink[: 2 * near].min(), ink[-2 * near :].min())
            found[lines == line] = clear >= VISIBLE_TEXT.goes_on * ink[near:-near].mean()
    return found


def _extreme(of: np.ufunc, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width) the most or the least of the channels (height, width, 3): one by one is much faster than along an axis of three."""
    return np.asarray(of(of(pixels[..., 0], pixels[..., 1]), pixels[..., 2]), np.uint8)


def _edges(pixels: NDArray[np.uint8], levels: int) -> NDArray[np.bool_]:
    """(height, width) where a pixel differs by so many levels from the one to its right or below it."""
    grey = _extreme(np.maximum, pixels).astype(np.int16) + _extreme(np.minimum, pixels)
    edges = np.zeros(grey.shape, np.bool_)
    edges[:, :-1] |= np.abs(np.diff(grey, axis=1)) >= 2 * levels
    edges[:-1] |= np.abs(np.diff(grey, axis=0)) >= 2 * levels
    return edges
