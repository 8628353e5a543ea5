"""The shape of a PDF's pages: the box that is shown, and the unit, 1/72 inch unless /UserUnit says otherwise.

pdfium and poppler leave /UserUnit unread.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from pagelight.ingest.render.limits import PAGE_SIZE
from pagelight.ingest.render.page_tree import unpacked

_KEY = b"/UserUnit"
#: Files larger than this are not searched for the key: the search holds the file in memory (limit)
_MAX_BYTES = 200_000_000
#: ISO 32000-2, table 31 gives no bounds; beyond these the value is a mistake (guard)
_LEAST, _MOST = 0.01, 1000.0
#: Points: a page that shows less than this of its sheet, in one direction, shows nothing (guard)
_LEAST_SIDE = 1.0
#: Points: farther than any sheet reaches; pdfium shows what the crop box and the sheet have in common (guard)
_FAR = 1e6
#: Levels of forms within forms in which pictures are looked for (speed)
_DEEPEST = 3


def user_units(path: Path) -> Mapping[int, float]:
    """Points a unit, of the pages (counted from 1) that have a unit of their own.

    A file that does not mention the key, which is nearly every file, is not parsed. Damage means no units.
    """
    try:
        if path.stat().st_size > _MAX_BYTES or not _is_mentioned(path.read_bytes()):
            return {}
        from pypdf import PdfReader  # here, since it takes long to import, and hardly a file comes so far

        reader = PdfReader(path)
        units = {}
        for number, page in enumerate(reader.pages, 1):
            unit = float(page.get("/UserUnit", 1.0))
            if unit != 1 and math.isfinite(unit) and _LEAST <= unit <= _MOST:
                units[number] = unit
    except Exception:  # whatever pypdf trips over: such a file is drawn as if it had no units
        return {}
    return units


def _is_mentioned(content: bytes) -> bool:
    """Whether the key may be in the file: in the open, in a packed object stream, or behind encryption."""
    if _KEY in content:
        return True
    if b"/ObjStm" in content and b"/Encrypt" in content:
        return True
    return any(_KEY in objects for objects in unpacked(content))


def mend_boxes(page: pdfium.PdfPage) -> bool:
    """Show the whole sheet where the crop box misses it; whether the page's own boxes are odd in any way.

    Viewers do the same (pdf.js, pull request 11059). Where boxes are odd, pdfium and poppler do not show the same.
    """
    boxes = page.get_mediabox(fallback_ok=False), page.get_cropbox(fallback_ok=False)
    if min(page.get_size()) < _LEAST_SIDE:  # the crop box may be inherited, too
        page.set_cropbox(-_FAR, -_FAR, _FAR, _FAR)
        return True
    return not all(_is_plain(box) for box in boxes if box)


def filling_picture_dpi(page: pdfium.PdfPage) -> float:
    """Pixels per 72 of the page's units of the largest picture on it; 0 where none fills it."""
    width, height = page.get_size()
    largest, found = PAGE_SIZE.filled * width * height, 0.0
    for image in page.get_objects((pdfium_c.FPDF_PAGEOBJ_IMAGE,), max_depth=_DEEPEST):
        try:
            left, bottom, right, top = image.get_bounds()
            n_across, n_down = image.get_px_size()
        except (pdfium.PdfiumError, AttributeError):
            continue
        area = (right - left) * (top - bottom)
        if area > largest:
            largest, found = area, 72 * (n_across * n_down / area) ** 0.5
    return float(found)


def _is_plain(box: tuple[float, ...]) -> bool:
    left, bottom, right, top = box
    return right - left >= _LEAST_SIDE and top - bottom >= _LEAST_SIDE
