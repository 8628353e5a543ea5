"""The manual of an invented espresso machine: labelled drawings, steps, a table of faults."""

from __future__ import annotations

from drawing import COPPER, CREAM, GREY, INK, label, new_canvas
from manual_brewing import brewing_page
from manual_care import descaling_page, faults_page
from manual_machine import machine, parts_page
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas


def espresso_manual() -> None:
    canvas = new_canvas("brindle-b20-espresso-manual.pdf", A5, "Brindle B20 espresso machine: User manual")
    _cover(canvas)
    parts_page(canvas)
    brewing_page(canvas)
    descaling_page(canvas)
    faults_page(canvas)
    canvas.save()


def _cover(canvas: Canvas) -> None:
    width, height = A5
    canvas.setFillColor(CREAM)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    label(canvas, 40, height - 80, "BRINDLE", "Helvetica-Bold", 34, COPPER)
    label(canvas, 40, height - 104, "B20 espresso machine", "Helvetica", 15, INK)
    canvas.setStrokeColor(COPPER)
    canvas.setLineWidth(2)
    canvas.line(40, height - 116, width - 40, height - 116)
    machine(canvas, 82, 170, 1.28)
    label(canvas, 40, 84, "User manual", "Helvetica-Bold", 16, INK)
    label(canvas, 40, 66, "Read it before the first cup, and keep it.", "Helvetica", 10, GREY)
    label(
        canvas, 40, 40, "Brindle Kitchen Works  ·  an invented company  ·  edition 3", "Helvetica", 7.5, GREY
    )
    canvas.showPage()
