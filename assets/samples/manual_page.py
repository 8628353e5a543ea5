"""What the manual's pages share: the heading, the paragraphs and the numbered steps."""

from __future__ import annotations

from collections.abc import Sequence

from drawing import COPPER, GREY, PLAIN, label, text
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas


def begin_page(canvas: Canvas, number: int, title: str) -> float:
    """Set the heading and the page number; the y below the heading."""
    width, height = A5
    label(canvas, 40, height - 56, title, "Helvetica-Bold", 17, COPPER)
    canvas.setStrokeColor(HexColor("#d8c9bb"))
    canvas.setLineWidth(0.8)
    canvas.line(40, height - 64, width - 40, height - 64)
    label(canvas, 40, 26, "Brindle B20 user manual", "Helvetica", 7.5, GREY)
    label(canvas, width - 40, 26, str(number), "Helvetica", 8, GREY, "right")
    return height - 78


def paragraph(canvas: Canvas, y: float, content: str) -> float:
    """Set a paragraph below `y`, as wide as the page's text; the y below it."""
    return text(canvas, 40, y, 340, content, PLAIN)


def numbered_steps(canvas: Canvas, y: float, steps: Sequence[str]) -> float:
    """Set the steps below `y`, each behind its number; the y below them."""
    for number, step in enumerate(steps, 1):
        canvas.setFillColor(COPPER)
        canvas.circle(48, y - 7, 8, stroke=0, fill=1)
        label(canvas, 48, y - 10, str(number), "Helvetica-Bold", 9, white, "centre")
        y = text(canvas, 64, y, 316, step, PLAIN)
    return y
