"""The report's page of finances: a table of income and expenses, and a divided bar."""

from __future__ import annotations

from drawing import GOLD, GREY, NAVY, PALE, RED, TEAL, label, table
from report_page import begin_page, paragraph
from reportlab.lib.colors import white
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import TableStyle


def finances_page(canvas: Canvas) -> None:
    y = begin_page(canvas, 3, "Income and expenses")
    y = paragraph(
        canvas,
        y,
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
    y = paragraph(
        canvas,
        y - 78,
        "<b>Outlook.</b> We expect 1.31 million passengers in 2025 and a result of about five million crowns. Two "
        "loans for the electric ferry, together 38 million crowns at 3.2 percent, run until 2039. Ticket prices stay "
        "as they are until Easter 2026.",
    )
    paragraph(
        canvas,
        y - 6,
        "<b>Auditor's note.</b> We have examined the accounts of Skerry Line AS for the year 2024 and found them in "
        "agreement with the books. Ormsund, 28 February 2025. <i>Ingvild Maartens, chartered accountant</i>",
    )
    canvas.showPage()
