"""What the report's pages share: the heading and the paragraphs."""

from __future__ import annotations

from drawing import NAVY, TEAL, label, text
from reportlab.lib.colors import white
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def begin_page(canvas: Canvas, number: int, title: str) -> float:
    """Set the heading and the page number; the y below the heading."""
    width, height = A4
    canvas.setFillColor(NAVY)
    canvas.rect(0, height - 34, width, 34, stroke=0, fill=1)
    label(canvas, 56, height - 22, "Skerry Line  ·  Annual report 2024", "Helvetica", 9, white)
    label(canvas, width - 56, height - 22, str(number), "Helvetica-Bold", 9, white, "right")
    label(canvas, 56, height - 88, title, "Helvetica-Bold", 24, NAVY)
    canvas.setFillColor(TEAL)
    canvas.rect(56, height - 99, 46, 3, stroke=0, fill=1)
    return height - 118


def paragraph(canvas: Canvas, y: float, content: str) -> float:
    """Set a paragraph below `y`, as wide as the page's text; the y below it."""
    return text(canvas, 56, y, 483, content)
