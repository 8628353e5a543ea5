"""What the sample documents share: colours, styles, paragraphs, labels and tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject
from reportlab.platypus import Paragraph, Table, TableStyle

FOLDER = Path(__file__).parent
LICENCE = "Public domain (CC0 1.0); everything in it is invented"

NAVY, TEAL, SAND, RED = HexColor("#12304a"), HexColor("#1f8a8c"), HexColor("#f3ead9"), HexColor("#d1495b")
SEA, LAND, GREY, PALE = HexColor("#dcebf2"), HexColor("#e6dfc8"), HexColor("#5c6670"), HexColor("#eef2f4")
GOLD, COPPER, CREAM, INK = HexColor("#e0a83e"), HexColor("#a4532a"), HexColor("#faf6f0"), HexColor("#222222")

BODY = ParagraphStyle(
    "body", fontName="Times-Roman", fontSize=10.5, leading=15, alignment=TA_JUSTIFY, textColor=INK
)
PLAIN = ParagraphStyle("plain", fontName="Helvetica", fontSize=8.6, leading=12.2, textColor=INK)
CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=7.6, leading=9.8, textColor=INK)
CELL_HEAD = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor=white)


def text(
    canvas: Canvas, x: float, y: float, width: float, content: str, style: ParagraphStyle = BODY
) -> float:
    """Set a paragraph below `y`; the y below it."""
    paragraph = Paragraph(content, style)
    _, height = paragraph.wrap(width, 1000)
    paragraph.drawOn(canvas, x, y - height)
    return y - height - style.leading * 0.55


def label(
    canvas: Canvas,
    x: float,
    y: float,
    content: str,
    font: str,
    size: float,
    color: Color,
    where: str = "left",
) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(color)
    draw = {"left": canvas.drawString, "right": canvas.drawRightString, "centre": canvas.drawCentredString}[
        where
    ]
    draw(x, y, content)


def polygon(canvas: Canvas, points: Sequence[tuple[float, float]]) -> PDFPathObject:
    """A closed outline, to be drawn."""
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return path


def table(
    canvas: Canvas,
    x: float,
    y: float,
    rows: Sequence[Sequence[object]],
    widths: Sequence[float],
    style: TableStyle,
) -> float:
    """Draw a table below `y`; the y below it."""
    drawn = Table([list(row) for row in rows], colWidths=list(widths))
    drawn.setStyle(style)
    _, height = drawn.wrap(sum(widths), 1000)
    drawn.drawOn(canvas, x, y - height)
    return y - height


def new_canvas(name: str, size: tuple[float, float], title: str) -> Canvas:
    canvas = Canvas(str(FOLDER / name), pagesize=size, invariant=True, pageCompression=1)
    canvas.setTitle(title)
    canvas.setSubject(LICENCE)
    canvas.setAuthor("Pagelight sample documents")
    return canvas
