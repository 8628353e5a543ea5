"""Makes the sample documents that a new library begins with: `python assets/samples/make.py`.

Companies, places, products, people and figures are invented; texts and drawings are our own, dedicated to the
public domain (CC0 1.0). The output is the same bytes every time.

    skerry-line-annual-report-2024.pdf   text, a bar chart, a table, a map
    brindle-b20-espresso-manual.pdf      labelled drawings, steps, a table of faults
    orchard-street-permit-letter.pdf     a scanned letter: pictures only, no text layer
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
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


# ---------------------------------------------------------------- annual report of a ferry company


def annual_report() -> None:
    canvas = new_canvas("skerry-line-annual-report-2024.pdf", A4, "Skerry Line: Annual report 2024")
    _report_cover(canvas)
    _report_passengers(canvas)
    _report_finances(canvas)
    _report_network(canvas)
    canvas.save()


def _wave(canvas: Canvas, base: float, height: float, phase: float, color: Color) -> None:
    path = canvas.beginPath()
    path.moveTo(0, 0)
    for x in range(0, 601, 6):
        path.lineTo(x, base + height * math.sin(x / 75 + phase))
    path.lineTo(600, 0)
    path.close()
    canvas.setFillColor(color)
    canvas.drawPath(path, stroke=0, fill=1)


def _report_cover(canvas: Canvas) -> None:
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
    hull = canvas.beginPath()
    for index, point in enumerate([(0, 50), (250, 50), (226, 2), (34, 2)]):
        (hull.lineTo if index else hull.moveTo)(*point)
    hull.close()
    canvas.drawPath(hull, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#9cc4d4"))
    for window in range(9):
        canvas.rect(60 + window * 14, 58, 8, 8, stroke=0, fill=1)
    for window in range(5):
        canvas.rect(91 + window * 15, 81, 9, 8, stroke=0, fill=1)
    canvas.restoreState()


def _report_page(canvas: Canvas, number: int, title: str) -> float:
    width, height = A4
    canvas.setFillColor(NAVY)
    canvas.rect(0, height - 34, width, 34, stroke=0, fill=1)
    label(canvas, 56, height - 22, "Skerry Line  ·  Annual report 2024", "Helvetica", 9, white)
    label(canvas, width - 56, height - 22, str(number), "Helvetica-Bold", 9, white, "right")
    label(canvas, 56, height - 88, title, "Helvetica-Bold", 24, NAVY)
    canvas.setFillColor(TEAL)
    canvas.rect(56, height - 99, 46, 3, stroke=0, fill=1)
    return height - 118


def _report_passengers(canvas: Canvas) -> None:
    y = _report_page(canvas, 2, "A record summer")
    y = text(
        canvas,
        56,
        y,
        483,
        "In 2024 our ships carried 1,284,600 passengers, 9.3 percent more than in the year before and more than "
        "ever since the company was founded in 1951. The growth came almost alone from the summer timetable: "
        "between the midsummer weekend and the end of August every second departure on the Ormsund to Kalvøy route "
        "was sold out, and the extra evening boat that we tried out in July will stay.",
    )
    y = text(
        canvas,
        56,
        y,
        483,
        "Punctuality rose to 96.1 percent. Fog cancelled 41 departures, storms 118. The worst week was the third "
        "of November, when the storm that the papers called Gudrun kept the whole fleet in harbour for three days.",
    )
    figures = [
        ("1.28 m", "passengers"),
        ("96.1 %", "on time"),
        ("312", "employees"),
        ("-14 %", "diesel per trip"),
    ]
    for index, (value, name) in enumerate(figures):
        x = 56 + index * 123
        canvas.setFillColor(PALE)
        canvas.roundRect(x, y - 62, 114, 58, 6, stroke=0, fill=1)
        label(canvas, x + 57, y - 34, value, "Helvetica-Bold", 20, TEAL, "centre")
        label(canvas, x + 57, y - 52, name, "Helvetica", 9, GREY, "centre")
    _passenger_chart(canvas, 56, y - 400, 483, 300)
    y = text(
        canvas,
        56,
        y - 420,
        483,
        "<b>On board.</b> The galley of the <i>Lomvi</i> now bakes its own cinnamon buns; 84,000 were sold. All ships "
        "have got ramps that a wheelchair can climb without help, and the quiet cabin, an idea of deckhand Oddny "
        "Reistad, is on every boat that is under way for more than an hour.",
    )
    text(
        canvas,
        56,
        y,
        483,
        "<b>Lost and found.</b> 611 umbrellas, 203 single gloves, one accordion and a parrot, which had been claimed "
        "before we moored.",
    )
    canvas.showPage()


def _passenger_chart(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    label(canvas, x, y + height + 2, "Passengers by route, in thousands", "Helvetica-Bold", 11, NAVY)
    routes = ["Ormsund-Kalvøy", "Ormsund-Tern Rock", "Kalvøy-Lyngholm", "Lyngholm-Vardeness", "Night boat"]
    before, now = [402, 268, 197, 176, 132], [471, 281, 204, 190, 139]
    top, foot = 500.0, 34.0
    plot = height - foot - 30
    for value in range(0, 501, 100):
        line = y + foot + plot * value / top
        canvas.setStrokeColor(HexColor("#d5dbe0"))
        canvas.setLineWidth(0.6)
        canvas.line(x + 28, line, x + width, line)
        label(canvas, x + 22, line - 3, str(value), "Helvetica", 8, GREY, "right")
    step = (width - 40) / len(routes)
    for index, route in enumerate(routes):
        left = x + 40 + index * step
        for offset, (value, color) in enumerate(((before[index], HexColor("#a9c9cf")), (now[index], TEAL))):
            bar = plot * value / top
            canvas.setFillColor(color)
            canvas.rect(left + offset * 31, y + foot, 28, bar, stroke=0, fill=1)
            label(
                canvas, left + offset * 31 + 14, y + foot + bar + 4, str(value), "Helvetica", 8, INK, "centre"
            )
        label(canvas, left + 30, y + foot - 14, route, "Helvetica", 7.6, INK, "centre")
    for index, (name, color) in enumerate((("2023", HexColor("#a9c9cf")), ("2024", TEAL))):
        canvas.setFillColor(color)
        canvas.rect(x + width - 110 + index * 56, y + height - 12, 10, 10, stroke=0, fill=1)
        label(canvas, x + width - 96 + index * 56, y + height - 11, name, "Helvetica", 9, INK)


def _report_finances(canvas: Canvas) -> None:
    y = _report_page(canvas, 3, "Income and expenses")
    y = text(
        canvas,
        56,
        y,
        483,
        "Revenue grew to 46.2 million crowns. Fuel was cheaper than planned, but the dry docking of the "
        "<i>Alkekonge</i> cost 3.9 million, twice as much as the year's plan had set aside, because the rudder "
        "shaft had to be replaced. The result before tax is 4.1 million crowns. The board proposes a dividend of "
        "12 crowns a share.",
    )
    rows = [
        ["In thousands of crowns", "2024", "2023", "Change"],
        ["Passenger tickets", "31,480", "28,115", "+12.0 %"],
        ["Vehicles and freight", "9,760", "9,902", "-1.4 %"],
        ["Café and shop on board", "3,215", "2,640", "+21.8 %"],
        ["Mail contract", "1,745", "1,745", "0.0 %"],
        ["Revenue", "46,200", "42,402", "+9.0 %"],
        ["Crew and staff", "-18,930", "-17,610", "+7.5 %"],
        ["Fuel", "-8,410", "-9,385", "-10.4 %"],
        ["Maintenance and dry dock", "-7,245", "-4,980", "+45.5 %"],
        ["Harbour dues", "-3,350", "-3,190", "+5.0 %"],
        ["Depreciation", "-4,165", "-4,050", "+2.8 %"],
        ["Result before tax", "4,100", "3,187", "+28.6 %"],
    ]
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), "Helvetica", 9.5),
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9.5),
            ("BACKGROUND", (0, 0), (-1, 0), NAVY),
            ("TEXTCOLOR", (0, 0), (-1, 0), white),
            ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, PALE]),
            ("FONT", (0, 5), (-1, 5), "Helvetica-Bold", 9.5),
            ("FONT", (0, 11), (-1, 11), "Helvetica-Bold", 9.5),
            ("LINEABOVE", (0, 5), (-1, 5), 0.8, NAVY),
            ("LINEABOVE", (0, 11), (-1, 11), 1.2, NAVY),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    y = table(canvas, 56, y - 4, rows, [220, 88, 88, 87], style) - 34
    label(canvas, 56, y, "Where a ticket's 100 crowns go", "Helvetica-Bold", 11, NAVY)
    shares = [
        ("Crew", 45, NAVY),
        ("Fuel", 20, TEAL),
        ("Ships", 17, GOLD),
        ("Harbours", 8, RED),
        ("Surplus", 10, GREY),
    ]
    x = 56.0
    for name, share, color in shares:
        wide = 483 * share / 100
        canvas.setFillColor(color)
        canvas.rect(x, y - 44, wide, 32, stroke=0, fill=1)
        label(canvas, x + wide / 2, y - 32, str(share), "Helvetica-Bold", 10, white, "centre")
        label(canvas, x + wide / 2, y - 57, name, "Helvetica", 8, GREY, "centre")
        x += wide
    y = text(
        canvas,
        56,
        y - 78,
        483,
        "<b>Outlook.</b> We expect 1.31 million passengers in 2025 and a result of about five million crowns. Two "
        "loans for the electric ferry, together 38 million crowns at 3.2 percent, run until 2039. Ticket prices stay "
        "as they are until Easter 2026.",
    )
    text(
        canvas,
        56,
        y - 6,
        483,
        "<b>Auditor's note.</b> We have examined the accounts of Skerry Line AS for the year 2024 and found them in "
        "agreement with the books. Ormsund, 28 February 2025. <i>Ingvild Maartens, chartered accountant</i>",
    )
    canvas.showPage()


def _report_network(canvas: Canvas) -> None:
    y = _report_page(canvas, 4, "The network in 2025")
    y = text(
        canvas,
        56,
        y,
        483,
        "From 1 May 2025 the electric ferry <i>Havsule</i> takes over the short crossing between Ormsund and Tern "
        "Rock. She charges at the new shore station for nine minutes at each call and saves 640,000 litres of "
        "diesel a year. The night boat to Vardeness gets twelve more cabins. Lyngholm, whose pier is being "
        "rebuilt, is served by a small boat until September.",
    )
    left, bottom, width, height = 56.0, 170.0, 483.0, y - 190
    canvas.saveState()
    clip = canvas.beginPath()
    clip.roundRect(left, bottom, width, height, 8)
    canvas.clipPath(clip, stroke=0)
    canvas.setFillColor(SEA)
    canvas.rect(left, bottom, width, height, stroke=0, fill=1)
    for points in (
        [
            (0, 0),
            (150, 0),
            (128, 60),
            (156, 110),
            (110, 160),
            (124, 230),
            (70, 300),
            (88, 380),
            (30, 440),
            (0, 460),
        ],
        [(210, 250), (262, 236), (292, 270), (276, 318), (228, 322), (200, 290)],
        [(330, 130), (372, 118), (398, 150), (380, 186), (338, 180)],
        [(376, 330), (420, 322), (440, 350), (430, 420), (392, 410)],
        [(232, 92), (252, 86), (262, 102), (244, 114)],
    ):
        _island(canvas, left, bottom, points)
    ports = {
        "Ormsund": (124, 200),
        "Tern Rock": (246, 100),
        "Kalvøy": (214, 282),
        "Lyngholm": (348, 160),
        "Vardeness": (392, 372),
        "Sandvik": (92, 342),
        "Hestnes": (140, 90),
    }
    _route(canvas, left, bottom, [ports["Ormsund"], (180, 150), ports["Tern Rock"]], RED, "electric")
    _route(canvas, left, bottom, [ports["Ormsund"], (170, 240), ports["Kalvøy"]], NAVY)
    _route(canvas, left, bottom, [ports["Kalvøy"], (300, 220), ports["Lyngholm"]], NAVY)
    _route(canvas, left, bottom, [ports["Lyngholm"], (420, 250), ports["Vardeness"]], NAVY)
    _route(
        canvas, left, bottom, [ports["Sandvik"], (140, 380), (300, 400), ports["Vardeness"]], GOLD, "night"
    )
    _route(canvas, left, bottom, [ports["Hestnes"], (186, 76), ports["Tern Rock"]], NAVY)
    for name, (px, py) in ports.items():
        canvas.setFillColor(white)
        canvas.setStrokeColor(NAVY)
        canvas.setLineWidth(2)
        canvas.circle(left + px, bottom + py, 5, stroke=1, fill=1)
        where = "right" if px < 160 else "left"
        label(
            canvas,
            left + px + (-10 if where == "right" else 10),
            bottom + py - 4,
            name,
            "Helvetica-Bold",
            10,
            NAVY,
            where,
        )
    _compass(canvas, left + width - 40, bottom + 46)
    label(canvas, left + 310, bottom + 44, "Outer Skerries", "Times-Italic", 13, HexColor("#6f9db3"))
    canvas.restoreState()
    key = [(RED, "electric ferry, 22 minutes"), (NAVY, "day ferry"), (GOLD, "night boat, 6 h 40 min")]
    for index, (color, name) in enumerate(key):
        canvas.setStrokeColor(color)
        canvas.setLineWidth(3)
        canvas.line(56 + index * 168, 150, 80 + index * 168, 150)
        label(canvas, 86 + index * 168, 147, name, "Helvetica", 9, INK)
    text(
        canvas,
        56,
        128,
        483,
        "Map: routes from 1 May 2025. Dogs travel free of charge on deck; bicycles cost 20 crowns on every route "
        "except the night boat, which does not take them in July.",
    )
    canvas.showPage()


def _island(canvas: Canvas, left: float, bottom: float, points: Sequence[tuple[float, float]]) -> None:
    path = canvas.beginPath()
    for index, (x, y) in enumerate(points):
        (path.lineTo if index else path.moveTo)(left + x, bottom + y)
    path.close()
    canvas.setFillColor(LAND)
    canvas.setStrokeColor(HexColor("#b9ae8c"))
    canvas.setLineWidth(1.2)
    canvas.setLineJoin(1)
    canvas.drawPath(path, stroke=1, fill=1)


def _route(
    canvas: Canvas,
    left: float,
    bottom: float,
    points: Sequence[tuple[float, float]],
    color: Color,
    kind: str = "day",
) -> None:
    path = canvas.beginPath()
    path.moveTo(left + points[0][0], bottom + points[0][1])
    (x1, y1), (x2, y2), (x3, y3) = points[0], points[-2], points[-1]
    if len(points) == 4:
        x1, y1 = points[1]
    path.curveTo(left + (x1 + x2) / 2, bottom + (y1 + y2) / 2, left + x2, bottom + y2, left + x3, bottom + y3)
    canvas.setStrokeColor(color)
    canvas.setLineWidth(2.6)
    canvas.setDash([2, 4] if kind == "night" else [7, 3] if kind == "day" else [])
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.setDash([])


def _compass(canvas: Canvas, x: float, y: float) -> None:
    canvas.setFillColor(NAVY)
    path = canvas.beginPath()
    for index, point in enumerate([(x, y + 24), (x + 7, y), (x, y + 5), (x - 7, y)]):
        (path.lineTo if index else path.moveTo)(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    label(canvas, x, y + 28, "N", "Helvetica-Bold", 10, NAVY, "centre")


# ---------------------------------------------------------------- manual of an espresso machine


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


# ---------------------------------------------------------------- a scanned letter


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


if __name__ == "__main__":
    annual_report()
    espresso_manual()
    scanned_letter()
    for made in sorted(FOLDER.glob("*.pdf")):
        print(f"{made.name}: {made.stat().st_size / 1000:.0f} kB")
