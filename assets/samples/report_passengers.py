"""The report's page of passengers: figures in boxes and a bar chart."""

from __future__ import annotations

from drawing import GREY, INK, NAVY, PALE, TEAL, label
from report_page import begin_page, paragraph
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas


def passengers_page(canvas: Canvas) -> None:
    y = begin_page(canvas, 2, "A record summer")
    y = paragraph(
        canvas,
        y,
        "In 2024 our ships carried 1,284,600 passengers, 9.3 percent more than in the year before and more than "
        "ever since the company was founded in 1951. The growth came almost alone from the summer timetable: "
        "between the midsummer weekend and the end of August every second departure on the Ormsund to Kalvøy route "
        "was sold out, and the extra evening boat that we tried out in July will stay.",
    )
    y = paragraph(
        canvas,
        y,
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
    _chart(canvas, 56, y - 400, 483, 300)
    y = paragraph(
        canvas,
        y - 420,
        "<b>On board.</b> The galley of the <i>Lomvi</i> now bakes its own cinnamon buns; 84,000 were sold. All ships "
        "have got ramps that a wheelchair can climb without help, and the quiet cabin, an idea of deckhand Oddny "
        "Reistad, is on every boat that is under way for more than an hour.",
    )
    paragraph(
        canvas,
        y,
        "<b>Lost and found.</b> 611 umbrellas, 203 single gloves, one accordion and a parrot, which had been claimed "
        "before we moored.",
    )
    canvas.showPage()


def _chart(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
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
