"""The report's map of the ferry routes."""

from __future__ import annotations

from collections.abc import Sequence

from drawing import GOLD, INK, LAND, NAVY, RED, SEA, label, polygon
from report_page import begin_page, paragraph
from reportlab.lib.colors import Color, HexColor, white
from reportlab.pdfgen.canvas import Canvas


def network_page(canvas: Canvas) -> None:
    y = begin_page(canvas, 4, "The network in 2025")
    y = paragraph(
        canvas,
        y,
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
    paragraph(
        canvas,
        128,
        "Map: routes from 1 May 2025. Dogs travel free of charge on deck; bicycles cost 20 crowns on every route "
        "except the night boat, which does not take them in July.",
    )
    canvas.showPage()


def _island(canvas: Canvas, left: float, bottom: float, points: Sequence[tuple[float, float]]) -> None:
    canvas.setFillColor(LAND)
    canvas.setStrokeColor(HexColor("#b9ae8c"))
    canvas.setLineWidth(1.2)
    canvas.setLineJoin(1)
    shore = polygon(canvas, [(left + x, bottom + y) for x, y in points])
    canvas.drawPath(shore, stroke=1, fill=1)


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
    needle = polygon(canvas, [(x, y + 24), (x + 7, y), (x, y + 5), (x - 7, y)])
    canvas.drawPath(needle, stroke=0, fill=1)
    label(canvas, x, y + 28, "N", "Helvetica-Bold", 10, NAVY, "centre")
