"""An annual report of an invented ferry company: a cover, a bar chart, tables and a map."""

from __future__ import annotations

import math
from collections.abc import Sequence

from drawing import (
    GOLD,
    GREY,
    INK,
    LAND,
    NAVY,
    PALE,
    RED,
    SAND,
    SEA,
    TEAL,
    label,
    new_canvas,
    table,
    text,
)
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import TableStyle


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
