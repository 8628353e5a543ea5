"""The manual's pages on descaling and on faults, each with a table."""

from __future__ import annotations

from drawing import CELL, CELL_HEAD, COPPER, CREAM, INK, label, table
from manual_page import begin_page, numbered_steps, paragraph
from reportlab.lib.colors import HexColor, white
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, TableStyle


def descaling_page(canvas: Canvas) -> None:
    y = begin_page(canvas, 4, "Descaling")
    y = paragraph(
        canvas,
        y,
        "Limescale makes the coffee cold and the pump loud. Descale every two months, or when the power button "
        "glows orange. The whole thing takes 35 minutes.",
    )
    y = numbered_steps(
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


def faults_page(canvas: Canvas) -> None:
    y = begin_page(canvas, 5, "When something is wrong")
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
    paragraph(
        canvas,
        y - 8,
        "Three years from the day of purchase, for everything except the seals, the filters and damage by limescale. "
        "Keep the receipt. An old machine does not belong in the household rubbish; every shop that sells Brindle "
        "takes it back.",
    )
    canvas.showPage()
