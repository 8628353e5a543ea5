"""Covers: rectangles, lines, shapes and pictures of a PDF page that hide what was drawn before them, or let it shine through."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from pagelight.ingest.render.visible_text_parameters import VISIBLE_TEXT
from pagelight.retrieval.types import Floats

#: a, b, c, d, e, f: (x, y) of a form lies at (a x + c y + e, b x + d y + f) of the page
Matrix = tuple[float, float, float, float, float, float]
#: the matrix of what stands in no form (form)
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Cover:
    """An object that may hide what is under it.

    order: when it is drawn; bounds: left, bottom, right, top in page units
    is_bar: whether it fills its bounds, or is a thick line
    """

    order: int
    bounds: tuple[float, float, float, float]
    raw: pdfium_c.FPDF_PAGEOBJECT
    is_bar: bool


def cover_of(found: pdfium.PdfObject, matrix: Matrix, order: int) -> Cover | None:
    """The object as a cover; none where it hides nothing. matrix: of the form that it stands in"""
    is_bar = False
    if found.type == pdfium_c.FPDF_PAGEOBJ_PATH:
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        if not pdfium_c.FPDFPath_GetDrawMode(found.raw, mode, stroke):
            return None
        is_line = bool(stroke.value) and _is_thick(found.raw, matrix)
        is_filled = not is_line and mode.value != pdfium_c.FPDF_FILLMODE_NONE
        if not is_line and not (is_filled and _is_opaque(found.raw)):
            return None
        is_bar = is_line or pdfium_c.FPDFPath_CountSegments(found.raw) <= VISIBLE_TEXT.bar_segments
    elif found.type not in (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_SHADING):
        return None
    return Cover(order, bounds_of(found, matrix), found.raw, is_bar)


def bounds_of(found: pdfium.PdfObject, matrix: Matrix) -> tuple[float, float, float, float]:
    """left, bottom, right, top in page units; an empty box where there are none."""
    try:
        left, bottom, right, top = found.get_bounds()
    except pdfium.PdfiumError:
        return (0.0, 0.0, 0.0, 0.0)
    if matrix is IDENTITY:
        return left, bottom, right, top
    a, b, c, d, e, f = matrix
    x = (a * left + c * bottom, a * left + c * top, a * right + c * bottom, a * right + c * top)
    y = (b * left + d * bottom, b * left + d * top, b * right + d * bottom, b * right + d * top)
    return min(x) + e, min(y) + f, max(x) + e, max(y) + f


def area_of(bounds: tuple[float, ...]) -> float:
    """bounds: left, bottom, right, top"""
    left, bottom, right, top = bounds
    return (right - left) * (top - bottom)


def has_outlines(found: pdfium.PdfObject) -> bool:
    """Whether it is a path that may be text turned into outlines, over which text recognition writes what it read."""
    return bool(
        found.type == pdfium_c.FPDF_PAGEOBJ_PATH
        and pdfium_c.FPDFPath_CountSegments(found.raw) > VISIBLE_TEXT.bar_segments
    )


def is_masked(found: pdfium.PdfObject) -> bool:
    """Whether it is painted in a group that shows a part of it only: browsers paint letters with a gradient so."""
    return bool(
        found.container
        and found.type in (pdfium_c.FPDF_PAGEOBJ_PATH, pdfium_c.FPDF_PAGEOBJ_SHADING)
        and pdfium_c.FPDFPageObj_HasTransparency(found.container.raw)
    )


def colours_of(raw: pdfium_c.FPDF_PAGEOBJECT) -> tuple[int, ...]:
    """Red, green, blue and opacity of what fills it, and of its lines; zeros where there is none."""
    parts = [ctypes.c_uint() for _ in range(8)]
    pdfium_c.FPDFPageObj_GetFillColor(raw, *parts[:4])
    pdfium_c.FPDFPageObj_GetStrokeColor(raw, *parts[4:])
    return tuple(part.value for part in parts)


def matrix_of(raw: pdfium_c.FPDF_PAGEOBJECT, outer: Matrix) -> Matrix:
    """The object's own matrix within one of a form."""
    found = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(raw, found):
        return outer
    a, b, c, d, e, f = outer
    return (
        a * found.a + c * found.b,
        b * found.a + d * found.b,
        a * found.c + c * found.d,
        b * found.c + d * found.d,
        a * found.e + c * found.f + e,
        b * found.e + d * found.f + f,
    )


def _is_opaque(raw: pdfium_c.FPDF_PAGEOBJECT) -> bool:
    """Whether a filled path is a shape of few segments, in a colour that is nearly opaque or in a pattern."""
    if pdfium_c.FPDFPath_CountSegments(raw) > VISIBLE_TEXT.shape_segments:
        return False
    colour = [ctypes.c_uint() for _ in range(4)]
    return bool(
        not pdfium_c.FPDFPageObj_GetFillColor(raw, *colour) or colour[3].value >= 255 * VISIBLE_TEXT.opaque
    )


def _is_thick(raw: pdfium_c.FPDF_PAGEOBJECT, matrix: Matrix) -> bool:
    """Whether a path that is drawn as a line, dashed ones included, is of some width and nearly opaque."""
    width = ctypes.c_float()
    if not pdfium_c.FPDFPageObj_GetStrokeWidth(raw, width) or (
        width.value * max(map(abs, matrix_of(raw, matrix)[:2])) < VISIBLE_TEXT.bar_stroke
    ):
        return False
    colour = [ctypes.c_uint() for _ in range(4)]
    return bool(
        pdfium_c.FPDFPageObj_GetStrokeColor(raw, *colour) and colour[3].value >= 255 * VISIBLE_TEXT.opaque
    )


def without_places(pixels: NDArray[np.uint8], boxes: Floats) -> NDArray[np.uint8]:
    """(height, width, 3) the picture with each place in its most usual colour, so that nothing is read there.

    boxes: (n, 4) relative x0, y0, x1, y1
    """
    if not len(boxes):
        return pixels
    pixels = pixels.copy()
    height, width, _ = pixels.shape
    edges = np.clip(boxes, 0, 1) * (width, height, width, height)
    for left, top, right, bottom in np.concatenate([np.floor(edges[:, :2]), np.ceil(edges[:, 2:])], 1).astype(
        int
    ):
        place = pixels[top:bottom, left:right]
        if place.size:
            place[:] = np.median(place, axis=(0, 1))
    return pixels
