"""Makes PDFs with odd page boxes and units, and pages that cannot be drawn."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject
from reportlab.pdfgen.canvas import Canvas

#: (width, height) of the sheets, in points
SHEET = (400.0, 600.0)


def three_pages(folder: Path, boxes: Mapping[str, Sequence[float] | None], compress: bool = False) -> Path:
    """Three pages with a word each, first, second and third; the second one's boxes are replaced, or removed by None."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=SHEET, invariant=True)
    for word in ("first", "second", "third"):
        canvas.setFont("Helvetica", 24)
        canvas.drawString(60, 500, word)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    page = writer.pages[1]
    for name, box in boxes.items():
        page.pop(NameObject(f"/{name}"), None)
        if box is not None:
            page[NameObject(f"/{name}")] = ArrayObject([FloatObject(edge) for edge in box])
    path = folder / "three.pdf"
    if compress:
        writer.compress_identical_objects()
    writer.write(path)
    return path


def with_unit(folder: Path, unit: float, width: float, height: float, size: float) -> Path:
    """One page of (width, height) units of `unit` / 72 inch with the word Harbour, `size` units high."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height), invariant=True)
    canvas.setFont("Helvetica", size)
    canvas.drawString(0.1 * width, 0.8 * height, "Harbour")
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(buffer))
    writer.pages[0][NameObject("/UserUnit")] = FloatObject(unit)
    path = folder / "unit.pdf"
    writer.write(path)
    return path
