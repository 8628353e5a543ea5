"""Found pages as one PDF: the pages themselves, with the found regions as highlight annotations."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.annotations import Highlight
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, FloatObject, NameObject, RectangleObject, TextStringObject

from pagelight.retrieval.types import Box, PageHit

#: a page that has to be drawn (images, PDFs that pypdf cannot copy) is this wide, in pixels and points
DRAWN_PIXELS = 1600
DRAWN_POINTS = 595.0
COLOUR = "ffd400"

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
    # pypdf logs every flaw of a document that it copes with.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
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
    crop = page.cropbox
    left, bottom, width, height = float(crop.left), float(crop.bottom), float(crop.width), float(crop.height)
    (xa, ya), (xb, yb) = (_unturned(u, v, page.rotation) for u, v in (box[:2], box[2:]))
    return RectangleObject(
        (
            left + min(xa, xb) * width,
            bottom + min(ya, yb) * height,
            left + max(xa, xb) * width,
            bottom + max(ya, yb) * height,
        )
    )


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


def image_as_pdf(images: Iterable[Image.Image]) -> bytes:
    """Images as the pages of one PDF, each as wide as an A4 page."""
    first, *rest = [image.convert("RGB") for image in images]
    buffer = io.BytesIO()
    first.save(
        buffer,
        "PDF",
        save_all=True,
        append_images=rest,
        resolution=first.width * 72 / DRAWN_POINTS,
        quality=88,
    )
    return buffer.getvalue()


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
    drawn = PdfReader(io.BytesIO(image_as_pdf([entry.render(entry.hit.page, DRAWN_PIXELS)])))
    return writer.add_page(drawn.pages[0])


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
