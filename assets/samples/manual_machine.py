"""The espresso machine from the front, and the manual's page that names its parts."""

from __future__ import annotations

from drawing import COPPER, CREAM, GOLD, GREY, INK, label, table
from manual_page import begin_page
from reportlab.lib.colors import HexColor, white
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import TableStyle


def machine(canvas: Canvas, x: float, y: float, scale: float) -> None:
    """The machine from the front; 200 x 240 units."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(scale, scale)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(1.6)
    canvas.setFillColor(HexColor("#d9d4cc"))
    canvas.roundRect(20, 0, 160, 24, 6, fill=1)  # drip tray
    canvas.setFillColor(HexColor("#8f8a83"))
    canvas.rect(30, 24, 140, 90, fill=1)  # back wall
    canvas.setFillColor(COPPER)
    canvas.roundRect(14, 112, 172, 96, 12, fill=1)  # body
    canvas.setFillColor(HexColor("#c8dbe6"))
    canvas.roundRect(34, 206, 132, 30, 6, fill=1)  # water tank
    canvas.setFillColor(CREAM)
    canvas.circle(62, 166, 22, fill=1)  # gauge
    canvas.line(62, 166, 74, 178)
    for index in range(3):
        canvas.setFillColor([HexColor("#5fa463"), GOLD, HexColor("#6aa5c9")][index])
        canvas.circle(108 + index * 26, 172, 8, fill=1)
    canvas.setFillColor(INK)
    canvas.rect(78, 100, 44, 14, fill=1)  # group head
    canvas.rect(72, 88, 56, 12, fill=1)  # portafilter
    canvas.roundRect(124, 90, 58, 8, 4, fill=1)
    canvas.rect(90, 78, 4, 10, fill=1)
    canvas.rect(106, 78, 4, 10, fill=1)
    canvas.setFillColor(white)
    canvas.roundRect(80, 26, 40, 34, 6, fill=1)  # cup
    canvas.setLineWidth(4)
    canvas.line(24, 118, 24, 58)  # steam wand
    canvas.restoreState()


def parts_page(canvas: Canvas) -> None:
    begin_page(canvas, 2, "Parts of the machine")
    machine(canvas, 108, 262, 1.02)
    parts = [
        ("A", "Water tank, 1.4 litres", (156, 488), (70, 510)),
        ("B", "Pressure gauge, 0 to 16 bar", (172, 432), (70, 452)),
        ("C", "Power button", (218, 438), (330, 510)),
        ("D", "Cup button", (245, 438), (362, 480)),
        ("E", "Steam button", (271, 438), (362, 448)),
        ("F", "Group head", (222, 370), (362, 404)),
        ("G", "Portafilter with two spouts", (288, 358), (362, 358)),
        ("H", "Steam wand", (132, 340), (70, 356)),
        ("I", "Drip tray, removable", (150, 272), (70, 286)),
    ]
    for letter, _, (px, py), (lx, ly) in parts:
        canvas.setStrokeColor(GREY)
        canvas.setLineWidth(0.8)
        canvas.line(px, py, lx, ly)
        canvas.setFillColor(COPPER)
        canvas.circle(lx, ly, 9, stroke=0, fill=1)
        label(canvas, lx, ly - 3.5, letter, "Helvetica-Bold", 10, white, "centre")
    y = 236.0
    for index, (letter, name, _, _) in enumerate(parts):
        x, row = 40 + (index % 2) * 178, y - (index // 2) * 17
        label(canvas, x, row, letter, "Helvetica-Bold", 9, COPPER)
        label(canvas, x + 16, row, name, "Helvetica", 9, INK)
    rows = [
        ["Voltage", "230 V, 50 Hz"],
        ["Power", "1,350 W"],
        ["Pump pressure", "15 bar"],
        ["Weight, empty", "6.2 kg"],
        ["Cable", "1.1 m"],
    ]
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), "Helvetica", 8),
            ("FONT", (0, 0), (0, -1), "Helvetica-Bold", 8),
            ("ROWBACKGROUNDS", (0, 0), (-1, -1), [CREAM, white]),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    label(canvas, 40, 142, "Technical data", "Helvetica-Bold", 10, INK)
    table(canvas, 40, 136, rows, [120, 220], style)
    canvas.showPage()
