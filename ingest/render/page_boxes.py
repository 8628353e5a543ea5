"""The box of a PDF page that is shown."""

from __future__ import annotations

import pypdfium2 as pdfium

#: Points: a page that shows less than this of its sheet, in one direction, shows nothing.
_LEAST_SIDE = 1.0
#: Points: farther than any sheet reaches; pdfium shows what the crop box and the sheet have in common.
_FAR = 1e6


def mend_boxes(page: pdfium.PdfPage) -> bool:
    """Show the whole sheet where the crop box misses it; whether the page's own boxes are odd in any way.

    Viewers do the same (pdf.js, pull request 11059). Where boxes are odd, pdfium and poppler do not show the same.
    """
    boxes = page.get_mediabox(fallback_ok=False), page.get_cropbox(fallback_ok=False)
    if min(page.get_size()) < _LEAST_SIDE and boxes[1]:
        page.set_cropbox(-_FAR, -_FAR, _FAR, _FAR)
        return True
    return not all(_is_plain(box) for box in boxes if box)


def _is_plain(box: tuple[float, ...]) -> bool:
    left, bottom, right, top = box
    return right - left >= _LEAST_SIDE and top - bottom >= _LEAST_SIDE
