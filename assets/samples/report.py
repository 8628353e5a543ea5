"""An annual report of an invented ferry company: a cover, a bar chart, tables and a map."""

from __future__ import annotations

import math

from drawing import GOLD, GREY, NAVY, RED, SAND, TEAL, label, new_canvas, polygon
from report_finances import finances_page
from report_network import network_page
from report_passengers import passengers_page
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas


def annual_report() -> None:
    canvas = new_canvas("skerry-line-annual-report-2024.pdf", A4, "Skerry Line: Annual report 2024")
    _cover(canvas)
    passengers_page(canvas)
    finances_page(canvas)
    network_page(canvas)
    canvas.save()


def _cover(canvas: Canvas) -> None:
    width, height = A4
    canvas.setFillColor(SAND)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.setFillColor(GOLD)
    canvas.circle(430, 560, 72, stroke=0, fill=1)
    _wave(canvas, 360, 14, 0.0, HexColor("#7fb7be"))
    _ferry(canvas, 130, 352, 1.0)
    _wave(canvas, 320, 16, 1.6, TEAL)
    _wave(canvas, 240, 18, 3.1, HexColor("#1b5e78"))
    _wave(canvas, 150, 16, 4.4, NAVY)
    label(canvas, 56, 742, "Skerry Line", "Helvetica-Bold", 40, NAVY)
    label(canvas, 56, 712, "Annual report 2024", "Helvetica", 20, NAVY)
    label(canvas, 56, 668, "Eleven ships, seven harbours, one timetable", "Times-Italic", 14, GREY)
    label(canvas, 56, 70, "Skerry Line AS  ·  Quay 4, Ormsund", "Helvetica", 10, white)
    label(canvas, 56, 54, "All names and figures in this document are invented.", "Helvetica", 8, white)
    canvas.showPage()


def _wave(canvas: Canvas, base: float, height: float, phase: float, color: Color) -> None:
    path = canvas.beginPath()
    path.moveTo(0, 0)
    for x in range(0, 601, 6):
        path.lineTo(x, base + height * math.sin(x / 75 + phase))
    path.lineTo(600, 0)
    path.close()
    canvas.setFillColor(color)
    canvas.drawPath(path, stroke=0, fill=1)


def _ferry(canvas: Canvas, x: float, y: float, scale: float) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(scale, scale)
    canvas.setFillColor(white)
    canvas.rect(52, 48, 140, 26, stroke=0, fill=1)
    canvas.rect(84, 74, 88, 22, stroke=0, fill=1)
    canvas.setFillColor(RED)
    canvas.rect(118, 96, 24, 30, stroke=0, fill=1)
    canvas.setFillColor(NAVY)
    canvas.rect(118, 116, 24, 5, stroke=0, fill=1)
    hull = [(0, 50), (250, 50), (226, 2), (34, 2)]
    canvas.drawPath(polygon(canvas, hull), stroke=0, fill=1)
    canvas.setFillColor(HexColor("#9cc4d4"))
    for window in range(9):
        canvas.rect(60 + window * 14, 58, 8, 8, stroke=0, fill=1)
    for window in range(5):
        canvas.rect(91 + window * 15, 81, 9, 8, stroke=0, fill=1)
    canvas.restoreState()
