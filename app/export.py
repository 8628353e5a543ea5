"""Found pages as one PDF: the pages themselves, with the found regions as highlight annotations."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import img2pdf
from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Highlight
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, FloatObject, NameObject, RectangleObject, TextStringObject

from pagelight.retrieval.results import PageHit
from pagelight.retrieval.types import Box

# pypdf reports every flaw of a document that it copes with; they go to the host's logging, not to stderr
logging.getLogger("pypdf").addHandler(logging.NullHandler())

#: a page that has to be drawn (images, PDFs that pypdf cannot copy) is this wide, in pixels and points
DRAWN_PIXELS = 1600
DRAWN_POINTS = 595.0
COLOUR = "ffd400"
#: points: a crop box that shows less of its sheet, in one direction, shows nothing
LEAST_SIDE = 1.0
#: the size that pdfium gives a page whose sheet has none: US letter
NO_SHEET = (0.0, 0.0, 612.0, 792.0)

#: (page number, width) to an RGB image
Render = Callable[[int, int], Image.Image]


@dataclass(frozen=True, slots=True)
class ExportedHit:
    """A hit with its document's file and a way to draw its page."""

    hit: PageHit
    file: Path
    render: Render


def write_hits(query: str, hits: Iterable[ExportedHit], out: Path) -> int:
    """Write the hits' pages in order, each with a bookmark; returns how many. `out` appears when it is whole."""
    writer = PdfWriter()
    readers: dict[Path, PdfReader | None] = {}
    count = 0
    for entry in hits:
        page = _page(entry, readers, writer)
        for region in entry.hit.regions:
            writer.add_annotation(page, _highlight(pdf_box(region.box, page), query, region.score))
        writer.add_outline_item(
            title=f"{entry.hit.document}, page {entry.hit.page}", page_number=page.page_number
        )
        count += 1
    writer.add_metadata({"/Title": f"Pages that match “{query}”", "/Creator": "Pagelight"})
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(out.name + ".part")
    try:
        with unfinished.open("wb") as stream:
            writer.write(stream)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def pdf_box(box: Box, page: PageObject) -> RectangleObject:
    """A box of the page as people see it (relative, origin top left) in the PDF's own points.

    The PDF's origin is the bottom left of the page before /Rotate turns it clockwise.
    """
    left, bottom, right, top = shown_box(page)
    width, height = right - left, top - bottom
    (xa, ya), (xb, yb) = (_unturned(u, v, _rotation(page)) for u, v in (box[:2], box[2:]))
    return RectangleObject(
        (
            left + min(xa, xb) * width,
            bottom + min(ya, yb) * height,
            left + max(xa, xb) * width,
            bottom + max(ya, yb) * height,
        )
    )


def shown_box(page: PageObject) -> Box:
    """left, bottom, right, top of what is shown: the crop box where it lies on the sheet, the sheet where it misses it.

    The same as pdfium shows and `ingest.render.pdf_geometry` mends.
    """
    sheet, crop = _box(page, "mediabox"), _box(page, "cropbox")
    if min(sheet[2] - sheet[0], sheet[3] - sheet[1]) <= 0:
        sheet = NO_SHEET
    if min(crop[2] - crop[0], crop[3] - crop[1]) <= 0:
        return sheet
    left, bottom = max(sheet[0], crop[0]), max(sheet[1], crop[1])
    right, top = min(sheet[2], crop[2]), min(sheet[3], crop[3])
    return sheet if min(right - left, top - bottom) < LEAST_SIDE else (left, bottom, right, top)


def _box(page: PageObject, name: str) -> Box:
    """One of the page's boxes, in order; an empty one where it is damaged, or there is none."""
    try:
        x0, y0, x1, y1 = map(float, getattr(page, name))
    except (ValueError, TypeError, AttributeError):
        return 0.0, 0.0, 0.0, 0.0
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _rotation(page: PageObject) -> int:
    """Degrees, clockwise; none where that is damaged."""
    try:
        return int(page.rotation)
    except (ValueError, TypeError, AttributeError):
        return 0


def _unturned(u: float, v: float, rotation: int) -> tuple[float, float]:
    """A point of the turned page (origin top left) on the unturned one (origin bottom left), both relative.

    >>> _unturned(0.0, 0.0, 90)
    (0.0, 0.0)
    """
    match rotation % 360:
        case 90:
            return v, u
        case 180:
            return 1 - u, v
        case 270:
            return 1 - v, 1 - u
        case _:
            return u, 1 - v


def write_drawn(images: Iterable[Image.Image], out: Path) -> None:
    """Images, one at a time, as the pages of a PDF, each as wide as an A4 page."""
    pages = []
    for image in images:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=88)
        pages.append(buffer.getvalue())
    layout = img2pdf.get_layout_fun((DRAWN_POINTS, None))
    with out.open("wb") as stream:
        img2pdf.convert(pages, outputstream=stream, layout_fun=layout)


def _drawn(image: Image.Image) -> PdfReader:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PDF", resolution=image.width * 72 / DRAWN_POINTS, quality=88)
    return PdfReader(buffer)


def _page(entry: ExportedHit, readers: dict[Path, PdfReader | None], writer: PdfWriter) -> PageObject:
    """The hit's page, added to the writer: copied where that works, drawn otherwise."""
    if entry.file not in readers:
        readers[entry.file] = _reader(entry.file)
    reader = readers[entry.file]
    if reader is not None:
        try:
            source = reader.pages[entry.hit.page - 1]
            _drop_links(source)
            return writer.add_page(source)
        except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            readers[entry.file] = None
    return writer.add_page(_drawn(entry.render(entry.hit.page, DRAWN_PIXELS)).pages[0])


def _reader(file: Path) -> PdfReader | None:
    with file.open("rb") as stream:
        if b"%PDF-" not in stream.read(1024):
            return None
    try:
        reader = PdfReader(file)
        return None if reader.is_encrypted else reader
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        return None


def _drop_links(page: PageObject) -> None:
    """Links point to other pages and would bring the whole document along."""
    for key in ("/B", "/AA", "/StructParents"):
        page.pop(NameObject(key), None)
    annotations = page.get("/Annots")
    if annotations is not None:
        kept = [a for a in annotations.get_object() if a.get_object().get("/Subtype") != "/Link"]
        page[NameObject("/Annots")] = ArrayObject(kept)


def _highlight(rect: RectangleObject, query: str, score: float) -> Highlight:
    left, bottom, right, top = (float(edge) for edge in rect)
    corners = (left, top, right, top, left, bottom, right, bottom)
    quads = ArrayObject([FloatObject(edge) for edge in corners])
    highlight = Highlight(rect=rect, quad_points=quads, highlight_color=COLOUR)
    highlight[NameObject("/Contents")] = TextStringObject(f"“{query}”: {score:.0%} of the query")
    highlight[NameObject("/CA")] = FloatObject(0.5)
    return highlight
