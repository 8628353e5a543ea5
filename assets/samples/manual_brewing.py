"""The manual's page on making an espresso: steps, a warning and a curve."""

from __future__ import annotations

import math

from drawing import COPPER, GREY, INK, PLAIN, RED, label, text
from manual_page import begin_page, numbered_steps
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas


def brewing_page(canvas: Canvas) -> None:
    y = begin_page(canvas, 3, "Making an espresso")
    y = numbered_steps(
        canvas,
        y,
        [
            "Fill the water tank (A) with cold water up to the line MAX. Never use milk or sparkling water.",
            "Press the power button (C). It blinks while the machine heats up, which takes about 50 seconds, and stays lit when it is ready.",
            "Put 8 grams of ground coffee into the small filter or 16 grams into the large one and press it flat with the tamper.",
            "Hang the portafilter (G) into the group head (F) and turn it to the right until the handle points at you.",
            "Set a warm cup on the drip tray and press the cup button (D). The gauge (B) should rise to 9 bar. After 25 to 30 seconds the cup is full and the pump stops by itself.",
        ],
    )
    canvas.setFillColor(HexColor("#fdeedd"))
    canvas.roundRect(40, y - 62, 340, 56, 6, stroke=0, fill=1)
    label(canvas, 52, y - 24, "Hot!", "Helvetica-Bold", 11, RED)
    text(
        canvas,
        88,
        y - 12,
        282,
        "Do not take the portafilter out while the pump is running, and not within ten seconds after: hot water may spray from under it.",
        PLAIN,
    )
    y -= 84
    label(canvas, 40, y, "How fine to grind", "Helvetica-Bold", 11, INK)
    base = y - 150
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1)
    canvas.line(70, base, 370, base)
    canvas.line(70, base, 70, base + 120)
    label(canvas, 370, base - 24, "seconds for one cup", "Helvetica", 7.5, GREY, "right")
    canvas.saveState()
    canvas.translate(58, base + 60)
    canvas.rotate(90)
    label(canvas, 0, 0, "grinder setting", "Helvetica", 7.5, GREY, "centre")
    canvas.restoreState()
    canvas.setFillColor(HexColor("#e3efdf"))
    canvas.rect(195, base + 1, 70, 118, stroke=0, fill=1)
    label(canvas, 230, base + 106, "just right", "Helvetica-Bold", 8, HexColor("#4c7a45"), "centre")
    curve = canvas.beginPath()
    for index in range(51):
        x = 80 + index * 5.6
        value = base + 14 + 96 / (1 + math.exp((x - 225) / 38))
        (curve.lineTo if index else curve.moveTo)(x, value)
    canvas.setStrokeColor(COPPER)
    canvas.setLineWidth(2.2)
    canvas.drawPath(curve, stroke=1, fill=0)
    label(canvas, 84, base + 92, "too coarse: sour", "Helvetica", 8, INK)
    label(canvas, 368, base + 30, "too fine: bitter", "Helvetica", 8, INK, "right")
    for seconds, x in ((10, 100), (20, 165), (25, 195), (30, 265), (40, 330)):
        label(canvas, x, base - 11, str(seconds), "Helvetica", 7.5, INK, "centre")
    canvas.showPage()
