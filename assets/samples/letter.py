"""A letter of an invented building office, as a cheap scanner would have it: pictures only."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pypdfium2 as pdfium
from drawing import (
    GREY,
    INK,
    label,
    new_canvas,
)
from PIL import Image, ImageFilter
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


def scanned_letter() -> None:
    """Two typed pages, printed to pixels, tilted, blurred and grained, as a cheap scanner would have it."""
    clean = io.BytesIO()
    canvas = Canvas(clean, pagesize=A4, invariant=True)
    _letter_page_one(canvas)
    _letter_page_two(canvas)
    canvas.save()
    target = new_canvas(
        "orchard-street-permit-letter.pdf", A4, "Letter from the Ormsund building office (scan)"
    )
    for index, (page, angle) in enumerate(
        zip(pdfium.PdfDocument(clean.getvalue()), (0.7, -0.5), strict=True)
    ):
        scan = _scanned(page.render(scale=120 / 72, grayscale=True).to_pil().convert("L"), angle, seed=index)
        jpeg = io.BytesIO()
        scan.save(jpeg, "JPEG", quality=38, optimize=True)
        target.drawImage(ImageReader(jpeg), 0, 0, *A4)
        target.showPage()
    target.save()


def _typed(canvas: Canvas, x: float, y: float, lines: Sequence[str], leading: float = 17) -> float:
    canvas.setFillColor(HexColor("#1c1c28"))
    canvas.setFont("Courier", 11)
    for line in lines:
        canvas.drawString(x, y, line)
        y -= leading
    return y


def _letter_page_one(canvas: Canvas) -> None:
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.4)
    canvas.circle(86, 772, 22, fill=0)
    canvas.line(74, 762, 86, 786)
    canvas.line(98, 762, 86, 786)
    canvas.line(72, 768, 100, 768)
    label(canvas, 122, 778, "TOWN OF ORMSUND", "Times-Bold", 17, INK)
    label(canvas, 122, 760, "Building Office  ·  Customs House, second floor", "Times-Roman", 11, INK)
    canvas.line(64, 742, 531, 742)
    y = _typed(canvas, 64, 712, ["Ms Sunniva Aldersey", "7 Orchard Street", "Ormsund"])
    _typed(canvas, 390, 712, ["12 March 1987", "File no. 87/214-B"])
    y = _typed(canvas, 64, y - 22, ["Re: Your application to build a greenhouse"])
    canvas.line(64, y + 12, 362, y + 12)
    y = _typed(
        canvas,
        64,
        y - 12,
        [
            "Dear Ms Aldersey,",
            "",
            "the committee looked at your drawings on 4 March and is",
            "pleased to grant the permit for a greenhouse of glass and",
            "larch wood in the garden behind your house, under three",
            "conditions:",
            "",
            "1. The ridge must not be higher than 2.80 metres.",
            "2. The distance to the wall of number 9 must be at least",
            "   1.50 metres.",
            "3. The old pear tree, which is protected, stays where it is.",
            "",
            "The permit costs 145 crowns. Please pay within thirty days at",
            "the town cashier's, counter 3. Building may begin on the day",
            "after the payment and must be finished within two years.",
            "",
            "A sketch of the plot is on the next page.",
        ],
    )
    _typed(canvas, 64, y - 14, ["Yours sincerely,"])
    signature = canvas.beginPath()
    signature.moveTo(70, y - 70)
    signature.curveTo(90, y - 20, 96, y - 90, 112, y - 58)
    signature.curveTo(124, y - 36, 130, y - 80, 146, y - 60)
    signature.curveTo(166, y - 44, 190, y - 76, 230, y - 48)
    canvas.setLineWidth(1.6)
    canvas.drawPath(signature, stroke=1, fill=0)
    _typed(canvas, 64, y - 94, ["Torvald Brekke, town architect"])
    canvas.saveState()
    canvas.translate(440, y - 60)
    canvas.rotate(-14)
    canvas.setStrokeColor(GREY)
    canvas.setLineWidth(2.4)
    canvas.roundRect(-62, -22, 124, 48, 6, fill=0)
    label(canvas, 0, 6, "GRANTED", "Helvetica-Bold", 19, GREY, "centre")
    label(canvas, 0, -12, "12 MAR 1987", "Helvetica-Bold", 10, GREY, "centre")
    canvas.restoreState()
    canvas.showPage()


def _letter_page_two(canvas: Canvas) -> None:
    _typed(canvas, 64, 770, ["Enclosure to 87/214-B", "Plot of 7 Orchard Street, scale 1:200"])
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.6)
    canvas.rect(110, 330, 380, 370, fill=0)
    canvas.setLineWidth(1)
    canvas.rect(150, 360, 180, 110, fill=0)
    canvas.saveState()
    house = canvas.beginPath()
    house.rect(150, 360, 180, 110)
    canvas.clipPath(house, stroke=0)
    for offset in range(-110, 180, 12):
        canvas.line(150 + offset, 360, 260 + offset, 470)
    canvas.restoreState()
    canvas.setFillColor(white)
    canvas.rect(200, 402, 82, 22, stroke=0, fill=1)
    _typed(canvas, 212, 409, ["House 7"])
    canvas.rect(300, 560, 120, 90, fill=0)
    for offset in (30, 60, 90):
        canvas.line(300 + offset, 560, 300 + offset, 650)
    canvas.line(300, 605, 420, 605)
    _typed(canvas, 318, 664, ["Greenhouse"])
    canvas.circle(190, 590, 30, fill=0)
    canvas.circle(190, 590, 4, fill=1)
    _typed(canvas, 150, 634, ["Pear tree"])
    canvas.line(424, 605, 486, 605)
    canvas.line(424, 601, 424, 609)
    canvas.line(486, 601, 486, 609)
    _typed(canvas, 432, 614, ["1.50 m"])
    _typed(canvas, 240, 312, ["Orchard Street"])
    _typed(canvas, 500, 520, ["No. 9"])
    _typed(
        canvas,
        64,
        250,
        [
            "Foundation: point footings of concrete, 60 cm deep.",
            "Rain water: into the barrel, not into the sewer.",
            "Inspection: call Mr Fjeld, telephone 4 17 22, before the",
            "glass is put in.",
        ],
    )
    canvas.showPage()


def _scanned(page: Image.Image, angle: float, seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    tilted = page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.6))
    ink = np.asarray(tilted, np.float32)  # (height, width)
    height, width = ink.shape
    shade = 6 * np.linspace(1, 0, width)[None, :] ** 3 + 10 * np.linspace(0, 1, height)[:, None] ** 8
    grained = 238 - (255 - ink) * 0.82 - shade + random.normal(0, 2.2, ink.shape)
    specks = random.random(ink.shape) > 0.99996
    grained[specks] -= 120
    return Image.fromarray(np.clip(grained, 0, 255).astype(np.uint8))
