"""The manual of an invented espresso machine: labelled drawings, steps, a table of faults."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drawing import (
    CELL,
    CELL_HEAD,
    COPPER,
    CREAM,
    GOLD,
    GREY,
    INK,
    PLAIN,
    RED,
    label,
    new_canvas,
    table,
    text,
)
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, TableStyle


def espresso_manual() -> None:
    canvas = new_canvas("brindle-b20-espresso-manual.pdf", A5, "Brindle B20 espresso machine: User manual")
    _manual_cover(canvas)
    _manual_parts(canvas)
    _manual_brewing(canvas)
    _manual_descaling(canvas)
    _manual_faults(canvas)
    canvas.save()


def _machine(canvas: Canvas, x: float, y: float, scale: float) -> None:
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


def _manual_cover(canvas: Canvas) -> None:
    width, height = A5
    canvas.setFillColor(CREAM)
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    label(canvas, 40, height - 80, "BRINDLE", "Helvetica-Bold", 34, COPPER)
    label(canvas, 40, height - 104, "B20 espresso machine", "Helvetica", 15, INK)
    canvas.setStrokeColor(COPPER)
    canvas.setLineWidth(2)
    canvas.line(40, height - 116, width - 40, height - 116)
    _machine(canvas, 82, 170, 1.28)
    label(canvas, 40, 84, "User manual", "Helvetica-Bold", 16, INK)
    label(canvas, 40, 66, "Read it before the first cup, and keep it.", "Helvetica", 10, GREY)
    label(
        canvas, 40, 40, "Brindle Kitchen Works  ·  an invented company  ·  edition 3", "Helvetica", 7.5, GREY
    )
    canvas.showPage()


def _manual_page(canvas: Canvas, number: int, title: str) -> float:
    width, height = A5
    label(canvas, 40, height - 56, title, "Helvetica-Bold", 17, COPPER)
    canvas.setStrokeColor(HexColor("#d8c9bb"))
    canvas.setLineWidth(0.8)
    canvas.line(40, height - 64, width - 40, height - 64)
    label(canvas, 40, 26, "Brindle B20 user manual", "Helvetica", 7.5, GREY)
    label(canvas, width - 40, 26, str(number), "Helvetica", 8, GREY, "right")
    return height - 78


def _manual_parts(canvas: Canvas) -> None:
    y = _manual_page(canvas, 2, "Parts of the machine")
    _machine(canvas, 108, 262, 1.02)
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


def _steps(canvas: Canvas, y: float, steps: Sequence[str]) -> float:
    for number, step in enumerate(steps, 1):
        canvas.setFillColor(COPPER)
        canvas.circle(48, y - 7, 8, stroke=0, fill=1)
        label(canvas, 48, y - 10, str(number), "Helvetica-Bold", 9, white, "centre")
        y = text(canvas, 64, y, 316, step, PLAIN)
    return y


def _manual_brewing(canvas: Canvas) -> None:
    y = _manual_page(canvas, 3, "Making an espresso")
    y = _steps(
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


def _manual_descaling(canvas: Canvas) -> None:
    y = _manual_page(canvas, 4, "Descaling")
    y = text(
        canvas,
        40,
        y,
        340,
        "Limescale makes the coffee cold and the pump loud. Descale every two months, or when the power button "
        "glows orange. The whole thing takes 35 minutes.",
        PLAIN,
    )
    y = _steps(
        canvas,
        y - 2,
        [
            "Empty the tank. Mix 100 ml of descaler with 900 ml of water and pour it in. Vinegar harms the seals; do not use it.",
            "Put a bowl that holds one litre under the group head and the steam wand (H).",
            "Hold the cup button and the steam button for five seconds. Both blink: the programme has begun.",
            "Wait. The machine pumps a little and rests in turns. Do not switch it off.",
            "When the buttons are lit steadily, rinse the tank, fill it with fresh water and press the cup button once.",
            "Brew two cups of plain water and pour them away.",
        ],
    )
    y -= 16
    label(canvas, 40, y - 6, "How often, by the hardness of your water", "Helvetica-Bold", 10, INK)
    rows = [
        ["Water", "Degrees dH", "Descale every", "New filter every"],
        ["soft", "0 to 7", "4 months", "6 months"],
        ["medium", "8 to 14", "2 months", "4 months"],
        ["hard", "15 to 21", "5 weeks", "3 months"],
        ["very hard", "over 21", "3 weeks", "2 months"],
    ]
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), "Helvetica", 8.5),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 8.5),
            ("BACKGROUND", (0, 0), (-1, 0), COPPER),
            ("TEXTCOLOR", (0, 0), (-1, 0), white),
            ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#d8c9bb")),
            ("ALIGN", (1, 0), (-1, -1), "CENTER"),
        ]
    )
    table(canvas, 40, y - 14, rows, [85, 85, 85, 85], style)
    canvas.showPage()


def _manual_faults(canvas: Canvas) -> None:
    y = _manual_page(canvas, 5, "When something is wrong")
    faults = [
        (
            "No light at all",
            "No power",
            "Check the plug and the switch on the back. The fuse is behind the drip tray.",
        ),
        (
            "Pump hums, no coffee",
            "Air in the pump",
            "Open the steam wand and press the steam button until water comes.",
        ),
        (
            "Coffee runs too fast",
            "Ground too coarse, or too little of it",
            "Grind finer; use 8 grams for one cup.",
        ),
        (
            "Gauge over 12 bar",
            "Filter blocked",
            "Clean the filter with the needle from the box and grind coarser.",
        ),
        (
            "Water under the machine",
            "Drip tray full, or seal worn",
            "Empty the tray. If it is dry, order seal set BR-117.",
        ),
        (
            "Button blinks red twice",
            "Error E2: too hot",
            "Switch off and let it cool for 20 minutes with the tank open.",
        ),
        (
            "Button blinks red four times",
            "Error E4: sensor",
            "Take the plug out for one minute. If it comes back, call the service.",
        ),
        ("Steam wand drips", "Needle valve dirty", "Descale, then turn the wand's tip off and rinse it."),
    ]
    rows: list[list[object]] = [[Paragraph(t, CELL_HEAD) for t in ("What you see", "Why", "What to do")]]
    rows += [[Paragraph(cell, CELL) for cell in fault] for fault in faults]
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), COPPER),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, CREAM]),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor("#d8c9bb")),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    y = table(canvas, 40, y - 2, rows, [95, 95, 150], style) - 22
    label(canvas, 40, y, "Guarantee", "Helvetica-Bold", 11, INK)
    y = text(
        canvas,
        40,
        y - 8,
        340,
        "Three years from the day of purchase, for everything except the seals, the filters and damage by limescale. "
        "Keep the receipt. An old machine does not belong in the household rubbish; every shop that sells Brindle "
        "takes it back.",
        PLAIN,
    )
    canvas.showPage()
